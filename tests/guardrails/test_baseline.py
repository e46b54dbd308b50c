from collections.abc import Callable

import pytest

from guardrails.baseline import AccountBaseline
from guardrails.service import Guardrails
from tests.cloud import Cloud
from tests.guardrails.ground import acme, attached, deny, documents, find_policy, make_account, policy, unit_id
from vending.core.aws import Aws
from vending.core.errors import AwsConflict, Conflict, NotFound
from vending.ports import Baseline, Holds, NewAccount

QUARANTINE = next(document for document in documents() if document.ou_class == "quarantine")


def new(account_id: str, ou_class: str = "sandbox") -> NewAccount:
    return NewAccount(account_id, "payments-lab", "payments", ou_class)


def test_it_is_the_port_that_vending_asks_for(baseline: AccountBaseline) -> None:
    port: Baseline = baseline

    assert len(port.version) == 12


def test_an_account_is_isolated_where_it_is_born_and_released_again(
    easy_cloud: Cloud, baseline: AccountBaseline
) -> None:
    born = make_account(easy_cloud, ou=None)
    assert not baseline.isolated(born)

    baseline.isolate(born)
    baseline.isolate(born)
    assert baseline.isolated(born)
    assert attached(easy_cloud, born) == ["FullAWSAccess", QUARANTINE.name]

    baseline.release(born)
    baseline.release(born)
    assert not baseline.isolated(born)
    assert attached(easy_cloud, born) == ["FullAWSAccess"]


def test_many_accounts_share_one_quarantine_object(easy_cloud: Cloud, baseline: AccountBaseline) -> None:
    for name in ("one", "two"):
        baseline.isolate(make_account(easy_cloud, None, name))

    found = easy_cloud.client("organizations").list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    assert [summary["Name"] for summary in found].count(QUARANTINE.name) == 1


def test_a_tampered_quarantine_isolates_nobody_and_is_made_anew(easy_cloud: Cloud, baseline: AccountBaseline) -> None:
    born = make_account(easy_cloud, ou=None)
    baseline.isolate(born)
    weak = policy(deny("Quarantine", "polly:*"))
    easy_cloud.client("organizations").update_policy(PolicyId=find_policy(easy_cloud, QUARANTINE.name), Content=weak)

    assert not baseline.isolated(born)

    baseline.isolate(born)
    assert baseline.isolated(born)
    baseline.release(born)
    assert attached(easy_cloud, born) == ["FullAWSAccess"]


def test_every_setting_is_promised_once_or_in_every_governed_region(baseline: AccountBaseline) -> None:
    promises = baseline.describe(new("111122223333"))

    ids = [promise.id for promise in promises]
    assert len(set(ids)) == len(ids)
    for region in acme().landing_zone.regions:
        assert {f"ebs.enc/{region}", f"vpc.default/{region}"} <= set(ids)
    assert {"acct.contacts", "iam.password", "s3.bpa", "org.leave", "region.allow"} <= set(ids)
    assert [promise.applied for promise in promises] == sorted((promise.applied for promise in promises), reverse=True)


def test_what_is_promised_does_not_hold_before_and_holds_after(
    easy_cloud: Cloud, baseline: AccountBaseline, guardrails: Guardrails
) -> None:
    guardrails.apply()
    born = new(make_account(easy_cloud, ou=None))
    promises = baseline.describe(born)

    before = {promise.id: baseline.verify(born, promise.id) for promise in promises}
    baseline.isolate(born.account_id)
    for promise in (promise for promise in promises if promise.applied):
        baseline.apply(born, promise.id)
        baseline.apply(born, promise.id)
    organizations = easy_cloud.client("organizations")
    organizations.move_account(
        AccountId=born.account_id,
        SourceParentId=organizations.list_roots()["Roots"][0]["Id"],
        DestinationParentId=unit_id(easy_cloud, "Sandbox"),
    )
    easy_cloud.clock.advance(3_600)
    after = {promise.id: baseline.verify(born, promise.id) for promise in promises}

    assert before.pop("acct.regions").holds is Holds.YES, "Acme governs no region that is off at first"
    assert {reading.holds for reading in before.values()} == {Holds.NO}
    assert {reading.holds for reading in after.values()} == {Holds.YES}
    assert before["vpc.default/us-east-1"].found.startswith("default VPC vpc-")
    assert after["vpc.default/us-east-1"].found == "no default VPC"
    assert after["org.leave"].found.endswith("attached to OU Sandbox, content as compiled")
    assert after["org.leave"].read_at == easy_cloud.clock.now()


