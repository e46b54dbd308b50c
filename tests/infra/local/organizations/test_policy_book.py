import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.organizations.test_creation import reason, vend
from tests.infra.local.organizations.test_organization import units

SCP, RCP, EC2 = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "DECLARATIVE_POLICY_EC2"
DENY_LEAVING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}],
}
DENY_STRANGERS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}],
}


@pytest.fixture
def organizations(cloud: Cloud) -> Any:
    """A client whose rates are not the test's subject."""
    for name in (
        "CreateOrganizationalUnit",
        "CreatePolicy",
        "AttachPolicy",
        "DetachPolicy",
        "DeletePolicy",
        "UpdatePolicy",
    ):
        cloud.limits.change(f"organizations.{name}", 1_000_000)
    return cloud.client("organizations")


def new_unit(cloud: Cloud) -> str:
    """An OU that has nothing on it but AWS's own policies."""
    cloud.clock.advance(1)
    made = cloud.client("organizations").create_organizational_unit(ParentId=units(cloud)["root"], Name="Ours")
    return str(made["OrganizationalUnit"]["Id"])


def create(cloud: Cloud, name: str = "leave", policy_type: str = SCP, content: Any = DENY_LEAVING) -> str:
    cloud.clock.advance(1)
    text = content if isinstance(content, str) else json.dumps(content)
    answer = cloud.client("organizations").create_policy(Name=name, Type=policy_type, Content=text, Description="")
    return str(answer["Policy"]["PolicySummary"]["Id"])


def attach(cloud: Cloud, policy_id: str, target_id: str) -> None:
    cloud.clock.advance(1)
    cloud.client("organizations").attach_policy(PolicyId=policy_id, TargetId=target_id)


def attached(cloud: Cloud, target_id: str, policy_type: str = SCP) -> list[str]:
    found = cloud.client("organizations").list_policies_for_target(TargetId=target_id, Filter=policy_type)
    return [policy["Name"] for policy in found["Policies"]]


@behaviour("organizations.EnablePolicyType")
def test_full_access_is_attached_everywhere_from_the_start(cloud: Cloud) -> None:
    account_id = vend(cloud)

    for target in [*units(cloud).values(), new_unit(cloud), account_id]:
        cloud.clock.advance(1)
        assert "FullAWSAccess" in attached(cloud, target)
        assert attached(cloud, target, RCP) == ["RCPFullAWSAccess"]


@behaviour("organizations.DeletePolicy")
def test_an_attached_policy_is_listed_on_its_target_and_cannot_be_deleted(cloud: Cloud, organizations: Any) -> None:
    policy_id, unit = create(cloud), new_unit(cloud)

    attach(cloud, policy_id, unit)

    targets = organizations.list_targets_for_policy(PolicyId=policy_id)["Targets"]
    assert attached(cloud, unit) == ["FullAWSAccess", "leave"]
    assert [(target["TargetId"], target["Type"]) for target in targets] == [(unit, "ORGANIZATIONAL_UNIT")]
    with pytest.raises(ClientError) as in_use:
        organizations.delete_policy(PolicyId=policy_id)
    assert reason(in_use)[0] == "PolicyInUseException"
    with pytest.raises(ClientError) as twice:
        attach(cloud, policy_id, unit)
    assert reason(twice)[0] == "DuplicatePolicyAttachmentException"


def test_an_updated_policy_reads_back_as_updated(cloud: Cloud, organizations: Any) -> None:
    policy_id = create(cloud)
    changed = json.dumps(DENY_LEAVING | {"Id": "second"})

    organizations.update_policy(PolicyId=policy_id, Content=changed)

    policy = organizations.describe_policy(PolicyId=policy_id)["Policy"]
    assert policy["Content"] == changed
    assert policy["PolicySummary"]["Arn"].endswith(f"/service_control_policy/{policy_id}")


@behaviour("organizations.AttachPolicy", "organizations/latest/userguide/orgs_reference_limits.html")
@pytest.mark.parametrize(("policy_type", "content", "most"), [(SCP, DENY_LEAVING, 10), (RCP, DENY_STRANGERS, 5)])
def test_a_target_holds_so_many_policies_of_a_type_and_no_more(
    cloud: Cloud, organizations: Any, policy_type: str, content: Any, most: int
) -> None:
    unit = new_unit(cloud)
    for number in range(most - 1):
        attach(cloud, create(cloud, f"policy-{number}", policy_type, content), unit)

    with pytest.raises(ClientError) as refused:
        attach(cloud, create(cloud, "one more", policy_type, content), unit)

    assert reason(refused) == ("ConstraintViolationException", "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")


