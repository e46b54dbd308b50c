"""Every kind of policy together, as AWS documents it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from typing import Any

import pytest

from guardrails.evaluator import Allowed, Call, Decision, Denied, Grants, Kind, Policy, Unknown, authorize, parse_policy
from tests.guardrails.evaluator.table import ACCOUNT, FULL_ACCESS, ROLE, USER, Json, allow, deny, policy

OTHER = "444455556666"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/developer/ada"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ABROAD = f"arn:aws:iam::{OTHER}:role/visitor"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"

EVERYTHING = parse_policy(FULL_ACCESS, Kind.IDENTITY)
NOTHING_MUCH = parse_policy(policy(allow("ec2:*")), Kind.IDENTITY)
NO_SQS = parse_policy(policy(deny("sqs:*")), Kind.IDENTITY)
BOUNDARY = parse_policy(policy(allow("sqs:*")), Kind.BOUNDARY)
TIGHT_BOUNDARY = parse_policy(policy(allow("s3:*")), Kind.BOUNDARY)
TIGHT_SESSION = parse_policy(policy(allow("s3:*")), Kind.SESSION)


def to(principal: Any, **more: Any) -> Policy:
    """A queue policy that lets these send."""
    return parse_policy(policy(allow("sqs:SendMessage", QUEUE, Principal=principal, **more)), Kind.RESOURCE)


def send(principal: str, **context: str) -> Call:
    """Send a message to the queue."""
    return Call(principal, "sqs:SendMessage", QUEUE, context)


def kind_of(decision: Decision) -> Kind | None:
    """Which kind of policy denied; None where the call is allowed."""
    assert not isinstance(decision, Unknown)
    return decision.because.kind if isinstance(decision, Denied) else None


def test_nothing_allows_by_default() -> None:
    assert kind_of(authorize(send(ROLE), Grants())) is Kind.IDENTITY


def test_an_identity_policy_allows() -> None:
    assert authorize(send(ROLE), Grants([NOTHING_MUCH, EVERYTHING])) == Allowed()


def test_a_deny_in_any_identity_policy_wins() -> None:
    decision = authorize(send(ROLE), Grants([EVERYTHING, NO_SQS]))

    assert isinstance(decision, Denied)
    assert (decision.because.kind, decision.because.policy, decision.because.statement) == (Kind.IDENTITY, 1, 0)


def test_the_boundary_must_allow_as_well() -> None:
    assert authorize(send(ROLE), Grants([EVERYTHING], BOUNDARY)) == Allowed()
    assert kind_of(authorize(send(ROLE), Grants([EVERYTHING], TIGHT_BOUNDARY))) is Kind.BOUNDARY


def test_a_boundary_alone_grants_nothing() -> None:
    assert kind_of(authorize(send(ROLE), Grants([], BOUNDARY))) is Kind.IDENTITY


def test_a_session_policy_must_allow_as_well() -> None:
    assert kind_of(authorize(send(SESSION), Grants([EVERYTHING], session=[TIGHT_SESSION]))) is Kind.SESSION


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ROLE}, {"AWS": [USER, ROLE]}])
def test_within_an_account_the_resource_policy_is_enough(principal: Any) -> None:
    assert authorize(send(ROLE), Grants(resource=to(principal))) == Allowed()


@pytest.mark.parametrize("principal", [{"AWS": ACCOUNT}, {"AWS": ROOT}])
def test_naming_the_account_leaves_it_to_its_identity_policies(principal: Any) -> None:
    assert kind_of(authorize(send(ROLE), Grants(resource=to(principal)))) is Kind.IDENTITY
    assert authorize(send(ROLE), Grants([EVERYTHING], resource=to(principal))) == Allowed()


@pytest.mark.parametrize("principal", [{"AWS": USER}, {"AWS": OTHER}, {"Service": "sns.amazonaws.com"}])
def test_naming_others_is_not_naming_the_caller(principal: Any) -> None:
    assert kind_of(authorize(send(ROLE), Grants(resource=to(principal)))) is Kind.IDENTITY


def test_a_resource_policy_gives_a_role_no_more_than_its_boundary() -> None:
    assert kind_of(authorize(send(ROLE), Grants([], TIGHT_BOUNDARY, resource=to({"AWS": ROLE})))) is Kind.BOUNDARY


def test_a_resource_policy_that_names_the_session_does() -> None:
    grants = Grants([], TIGHT_BOUNDARY, [TIGHT_SESSION], resource=to({"AWS": SESSION}))

    assert authorize(send(SESSION), grants) == Allowed()


def test_a_resource_policy_for_everybody_does() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-role-session"""
    grants = Grants([], TIGHT_BOUNDARY, resource=to("*", Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}))

    assert authorize(send(ROLE), grants) == Allowed()


def test_a_resource_policy_that_names_the_user_does() -> None:
    assert authorize(send(USER), Grants([], TIGHT_BOUNDARY, resource=to({"AWS": USER}))) == Allowed()


def test_the_role_of_a_session_is_named_with_its_path() -> None:
    call = send(SESSION, **{"aws:PrincipalArn": ROLE})

    assert authorize(call, Grants(resource=to({"AWS": ROLE}))) == Allowed()


def test_a_deny_in_the_resource_policy_wins() -> None:
    closed = parse_policy(policy(deny("sqs:*", QUEUE, Principal="*")), Kind.RESOURCE)

    assert kind_of(authorize(send(ROLE), Grants([EVERYTHING], resource=closed))) is Kind.RESOURCE


