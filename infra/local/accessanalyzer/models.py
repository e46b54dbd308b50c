"""State of Access Analyzer: the analyzers of an account in a region."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from moto.core.base_backend import BackendDict

from infra.local.organizations.entities import AccountState
from infra.local.organizations.models import organizations
from infra.local.service import Refusal, ServiceBackend

PRINCIPAL = "access-analyzer.amazonaws.com"
MODELLED = ("ACCOUNT", "ORGANIZATION")
"""The analyzers of external access; those of unused and internal access are not modelled."""


@dataclass(frozen=True, slots=True)
class Analyzer:
    """One analyzer of external access."""

    name: str
    arn: str
    type: str
    created: datetime
    tags: dict[str, str] = field(default_factory=dict)


class AccessAnalyzerBackend(ServiceBackend):
    """Access Analyzer of one account and region."""

    @cached_property
    def analyzers(self) -> dict[str, Analyzer]:
        """By name."""
        return {}

    def create(self, name: str, kind: str, tags: dict[str, str]) -> Analyzer:
        """A new analyzer.

        Raises:
            Refusal: ConflictException for a name in use, ServiceQuotaExceededException where there is one of the type
                already, ValidationException where the account does not administer the organisation.
        """
        if kind not in MODELLED:
            raise NotImplementedError(kind)
        if name in self.analyzers:
            raise Refusal("ConflictException", "Analyzer already exists.", resourceId=name, resourceType="analyzer")
        if kind == "ORGANIZATION" and not self._administers():
            raise Refusal(
                "ValidationException",
                "The account is neither the management account nor the delegated administrator of the organization.",
                reason="other",
            )
        self._check_quota(kind)
        arn = f"arn:aws:access-analyzer:{self.region_name}:{self.account_id}:analyzer/{name}"
        made = self.analyzers[name] = Analyzer(name, arn, kind, self.now(), tags)
        return made

    def find(self, name: str) -> Analyzer:
        """One analyzer by name or ARN; ResourceNotFoundException."""
        found = self.analyzers.get(name.rpartition("/")[2])
        if found is None:
            raise Refusal("ResourceNotFoundException", "Analyzer not found.", resourceId=name, resourceType="analyzer")
        return found

    def zone(self, analyzer: Analyzer) -> frozenset[str]:
        """The account ids whose access is no finding: the zone of trust."""
        if analyzer.type == "ACCOUNT":
            return frozenset({self.account_id})
        members = organizations().organization.accounts
        return frozenset(account.id for account in members if account.state is not AccountState.CLOSED)

    def _check_quota(self, kind: str) -> None:
        here = sum(analyzer.type == kind for analyzer in self.analyzers.values())
        name = f"accessanalyzer.{kind}"
        if self.cloud.limits.exceeded(name, here + 1):
            most = self.cloud.limits.count(name)
            told: dict[str, Any] = {"resourceId": "analyzer", "resourceType": f"{kind} analyzers: {most} a Region"}
            raise Refusal("ServiceQuotaExceededException", "The maximum number of analyzers was exceeded.", **told)

    def _administers(self) -> bool:
        state = organizations()
        delegate = state.delegations.delegates.get(self.account_id)
        trusted = PRINCIPAL in state.organization.service_access
        management = self.account_id == state.organization.management_account_id
        return trusted and (management or (delegate is not None and PRINCIPAL in delegate.services))


accessanalyzer_backends = BackendDict(AccessAnalyzerBackend, "accessanalyzer")
