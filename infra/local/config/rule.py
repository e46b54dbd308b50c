"""What a managed rule is, and what it says about a resource."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from infra.local.config.place import Place

ACCOUNT = "AWS::::Account"


class Compliance(StrEnum):
    """The words Config has for the state of a rule or a resource."""

    COMPLIANT = "COMPLIANT"
    NON_COMPLIANT = "NON_COMPLIANT"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Trigger(StrEnum):
    """What makes a rule run: a change of a recorded resource, the clock, or both."""

    CHANGE = "change"
    PERIODIC = "periodic"
    BOTH = "both"


@dataclass(frozen=True)
class Verdict:
    """What a rule says about one resource."""

    resource_type: str
    resource_id: str
    compliance: Compliance
    annotation: str = ""
    """Why, at most 256 characters; empty when there is nothing to explain."""


@dataclass(frozen=True)
class Setting:
    """What a deployed rule is evaluated with."""

    parameters: Mapping[str, str]
    """InputParameters over the rule's documented defaults, all of them strings as in Config."""
    resource_types: tuple[str, ...]
    """The rule's scope, or all types it is documented for when it has none."""
    now: datetime
    """Time on the cloud's clock."""

    def number(self, name: str) -> int | None:
        """A parameter as a number, `None` when it is not set."""
        value = self.parameters.get(name, "")
        return int(value) if value else None

    def is_true(self, name: str) -> bool:
        """Whether a boolean parameter is set to true."""
        return self.parameters.get(name, "").lower() == "true"

    def listed(self, name: str) -> list[str]:
        """The elements of a CSV parameter."""
        return [part.strip() for part in self.parameters.get(name, "").split(",") if part.strip()]


Evaluate = Callable[[Place, Setting], Iterable[Verdict]]


@dataclass(frozen=True)
class ManagedRule:
    """A rule that AWS keeps. Its documentation page is named after its identifier."""

    identifier: str
    resource_types: tuple[str, ...]
    """The types it reports on."""
    trigger: Trigger
    evaluate: Evaluate
    page: str = ""
    """The page's name where AWS did not derive it from the identifier."""

    @property
    def documentation(self) -> str:
        """The page in the developer guide that the evaluation follows."""
        name = self.page or self.identifier.lower().replace("_", "-")
        return f"https://docs.aws.amazon.com/config/latest/developerguide/{name}.html"


def judge(resource_type: str, resource_id: str, fine: bool, otherwise: str) -> Verdict:
    """COMPLIANT when fine, else NON_COMPLIANT with the reason."""
    if fine:
        return Verdict(resource_type, resource_id, Compliance.COMPLIANT)
    return Verdict(resource_type, resource_id, Compliance.NON_COMPLIANT, otherwise[:256])


def judge_account(place: Place, fine: bool, otherwise: str) -> Iterable[Verdict]:
    """The single verdict of a rule that speaks about the account as a whole."""
    return [judge(ACCOUNT, place.account_id, fine, otherwise)]
