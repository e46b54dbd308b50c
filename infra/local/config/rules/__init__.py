"""The managed rules the local cloud evaluates, by their identifiers, one file a group."""

from collections.abc import Mapping

from infra.local.config.rule import ManagedRule
from infra.local.config.rules import account, compute, database, exposure, identity, keys, network, s3, tags, trail

MANAGED_RULES: Mapping[str, ManagedRule] = {
    rule.identifier: rule
    for group in (account, compute, database, exposure, identity, keys, network, s3, tags, trail)
    for rule in group.RULES
}
