"""AWS's own managed policies, such as AdministratorAccess, in every account of the cloud."""

import json
from collections import ChainMap
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend, ManagedPolicy


def share_aws_managed_policies() -> None:
    """Make AWS's own managed policies exist in every account.

    moto can load them, but a copy for each account, which a large organisation has no memory for. Here all accounts
    see the same ones, parsed when first asked for. It counts for accounts first seen after the call.
    """
    setattr(IAMBackend, "_init_managed_policies", _account_policies)  # noqa: B010 - moto offers no other way in


def _account_policies(_: IAMBackend) -> ChainMap[str, ManagedPolicy]:
    return ChainMap({}, _Published())  # type: ignore[arg-type] # ChainMap only reads from the maps behind the first


class _Published(Mapping[str, ManagedPolicy]):
    """AWS's managed policies by ARN, as published with moto."""

    def __getitem__(self, arn: str) -> ManagedPolicy:
        return published()[arn]

    def __contains__(self, arn: object) -> bool:
        return isinstance(arn, str) and arn.startswith("arn:aws:iam::aws:") and arn in published()

    def __iter__(self) -> Iterator[str]:
        return iter(published())

    def __len__(self) -> int:
        return len(published())


@cache
def published() -> dict[str, ManagedPolicy]:
    """AWS's managed policies by ARN, as moto brings them along; parsed once."""
    data: dict[str, Any] = json.loads(aws_managed_policies_data)
    made = (AWSManagedPolicy.from_data(name, "aws", "aws", about) for name, about in data.items())
    return {policy.arn: policy for policy in made}
