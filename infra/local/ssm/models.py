"""State of Systems Manager: moto's, with the account's service settings in each region."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from moto.ssm.models import SimpleSystemManagerBackend, ssm_backends

PUBLIC_SHARING = "/ssm/documents/console/public-sharing-permission"
DEFAULTS = {PUBLIC_SHARING: "Enable", "/ssm/parameter-store/high-throughput-enabled": "false"}
"""The settings that are modelled, with what AWS starts them at.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetServiceSetting.html, read 2026-11-25.
"""
VALUES = {PUBLIC_SHARING: ("Enable", "Disable"), "/ssm/parameter-store/high-throughput-enabled": ("true", "false")}


@dataclass(frozen=True, slots=True)
class Choice:
    """What an account has set."""

    value: str
    at: datetime


class LocalSsmBackend(SimpleSystemManagerBackend):
    """Systems Manager of one account and region."""

    @cached_property
    def service_settings(self) -> dict[str, Choice]:
        """By setting; what is not here is as AWS started it."""
        return {}


__all__ = ["LocalSsmBackend", "ssm_backends"]

ssm_backends.backend = LocalSsmBackend
