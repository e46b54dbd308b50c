"""What a guardrail is: a typed value that carries its own tests.

A guardrail is one of five things: a list of Deny statements (a service or resource control policy), its part of a
declarative, S3, tag or AI services policy, Config rules, a Control Tower control, or an account setting. It does not
come into being without cases that must be allowed and cases that must be denied.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from vending.core.aws import Aws
from vending.core.company import Exemption
from vending.core.errors import BadInput

EVERY_TEAM_CLASS = ("sandbox", "dev", "prod", "regulated")
"""The OU classes in which teams have accounts."""
QUARANTINE = "quarantine"
"""The OU class in which nobody works; its documents are attached to single accounts too."""


class Mechanism(StrEnum):
    """How a guardrail takes effect in AWS."""

    SCP = "SCP"
    RCP = "RCP"
    EC2 = "declarative EC2 policy"
    S3 = "S3 policy"
    TAG = "tag policy"
    AI = "AI services opt-out policy"
    RULE = "Config rule"
    CONTROL = "Control Tower control"
    SETTING = "account setting"


@dataclass(frozen=True)
class Deny:
    """One Deny statement of a policy."""

    sid: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ("*",)
    condition: Mapping[str, Mapping[str, str | Sequence[str]]] = field(default_factory=dict)
    principal: str | None = None
    """`*` in a resource control policy, absent in a service control policy."""

    def statement(self) -> dict[str, Any]:
        """The statement in IAM's policy language."""
        parts: dict[str, Any] = {"Sid": self.sid, "Effect": "Deny"}
        if self.principal:
            parts["Principal"] = self.principal
        parts |= {"NotAction": list(self.not_actions)} if self.not_actions else {"Action": list(self.actions)}
        parts["Resource"] = list(self.resources)
        if self.condition:
            parts["Condition"] = {
                operator: {key: _plain(value) for key, value in keys.items()}
                for operator, keys in self.condition.items()
            }
        return parts


