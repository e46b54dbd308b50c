"""The API of the access portal, shaped by botocore's model. Calls are not signed: a token says who calls."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

from infra.local.service import Refusal, ServiceResponse, page
from infra.local.shape import Violation
from infra.local.sso.models import SSOBackend, sso_backends

PAGE = 100
Answer = tuple[int, dict[str, str | int], str]
NO_ACCESS: Answer = (
    403,
    {"status": 403, "x-amzn-ErrorType": "ForbiddenException", "Content-Type": "application/json"},
    '{"message": "No access"}',
)
"""What AWS answers a caller without an assignment. botocore's model does not have it, so moto cannot shape it."""


class SSOResponse(ServiceResponse):
    """One call to the access portal."""

    service: ClassVar[str] = "sso"
    throttled: ClassVar[tuple[str, str]] = ("TooManyRequestsException", "Rate exceeded")

    @property
    def backend(self) -> SSOBackend:
        """The portal."""
        backend: SSOBackend = sso_backends[self.cloud.management_account_id][self.cloud.home_region]
        return backend

    def invalid(self, violation: Violation) -> ServiceException:
        """InvalidRequestException."""
        return Refusal("InvalidRequestException", violation.sentence)

    @property
    def username(self) -> str:
        """Who calls."""
        return self.backend.username(self.params["accessToken"])

    def list_accounts(self) -> ActionResult:
        """The accounts the caller can enter."""
        accounts = [
            {"accountId": account.id, "accountName": account.name, "emailAddress": account.email}
            for account in self.backend.accounts(self.username)
        ]
        return self._page("accountList", accounts)

    def list_account_roles(self) -> ActionResult:
        """The permission sets the caller holds in an account."""
        account_id = self.params["accountId"]
        roles = [{"roleName": name, "accountId": account_id} for name in self.backend.roles(self.username, account_id)]
        return self._page("roleList", roles)

    def get_role_credentials(self) -> ActionResult | Answer:
        """Temporary credentials; they expire in real time, as every token here does."""
        session = self.backend.assume(self.username, self.params["accountId"], self.params["roleName"])
        if session is None:
            return NO_ACCESS
        expiration = datetime.now(UTC) + session.lasts
        return ActionResult(
            {
                "roleCredentials": {
                    "accessKeyId": session.access_key,
                    "secretAccessKey": session.secret_key,
                    "sessionToken": session.token,
                    "expiration": int(expiration.timestamp() * 1000),
                }
            }
        )

    def _page(self, key: str, found: Sequence[Any]) -> ActionResult:
        try:
            items, token = page(found, self.params.get("nextToken"), self.params.get("maxResults"), PAGE)
        except ValueError as error:
            raise Refusal("InvalidRequestException", f"The next_token is not valid: {error}.") from error
        return ActionResult({key: items} | ({"nextToken": token} if token else {}))
