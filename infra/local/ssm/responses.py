"""Systems Manager's API where moto lacks it: service settings."""

from typing import Any, cast

from moto.core.responses import ActionResult, EmptyResult
from moto.ssm.responses import SimpleSystemManagerResponse

from infra.local.cloud import current
from infra.local.service import Refusal
from infra.local.ssm.models import DEFAULTS, PUBLIC_SHARING, VALUES, Choice, LocalSsmBackend


class LocalSsmResponse(SimpleSystemManagerResponse):
    """One call to Systems Manager."""

    @property
    def choices(self) -> dict[str, Choice]:
        """What the account has set in this region."""
        return cast("LocalSsmBackend", self.ssm_backend).service_settings

    def get_service_setting(self) -> ActionResult:
        """One setting, and when it was changed."""
        return ActionResult({"ServiceSetting": self._setting(self._named())})

    def update_service_setting(self) -> ActionResult:
        """Set it to one of its values."""
        name, value = self._named(), self._get_param("SettingValue")
        if value not in VALUES[name]:
            allowed = ", ".join(VALUES[name])
            raise Refusal("ValidationException", f"The setting value for {name} is one of: {allowed}.")
        self.choices[name] = Choice(value, current().clock.now())
        return EmptyResult()

    def reset_service_setting(self) -> ActionResult:
        """Back to what AWS started it at."""
        name = self._named()
        self.choices.pop(name, None)
        return ActionResult({"ServiceSetting": self._setting(name)})

    def modify_document_permission(self) -> Any:
        """Share a document; how AWS refuses to share one with everybody where that is blocked is not documented.

        Raises:
            NotImplementedError: for `all` while public sharing is off.
        """
        chosen = self.choices.get(PUBLIC_SHARING)
        if chosen and chosen.value == "Disable" and "all" in (self._get_param("AccountIdsToAdd") or []):
            raise NotImplementedError
        return super().modify_document_permission()

    def _named(self) -> str:
        """The setting's name without the ARN before it; ServiceSettingNotFound."""
        given = str(self._get_param("SettingId") or "")
        name = given.partition(":servicesetting")[2] or given
        if name not in DEFAULTS:
            raise Refusal("ServiceSettingNotFound", f"The setting {given} was not found.")
        return name

    def _setting(self, name: str) -> dict[str, Any]:
        chosen = self.choices.get(name)
        known: dict[str, Any] = {
            "SettingId": name,
            "SettingValue": chosen.value if chosen else DEFAULTS[name],
            "ARN": f"arn:aws:ssm:{self.region}:{self.current_account}:servicesetting{name}",
            "Status": "Customized" if chosen else "Default",
        }
        return known | ({"LastModifiedDate": chosen.at} if chosen else {})
