"""What the aggregator knows of resources: their configuration items, and how each stands with all its rules."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from infra.local.config.aggregation import Aggregation
from infra.local.config.inventory import COLLECTORS, Item, collect
from infra.local.config.models import GLOBAL_TYPES, LocalConfigBackend, records
from infra.local.config.place import Place
from infra.local.config.query import Query, Row
from infra.local.config.rule import Compliance
from vending.core.clock import to_text

COMPLIANCE = "AWS::Config::ResourceCompliance"
VERSION = "1.3"
"""Of the configuration item's schema."""


def discover(aggregation: Aggregation, place: Place, resource_type: str) -> Iterable[Item]:
    """The resources of a type that a source records; none where it does not record the type."""
    backend = place.config
    if not isinstance(backend, LocalConfigBackend) or backend.recorder is None:
        return []
    if resource_type == COMPLIANCE:
        return judge_resources(aggregation, place)
    if backend.holding is not None:
        return backend.holding.items(resource_type)
    return collect(place, resource_type) if records(backend.recorder, resource_type) else []


def judge_resources(aggregation: Aggregation, place: Place) -> Iterator[Item]:
    """One item for each resource that any rule judges, with the list of its rules."""
    judged: dict[tuple[str, str], list[dict[str, str]]] = {}
    latest: dict[tuple[str, str], datetime] = {}
    for rule in aggregation.rules(place):
        for one in aggregation.evaluations(place, rule):
            entry = {
                "configRuleName": str(rule.config_rule_name),
                "configRuleArn": rule.config_rule_arn,
                "configRuleId": rule.config_rule_id,
                "complianceType": one.verdict.compliance.value,
            }
            key = (one.verdict.resource_type, one.verdict.resource_id)
            judged.setdefault(key, []).append(entry)
            latest[key] = max(one.recorded_at, latest.get(key, one.recorded_at))
    for key, entries in judged.items():
        yield _compliance_item(place, *key, entries, latest[key])


def answer_query(aggregation: Aggregation, query: Query, now: datetime) -> list[str]:
    """The rows of a query over every source, in order of account, region, type and id unless it says otherwise."""
    accounts, regions = query.wanted("accountId"), query.wanted("awsRegion")
    rows = (
        describe(item, now)
        for place in aggregation.places
        if (accounts is None or place.account_id in accounts) and (regions is None or place.region in regions)
        for resource_type in query.wanted("resourceType") or (*COLLECTORS, COMPLIANCE)
        for item in discover(aggregation, place, resource_type)
    )
    return query.run(rows)


def describe(item: Item, now: datetime) -> Row:
    """An item as advanced queries see it."""
    tags = [{"key": key, "value": value, "tag": f"{key}={value}"} for key, value in item.tags.items()]
    return {
        "accountId": item.place.account_id,
        "awsRegion": "global" if item.resource_type in GLOBAL_TYPES else item.place.region,
        "resourceType": item.resource_type,
        "resourceId": item.resource_id,
        "arn": item.arn,
        "configurationItemCaptureTime": to_text(item.captured() if item.captured else now),
        "configurationItemStatus": "OK",
        "version": VERSION,
        "tags": tags,
        "configuration": dict(item.configuration),
        **({"resourceName": item.name} if item.name else {}),
    }


def _compliance_item(
    place: Place, resource_type: str, resource_id: str, entries: list[dict[str, str]], captured_at: datetime
) -> Item:
    """Captured anew whenever what a rule says of the resource changes."""
    failing = any(entry["complianceType"] == Compliance.NON_COMPLIANT for entry in entries)
    configuration: Mapping[str, Any] = {
        "complianceType": (Compliance.NON_COMPLIANT if failing else Compliance.COMPLIANT).value,
        "targetResourceId": resource_id,
        "targetResourceType": resource_type,
        "configRuleList": entries,
    }
    key = f"{resource_type}/{resource_id}"
    arn = f"arn:{place.partition}:config:{place.region}:{place.account_id}:resource-compliance/{key}"
    return Item(place, COMPLIANCE, key, arn, configuration=configuration, captured=lambda: captured_at)
