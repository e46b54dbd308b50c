"""The API of AWS Account Management, shaped by botocore's model."""

from typing import Any, ClassVar

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult

from infra.local.account.models import AccountBackend, account_backends
from infra.local.organizations.entities import Account, AccountState
from infra.local.organizations.models import organizations
from infra.local.service import Refusal, ServiceResponse, page
from infra.local.shape import Violation

PAGE = 50
CONTACT_FIELDS = ("AlternateContactType", "Name", "Title", "EmailAddress", "PhoneNumber")
TRUSTED = "account.amazonaws.com"


class AccountResponse(ServiceResponse):
    """One call to AWS Account Management."""

    service: ClassVar[str] = "account"
    throttled: ClassVar[tuple[str, str]] = ("TooManyRequestsException", "Rate exceeded")

    def invalid(self, violation: Violation) -> ServiceException:
        """ValidationException with the field."""
        field = {"name": violation.path, "message": violation.sentence}
        return Refusal("ValidationException", violation.sentence, reason="fieldValidationFailed", fieldList=[field])

    def get_account_information(self) -> ActionResult:
        """Name, id, creation date and state."""
        account = self._account()
        pending = account.state is AccountState.PENDING_CLOSURE
        return ActionResult(
            {
                "AccountId": account.id,
                "AccountName": account.name,
                "AccountCreatedDate": account.joined,
                "AccountState": AccountState.ACTIVE.value if pending else account.state.value,
            }
        )

    def put_account_name(self) -> ActionResult:
        """Another name, which Organizations shows too."""
        self._account().name = self.params["AccountName"]
        return EmptyResult()

    def put_alternate_contact(self) -> ActionResult:
        """The contact of a type."""
        contact = {name: self.params[name] for name in CONTACT_FIELDS}
        self._state().alternate_contacts[contact["AlternateContactType"]] = contact
        return EmptyResult()

    def get_alternate_contact(self) -> ActionResult:
        """The contact of a type; ResourceNotFoundException where there is none."""
        return ActionResult({"AlternateContact": self._contact()})

    def delete_alternate_contact(self) -> ActionResult:
        """No contact of that type any more; ResourceNotFoundException where there was none."""
        del self._state().alternate_contacts[self._contact()["AlternateContactType"]]
        return EmptyResult()

    def put_contact_information(self) -> ActionResult:
        """The primary contact."""
        state = self._state()
        state.contact_information.clear()
        state.contact_information.update(self.params["ContactInformation"])
        return EmptyResult()

    def get_contact_information(self) -> ActionResult:
        """The primary contact; ResourceNotFoundException until it is given."""
        contact = self._state().contact_information
        if not contact:
            raise Refusal("ResourceNotFoundException", "No contact information found.")
        return ActionResult({"ContactInformation": contact})

    def list_regions(self) -> ActionResult:
        """Every region and whether it can be used."""
        wanted = self.params.get("RegionOptStatusContains")
        found = [
            {"RegionName": name, "RegionOptStatus": status.value}
            for name, status in self._state().regions.statuses().items()
            if not wanted or status in wanted
        ]
        try:
            regions, token = page(found, self.params.get("NextToken"), self.params.get("MaxResults"), PAGE)
        except ValueError as error:
            raise Refusal("ValidationException", str(error), reason="fieldValidationFailed") from error
        return ActionResult({"Regions": regions} | ({"NextToken": token} if token else {}))

    def get_region_opt_status(self) -> ActionResult:
        """Whether one region can be used."""
        region = self.params["RegionName"]
        status = self._state().regions.status(region)
        return ActionResult({"RegionName": region, "RegionOptStatus": status.value})

    def enable_region(self) -> ActionResult:
        """Begin to switch a region on."""
        state = self._state()
        self._check_organisation_wide()
        state.regions.enable(self.params["RegionName"])
        return EmptyResult()

    def disable_region(self) -> ActionResult:
        """Begin to switch a region off."""
        state = self._state()
        self._check_organisation_wide()
        state.regions.disable(self.params["RegionName"])
        return EmptyResult()

    def get_primary_email(self) -> ActionResult:
        """The address of the root user."""
        return ActionResult({"PrimaryEmail": self._account().email})

    def start_primary_email_update(self) -> ActionResult:
        """Send a code to a new address."""
        status = self._state().primary_email.start(
            organizations().organization, self._account(), self.params["PrimaryEmail"]
        )
        return ActionResult({"Status": status.value})

    def accept_primary_email_update(self) -> ActionResult:
        """Confirm the new address with the code."""
        status = self._state().primary_email.accept(
            organizations().organization, self._account(), self.params["PrimaryEmail"], self.params["Otp"]
        )
        return ActionResult({"Status": status.value})

    def get_primary_email_update_status(self) -> ActionResult:
        """Where the most recent update is; ResourceNotFoundException where there was none."""
        email = self._state().primary_email
        if email.status is None:
            raise Refusal("ResourceNotFoundException", "There is no update of the primary email address.")
        return ActionResult({"Status": email.status.value, "UpdatedAt": email.updated})

    def _state(self) -> AccountBackend:
        return account_backends[self._account_id()]["aws"]

    def _account(self) -> Account:
        return organizations().organization.account(self._account_id())

    def _account_id(self) -> str:
        """Whose settings: the caller's own, or those of a member the caller administers."""
        named: Any = self.params.get("AccountId")
        if named is None:
            return self.current_account
        if not self._administers(named):
            raise Refusal(
                "AccessDeniedException",
                f"User: {self.current_account} is not authorized to access account {named}.",
            )
        return str(named)

    def _administers(self, account_id: str) -> bool:
        """The management account may not name itself, a member may not name anybody."""
        state = organizations()
        management = state.organization.management_account_id
        delegate = state.delegations.delegates.get(self.current_account)
        administrator = self.current_account == management or (delegate is not None and TRUSTED in delegate.services)
        member = account_id != management and account_id in {a.id for a in state.organization.accounts}
        return administrator and member and TRUSTED in state.organization.service_access

    def _check_organisation_wide(self) -> None:
        changing = sum(backend.regions.changing() for _, _, backend in _backends())
        most = self.cloud.limits.count("account.region_changes_in_organization")
        if self.cloud.limits.enforced and changing >= most:
            raise Refusal("TooManyRequestsException", f"No more than {most} region-opt requests can be in progress.")

    def _contact(self) -> dict[str, str]:
        found = self._state().alternate_contacts.get(self.params["AlternateContactType"])
        if found is None:
            raise Refusal("ResourceNotFoundException", "No contact of the inputted alternate contact type found.")
        return found


def _backends() -> list[tuple[str, str, Any]]:
    return list(account_backends.iter_backends())
