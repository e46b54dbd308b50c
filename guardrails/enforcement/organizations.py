"""AWS Organizations as guardrails need it: typed, and patient where AWS says "not so fast".

`UpdatePolicy` is not here, as it would change every attachment at once; neither is `DisablePolicyType`, which would
lose them all.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import sleep
from typing import Any

from guardrails.compiler.packs import Document
from guardrails.compiler.quota import PolicyKind
from vending.core.aws import PAUSES, Aws
from vending.core.errors import AwsConflict, AwsFailed, AwsMissing, AwsThrottled

TAG = "freehold:guardrails"
"""On every policy object of ours; its value is the OU class."""
_ALREADY = "DuplicatePolicyAttachmentException"
_TAKEN = "DuplicatePolicyException"
_ENABLED = "PolicyTypeAlreadyEnabledException"
_NOT_THERE = "PolicyNotAttachedException"


@dataclass(frozen=True)
class Summary:
    """A policy object as listings show it."""

    id: str
    name: str
    kind: PolicyKind
    aws_managed: bool


class Organizations:
    """Calls to Organizations; `pause` waits for so many seconds. Every call raises AwsFailed as AWS answers."""

    def __init__(self, aws: Aws, pause: Callable[[float], None] = sleep) -> None:
        self._client = aws.client("organizations").pausing(pause)
        self._pause = pause

    def enabled_kinds(self) -> frozenset[PolicyKind]:
        """The kinds that the root has enabled; of another, nothing is attached anywhere."""
        roots = (root for page in self._pages("list_roots") for root in page["Roots"])
        enabled = {found["Type"] for root in roots for found in root["PolicyTypes"] if found["Status"] == "ENABLED"}
        return frozenset(kind for kind in PolicyKind if kind.aws_type in enabled)

    def policies(self, kind: PolicyKind) -> Iterator[Summary]:
        """Every policy object of a kind, AWS's own included."""
        for page in self._pages("list_policies", Filter=kind.aws_type):
            yield from (_summary(found, kind) for found in page["Policies"])

    def policies_on(self, target: str, kinds: Iterable[PolicyKind]) -> Iterator[Summary]:
        """What is attached to a root, OU or account directly, of these kinds."""
        for kind in kinds:
            for page in self._pages("list_policies_for_target", Filter=kind.aws_type, TargetId=target):
                yield from (_summary(found, kind) for found in page["Policies"])

    def targets_of(self, policy: str) -> Iterator[str]:
        """The roots, OUs and accounts that a policy is attached to."""
        for page in self._pages("list_targets_for_policy", PolicyId=policy):
            yield from (target["TargetId"] for target in page["Targets"])

    def content(self, policy: str) -> str:
        """The document of a policy, as text."""
        content: str = self._call("describe_policy", PolicyId=policy)["Policy"]["Content"]
        return content

    def is_tagged(self, policy: str) -> bool:
        """Whether a policy carries our tag."""
        pages = self._pages("list_tags_for_resource", ResourceId=policy)
        return any(tag["Key"] == TAG for page in pages for tag in page["Tags"])

    def path_of(self, account_id: str) -> tuple[str, ...]:
        """Ids from the root down to the account, both included."""
        path = [account_id]
        while not path[-1].startswith("r-"):
            pages = self._pages("list_parents", ChildId=path[-1])
            path.append(next(parent for page in pages for parent in page["Parents"])["Id"])
        return tuple(reversed(path))

    def name_of(self, target: str) -> str:
        """A target as a person calls it."""
        if not target.startswith("ou-"):
            return "the root" if target.startswith("r-") else f"account {target}"
        unit = self._call("describe_organizational_unit", OrganizationalUnitId=target)["OrganizationalUnit"]
        return f"OU {unit['Name']}"

    def arn_of(self, unit: str) -> str:
        """An OU's ARN."""
        found = self._call("describe_organizational_unit", OrganizationalUnitId=unit)["OrganizationalUnit"]
        return str(found["Arn"])

    def enable(self, kind: PolicyKind, root: str) -> None:
        """Enable a kind on the root; enabled already is fine."""
        try:
            self._call("enable_policy_type", RootId=root, PolicyType=kind.aws_type)
        except AwsFailed as error:
            if error.aws_code != _ENABLED:
                raise

    def create(self, document: Document, name: str) -> str:
        """Make a policy object, or find the one that an interrupted attempt made; answers its id."""
        try:
            answer = self._call(
                "create_policy",
                Name=name,
                Type=document.kind.aws_type,
                Content=document.content,
                Description=f"Freehold guardrails of the OU class {document.ou_class}",
                Tags=[{"Key": TAG, "Value": document.ou_class}],
            )
        except AwsConflict as error:
            if error.aws_code != _TAKEN:
                raise
            return self._id_of(name, document.kind)
        policy: str = answer["Policy"]["PolicySummary"]["Id"]
        return policy

    def attach(self, policy: str, target: str) -> None:
        """Attach; attached already is fine."""
        try:
            self._call("attach_policy", PolicyId=policy, TargetId=target)
        except AwsConflict as error:
            if error.aws_code != _ALREADY:
                raise

    def detach(self, policy: str, target: str) -> None:
        """Detach; detached already is fine."""
        try:
            self._call("detach_policy", PolicyId=policy, TargetId=target)
        except AwsFailed as error:
            if error.aws_code != _NOT_THERE:
                raise

    def delete(self, policy: str) -> None:
        """Delete a policy object that is attached nowhere; deleted already is fine."""
        try:
            self._call("delete_policy", PolicyId=policy)
        except AwsMissing:
            return

    def _id_of(self, name: str, kind: PolicyKind) -> str:
        for summary in self.policies(kind):
            if summary.name == name:
                return summary.id
        raise AwsMissing(
            f"AWS said that the policy {name} exists already, but does not list it.",
            "Try again in a minute.",
            service="organizations",
            operation="ListPolicies",
        )

    def _pages(self, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        return self._client.patient.pages(operation, **params)

    def _call(self, operation: str, **params: Any) -> dict[str, Any]:
        """One call, again and ever more slowly while AWS says that it is too much or under change."""
        for seconds in PAUSES:
            try:
                return self._once(operation, params)
            except (AwsThrottled, AwsConflict) as error:
                if error.aws_code in (_ALREADY, _TAKEN):
                    raise
                self._pause(seconds)
        return self._once(operation, params)

    def _once(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self._client, operation)(**params)
        return answer


def _summary(found: dict[str, Any], kind: PolicyKind) -> Summary:
    return Summary(found["Id"], found["Name"], kind, bool(found["AwsManaged"]))
