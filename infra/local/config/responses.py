"""Config's operations: moto's where they are right, ours for evaluations, the organisation and the aggregator."""

from infra.local.config.account_operations import AccountOperations
from infra.local.config.aggregator_operations import AggregatorOperations
from infra.local.config.organization_operations import OrganizationOperations
from infra.local.config.pack_operations import PackOperations


class LocalConfigResponse(AggregatorOperations, OrganizationOperations, PackOperations, AccountOperations):
    """Answers a call to Config."""
