"""A change of who may do what where: asked for, in progress for some seconds, then done or failed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a change does."""

    CREATION = "creation"
    DELETION = "deletion"
    PROVISIONING = "provisioning"

    @property
    def api_name(self) -> str:
        """The call that begins it."""
        return _API_NAMES[self]


_API_NAMES = {
    Kind.CREATION: "CreateAccountAssignment",
    Kind.DELETION: "DeleteAccountAssignment",
    Kind.PROVISIONING: "ProvisionPermissionSet",
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """A user or group that holds a permission set in an account."""

    account_id: str
    permission_set_arn: str
    principal_type: str
    """GROUP or USER."""
    principal_id: str


@dataclass(frozen=True, slots=True)
class Change:
    """One asynchronous request of Identity Center."""

    request_id: str
    kind: Kind
    account_id: str | None
    """None for a permission set that is provisioned everywhere."""
    permission_set_arn: str
    asked_at: datetime
    ends_at: datetime
    assignment: Assignment | None = None
    failure: str | None = None
    """Why it failed, known once it has ended."""

    def status(self, now: datetime) -> str:
        """IN_PROGRESS, SUCCEEDED or FAILED."""
        if now < self.ends_at:
            return "IN_PROGRESS"
        return "FAILED" if self.failure else "SUCCEEDED"

    def describe(self, now: datetime) -> dict[str, Any]:
        """As DescribeAccountAssignment…Status and DescribePermissionSetProvisioningStatus answer it."""
        described: dict[str, Any] = {
            "Status": self.status(now),
            "RequestId": self.request_id,
            "PermissionSetArn": self.permission_set_arn,
            "CreatedDate": self.asked_at,
        }
        if self.failure and now >= self.ends_at:
            described["FailureReason"] = self.failure
        if self.assignment is None:
            return described | ({"AccountId": self.account_id} if self.account_id else {})
        return described | {
            "TargetId": self.assignment.account_id,
            "TargetType": "AWS_ACCOUNT",
            "PrincipalType": self.assignment.principal_type,
            "PrincipalId": self.assignment.principal_id,
        }

    def summarize(self, now: datetime) -> dict[str, Any]:
        """As the lists of requests answer it."""
        return {"Status": self.status(now), "RequestId": self.request_id, "CreatedDate": self.asked_at}
