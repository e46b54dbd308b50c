"""Calls that services of the cloud make themselves, on behalf of one account on a resource of perhaps another.

Such a call is judged by the resource's policy and the RCPs on its owner's path; no SCP binds a service. It says for
whom it is made: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from dataclasses import dataclass
from datetime import datetime

from infra.local.authorize.context import Context, facts_of_principal, time_facts
from infra.local.authorize.covenants import Covenants
from infra.local.authorize.denials import sentence
from infra.local.authorize.journal import JOURNAL, entry_of
from infra.local.authorize.judge import Judge, Verdict
from infra.local.authorize.principals import Principal, find_role
from infra.local.cloud import current


@dataclass(frozen=True, slots=True)
class Errand:
    """A service sent by somebody."""

    service: str
    """Its principal, such as `config.amazonaws.com`."""

    source_account: str
    source_arn: str
    """What in that account it is sent by."""

    region: str

    def refusal(self, action: str, resource: str) -> str | None:
        """Why it may not, in AWS's words; None where it may."""
        covenants = Covenants.current()
        facts = {
            "aws:SourceAccount": self.source_account,
            "aws:SourceArn": self.source_arn,
            **covenants.facts_of_source(self.source_account),
        }
        return _refusal(Principal("", self.service, None, facts=facts), action, resource, self.region)


def refusal_of_role(role_arn: str, session: str, action: str, resource: str, region: str) -> str | None:
    """Why a role that a service has taken on may not, in AWS's words; None where it may."""
    role = find_role(role_arn)
    if role is None:
        return f"{role_arn} is not there."
    account, name = role_arn.split(":")[4], str(role.name)
    principal = Principal(account, f"arn:aws:sts::{account}:assumed-role/{name}/{session}", role)
    return _refusal(principal, action, resource, region)


def _refusal(principal: Principal, action: str, resource: str, region: str) -> str | None:
    now, covenants = current().clock.now(), Covenants.current()
    common: Context = {
        **time_facts(now),
        **facts_of_principal(principal),
        **covenants.facts_of_principal(principal.account),
        "aws:RequestedRegion": region,
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
    }
    verdict = Judge(principal, covenants).verdict(action, resource, common)
    service, _, operation = action.partition(":")
    return write_down(principal, service, operation, verdict, now)


def write_down(principal: Principal, service: str, operation: str, verdict: Verdict, now: datetime) -> str | None:
    """Put a verdict into the journal; why the call may not go on, None where it may."""
    because = verdict.because
    message = sentence(principal.arn, verdict.action, verdict.resource, because) if because else None
    JOURNAL.add(entry_of(principal, service, operation, verdict, now, message))
    return message
