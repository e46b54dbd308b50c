"""IAM's API where moto's forgets to ask: which alias is deleted."""

from typing import Any

from moto.iam.responses import IamResponse

from infra.local.service import Refusal


class LocalIamResponse(IamResponse):
    """One call to IAM."""

    def delete_account_alias(self) -> Any:
        """The account has no alias any more; NoSuchEntity for one that is not its own."""
        alias = self._get_param("AccountAlias")
        if alias not in self.backend.account_aliases:
            raise Refusal("NoSuchEntity", f"The Account Alias {alias} cannot be found.")
        return super().delete_account_alias()
