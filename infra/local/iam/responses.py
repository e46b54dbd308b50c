"""IAM's API: moto's, with the organisation's root access, root users, and moto's mistakes mended."""

from typing import Any
from urllib.parse import urlsplit

from moto.core.responses import ActionResult

from infra.local.iam.root_access import Feature, check_administrator, features
from infra.local.iam.root_operations import RootUserOperations
from infra.local.organizations.models import organization
from infra.local.service import Refusal


class LocalIamResponse(RootUserOperations):
    """One call to IAM."""

    def delete_account_alias(self) -> Any:
        """The account has no alias any more; NoSuchEntity for one that is not its own."""
        alias = self._get_param("AccountAlias")
        if alias not in self.backend.account_aliases:
            raise Refusal("NoSuchEntity", f"The Account Alias {alias} cannot be found.")
        return super().delete_account_alias()

    def create_open_id_connect_provider(self) -> ActionResult:
        """A provider by an address that begins with https://, as its tokens name it."""
        if urlsplit(self._get_param("Url")).scheme != "https":
            raise Refusal("ValidationError", "Invalid Open ID Connect Provider URL")
        return super().create_open_id_connect_provider()

    def enable_organizations_root_credentials_management(self) -> ActionResult:
        """Administrators manage root users' credentials; accounts made from now on have none."""
        return self._enable(Feature.CREDENTIALS)

    def enable_organizations_root_sessions(self) -> ActionResult:
        """Administrators may call `sts:AssumeRoot`."""
        return self._enable(Feature.SESSIONS)

    def disable_organizations_root_credentials_management(self) -> ActionResult:
        """Administrators manage them no longer."""
        return self._disable(Feature.CREDENTIALS)

    def disable_organizations_root_sessions(self) -> ActionResult:
        """Nobody may call `sts:AssumeRoot` any more."""
        return self._disable(Feature.SESSIONS)

    def list_organizations_features(self) -> ActionResult:
        """What is centralised."""
        check_administrator(self.current_account, enabling=False)
        return _describe_features()

    def _enable(self, feature: Feature) -> ActionResult:
        check_administrator(self.current_account, enabling=True)
        features().add(feature)
        return _describe_features()

    def _disable(self, feature: Feature) -> ActionResult:
        check_administrator(self.current_account, enabling=False)
        features().discard(feature)
        return _describe_features()


def _describe_features() -> ActionResult:
    return ActionResult({"OrganizationId": organization().id, "EnabledFeatures": sorted(features())})
