"""The organisation's settings that CloudFormation has no resource for: trusted access, delegations, policy types.

A custom resource: CloudFormation calls it and waits for an answer at a signed address. Nothing is taken away again,
because that would detach policies and lose what the delegated administrators hold.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.request import Request, urlopen

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from infra.runtime.lambdas.environment import Environment
from vending.core.aws import Aws
from vending.core.errors import AwsConflict, FreeholdError

logger = Logger()
ANSWER_SECONDS = 10


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Make what is missing, and tell CloudFormation how it went."""
    reason = "Trusted access, delegations and policy types stay as they are."
    status = "SUCCESS"
    if event["RequestType"] != "Delete":
        try:
            reason = settings().make(event["ResourceProperties"])
        except FreeholdError as error:
            status, reason = "FAILED", f"{error.sentence} {error.remedy}"
    answer(event, status, reason, context.aws_request_id)


class Settings:
    """The settings of one organisation."""

    def __init__(self, aws: Aws) -> None:
        self._organizations = aws.client("organizations")

    def make(self, wanted: Mapping[str, Any]) -> str:
        """Make what is missing of `Trusted`, `Delegated` and `PolicyTypes`; says what was made. Raises AwsFailed."""
        made = [
            *self._trust(wanted["Trusted"]),
            *self._delegate(wanted["Delegated"], wanted["PlatformAccount"]),
            *self._enable(wanted["PolicyTypes"]),
        ]
        logger.info("settings made", extra={"made": made})
        return f"Made: {', '.join(made)}." if made else "Everything was there."

    def _trust(self, principals: list[str]) -> list[str]:
        pages = self._organizations.pages("list_aws_service_access_for_organization")
        there = {one["ServicePrincipal"] for page in pages for one in page["EnabledServicePrincipals"]}
        missing = [principal for principal in principals if principal not in there]
        for principal in missing:
            self._organizations.enable_aws_service_access(ServicePrincipal=principal)
        return missing

    def _delegate(self, principals: list[str], account_id: str) -> list[str]:
        made = []
        for principal in principals:
            try:
                self._organizations.register_delegated_administrator(AccountId=account_id, ServicePrincipal=principal)
            except AwsConflict as there:
                if there.aws_code != "AccountAlreadyRegisteredException":
                    raise
                continue
            made.append(f"{principal} to {account_id}")
        return made

    def _enable(self, types: list[str]) -> list[str]:
        root = self._organizations.list_roots()["Roots"][0]
        there = {one["Type"] for one in root["PolicyTypes"]}
        missing = [kind for kind in types if kind not in there]
        for kind in missing:
            self._organizations.enable_policy_type(RootId=root["Id"], PolicyType=kind)
        return missing


def answer(event: Mapping[str, Any], status: str, reason: str, fallback: str) -> None:
    """Put the outcome where CloudFormation waits for it (its user guide, "Custom resource response objects")."""
    body = {
        "Status": status,
        "Reason": reason,
        "PhysicalResourceId": event.get("PhysicalResourceId", fallback),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    sent = json.dumps(body).encode()
    request = Request(event["ResponseURL"], data=sent, method="PUT", headers={"Content-Type": ""})  # noqa: S310
    with urlopen(request, timeout=ANSWER_SECONDS):  # noqa: S310 (CloudFormation's own address)
        logger.info("answered", extra={"status": status})


@cache
def settings() -> Settings:
    """The settings, opened with the first call and kept."""
    environment = Environment.read()
    return Settings(environment.place(environment.company()).aws)
