"""The call that is judged: who does what to which resource, and what is known about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from guardrails.evaluator.principal import Principal, read_principal
from vending.core.errors import BadInput, FieldError

Value = str | bool | int | float
Facts = Mapping[str, tuple[str, ...]]
"""Context by lower-case key. A key without values is absent."""


@dataclass(frozen=True)
class Call:
    """One request to AWS as the evaluator sees it.

    Multi-resource actions are several calls: AWS authorises each resource on its own.
    """

    principal: str
    """ARN of a user, role, role session, federated user or root; an account id; a service principal; the ARN
    of an identity provider, for whom it vouches; or `*` for a caller without credentials."""
    action: str
    """`service:Operation`, in any case."""
    resource: str = "*"
    """ARN, or `*` for an action without resource."""
    context: Mapping[str, Value | Sequence[Value | None] | None] = field(default_factory=dict)
    resource_account: str | None = None
    """Account that owns the resource, where the ARN does not say it (S3)."""

    def __post_init__(self) -> None:
        service, colon, operation = self.action.partition(":")
        if not (service and colon and operation):
            raise BadInput.of(FieldError("action", f"{self.action!r} is no action", "write it as service:Operation"))

    @property
    def service(self) -> str:
        """Prefix of the action, lower case."""
        return self.action.partition(":")[0].lower()

    @property
    def caller(self) -> Principal:
        """The principal, taken apart."""
        return read_principal(self.principal)

    @property
    def owner(self) -> str | None:
        """Account that owns the resource: as given, else `aws:ResourceAccount`, else from the ARN."""
        return self.resource_account or self._owner_in_context() or _account_of(self.resource)

    def _owner_in_context(self) -> str | None:
        for key, value in self.context.items():
            if key.lower() == "aws:resourceaccount":
                return str(value)
        return None

    def facts(self) -> dict[str, tuple[str, ...]]:
        """The context with what follows from the principal.

        `aws:PrincipalArn` always comes from the principal, with one exception: a session ARN lacks the
        path of its role, so a role ARN in the context that names the same role is kept.
        """
        caller = self.caller
        facts = dict(caller.facts)
        for key, value in self.context.items():
            facts[key.lower()] = _texts(value)
        facts.update(caller.arn_facts(facts.get("aws:principalarn")))
        return facts


def is_service_linked(facts: Facts) -> bool:
    """Whether the caller is a service-linked role, which no SCP and no RCP binds.

    Known by the path alone, which nobody else can create: a role of a team may well be *named*
    AWSServiceRoleForSomething. So a session needs `aws:PrincipalArn` with its path in the context.
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#not-restricted-by-scp
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#actions-not-restricted-by-rcps
    """
    return ":role/aws-service-role/" in facts.get("aws:principalarn", ("",))[0]


def _texts(value: Value | Sequence[Value | None] | None) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if value is None:
        return ()
    if isinstance(value, bool | int | float):
        return (_text(value),)
    return tuple(_text(item) for item in value if item is not None)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _account_of(arn: str) -> str | None:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[4].isdigit() else None
