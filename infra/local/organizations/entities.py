"""What an organisation is made of."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AccountState(StrEnum):
    """Where an account is in its life. `Account.Status`, which AWS retired, is never served."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    PENDING_CLOSURE = "PENDING_CLOSURE"
    CLOSED = "CLOSED"


class TargetType(StrEnum):
    """What a policy can be attached to."""

    ROOT = "ROOT"
    ORGANIZATIONAL_UNIT = "ORGANIZATIONAL_UNIT"
    ACCOUNT = "ACCOUNT"


@dataclass(eq=False, slots=True)
class Target:
    """A root, an OU or an account: a place in the tree with tags and policies."""

    id: str
    arn: str
    name: str
    type: TargetType
    parent: "Target | None"
    tags: dict[str, str] = field(default_factory=dict)
    policies: list["Policy"] = field(default_factory=list)
    """Directly attached, in the order of attachment."""

    def lineage(self) -> "list[Target]":
        """From the root down to this."""
        above = self.parent.lineage() if self.parent else []
        return [*above, self]


@dataclass(eq=False, slots=True, kw_only=True)
class Account(Target):
    """A member account, or the management account."""

    email: str
    joined: datetime
    joined_method: str = "CREATED"
    state: AccountState = AccountState.ACTIVE
    role_name: str = "OrganizationAccountAccessRole"
    can_stand_alone: bool = False
    """Whether it has the contact, support plan and payment method that an account of its own needs."""


@dataclass(eq=False, slots=True)
class OrganizationalUnit(Target):
    """An OU."""


@dataclass(eq=False, slots=True)
class Root(Target):
    """The root, which knows the enabled policy types."""

    policy_types: list[str] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Policy:
    """A policy of any type."""

    id: str
    arn: str
    name: str
    type: str
    description: str
    content: str
    aws_managed: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)


class CreationState(StrEnum):
    """Where an account creation is."""

    IN_PROGRESS = "IN_PROGRESS"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@dataclass(eq=False, slots=True)
class Creation:
    """One CreateAccount request."""

    id: str
    name: str
    email: str
    role_name: str
    tags: dict[str, str]
    requested: datetime
    state: CreationState = CreationState.IN_PROGRESS
    completed: datetime | None = None
    account_id: str | None = None
    failure: str | None = None
    """The FailureReason it has, or will have once it completes."""
