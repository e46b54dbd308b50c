"""One write of a plan, as data that prints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from guardrails.compiler.conformance import ConformancePack
from guardrails.compiler.packs import Document
from guardrails.compiler.quota import PolicyKind
from guardrails.enforcement.drift_kind import DriftKind


class Act(StrEnum):
    """One write, in the order in which they are made: what protects comes before anything is taken away."""

    ENABLE = "enable"
    """A kind of policy on the root, or a control on an OU."""
    CREATE = "create"
    ATTACH = "attach"
    UPDATE = "update"
    """A control's parameters."""
    RESET = "reset"
    """What Control Tower deployed for a control, deployed again."""
    PUT = "put"
    """A conformance pack."""
    DETACH = "detach"
    DISABLE = "disable"
    """A control; never a kind of policy, as that would lose every attachment of it."""
    DELETE = "delete"


class DeployedKind(StrEnum):
    """What is deployed besides policies."""

    CONTROL = "control"
    PACK = "conformance-pack"


@dataclass(frozen=True)
class Step:
    """One write to Organizations, named by the policy and not by its id: an object to be made has none yet."""

    act: Act
    policy: str
    kind: PolicyKind | DeployedKind
    reason: str
    target: str = ""
    target_name: str = ""
    policy_id: str = ""
    """Of an object that exists; for a control that is enabled its ARN."""
    document: Document | None = None
    """What is made."""

    @property
    def policy_kind(self) -> PolicyKind:
        """The kind of policy that is written."""
        return PolicyKind(self.kind)


@dataclass(frozen=True)
class ControlStep(Step):
    """One write to Control Tower; `target` is the OU's id."""

    control_arn: str = ""
    target_arn: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    drift: DriftKind = DriftKind.MISSING
    """What is wrong until it is done."""


@dataclass(frozen=True)
class PackStep(Step):
    """One write to Config; `target` is the region."""

    pack: ConformancePack | None = None
    """What is put."""
    excluded: tuple[str, ...] = ()
    """Ids of the accounts that are left out."""
    drift: DriftKind = DriftKind.MISSING
    """What is wrong until it is done."""
