"""The API of IAM Identity Center: moto's, with the operations that take time shaped by botocore's model."""

from collections.abc import Sequence
from typing import Any, ClassVar

from moto.core.responses import ActionResult, BaseResponse
from moto.ssoadmin.responses import SSOAdminResponse as MotoResponse

from infra.local.service import Refusal, ServiceResponse, page
from infra.local.ssoadmin.change import Assignment, Change, Kind
from infra.local.ssoadmin.models import LocalSSOAdminBackend, ssoadmin_backends

PAGE = 100
DEFAULT_SESSION = "PT1H"


class SSOAdminResponse(ServiceResponse, MotoResponse):
    """One call to IAM Identity Center."""

    service: ClassVar[str] = "sso-admin"

    def __init__(self) -> None:
        BaseResponse.__init__(self, service_name=self.service)
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> LocalSSOAdminBackend:
        """The state as the caller's account and region see it."""
        backend = ssoadmin_backends[self.current_account][self.region]
        assert isinstance(backend, LocalSSOAdminBackend)
        return backend

    def create_permission_set(self) -> Any:
        """A permission set; its sessions last an hour where it does not say."""
        made = self.backend.create_permission_set(
            self.params["Name"],
            self.params.get("Description"),
            self.params["InstanceArn"],
            self.params.get("SessionDuration") or DEFAULT_SESSION,
            self.params.get("RelayState"),
            self.params.get("Tags") or [],
        )
        return ActionResult({"PermissionSet": made})

    def get_inline_policy_for_permission_set(self) -> Any:
        """The inline policy; the member is left out where there is none."""
        found = self.backend.get_inline_policy_for_permission_set(
            self.params["InstanceArn"], self.params["PermissionSetArn"]
        )
        return ActionResult({"InlinePolicy": found} if found else {})

    # --- assignments

    def create_account_assignment(self) -> Any:
        """Begin to give a group or user a permission set in an account."""
        return self._ask(Kind.CREATION, "AccountAssignmentCreationStatus")

    def delete_account_assignment(self) -> Any:
        """Begin to take it away."""
        return self._ask(Kind.DELETION, "AccountAssignmentDeletionStatus")

    def describe_account_assignment_creation_status(self) -> Any:
        """How the giving goes."""
        return self._describe(Kind.CREATION, "AccountAssignmentCreationRequestId", "AccountAssignmentCreationStatus")

    def describe_account_assignment_deletion_status(self) -> Any:
        """How the taking away goes."""
        return self._describe(Kind.DELETION, "AccountAssignmentDeletionRequestId", "AccountAssignmentDeletionStatus")

    def list_account_assignment_creation_status(self) -> Any:
        """Every request to give."""
        return self._list_changes(Kind.CREATION, "AccountAssignmentsCreationStatus")

    def list_account_assignment_deletion_status(self) -> Any:
        """Every request to take away."""
        return self._list_changes(Kind.DELETION, "AccountAssignmentsDeletionStatus")

    def list_account_assignments(self) -> Any:
        """Who holds a permission set in an account."""
        self.backend.check_instance(self.params["InstanceArn"])
        found = [
            _describe_assignment(one)
            for one in self.backend.assignments
            if one.account_id == self.params["AccountId"] and one.permission_set_arn == self.params["PermissionSetArn"]
        ]
        return self._page("AccountAssignments", found)

    def list_account_assignments_for_principal(self) -> Any:
        """What a group or user holds."""
        self.backend.check_instance(self.params["InstanceArn"])
        account_id = (self.params.get("Filter") or {}).get("AccountId")
        found = [
            _describe_assignment(one)
            for one in self.backend.assignments
            if one.principal_id == self.params["PrincipalId"]
            and one.principal_type == self.params["PrincipalType"]
            and account_id in (None, one.account_id)
        ]
        return self._page("AccountAssignments", found)

    # --- provisioning

    def provision_permission_set(self) -> Any:
        """Begin to bring roles in step with their permission set."""
        account_id = self.params.get("TargetId")
        everywhere = self.params["TargetType"] == "ALL_PROVISIONED_ACCOUNTS"
        if not everywhere and not account_id:
            raise Refusal("ValidationException", "TargetId is required for the target type AWS_ACCOUNT.")
        change = self.backend.ask_for_provisioning(
            self.params["InstanceArn"], self.params["PermissionSetArn"], None if everywhere else account_id
        )
        return ActionResult({"PermissionSetProvisioningStatus": change.describe(self.backend.now())})

    def describe_permission_set_provisioning_status(self) -> Any:
        """How that goes."""
        return self._describe(Kind.PROVISIONING, "ProvisionPermissionSetRequestId", "PermissionSetProvisioningStatus")

    def list_permission_set_provisioning_status(self) -> Any:
        """Every request to provision."""
        return self._list_changes(Kind.PROVISIONING, "PermissionSetsProvisioningStatus")

    def list_permission_sets_provisioned_to_account(self) -> Any:
        """The permission sets that have a role in an account."""
        self.backend.check_instance(self.params["InstanceArn"])
        return self._page("PermissionSets", self.backend.permission_sets_of(self.params["AccountId"]))

    def list_accounts_for_provisioned_permission_set(self) -> Any:
        """The accounts where a permission set has a role."""
        self.backend.check_instance(self.params["InstanceArn"])
        return self._page("AccountIds", self.backend.accounts_of(self.params["PermissionSetArn"]))

    # --- shapes

    def _ask(self, kind: Kind, key: str) -> ActionResult:
        assignment = Assignment(
            self.params["TargetId"],
            self.params["PermissionSetArn"],
            self.params["PrincipalType"],
            self.params["PrincipalId"],
        )
        change = self.backend.ask_for_assignment(kind, self.params["InstanceArn"], assignment)
        return ActionResult({key: change.describe(self.backend.now())})

    def _describe(self, kind: Kind, parameter: str, key: str) -> ActionResult:
        self.backend.check_instance(self.params["InstanceArn"])
        change = self.backend.find_change(kind, self.params[parameter])
        return ActionResult({key: change.describe(self.backend.now())})

    def _list_changes(self, kind: Kind, key: str) -> ActionResult:
        self.backend.check_instance(self.params["InstanceArn"])
        now, wanted = self.backend.now(), (self.params.get("Filter") or {}).get("Status")
        found: list[Change] = [
            change
            for change in self.backend.changes.values()
            if change.kind is kind and wanted in (None, change.status(now))
        ]
        return self._page(key, [change.summarize(now) for change in found])

    def _page(self, key: str, found: Sequence[Any]) -> ActionResult:
        try:
            items, token = page(found, self.params.get("NextToken"), self.params.get("MaxResults"), PAGE)
        except ValueError as error:
            raise Refusal("ValidationException", f"The NextToken is not valid: {error}.") from error
        return ActionResult({key: items} | ({"NextToken": token} if token else {}))


def _describe_assignment(assignment: Assignment) -> dict[str, Any]:
    return {
        "AccountId": assignment.account_id,
        "PermissionSetArn": assignment.permission_set_arn,
        "PrincipalType": assignment.principal_type,
        "PrincipalId": assignment.principal_id,
    }
