"""Compliance changes as Config tells them to EventBridge: at least once, in no order.

https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html
"""

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from moto.config.models import config_backends

from infra.local.cloud import LocalCloud
from infra.local.config.ledger import Evaluation
from infra.local.config.place import Place, existing
from infra.local.estate.chance import share

SOURCE = "aws.config"
DETAIL_TYPE = "Config Rules Compliance Change"
LOOKS_EVERY = timedelta(seconds=60)
"""How often rules are judged where somebody listens; where nobody does, only when somebody asks."""
LATEST = timedelta(seconds=90)
"""How long an event may be under way; the slower one overtakes nobody, the faster one does."""
TWICE = 0.2
"""Share of the events that are delivered once more: EventBridge promises at least once."""


class Watch:
    """Looks at the rules of every place whose default bus has a rule for events of Config."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._looked_at = cloud.clock.now()

    def look(self, now: datetime) -> None:
        """Judge everything that is listened to, if the time has come; changes announce themselves."""
        if now - self._looked_at < LOOKS_EVERY:
            return
        self._looked_at = now
        for place in list(_heard_places()):
            backend = existing(config_backends, place.account_id, place.region)
            if backend is not None and hasattr(backend, "remember"):
                backend.remember()


def announce(cloud: LocalCloud, place: Place, rule_arn: str, before: Evaluation | None, after: Evaluation) -> None:
    """Put the event of a changed result on its way; none where nobody listens."""
    if not is_heard(place):
        return
    now = cloud.clock.now()
    about = (cloud.dice.seed, place.account_id, place.region, after.rule_name, after.verdict.resource_id, now)
    detail = _detail(place, rule_arn, before, after, now)
    cloud.agenda.at(now + LATEST * share("first", *about), lambda moment: _deliver(place, detail, moment))
    if share("twice", *about) < TWICE:
        cloud.agenda.at(now + LATEST * (1 + share("second", *about)), lambda moment: _deliver(place, detail, moment))


def is_heard(place: Place) -> bool:
    """Whether the default bus of an account and region has a rule that may want events of Config."""
    backend = place.called("events", "events_backends")
    return backend is not None and _hears(backend)


def _heard_places() -> Iterator[Place]:
    """moto's EventBridge is imported when it is first called: until then nobody listens."""
    module = sys.modules.get("moto.events.models")
    for account_id, regions in dict.items(module.events_backends) if module else ():
        yield from (Place(account_id, region) for region, backend in dict.items(regions) if _hears(backend))


def _hears(backend: Any) -> bool:
    return any(_wants_config(rule) for rule in backend.event_buses["default"].rules.values())


def _wants_config(rule: Any) -> bool:
    pattern = rule.event_pattern.get_pattern() or {}
    return rule.state == "ENABLED" and SOURCE in pattern.get("source", [SOURCE] if pattern else [])


def _deliver(place: Place, detail: dict[str, Any], moment: datetime) -> None:
    backend = place.called("events", "events_backends")
    if backend is None:
        return
    event = {"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail), "Time": moment.timestamp()}
    backend.put_events([event])


def _detail(place: Place, rule_arn: str, before: Evaluation | None, after: Evaluation, now: datetime) -> dict[str, Any]:
    return {
        "awsAccountId": place.account_id,
        "awsRegion": place.region,
        "configRuleName": after.rule_name,
        "configRuleARN": rule_arn,
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": _result(after),
        **({"oldEvaluationResult": _result(before)} if before else {}),
        "notificationCreationTime": _written(now),
        "recordVersion": "1.0",
        "resourceId": after.verdict.resource_id,
        "resourceType": after.verdict.resource_type,
    }


def _result(evaluation: Evaluation) -> dict[str, Any]:
    recorded = _written(evaluation.recorded_at)
    qualifier = {
        "configRuleName": evaluation.rule_name,
        "resourceType": evaluation.verdict.resource_type,
        "resourceId": evaluation.verdict.resource_id,
        "evaluationMode": "DETECTIVE",
    }
    return {
        "evaluationResultIdentifier": {"evaluationResultQualifier": qualifier, "orderingTimestamp": recorded},
        "complianceType": evaluation.verdict.compliance.value,
        "resultRecordedTime": recorded,
        "configRuleInvokedTime": recorded,
        **({"annotation": evaluation.verdict.annotation} if evaluation.verdict.annotation else {}),
    }


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
