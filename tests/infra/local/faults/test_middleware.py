import time
from typing import Any

import httpx2
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from infra.local.organizations.models import organization
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour

LONGEST_CREATION = 180


def inject(cloud: Cloud, **fault: Any) -> dict[str, Any]:
    answer = httpx2.post(f"{cloud.url}/_cloud/faults", json=fault)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def create(cloud: Cloud, name: str = "payments-dev") -> Any:
    return cloud.client("organizations").create_account(AccountName=name, Email=f"aws+{name}@acme.example")


def vend(cloud: Cloud, name: str = "payments-dev") -> str:
    request_id = create(cloud, name)["CreateAccountStatus"]["Id"]
    cloud.clock.advance(LONGEST_CREATION)
    status = cloud.client("organizations").describe_create_account_status(CreateAccountRequestId=request_id)
    return str(status["CreateAccountStatus"]["AccountId"])


def names(cloud: Cloud) -> list[str]:
    statuses = cloud.client("organizations").list_create_account_status()["CreateAccountStatuses"]
    return [status["AccountName"] for status in statuses]


def enrolment(cloud: Cloud, account_id: str) -> str:
    """The status of the baseline that an account inherits."""
    baselines = cloud.client("controltower").list_enabled_baselines(includeChildren=True, maxResults=100)
    (child,) = [one for one in baselines["enabledBaselines"] if one["targetIdentifier"].endswith(account_id)]
    return str(child["statusSummary"]["status"])


def test_an_answer_is_lost_after_the_change_took_place(cloud: Cloud) -> None:
    inject(cloud, kind="lose_answer", calls="organizations.CreateAccount", count=1)

    with pytest.raises(ConnectionClosedError):
        create(cloud)

    assert names(cloud) == ["payments-dev"]


