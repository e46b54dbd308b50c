"""State of IAM: moto's, with aliases that one account in the world has."""

import re
from typing import cast

from moto.iam.models import IAMBackend, iam_backends

from infra.local.service import Refusal

_ALIAS = re.compile(r"(?!\d{12}$)[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]")
"""Of the API reference (CreateAccountAlias); the user guide adds that it is not twelve digits."""


class LocalIAMBackend(IAMBackend):
    """IAM of one account."""

    def create_account_alias(self, alias: str) -> None:
        """The account's one alias, in the place of the last; EntityAlreadyExists where any account has it."""
        if not _ALIAS.fullmatch(alias):
            raise Refusal(
                "ValidationError",
                f"1 validation error detected: Value '{alias}' at 'accountAlias' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
            )
        everywhere = (cast("IAMBackend", backend) for _, _, backend in iam_backends.iter_backends())
        if any(alias in backend.account_aliases for backend in everywhere):
            raise Refusal("EntityAlreadyExists", f"The account alias {alias} already exists.")
        super().create_account_alias(alias)


__all__ = ["LocalIAMBackend", "iam_backends"]

iam_backends.backend = LocalIAMBackend
