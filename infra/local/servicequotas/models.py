"""State of Service Quotas: moto's, with the quota that the cloud itself enforces on accounts.

Organizations' quotas are read in us-east-1 alone (Organizations user guide, Quotas; read 2026-11-25).
"""

from typing import Any

from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.models import ServiceQuotasBackend, servicequotas_backends

from infra.local.cloud import current

ORGANIZATIONS = "organizations"
ACCOUNTS = "L-E619E033"
"""Code of "Default maximum number of accounts"; AWS's guide warns that codes may change, and the name does not."""
HOME = "us-east-1"


class LocalServiceQuotasBackend(ServiceQuotasBackend):
    """Service Quotas of one account and region."""

    def get_service_quota(self, service_code: str, quota_code: str) -> dict[str, Any]:
        """A quota as it is applied."""
        if service_code != ORGANIZATIONS:
            return super().get_service_quota(service_code, quota_code)
        if quota_code != ACCOUNTS or self.region_name != HOME:
            raise NoSuchResource
        return {
            "ServiceCode": ORGANIZATIONS,
            "ServiceName": "AWS Organizations",
            "QuotaArn": f"arn:aws:servicequotas:{HOME}:{self.account_id}:{ORGANIZATIONS}/{ACCOUNTS}",
            "QuotaCode": ACCOUNTS,
            "QuotaName": "Default maximum number of accounts",
            "Value": current().limits.value("organizations.accounts"),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": True,
        }


__all__ = ["LocalServiceQuotasBackend", "servicequotas_backends"]

servicequotas_backends.backend = LocalServiceQuotasBackend