def test_a_dropped_connection_changes_nothing(cloud: Cloud) -> None:
    inject(cloud, kind="drop_connection", calls="organizations.CreateAccount", count=1)

    with pytest.raises(ConnectionClosedError):
        create(cloud)

    assert names(cloud) == []


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code", "status"),
    [
        ("organizations", "list_roots", {}, "TooManyRequestsException", 400),
        ("account", "list_regions", {}, "TooManyRequestsException", 429),
        ("ec2", "describe_vpcs", {}, "RequestLimitExceeded", 503),
        ("s3", "list_buckets", {}, "SlowDown", 503),
        ("s3control", "get_public_access_block", {"AccountId": "123456789012"}, "SlowDown", 503),
        ("iam", "list_roles", {}, "Throttling", 400),
        ("dynamodb", "list_tables", {}, "ThrottlingException", 400),
        ("controltower", "list_landing_zones", {}, "ThrottlingException", 429),
    ],
)
def test_every_service_throttles_in_its_own_words(
    cloud: Cloud, service: str, operation: str, parameters: dict[str, Any], code: str, status: int
) -> None:
    inject(cloud, kind="throttle", calls=f"{service}.*", count=1)

    with pytest.raises(ClientError) as refused:
        getattr(cloud.client(service), operation)(**parameters)
    getattr(cloud.client(service), {"get_public_access_block": "put_public_access_block"}.get(operation, operation))(
        **parameters, **({"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}} if parameters else {})
    )

    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize(("after", "made"), [(False, []), (True, ["payments-dev"])])
def test_a_server_error_comes_before_or_after_the_change(cloud: Cloud, after: bool, made: list[str]) -> None:
    inject(cloud, kind="server_error", status=503, calls="organizations.CreateAccount", count=1, after=after)

    with pytest.raises(ClientError) as failed:
        create(cloud)

    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert failed.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert names(cloud) == made


def test_a_delay_in_aws_time_moves_a_clock_that_stands(cloud: Cloud) -> None:
    before = cloud.clock.now()
    inject(cloud, kind="delay", calls="organizations.ListRoots", aws_seconds=90)

    cloud.client("organizations").list_roots()

    assert (cloud.clock.now() - before).total_seconds() == 90


def test_a_delay_in_real_time_lets_others_go_on(cloud: Cloud) -> None:
    inject(cloud, kind="delay", calls="organizations.ListRoots", real_seconds=0.05)
    started = time.monotonic()

    cloud.client("organizations").list_roots()

    assert time.monotonic() - started >= 0.05


def test_an_enrolment_fails_later(cloud: Cloud) -> None:
    inject(cloud, kind="fail_later", calls="organizations.MoveAccount", reason="No stack set today.")
    account_id, tree = vend(cloud), organization()

    cloud.client("organizations").move_account(
        AccountId=account_id, SourceParentId=tree.root.id, DestinationParentId=tree.unit_named("Dev").id
    )
    cloud.clock.advance(3600)

    assert enrolment(cloud, account_id) == "FAILED"


@behaviour("organizations.MoveAccount", "controltower/latest/userguide/account-auto-enrollment.html")
def test_an_enrolment_takes_hours(cloud: Cloud) -> None:
    account_id, dev = vend(cloud), organization().unit_named("Dev").id
    inject(cloud, kind="take_longer", calls="organizations.MoveAccount", aws_seconds=3 * 3600, up_to=5 * 3600, count=1)

    cloud.client("organizations").move_account(
        AccountId=account_id, SourceParentId=organization().root.id, DestinationParentId=dev
    )
    cloud.clock.advance(3 * 3600)
    after_three_hours = enrolment(cloud, account_id)
    cloud.clock.advance(3 * 3600)

    assert (after_three_hours, enrolment(cloud, account_id)) == ("UNDER_CHANGE", "SUCCEEDED")


def test_a_creation_takes_longer(cloud: Cloud) -> None:
    inject(cloud, kind="take_longer", calls="organizations.CreateAccount", aws_seconds=3600)

    create(cloud)
    cloud.clock.advance(3600)

    [status] = cloud.client("organizations").list_create_account_status()["CreateAccountStatuses"]
    assert status["State"] == "IN_PROGRESS"


def test_enabling_a_control_fails_later(cloud: Cloud) -> None:
    inject(cloud, kind="fail_later", calls="controltower.EnableControl", reason="No stack set today.")

    operation = cloud.client("controltower").enable_control(
        controlIdentifier="arn:aws:controltower:eu-west-1::control/AWS-GR_RESTRICT_ROOT_USER",
        targetIdentifier=organization().unit_named("Dev").arn,
    )["operationIdentifier"]
    cloud.clock.advance(3600)

    told = cloud.client("controltower").get_control_operation(operationIdentifier=operation)["controlOperation"]
    assert (told["status"], told["statusMessage"]) == ("FAILED", "No stack set today.")


def test_an_assignment_fails_later(cloud: Cloud) -> None:
    inject(cloud, kind="fail_later", calls="sso-admin.CreateAccountAssignment", reason="404")
    admin, account_id = cloud.client("sso-admin"), vend(cloud)
    instance = admin.list_instances()["Instances"][0]
    group = cloud.client("identitystore").list_groups(IdentityStoreId=instance["IdentityStoreId"])["Groups"][0]
    made = admin.create_permission_set(Name="Team", InstanceArn=instance["InstanceArn"])["PermissionSet"]

    asked = admin.create_account_assignment(
        InstanceArn=instance["InstanceArn"],
        TargetId=account_id,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=made["PermissionSetArn"],
        PrincipalType="GROUP",
        PrincipalId=group["GroupId"],
    )["AccountAssignmentCreationStatus"]
    cloud.clock.advance(60)

    told = admin.describe_account_assignment_creation_status(
        InstanceArn=instance["InstanceArn"], AccountAssignmentCreationRequestId=asked["RequestId"]
    )["AccountAssignmentCreationStatus"]
    assert (told["Status"], told["FailureReason"]) == ("FAILED", "404")


@behaviour("organizations.CreateAccount", "organizations/latest/userguide/orgs_troubleshoot_general.html")
def test_a_new_account_is_not_subscribed_at_once(cloud: Cloud) -> None:
    inject(cloud, kind="subscription_required", aws_seconds=600)
    account_id = vend(cloud)
    member = cloud.session(account_id)

    with pytest.raises(ClientError) as of_json:
        member.client("dynamodb").list_tables()
    with pytest.raises(ClientError) as of_ec2:
        member.client("ec2").describe_vpcs()
    member.client("iam").list_roles()
    cloud.clock.advance(600)
    member.client("dynamodb").list_tables()

    assert of_json.value.response["Error"]["Code"] == "SubscriptionRequiredException"
    assert of_ec2.value.response["Error"]["Code"] == "OptInRequired"


@behaviour("sts.AssumeRole", "IAM/latest/UserGuide/troubleshoot.html")
def test_a_new_role_cannot_be_assumed_until_it_has_spread(cloud: Cloud) -> None:
    inject(cloud, kind="role_not_spread", aws_seconds=600)
    account_id = vend(cloud)

    with pytest.raises(ClientError) as denied:
        cloud.session(account_id)
    cloud.clock.advance(600)
    cloud.session(account_id)

    assert denied.value.response["Error"]["Code"] == "AccessDenied"


@behaviour("organizations.ListAccounts")
def test_a_page_can_be_empty_though_more_follow(cloud: Cloud) -> None:
    whole = [account for page in pages_of_accounts(cloud) for account in page]
    inject(cloud, kind="empty_page", calls="organizations.List*", probability=0.6)

    pages = pages_of_accounts(cloud, PageSize=1)

    assert [] in pages
    assert [account for page in pages for account in page] == whole


def pages_of_accounts(cloud: Cloud, **config: int) -> list[list[str]]:
    pages = cloud.client("organizations").get_paginator("list_accounts").paginate(PaginationConfig=config)
    return [[account["Id"] for account in page["Accounts"]] for page in pages]


def test_faults_are_counted_by_kind_and_call(cloud: Cloud) -> None:
    inject(cloud, faults=[{"kind": "throttle", "calls": "organizations.ListRoots", "count": 1}], seed=3)
    with pytest.raises(ClientError):
        cloud.client("organizations").list_roots()
    cloud.client("organizations").list_roots()

    told = httpx2.get(f"{cloud.url}/_cloud/faults").json()

    assert told["injected"] == 1
    assert told["by_kind"] == {"throttle": 1}
    assert told["by_call"] == {"organizations.ListRoots": 1}
    assert told["items"][0]["met"] == 1
    assert httpx2.get(f"{cloud.url}/_cloud/calls").json() == {"organizations.ListRoots": 2}


def test_faults_end_when_they_are_deleted(cloud: Cloud) -> None:
    inject(cloud, profile="storm")

    told = httpx2.delete(f"{cloud.url}/_cloud/faults").json()

    assert told["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"kind": "earthquake"}',
        '{"faults": []}',
        '{"faults": [{"kind": "throttle"}], "sed": 1}',
        '{"profile": "drizzle"}',
        '{"kind": "empty_page"}',
        '{"profile": ["storm"]}',
        '{"profile": "/etc/passwd"}',
    ],
)
def test_nonsense_is_refused_and_says_what_is_wrong(cloud: Cloud, body: str) -> None:
    answer = httpx2.post(f"{cloud.url}/_cloud/faults", content=body)

    assert answer.status_code == 400
    assert answer.json()["error"]


def run_of_one_client(cloud: Cloud) -> list[str]:
    cloud.reset()
    inject(cloud, profile="storm", seed=5)
    heard = []
    for number in range(20):
        cloud.clock.advance(30)
        try:
            heard.append(create(cloud, f"account-{number}")["CreateAccountStatus"]["Id"])
        except (ClientError, ConnectionClosedError) as error:
            heard.append(type(error).__name__ + str(error))
    return heard


def test_one_clients_run_with_a_seed_and_a_standing_clock_repeats_exactly(cloud: Cloud) -> None:
    first, again = run_of_one_client(cloud), run_of_one_client(cloud)

    assert first == again
    assert any("ConnectionClosed" in one for one in first)