def test_a_detached_guardrail_is_seen_by_its_reading(
    easy_cloud: Cloud, baseline: AccountBaseline, guardrails: Guardrails
) -> None:
    guardrails.apply()
    account = new(make_account(easy_cloud, "Sandbox"))
    before = baseline.verify(account, "org.leave")
    [sandbox] = [d for d in documents() if d.ou_class == "sandbox" and "org.leave" in d.guardrails]
    easy_cloud.client("organizations").detach_policy(
        PolicyId=find_policy(easy_cloud, sandbox.name), TargetId=unit_id(easy_cloud, "Sandbox")
    )

    reading = baseline.verify(account, "org.leave")

    assert before.holds is Holds.YES
    assert reading.holds is Holds.NO
    assert sandbox.name in reading.expected
    assert reading.found.startswith("not there: its path holds FullAWSAccess")
    assert sandbox.name not in reading.found


def test_what_aws_does_not_answer_is_unknown_with_the_reason(easy_cloud: Cloud, baseline: AccountBaseline) -> None:
    reading = baseline.verify(new("999999999999"), "iam.password")

    assert reading.holds is Holds.UNKNOWN
    assert "AssumeRole" in reading.found


def test_what_a_policy_of_the_organisation_keeps_is_not_set_in_the_account(
    easy_cloud: Cloud, baseline: AccountBaseline, guardrails: Guardrails
) -> None:
    guardrails.apply()
    account = new(make_account(easy_cloud, "Sandbox"))

    for promise in ("ec2.public/eu-west-1", "ec2.metadata/us-east-1"):
        baseline.apply(account, promise)
        assert baseline.verify(account, promise).holds is Holds.YES


def test_a_governed_region_that_is_off_is_switched_on_and_waited_for(
    easy_cloud: Cloud, aws: Aws, pause: Callable[[float], None]
) -> None:
    zone = acme().landing_zone.model_copy(update={"regions": ("eu-west-1", "af-south-1")})
    african = AccountBaseline(aws, acme().model_copy(update={"landing_zone": zone}), easy_cloud.clock, pause)
    account = new(make_account(easy_cloud, "Sandbox"))

    with pytest.raises(AwsConflict, match="AWS is switching on af-south-1") as under_way:
        african.apply(account, "acct.regions")
    while_waiting = african.verify(account, "acct.regions")
    easy_cloud.clock.advance(7_200)
    african.apply(account, "acct.regions")

    assert under_way.value.retryable
    assert (while_waiting.holds, while_waiting.found) == (
        Holds.NO,
        "eu-west-1: enabled by default, af-south-1: enabling",
    )
    assert african.verify(account, "acct.regions").holds is Holds.YES


def test_an_alias_that_somebody_has_gets_the_accounts_number(easy_cloud: Cloud, baseline: AccountBaseline) -> None:
    first, second = (new(make_account(easy_cloud, "Sandbox", name)) for name in ("payments-lab", "other"))
    easy_cloud.session(second.account_id).client("iam").create_account_alias(AccountAlias="acme-payments-lab")

    baseline.apply(first, "acct.alias")

    assert baseline.verify(first, "acct.alias").found == f"acme-payments-lab-{first.account_id}"


def test_a_default_vpc_in_use_is_not_torn_down(easy_cloud: Cloud, baseline: AccountBaseline) -> None:
    account = new(make_account(easy_cloud, "Sandbox"))
    ec2 = easy_cloud.session(account.account_id).client("ec2", "eu-west-1")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    ec2.create_network_interface(SubnetId=subnet)

    with pytest.raises(Conflict, match="is in use by 1 network interfaces"):
        baseline.apply(account, "vpc.default/eu-west-1")

    assert ec2.describe_subnets()["Subnets"]


def test_a_guardrail_cannot_be_applied_in_an_account(baseline: AccountBaseline) -> None:
    with pytest.raises(Conflict, match="it comes with its OU"):
        baseline.apply(new("111122223333"), "org.leave")


def test_an_unknown_promise_is_not_found(baseline: AccountBaseline) -> None:
    with pytest.raises(NotFound, match=r"sandbox are not promised ebs\.enc/mars-1"):
        baseline.verify(new("111122223333"), "ebs.enc/mars-1")
