"""One right, and the reasons that several have for a wildcard in their resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
    conditions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def statement(self) -> dict[str, Any]:
        """As a policy document has it."""
        said: dict[str, Any] = {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources)}
        return said | ({"Condition": dict(self.conditions)} if self.conditions else {})
