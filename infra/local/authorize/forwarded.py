"""Calls that a service makes in its caller's name: forward access sessions.

Each is judged as the caller's own would be, with `aws:ViaAWSService` and `aws:CalledVia` added. The caller's address is
kept: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-ip.html
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from moto.core.request import Request
from werkzeug.datastructures import Headers

from infra.local.authorize.context import Context, facts_of_caller, requested_region, time_facts
from infra.local.authorize.covenants import Covenants
from infra.local.authorize.judge import Judge
from infra.local.authorize.parameters import Mentions
from infra.local.authorize.principals import Principal, find_role
from infra.local.authorize.services import Errand, write_down
from infra.local.call import Call
from infra.local.cloud import current


@dataclass(frozen=True, slots=True)
class Forwarded:
    """In whose name a service acts, and which service it is."""

    principal: Principal
    service: str
    """Its principal, such as `cloudformation.amazonaws.com`."""

    region: str
    facts: Context
    """What the caller's own request said of where it came from."""

    def refusal(self, service: str, operation: str, parameters: Mapping[str, Any]) -> str | None:
        """Why a call may not be made, in AWS's words; None where it may."""
        call, now, covenants = Call(service, operation, self.region, None), current().clock.now(), Covenants.current()
        common: Context = {
            **self.facts,
            **time_facts(now),
            "aws:RequestedRegion": requested_region(call),
            "aws:SecureTransport": "true",
            "aws:ViaAWSService": "true",
            "aws:CalledVia": [self.service],
            "aws:CalledViaFirst": self.service,
            "aws:CalledViaLast": self.service,
        }
        for verdict in Judge(self.principal, covenants).weigh(call, Headers(), Mentions(parameters), common):
            if message := write_down(self.principal, service, operation, verdict, now):
                return message
        return None


_CALLER: ContextVar[tuple[Principal, Request] | None] = ContextVar("caller", default=None)


def introduce(principal: Principal, request: Request) -> None:
    """Say who makes the call that is being answered."""
    _CALLER.set((principal, request))


def in_callers_name(service: str, region: str) -> Forwarded:
    """For whoever makes the call that is being answered."""
    caller = _CALLER.get()
    if caller is None:
        raise RuntimeError("nobody calls: a service acts in somebody's name while it answers")
    principal, request = caller
    return Forwarded(principal, service, region, facts_of_caller(request))


def in_roles_name(role_arn: str, session: str, service: str, region: str) -> Forwarded | None:
    """As a role that trusts the service; None where there is no such role, or it does not trust it."""
    role = find_role(role_arn)
    if role is None:
        return None
    account, name = role_arn.split(":")[4], str(role.name)
    if Errand(service, account, role_arn, region).refusal("sts:AssumeRole", role_arn) is not None:
        return None
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
    return Forwarded(Principal(account, arn, role), service, region, {})
