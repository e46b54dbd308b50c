"""One right, and the reasons that several have for a wildcard in their resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vending.core.aws import MANAGEMENT_SERVICES

NO_RESOURCE = "AWS has no resource for these actions"
MADE_LATER = "the accounts, OUs and policies are made while it runs; the ARN is bound to this organisation"
EXECUTIONS = "an execution's ARN ends with the version and an id that Lambda draws"
NAMED_LATER = "the names within are drawn while it runs"
CENTRE = "Identity Center draws these ids when it is set up, and synthesis asks AWS nothing"


@dataclass(frozen=True)
class Right:
    """One statement of a role's policy."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    caller: str
    """The code that makes these calls."""
    wide: str = ""
    """Why the resource holds a wildcard."""
    conditions: Mapping[str, Mapping[str, str | list[str]]] = field(default_factory=dict)
    by_service: bool = False
    """Whether another service of AWS asks for it in the caller's name, in the caller's account."""

    def statement(self) -> dict[str, Any]:
        """As a policy document has it."""
        said: dict[str, Any] = {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources)}
        return said | ({"Condition": dict(self.conditions)} if self.conditions else {})

    def __post_init__(self) -> None:
        if len({_is_there(action) for action in self.actions}) > 1:
            raise ValueError(
                f"{self.actions} are called in two accounts: one of them would be allowed in the wrong one"
            )

    @property
    def in_management(self) -> bool:
        """Whether the call is made in the management account: by its service, or because only that account's
        principals may enter member accounts."""
        return not self.by_service and all(map(_is_there, self.actions))


def _is_there(action: str) -> bool:
    there = {name.replace("-", "") for name in MANAGEMENT_SERVICES} | {"sts"}
    return action.partition(":")[0] in there