def _plain(value: str | Sequence[str]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


@dataclass(frozen=True)
class Place:
    """Where a setting is read or applied: one account, and one region unless the setting is global."""

    aws: Aws
    account_id: str
    region: str | None


Observed = Mapping[str, Any]
"""What AWS answered about a setting, as plain JSON."""


@dataclass(frozen=True)
class Setting:
    """A setting that an account is born with."""

    regions: tuple[str, ...]
    """The regions it is applied in; empty for a setting that an account has once."""
    expected: str
    """What must be so, in words."""
    read: Callable[[Place], Observed]
    """Asks AWS; a setting that was never made is an observation, not an error. Raises AwsFailed."""
    apply: Callable[[Place], None]
    """Makes it so; doing it twice does no harm. Raises AwsFailed."""
    holds: Callable[[Observed], bool]
    tell: Callable[[Observed], str]
    """An observation in words."""


@dataclass(frozen=True)
class Part:
    """What a guardrail writes into the one declarative, S3, tag or AI services policy of each of its OU classes."""

    content: Mapping[str, Any]
    """As AWS takes it, from the type's own key down, inheritance operators (`@@assign`) included. The parts of all
    guardrails of a class are joined; where two of them assign different values to one place, nothing is compiled."""
    expected: str
    """What must be so, in words."""
    holds: Callable[[Observed], bool]
    """Whether what was observed is what the policy leaves possible."""


@dataclass(frozen=True)
class Rule:
    """A managed Config rule, deployed to every account of the classes in an organisation conformance pack."""

    identifier: str
    """AWS's name of the rule: `IAM_USER_MFA_ENABLED`."""
    expected: str
    """What must be so, in words."""
    holds: Callable[[Observed], bool]
    """Whether Config finds a resource, observed like this, compliant."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Texts, as Config takes them."""
    regions: tuple[str, ...] = ()
    """Where it runs; empty: in every governed region. A rule on IAM runs in one alone."""
    severity: Literal["critical", "high", "medium", "low", ""] = ""
    """How bad a failure is; empty where AWS's control catalogue rates the rule, whose word goes first. Taken from the
    control of Security Hub that the same rule judges (its user guide, read 2026-11-26; CloudTrail.1 and CloudTrail.4 as
    third parties quote it); `REQUIRED_TAGS` judges none there, and is rated by us."""


@dataclass(frozen=True)
class Control:
    """A Control Tower control, enabled on the OU of each of the classes."""

    alias: str
    """Its name in the control catalogue (`AWS-GR_ENCRYPTED_VOLUMES`, `CT.EC2.PV.3`), resolved to an ARN there."""
    expected: str
    """What must be so, in words."""
    holds: Callable[[Observed], bool]
    """Whether the control is content with what was observed."""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A call that a guardrail must deny, or must let pass."""

    name: str
    principal: str
    action: str
    resource: str = "*"
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """An observation, of a setting or a resource, that must count as kept, or as broken."""

    name: str
    observed: Observed
    rule: str = ""
    """Identifier of the Config rule that judges it, where the guardrail has rules."""


Case = Call | State


@dataclass(frozen=True)
class Guardrail:
    """One thing that accounts may not do, or one setting that they are born with."""

    id: str
    title: str
    intent: str
    """Why it exists, in a sentence for the person it stops."""
    mechanism: Mechanism
    ou_classes: tuple[str, ...]
    frameworks: tuple[str, ...]
    """`≈` marks a mapping that is a judgement, not a published one."""
    seen_as: str
    """How a person sees it fail."""
    exemption: str
    """How to ask for an exemption, and whom."""
    allows: tuple[Case, ...]
    denies: tuple[Case, ...]
    statements: tuple[Deny, ...] = ()
    part: Part | None = None
    rules: tuple[Rule, ...] = ()
    control: Control | None = None
    setting: Setting | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    exemptible: bool = True
    """Whether somebody can be exempt from its statements; from anything else nobody can, as AWS could not end it."""
    exemptions: tuple[Exemption, ...] = ()
    """Those that are worked into the statements."""

    def __post_init__(self) -> None:
        if not self.allows or not self.denies:
            missing = "must be allowed" if not self.allows else "must be denied"
            raise BadInput(f"Guardrail {self.id} has no case that {missing}.", "Write one beside its statements.")
        kinds = [each for each in (self.statements, self.part, self.rules, self.control, self.setting) if each]
        if len(kinds) != 1:
            raise BadInput(f"Guardrail {self.id} needs {_ONE_OF}.", "Give it exactly one.")
        if self.statements and not all(isinstance(case, Call) for case in self.allows + self.denies):
            raise BadInput(f"Guardrail {self.id} has a case that is no call.", "Cases of a policy are calls.")
        if not self.statements and not all(isinstance(case, State) for case in self.allows + self.denies):
            raise BadInput(f"Guardrail {self.id} has a case that is a call.", "Its cases are observed states.")
        self._check_rules()

    def _check_rules(self) -> None:
        """Each rule has a resource that complies and one that does not, and each case a rule that judges it."""
        known = {rule.identifier for rule in self.rules}
        for what, cases in (("complies", self.allows), ("does not comply", self.denies)):
            judged = {case.rule for case in cases if isinstance(case, State)} if self.rules else set()
            if strange := judged - known:
                raise BadInput(f"Guardrail {self.id} has a case of {min(strange)!r}, no rule of its.", _NAME_RULE)
            if untried := known - judged:
                raise BadInput(f"Guardrail {self.id}: {min(untried)} has no case that {what}.", _NAME_RULE)

    @property
    def is_policy(self) -> bool:
        """Whether it is attached to an OU as part of a policy document."""
        return bool(self.statements or self.part)

    @property
    def judges(self) -> "tuple[Part | Rule | Control | Setting, ...]":
        """What tells a kept state from a broken one; nothing for statements, which judge calls."""
        return (*self.rules, *(each for each in (self.part, self.control, self.setting) if each))

    @property
    def expected(self) -> str:
        """What must be so, in words; empty for statements."""
        return "; ".join(judge.expected for judge in self.judges)

    def keeps(self, state: State) -> bool:
        """Whether what was observed is as it must be."""
        return all(
            judge.holds(state.observed)
            for judge in self.judges
            if not isinstance(judge, Rule) or judge.identifier == state.rule
        )


_ONE_OF = "either statements, a part of a policy, rules, a control or a setting"
_NAME_RULE = "A case of a Config rule names it: `State(name, observed, rule)`."


def describe(guardrail: Guardrail) -> dict[str, Any]:
    """The guardrail as the API, the command line and its page show it."""
    return {
        "id": guardrail.id,
        "title": guardrail.title,
        "intent": guardrail.intent,
        "mechanism": str(guardrail.mechanism),
        "ou_classes": list(guardrail.ou_classes),
        "frameworks": list(guardrail.frameworks),
        "parameters": dict(guardrail.parameters),
        "seen_as": guardrail.seen_as,
        "exemption": guardrail.exemption,
        "exemptions": [exemption.model_dump(mode="json") for exemption in guardrail.exemptions],
        "statements": [deny.statement() for deny in guardrail.statements],
        "content": dict(guardrail.part.content) if guardrail.part else None,
        "rules": [rule.identifier for rule in guardrail.rules],
        "control": guardrail.control.alias if guardrail.control else None,
        "expected": guardrail.expected or None,
        "cases": [_case("allow", case) for case in guardrail.allows] + [_case("deny", c) for c in guardrail.denies],
    }


def _case(expect: str, case: Case) -> dict[str, Any]:
    if isinstance(case, State):
        judged_by = {"rule": case.rule} if case.rule else {}
        return {"expect": expect, "name": case.name, **judged_by, "observed": dict(case.observed)}
    return {
        "expect": expect,
        "name": case.name,
        "principal": case.principal,
        "action": case.action,
        "resource": case.resource,
        "context": dict(case.context),
    }
