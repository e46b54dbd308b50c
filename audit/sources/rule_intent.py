"""What a rule of Config is for, whatever it is called: its identifier, its parameters and its scope."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from audit.calls import Calls
from audit.catalogue import ORGANIZATION, family_of
from audit.estate import Estate
from audit.sources.aggregator import DeployedRule, Place, RuleRow
from vending.core.errors import AwsFailed

PLACES = 25
"""Accounts and regions that are asked about rules which the organisation did not deploy; the others follow when these
are known."""
RULES = 25
"""Rules of one call (DescribeConfigRules, API reference)."""


def read_intents(
    calls: Calls, estate: Estate, rows: Sequence[RuleRow], deployed: Mapping[str, DeployedRule]
) -> dict[str, str]:
    """Intents by the rules' families: the organisation's from its own listing, others from one account each."""
    intents = {
        f"{ORGANIZATION}{name}": intent_of(rule.identifier, rule.parameters, rule.scope)
        for name, rule in deployed.items()
    }
    wanted: defaultdict[Place, dict[str, str]] = defaultdict(dict)
    for row in rows:
        family = family_of(row.cell.control_id)
        if family not in intents:
            intents[family] = ""
            wanted[row.cell.account_id, row.cell.region][row.cell.control_id] = family
    for place in sorted(wanted)[:PLACES]:
        intents |= _ask(calls, estate, place, wanted[place])
    return {name: intent for name, intent in intents.items() if intent}


def intent_of(identifier: str, parameters: str, scope: Mapping[str, Any] | None) -> str:
    """Sixteen hexadecimal digits; empty where the identifier is not known."""
    if not identifier:
        return ""
    try:
        given = json.loads(parameters or "{}")
    except ValueError:
        given = parameters
    about = {"identifier": identifier, "parameters": given, "scope": _plain(scope or {})}
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]


def _ask(calls: Calls, estate: Estate, place: Place, names: Mapping[str, str]) -> dict[str, str]:
    """What an account says of its rules; nothing where it does not answer: then each rule stands for itself."""
    account, region = place
    member = None if account == estate.management_account_id else account
    found: dict[str, str] = {}
    asked = sorted(names)
    try:
        for start in range(0, len(asked), RULES):
            some = asked[start : start + RULES]
            for page in calls.pages("config", "describe_config_rules", region, member, ConfigRuleNames=some):
                for rule in page["ConfigRules"]:
                    identifier = rule["Source"].get("SourceIdentifier", "")
                    intent = intent_of(identifier, rule.get("InputParameters", ""), rule.get("Scope"))
                    found[names[rule["ConfigRuleName"]]] = intent
    except AwsFailed:
        return found
    return found


_SCOPES = {
    "ResourceTypesScope": "ComplianceResourceTypes",
    "ResourceIdScope": "ComplianceResourceId",
    "TagKeyScope": "TagKey",
    "TagValueScope": "TagValue",
}
"""An organisation's rule has a scope in other words than the rule it deploys."""


def _plain(scope: Mapping[str, Any]) -> dict[str, Any]:
    named = {_SCOPES.get(name, name): value for name, value in scope.items() if value}
    return {name: sorted(value) if isinstance(value, list) else value for name, value in named.items()}