def test_not_principal_denies_all_but_the_named() -> None:
    closed = parse_policy(policy(deny("sqs:*", QUEUE, NotPrincipal={"AWS": [ROLE, ROOT]})), Kind.RESOURCE)

    assert authorize(send(ROLE), Grants([EVERYTHING], resource=closed)) == Allowed()
    assert kind_of(authorize(send(USER), Grants([EVERYTHING], resource=closed))) is Kind.RESOURCE


def test_from_another_account_both_must_allow() -> None:
    assert kind_of(authorize(send(ABROAD), Grants([EVERYTHING]))) is Kind.RESOURCE
    assert kind_of(authorize(send(ABROAD), Grants(resource=to({"AWS": ABROAD})))) is Kind.IDENTITY
    assert authorize(send(ABROAD), Grants([EVERYTHING], resource=to({"AWS": OTHER}))) == Allowed()


def test_a_bucket_has_its_account_from_the_call() -> None:
    call = Call(ROLE, "s3:GetObject", "arn:aws:s3:::bucket/key", resource_account=OTHER)

    assert kind_of(authorize(call, Grants([EVERYTHING]))) is Kind.RESOURCE


def test_the_root_needs_no_policy_in_its_own_account() -> None:
    assert authorize(send(ROOT), Grants()) == Allowed()
    assert kind_of(authorize(send(f"arn:aws:iam::{OTHER}:root"), Grants())) is Kind.RESOURCE


def test_the_root_is_bound_by_scps() -> None:
    levels = [[parse_policy(FULL_ACCESS), parse_policy(policy(deny("sqs:*")))]]

    assert kind_of(authorize(send(ROOT), Grants(), levels)) is Kind.SCP


def test_a_service_needs_the_resource_policy() -> None:
    sns = send("sns.amazonaws.com", **{"aws:SourceAccount": ACCOUNT})
    guarded = to({"Service": "sns.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})

    assert kind_of(authorize(sns, Grants())) is Kind.RESOURCE
    assert authorize(sns, Grants(resource=guarded)) == Allowed()


def test_a_caller_without_credentials_needs_a_public_resource() -> None:
    assert kind_of(authorize(send("*"), Grants(resource=to({"AWS": ACCOUNT})))) is Kind.RESOURCE
    assert authorize(send("*"), Grants(resource=to("*"))) == Allowed()


def trust(principal: Any, **more: Any) -> Grants:
    """Only the trust policy of the role that is to be assumed; it has no Resource."""
    statement: Json = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return Grants(resource=parse_policy(policy(statement), Kind.RESOURCE), resource_decides=True)


PLATFORM_ROLE = f"arn:aws:iam::{ACCOUNT}:role/platform"


def test_a_role_must_trust_even_an_administrator_of_its_account() -> None:
    call = Call(ROLE, "sts:AssumeRole", PLATFORM_ROLE)
    distrusting = trust({"Service": "ec2.amazonaws.com"})

    assert kind_of(authorize(call, Grants([EVERYTHING], resource=distrusting.resource, resource_decides=True))) is (
        Kind.RESOURCE
    )
    assert authorize(call, trust({"AWS": ROLE})) == Allowed()
    assert kind_of(authorize(call, trust({"AWS": ROOT}))) is Kind.IDENTITY


def test_an_identity_provider_is_trusted_by_name_and_condition() -> None:
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    key = "token.actions.githubusercontent.com:sub"
    grants = trust({"Federated": provider}, Condition={"StringLike": {key: "repo:acme/*"}})

    def assume(subject: str) -> Decision:
        return authorize(Call(provider, "sts:AssumeRole", PLATFORM_ROLE, {key: subject}), grants)

    assert assume("repo:acme/app:ref") == Allowed()
    assert kind_of(assume("repo:evil/app:ref")) is Kind.RESOURCE


def test_scps_and_rcps_bind_on_top() -> None:
    scps = [[parse_policy(FULL_ACCESS), parse_policy(policy(deny("sqs:*", Sid="NoQueues")), name="no-queues")]]
    rcps = [[parse_policy(policy(deny("sqs:*", Principal="*")), Kind.RCP)]]

    by_scp = authorize(send(ROLE), Grants([EVERYTHING]), scps)

    assert isinstance(by_scp, Denied)
    assert (by_scp.because.kind, by_scp.because.name, by_scp.because.sid) == (Kind.SCP, "no-queues", "NoQueues")
    assert kind_of(authorize(send(ROLE), Grants([EVERYTHING]), rcp_levels=rcps)) is Kind.RCP
    assert kind_of(authorize(send(ABROAD), Grants([EVERYTHING], resource=to("*")), rcp_levels=rcps)) is Kind.RCP


def test_what_is_not_known_is_not_guessed() -> None:
    guarded = to({"AWS": ROLE}, Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})

    decision = authorize(send(ROLE), Grants(resource=guarded), unknown=["aws:SourceVpce"])

    assert isinstance(decision, Unknown)
    assert decision.missing == ("aws:SourceVpce",)
    assert decision.because.kind is Kind.IDENTITY
    assert authorize(send(ROLE), Grants([EVERYTHING], resource=guarded), unknown=["aws:SourceVpce"]) == Allowed()