@behaviour("organizations.CreatePolicy", "organizations/latest/userguide/orgs_reference_limits.html")
@pytest.mark.parametrize(("policy_type", "size"), [(SCP, 10_240), (RCP, 5_120), (EC2, 10_000)])
def test_a_policy_has_a_size_in_which_white_space_counts(
    cloud: Cloud, organizations: Any, policy_type: str, size: int
) -> None:
    content = json.dumps({SCP: DENY_LEAVING, RCP: DENY_STRANGERS, EC2: {"ec2_attributes": {}}}[policy_type])
    fits = content + " " * (size - len(content))

    create(cloud, "fits", policy_type, fits)
    with pytest.raises(ClientError) as refused:
        create(cloud, "too long", policy_type, fits + " ")

    assert reason(refused) == ("ConstraintViolationException", "POLICY_CONTENT_LIMIT_EXCEEDED")


def document(effect: str = "Deny", **elements: Any) -> dict[str, Any]:
    """A policy with one statement about every resource."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Resource": "*"} | elements]}


@behaviour("organizations.CreatePolicy")
@pytest.mark.parametrize(
    ("policy_type", "content"),
    [
        (SCP, "not json"),
        (SCP, "[]"),
        (SCP, {"Version": "2012-10-17"}),
        (SCP, document("Maybe", Action="*")),
        (SCP, document()),
        (SCP, document(Action="*", Principal="*")),
        (SCP, document(Action="banana")),
        (SCP, document(Action=[])),
        (SCP, document(Action=5)),
        (SCP, document(Action="s3:*", Condition="aws:SourceVpc")),
        (SCP, document(Action="s3:*", Condition={"StringResembles": {"aws:SourceVpc": "vpc-1"}})),
        (SCP, {"Version": "2012-10-17", "Statement": [*document(Action="s3:*", Sid="One")["Statement"]] * 2}),
        (RCP, document(Action="s3:*")),
        (RCP, document("Allow", Action="s3:*", Principal="*")),
        (RCP, document(Action="*", Principal="*")),
        (RCP, document(NotAction="s3:*", Principal="*")),
        (EC2, DENY_LEAVING),
    ],
)
def test_a_document_of_the_wrong_language_is_malformed(
    cloud: Cloud, organizations: Any, policy_type: str, content: Any
) -> None:
    with pytest.raises(ClientError) as refused:
        create(cloud, "wrong", policy_type, content)

    assert reason(refused)[0] == "MalformedPolicyDocumentException"


@behaviour("organizations.DetachPolicy")
def test_the_last_scp_and_the_rcp_of_aws_stay_attached(cloud: Cloud, organizations: Any) -> None:
    unit = new_unit(cloud)

    with pytest.raises(ClientError) as last:
        organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=unit)
    with pytest.raises(ClientError) as managed:
        organizations.detach_policy(PolicyId="p-RCPFullAWSAccess", TargetId=unit)

    assert reason(last) == ("ConstraintViolationException", "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
    assert reason(managed) == ("InvalidInputException", "NON_DETACHABLE_POLICY")


@behaviour("organizations.UpdatePolicy")
def test_aws_own_policies_cannot_be_changed_and_names_are_taken_once(cloud: Cloud, organizations: Any) -> None:
    create(cloud)

    with pytest.raises(ClientError) as managed:
        organizations.update_policy(PolicyId="p-FullAWSAccess", Description="mine now")
    with pytest.raises(ClientError) as taken:
        create(cloud)

    assert reason(managed) == ("InvalidInputException", "IMMUTABLE_POLICY")
    assert reason(taken)[0] == "DuplicatePolicyException"


@behaviour("organizations.DisablePolicyType")
def test_disabling_a_type_loses_its_attachments(cloud: Cloud, organizations: Any) -> None:
    policy_id, unit = create(cloud), new_unit(cloud)
    attach(cloud, policy_id, unit)

    organizations.disable_policy_type(RootId=units(cloud)["root"], PolicyType=SCP)

    assert attached(cloud, unit) == []
    with pytest.raises(ClientError) as not_enabled:
        attach(cloud, policy_id, unit)
    assert reason(not_enabled)[0] == "PolicyTypeNotEnabledException"


@behaviour("organizations.UpdatePolicy", "organizations/latest/userguide/orgs_reference_limits.html")
def test_policy_writes_are_throttled(cloud: Cloud) -> None:
    def write(name: str) -> None:
        cloud.client("organizations").create_policy(
            Name=name, Type=SCP, Content=json.dumps(DENY_LEAVING), Description=""
        )

    for number in range(3):
        write(f"policy-{number}")
    with pytest.raises(ClientError) as refused:
        write("policy-3")

    assert reason(refused)[0] == "TooManyRequestsException"
