"""What the organisation holds an account to: the SCPs and RCPs on its path, and the facts it adds to a call."""

from dataclasses import dataclass

from infra.local.authorize.context import Context
from infra.local.authorize.documents import Document
from infra.local.organizations.entities import Account, Policy, Target
from infra.local.organizations.models import organization
from infra.local.organizations.organization import Organization, is_open

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


@dataclass(frozen=True, slots=True)
class Covenants:
    """The organisation as authorisation sees it."""

    organization: Organization

    @classmethod
    def current(cls) -> "Covenants":
        """Of this process's cloud."""
        return cls(organization())

    def levels(self, account_id: str, policy_type: str) -> tuple[tuple[Document, ...], ...]:
        """The policies of one type from the root down to the account; none for the management account, for an
        account from elsewhere, and while the type is not enabled."""
        target = self._member(account_id)
        if target is None or policy_type not in self.organization.root.policy_types:
            return ()
        return tuple(
            tuple(_document(policy) for policy in step.policies if policy.type == policy_type)
            for step in target.lineage()
        )

    def facts_of_principal(self, account_id: str) -> Context:
        """`aws:PrincipalOrgID` and `aws:PrincipalOrgPaths`."""
        return self._facts(account_id, "aws:Principal")

    def facts_of_resource(self, account_id: str) -> Context:
        """`aws:ResourceAccount`, `aws:ResourceOrgID` and `aws:ResourceOrgPaths`."""
        return {"aws:ResourceAccount": account_id, **self._facts(account_id, "aws:Resource")}

    def facts_of_source(self, account_id: str) -> Context:
        """`aws:SourceOrgID` and `aws:SourceOrgPaths`: where the account is that a service works for."""
        return self._facts(account_id, "aws:Source")

    def tags_of(self, arn: str) -> Context:
        """`aws:ResourceTag` of an account, OU, root or policy of the organisation."""
        if ":organizations:" not in arn:
            return {}
        target_id = arn.rpartition("/")[2]
        found = self.organization.targets.get(target_id) or self.organization.policies.get(target_id)
        return {f"aws:ResourceTag/{key}": value for key, value in found.tags.items()} if found else {}

    def arn_of(self, target_id: str) -> str | None:
        """ARN of an account, OU, root or policy by its id."""
        found = self.organization.targets.get(target_id) or self.organization.policies.get(target_id)
        return found.arn if found else None

    def is_closed(self, account_id: str) -> bool:
        """Whether the account belongs to the organisation and nobody can act in it any more."""
        account = self.organization.targets.get(account_id)
        return isinstance(account, Account) and not is_open(account)

    def _member(self, account_id: str) -> Target | None:
        if account_id == self.organization.management_account_id:
            return None
        return self.organization.targets.get(account_id)

    def _facts(self, account_id: str, prefix: str) -> Context:
        target = self.organization.targets.get(account_id)
        if target is None or target.parent is None:
            return {}
        return {
            f"{prefix}OrgID": self.organization.id,
            f"{prefix}OrgPaths": [self.organization.path_of(target.parent)],
        }


def _document(policy: Policy) -> Document:
    return Document(policy.arn, policy.content)
