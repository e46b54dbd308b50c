"""What all of Config's operations have in common: whose Config it is, and pages."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from moto.config.models import config_backends
from moto.config.responses import ConfigResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from infra.local.config.ledger import Evaluation, Summary
from infra.local.config.models import LocalConfigBackend
from infra.local.config.page import Candidate, Page, listed, page_size, read_page
from infra.local.config.rule import Compliance
from infra.local.service import Refusal, ServiceResponse
from infra.local.shape import Violation

T = TypeVar("T")
Rows = Iterable[tuple[tuple[str, ...], Any]]
"""Each row with its place in the order."""
LEFT_EMPTY = frozenset(
    {
        "DescribeAggregateComplianceByConfigRules",
        "DescribeAggregateComplianceByConformancePacks",
        "GetAggregateComplianceDetailsByConfigRule",
        "GetAggregateConfigRuleComplianceSummary",
        "GetAggregateConformancePackComplianceSummary",
    }
)
"""Operations that "can return an empty result page, but if you have a nextToken, the results are displayed on the next
page" (their descriptions in botocore's model)."""
RULE_CAP = 25
"""Counts of rules, and of the resources behind a rule, stop here and say so.

https://docs.aws.amazon.com/config/latest/APIReference/API_ComplianceSummary.html
"""


class ConfigOperations(ServiceResponse, ConfigResponse):
    """Answers a call to Config. What is not overridden is moto's."""

    service: ClassVar[str] = "config"

    def __init__(self) -> None:
        BaseResponse.__init__(self, service_name=self.service)
        self.automated_parameter_parsing = True

    @property
    def config_backend(self) -> LocalConfigBackend:
        """Config of the caller's account in the region called."""
        backend = config_backends[self.current_account][self.region]
        assert isinstance(backend, LocalConfigBackend)
        return backend

    @property
    def now(self) -> datetime:
        """AWS time."""
        return self.cloud.clock.now()

    def admit(self) -> None:
        """Refuse what every operation refuses, and tags that lack a key or a value, which the model leaves open."""
        super().admit()
        tags = self.params.get("Tags")
        for nth, tag in enumerate(tags if isinstance(tags, list) else [], 1):
            for name in ("Key", "Value"):
                if tag.get(name) is None:
                    where = f"Value null at 'tags.{nth}.member.{name.lower()}'"
                    constraint = "failed to satisfy constraint: Member must not be null"
                    raise Refusal("ValidationException", f"1 validation error detected: {where} {constraint}")

    def invalid(self, violation: Violation) -> ServiceException:
        """Limits have an error of their own; the rest is a ValidationException."""
        if violation.path in ("Limit", "MaxResults"):
            return Refusal("InvalidLimitException", violation.sentence)
        return super().invalid(violation)

    def page(self, member: str, rows: Rows, default: int, most: int) -> ActionResult:
        """The page of a listing that was asked for, as the whole answer."""
        return ActionResult(self.page_of(member, rows, default, most))

    def page_of(self, member: str, rows: Rows, default: int, most: int) -> dict[str, Any]:
        """The page of a listing that was asked for, and its token."""
        size = page_size(self.params.get("Limit"), default, most)
        page = self.read(listed(rows), size)
        return {member: page.items, "NextToken": page.token}

    def read(self, candidates: Iterable[Candidate[T]], size: int) -> Page[T]:
        """The page of candidates that was asked for; an empty one where a fault leaves it so."""
        may_be = self.operation in LEFT_EMPTY
        left_empty = may_be and self.cloud.faults.leaves_empty(f"{self.service}.{self.operation}")
        return read_page(candidates, self.params.get("NextToken"), size, self.params, left_empty=left_empty)


def find(held: Mapping[str, T], names: list[str] | None, code: str, what: str) -> list[T]:
    """What is kept under names, or all of it.

    Raises:
        Refusal: of that code, where a name has nothing; `what` says what is missing.
    """
    unknown = [name for name in names or [] if name not in held]
    if unknown:
        raise Refusal(code, f"The {what} '{unknown[0]}' does not exist. Check the name and try again.")
    return [held[name] for name in names or sorted(held)]


def resource_key(evaluation: Evaluation) -> tuple[str, ...]:
    """The place of a result among those of its rule."""
    return evaluation.verdict.resource_type, evaluation.verdict.resource_id


def describe_result(evaluation: Evaluation) -> dict[str, Any]:
    """An EvaluationResult; its times are those at which the compliance last changed."""
    verdict = evaluation.verdict
    qualifier = {
        "ConfigRuleName": evaluation.rule_name,
        "ResourceType": verdict.resource_type,
        "ResourceId": verdict.resource_id,
        "EvaluationMode": "DETECTIVE",
    }
    return {
        "EvaluationResultIdentifier": {
            "EvaluationResultQualifier": qualifier,
            "OrderingTimestamp": evaluation.recorded_at,
        },
        "ComplianceType": verdict.compliance.value,
        "ResultRecordedTime": evaluation.recorded_at,
        "ConfigRuleInvokedTime": evaluation.recorded_at,
        "Annotation": verdict.annotation or None,
    }


def describe_compliance(summary: Summary, always: bool = False) -> dict[str, Any]:
    """A Compliance; only a failing one counts its contributors, unless they are `always` counted."""
    counted = always or summary.compliance is Compliance.NON_COMPLIANT
    count = {"ComplianceContributorCount": cap(summary.contributors)} if counted else {}
    return {"ComplianceType": summary.compliance.value, **count}


def cap(count: int) -> dict[str, Any]:
    """A ComplianceContributorCount."""
    return {"CappedCount": min(count, RULE_CAP), "CapExceeded": count > RULE_CAP}
