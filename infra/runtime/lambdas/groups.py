"""Signing in: the names of a person's groups go into their tokens.

Identity Center hands groups over by id; the company file, and everything that reads a token, knows them by name.
Cognito calls this before it makes the tokens (its developer guide, "Pre token generation Lambda trigger", version 2).
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from infra.runtime.lambdas.environment import Environment
from vending.core.aws import Aws
from vending.core.errors import AwsMissing

logger = Logger()
GROUPS = "custom:groups"
NAME = "preferred_username"


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Cognito's event in, the same event out with what the tokens are to say."""
    attributes = event["request"]["userAttributes"]
    names = tuple(directory().names(read_ids(attributes.get(GROUPS, ""))))
    known = {name: attributes[name] for name in (NAME, "name") if name in attributes}
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "accessTokenGeneration": {"claimsToAddOrOverride": known},
        "idTokenGeneration": {"claimsToAddOrOverride": known},
        "groupOverrideDetails": {"groupsToOverride": list(names)},
    }
    return event


def read_ids(attribute: str) -> tuple[str, ...]:
    """Several values arrive in one attribute, in brackets: `[a, b]`; one alone as it is."""
    inner = attribute.strip().removeprefix("[").removesuffix("]")
    return tuple(part.strip() for part in inner.split(",") if part.strip())


class Directory:
    """The groups of Identity Center."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._names: dict[str, str] = {}
        self._store = str(aws.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"])

    def names(self, ids: Iterable[str]) -> Iterator[str]:
        """The names of groups; an id that no group has is left out. Raises AwsFailed."""
        for group_id in ids:
            if group_id not in self._names:
                try:
                    found = self._aws.client("identitystore").describe_group(
                        IdentityStoreId=self._store, GroupId=group_id
                    )
                except AwsMissing:
                    logger.warning("no such group", extra={"group": group_id})
                    continue
                self._names[group_id] = str(found["DisplayName"])
            yield self._names[group_id]


@cache
def directory() -> Directory:
    """The directory, found with the first call and kept."""
    environment = Environment.read()
    return Directory(environment.place(environment.company()).aws)
