"""The API of AWS Organizations, shaped by botocore's model."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult

from infra.local.organizations.delegation import Delegate
from infra.local.organizations.entities import (
    Account,
    Creation,
    CreationState,
    OrganizationalUnit,
    Policy,
    Root,
    Target,
    TargetType,
)
from infra.local.organizations.free_text import check_role_name, check_text
from infra.local.organizations.inheritance import effective_content
from infra.local.organizations.models import OrganizationsBackend, organizations
from infra.local.organizations.organization import Organization, check_tags
from infra.local.organizations.policy_book import attached, modelled
from infra.local.organizations.refusals import invalid_input, refusal
from infra.local.organizations.tag_policies import POLICY, RESOURCE_TYPES, check_tag_policy
from infra.local.service import Refusal, ServiceResponse, empty_page_token, page
from infra.local.shape import Violation

PAGE = 20
"""The most entries a page has, in every list of the service."""

FOR_ANY_MEMBER = {"DescribeOrganization", "LeaveOrganization"}
"""What a member account may call that administers nothing."""

_REASONS = {"REQUIRED": "INPUT_REQUIRED", "ENUM": "INVALID_ENUM", "PATTERN": "INVALID_PATTERN"} | {
    rule: f"{rule}_EXCEEDED" for rule in ("MIN_LENGTH", "MAX_LENGTH", "MIN_VALUE", "MAX_VALUE")
}


class OrganizationsResponse(ServiceResponse):
    """One call to AWS Organizations."""

    service: ClassVar[str] = "organizations"
    throttled: ClassVar[tuple[str, str]] = ("TooManyRequestsException", "Too many requests")

    @property
    def backend(self) -> OrganizationsBackend:
        """The state."""
        return organizations()

    @property
    def organization(self) -> Organization:
        """The tree."""
        return self.backend.organization

    def invalid(self, violation: Violation) -> ServiceException:
        """InvalidInputException with the Reason of the rule that was broken."""
        reason = _REASONS.get(violation.rule)
        if reason is None:
            return Refusal("SerializationException", violation.sentence)
        return invalid_input(reason, violation.sentence)

    def admit(self) -> None:
        """Members of the organisation only; the management account or a delegated administrator for most."""
        super().admit()
        if self.current_account not in self.organization.targets:
            raise Refusal("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
        if self.current_account == self.organization.management_account_id or self.operation in FOR_ANY_MEMBER:
            return
        reads = self.operation.startswith(("List", "Describe"))
        if not (reads and self.current_account in self.backend.delegations.delegates):
            raise refusal("AccessDeniedException")

    def describe_organization(self) -> ActionResult:
        """Id, ARN and whose it is."""
        management = self.organization.management_account
        return ActionResult(
            {
                "Organization": {
                    "Id": self.organization.id,
                    "Arn": self.organization.arn,
                    "FeatureSet": "ALL",
                    "MasterAccountArn": management.arn,
                    "MasterAccountId": management.id,
                    "MasterAccountEmail": management.email,
                    "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
                }
            }
        )

    def leave_organization(self) -> ActionResult:
        """The calling account leaves, where AWS lets it."""
        self.organization.release(self.current_account, self.current_account in self.backend.delegations.delegates)
        return EmptyResult()

    def remove_account_from_organization(self) -> ActionResult:
        """A member account is put out."""
        account_id = self._given("AccountId")
        self.organization.release(account_id, account_id in self.backend.delegations.delegates)
        return EmptyResult()

    def create_account(self) -> ActionResult:
        """Begin to make an account; nothing is there yet when this answers."""
        check_text(self._given("AccountName"))
        check_role_name(self._given("RoleName"))
        tags = self._new_tags(RESOURCE_TYPES[TargetType.ACCOUNT])
        creation = self.backend.creations.ask(
            self._given("AccountName"), self._given("Email"), self._given("RoleName"), tags
        )
        return ActionResult({"CreateAccountStatus": _creation(creation)})

    def describe_create_account_status(self) -> ActionResult:
        """Where one creation is."""
        creation = self.backend.creations.find(self._given("CreateAccountRequestId"))
        return ActionResult({"CreateAccountStatus": _creation(creation)})

    def list_create_account_status(self) -> ActionResult:
        """Every creation, or those in certain states."""
        states = self._given("States") or list(CreationState)
        found = [c for c in self.backend.creations.requests.values() if c.state in states]
        return self._page("CreateAccountStatuses", [_creation(creation) for creation in found])

    def invite_account_to_organization(self) -> ActionResult:
        """Invite an account; it counts as one from now on."""
        invitations = self.backend.invitations
        return ActionResult({"Handshake": invitations.shaped(invitations.send(self._given("Target")))})

    def cancel_handshake(self) -> ActionResult:
        """Take an invitation back."""
        invitations = self.backend.invitations
        return ActionResult({"Handshake": invitations.shaped(invitations.cancel(self._given("HandshakeId")))})

    def list_handshakes_for_organization(self) -> ActionResult:
        """Every invitation, those that ended included."""
        invitations = self.backend.invitations
        return self._page("Handshakes", list(invitations.sent.values()), invitations.shaped)

    def close_account(self) -> ActionResult:
        """Begin to close an account."""
        self.backend.closures.ask(self._given("AccountId"))
        return EmptyResult()

    def describe_account(self) -> ActionResult:
        """One account."""
        return ActionResult({"Account": self._account(self.organization.account(self._given("AccountId")))})

    def list_accounts(self) -> ActionResult:
        """Every account."""
        return self._page("Accounts", self.organization.accounts, self._account)

    def list_accounts_for_parent(self) -> ActionResult:
        """The accounts directly in a root or OU."""
        parent = self.organization.parent(self._given("ParentId"))
        return self._page("Accounts", self.organization.children(parent, Account), self._account)

    def move_account(self) -> ActionResult:
        """Move an account from where it is to another root or OU."""
        self.organization.move_account(
            self._given("AccountId"), self._given("SourceParentId"), self._given("DestinationParentId")
        )
        return EmptyResult()

    def list_roots(self) -> ActionResult:
        """The one root."""
        return self._page("Roots", [self.organization.root], _root)

    def list_parents(self) -> ActionResult:
        """The one parent of an account or OU."""
        child = self.organization.find(self._given("ChildId"), "ChildNotFoundException")
        if child.parent is None:
            raise refusal("ChildNotFoundException")
        return self._page("Parents", [{"Id": child.parent.id, "Type": child.parent.type.value}])

    def list_children(self) -> ActionResult:
        """The OUs or the accounts directly under a root or OU."""
        parent, kind = self.organization.parent(self._given("ParentId")), self._given("ChildType")
        children = [c for c in self.organization.children(parent, Target) if c.type == kind]
        return self._page("Children", [{"Id": child.id, "Type": child.type.value} for child in children])

    def create_organizational_unit(self) -> ActionResult:
        """A new OU."""
        check_text(self._given("Name"))
        tags = self._new_tags(RESOURCE_TYPES[TargetType.ORGANIZATIONAL_UNIT])
        unit = self.organization.create_unit(self._given("ParentId"), self._given("Name"), tags)
        return ActionResult({"OrganizationalUnit": self._unit(unit)})

    def update_organizational_unit(self) -> ActionResult:
        """A new name for an OU."""
        unit = self.organization.unit(self._given("OrganizationalUnitId"))
        check_text(self._given("Name"))
        unit = self.organization.rename_unit(unit.id, self._given("Name") or unit.name)
        return ActionResult({"OrganizationalUnit": self._unit(unit)})

    def delete_organizational_unit(self) -> ActionResult:
        """An empty OU goes."""
        self.organization.delete_unit(self._given("OrganizationalUnitId"))
        return EmptyResult()

    def describe_organizational_unit(self) -> ActionResult:
        """One OU."""
        return ActionResult(
            {"OrganizationalUnit": self._unit(self.organization.unit(self._given("OrganizationalUnitId")))}
        )

    def list_organizational_units_for_parent(self) -> ActionResult:
        """The OUs directly under a root or OU."""
        parent = self.organization.parent(self._given("ParentId"))
        units = self.organization.children(parent, OrganizationalUnit)
        return self._page("OrganizationalUnits", units, self._unit)

    def enable_policy_type(self) -> ActionResult:
        """Enable a policy type in the root."""
        root = self.backend.policies.enable(self._given("RootId"), self._given("PolicyType"))
        return ActionResult({"Root": _root(root)})

    def disable_policy_type(self) -> ActionResult:
        """Disable a policy type, which loses its attachments."""
        root = self.backend.policies.disable(self._given("RootId"), self._given("PolicyType"))
        return ActionResult({"Root": _root(root)})

    def create_policy(self) -> ActionResult:
        """A new policy."""
        check_text(self._given("Name"), self._given("Description"))
        tags = self._new_tags(POLICY)
        policy = self.backend.policies.create(
            self._given("Type"), self._given("Name"), self._given("Description"), self._given("Content"), tags
        )
        return ActionResult({"Policy": _policy(policy)})

    def update_policy(self) -> ActionResult:
        """A policy changes wherever it is attached."""
        check_text(self._given("Name"), self._given("Description"))
        policy = self.backend.policies.update(
            self._given("PolicyId"), self._given("Name"), self._given("Description"), self._given("Content")
        )
        return ActionResult({"Policy": _policy(policy)})

    def describe_policy(self) -> ActionResult:
        """One policy with its content."""
        return ActionResult({"Policy": _policy(self.backend.policies.find(self._given("PolicyId")))})

    def delete_policy(self) -> ActionResult:
        """A policy that is attached nowhere goes."""
        self.backend.policies.delete(self._given("PolicyId"))
        return EmptyResult()

    def list_policies(self) -> ActionResult:
        """The policies of a type."""
        return self._page("Policies", self.backend.policies.of_type(modelled(self._given("Filter"))), _summary)

    def attach_policy(self) -> ActionResult:
        """Attach a policy to a root, OU or account."""
        self.backend.policies.attach(self._given("PolicyId"), self._given("TargetId"))
        return EmptyResult()

    def detach_policy(self) -> ActionResult:
        """Detach a policy from a root, OU or account."""
        self.backend.policies.detach(self._given("PolicyId"), self._given("TargetId"))
        return EmptyResult()

    def list_policies_for_target(self) -> ActionResult:
        """The policies of a type directly on a root, OU or account."""
        target = self.organization.find(self._given("TargetId"))
        return self._page("Policies", attached(target, modelled(self._given("Filter"))), _summary)

    def describe_effective_policy(self) -> ActionResult:
        """What the management policies of a type come to for an account; the caller's own where none is named."""
        policy_type = modelled(self._given("PolicyType"))
        target = self.organization.find(self._given("TargetId") or self.current_account)
        if target.type is not TargetType.ACCOUNT:
            raise invalid_input("TARGET_NOT_SUPPORTED", "You specified a target that isn't supported by that policy.")
        content = effective_content(target, policy_type)
        if not content or policy_type not in self.organization.root.policy_types:
            raise refusal("EffectivePolicyNotFoundException")
        found = {"PolicyContent": json.dumps(content), "TargetId": target.id, "PolicyType": policy_type}
        return ActionResult({"EffectivePolicy": found})

    def list_targets_for_policy(self) -> ActionResult:
        """Where a policy is attached."""
        policy = self.backend.policies.find(self._given("PolicyId"))
        return self._page("Targets", policy.targets, _target)

    def tag_resource(self) -> ActionResult:
        """Add tags, or change the values of those there."""
        tagged = self._tagged()
        merged = check_tags(self.cloud.limits.count("organizations.tags"), self._given("Tags"), tagged.tags)
        given = {tag["Key"]: tag["Value"] for tag in self._given("Tags")}
        check_tag_policy(
            self.organization, POLICY if isinstance(tagged, Policy) else RESOURCE_TYPES[tagged.type], given
        )
        tagged.tags.update(merged)
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """Take tags away."""
        tags = self._tagged().tags
        for key in self._given("TagKeys"):
            tags.pop(key, None)
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        """The tags of a root, OU, account or policy."""
        tags = self._tagged().tags
        return self._page("Tags", [{"Key": key, "Value": value} for key, value in tags.items()], size=50)

    def enable_aws_service_access(self) -> ActionResult:
        """Trust a service."""
        self.backend.delegations.trust(self._given("ServicePrincipal"))
        return EmptyResult()

    def disable_aws_service_access(self) -> ActionResult:
        """Trust a service no more."""
        self.backend.delegations.distrust(self._given("ServicePrincipal"))
        return EmptyResult()

    def list_aws_service_access_for_organization(self) -> ActionResult:
        """The trusted services."""
        trusted = self.organization.service_access.items()
        return self._page(
            "EnabledServicePrincipals", [{"ServicePrincipal": name, "DateEnabled": when} for name, when in trusted]
        )

    def register_delegated_administrator(self) -> ActionResult:
        """Delegate a service to a member account."""
        self.backend.delegations.register(self._given("AccountId"), self._given("ServicePrincipal"))
        return EmptyResult()

    def deregister_delegated_administrator(self) -> ActionResult:
        """Take the delegation back."""
        self.backend.delegations.deregister(self._given("AccountId"), self._given("ServicePrincipal"))
        return EmptyResult()

    def list_delegated_administrators(self) -> ActionResult:
        """The delegated administrators, of one service where one is named."""
        principal = self._given("ServicePrincipal")
        found = [d for d in self.backend.delegations.delegates.values() if principal is None or principal in d.services]
        return self._page("DelegatedAdministrators", found, self._delegate)

    def list_delegated_services_for_account(self) -> ActionResult:
        """What one account administers."""
        services = self.backend.delegations.of_account(self._given("AccountId")).services.items()
        return self._page(
            "DelegatedServices", [{"ServicePrincipal": name, "DelegationEnabledDate": when} for name, when in services]
        )

    def _given(self, name: str) -> Any:
        return self.params.get(name)

    def _new_tags(self, resource_type: str) -> dict[str, str]:
        tags = check_tags(self.cloud.limits.count("organizations.tags"), self._given("Tags") or [])
        check_tag_policy(self.organization, resource_type, tags)
        return tags

    def _tagged(self) -> Target | Policy:
        resource_id = self._given("ResourceId")
        policy = self.organization.policies.get(resource_id)
        return policy or self.organization.find(resource_id)

    def _page(self, member: str, items: Sequence[Any], shape: Any = None, size: int = PAGE) -> ActionResult:
        left_empty = self.cloud.faults.leaves_empty(f"{self.service}.{self.operation}")
        try:
            found, token = page(items, self._given("NextToken"), self._given("MaxResults"), size)
            if left_empty:
                found, token = [], empty_page_token(self._given("NextToken"))
        except ValueError as error:
            raise invalid_input("INVALID_NEXT_TOKEN", "You specified an invalid next token.") from error
        shaped = [shape(item) for item in found] if shape else found
        return ActionResult({member: shaped} | ({"NextToken": token} if token else {}))

    def _account(self, account: Account) -> dict[str, Any]:
        return {
            "Id": account.id,
            "Arn": account.arn,
            "Email": account.email,
            "Name": account.name,
            "State": account.state.value,
            "Paths": [self.organization.path_of(account)],
            "JoinedMethod": account.joined_method,
            "JoinedTimestamp": account.joined,
        }

    def _delegate(self, delegate: Delegate) -> dict[str, Any]:
        account = self._account(delegate.account)
        del account["Paths"]
        return account | {"DelegationEnabledDate": delegate.enabled}

    def _unit(self, unit: OrganizationalUnit) -> dict[str, Any]:
        return {"Id": unit.id, "Arn": unit.arn, "Name": unit.name, "Path": self.organization.path_of(unit)}


def _creation(creation: Creation) -> dict[str, Any]:
    shown = {
        "Id": creation.id,
        "AccountName": creation.name,
        "State": creation.state.value,
        "RequestedTimestamp": creation.requested,
        "CompletedTimestamp": creation.completed,
        "AccountId": creation.account_id,
        "FailureReason": creation.failure if creation.completed else None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _root(root: Root) -> dict[str, Any]:
    types = [{"Type": name, "Status": "ENABLED"} for name in root.policy_types]
    return {"Id": root.id, "Arn": root.arn, "Name": root.name, "PolicyTypes": types}


def _summary(policy: Policy) -> dict[str, Any]:
    return {
        "Id": policy.id,
        "Arn": policy.arn,
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.type,
        "AwsManaged": policy.aws_managed,
    }


def _policy(policy: Policy) -> dict[str, Any]:
    return {"PolicySummary": _summary(policy), "Content": policy.content}


def _target(target: Target) -> dict[str, Any]:
    return {"TargetId": target.id, "Arn": target.arn, "Name": target.name, "Type": target.type.value}
