import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.organizations.test_creation import vend

STRANGER = "999988887777"


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def trust(principal: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def found(analyzer: Any, arn: str, **criteria: Any) -> list[str]:
    answer = analyzer.list_findings_v2(analyzerArn=arn, filter={name: {"eq": [it]} for name, it in criteria.items()})
    return [finding["resource"] for finding in answer["findings"]]


@behaviour("accessanalyzer.CreateAnalyzer")
def test_an_analyzer_is_listed_read_and_deleted(cloud: Cloud) -> None:
    client = cloud.session(vend(cloud)).client("accessanalyzer")

    arn = client.create_analyzer(analyzerName="ours", type="ACCOUNT", tags={"by": "us"})["arn"]

    (listed,) = client.list_analyzers(type="ACCOUNT")["analyzers"]
    assert listed["arn"] == arn
    assert client.get_analyzer(analyzerName="ours")["analyzer"]["tags"] == {"by": "us"}
    client.delete_analyzer(analyzerName="ours")
    with pytest.raises(ClientError) as refused:
        client.get_analyzer(analyzerName="ours")
    assert code(refused) == "ResourceNotFoundException"


@behaviour("accessanalyzer.CreateAnalyzer", "IAM/latest/UserGuide/access-analyzer-quotas.html")
def test_an_account_has_one_analyzer_of_its_own_in_a_region(cloud: Cloud) -> None:
    session = cloud.session(vend(cloud))
    client = session.client("accessanalyzer")
    client.create_analyzer(analyzerName="ours", type="ACCOUNT")

    with pytest.raises(ClientError) as second:
        client.create_analyzer(analyzerName="another", type="ACCOUNT")
    with pytest.raises(ClientError) as same:
        client.create_analyzer(analyzerName="ours", type="ACCOUNT")

    assert (code(second), code(same)) == ("ServiceQuotaExceededException", "ConflictException")
    session.client("accessanalyzer", "us-east-1").create_analyzer(analyzerName="ours", type="ACCOUNT")


@behaviour("accessanalyzer.CreateAnalyzer")
def test_a_member_makes_no_analyzer_of_the_organisation(cloud: Cloud) -> None:
    client = cloud.session(vend(cloud)).client("accessanalyzer")

    with pytest.raises(ClientError) as refused:
        client.create_analyzer(analyzerName="all", type="ORGANIZATION")

    assert code(refused) == "ValidationException"


@behaviour("accessanalyzer.ListFindingsV2")
def test_a_role_that_a_stranger_can_assume_is_found_until_it_is_closed(cloud: Cloud) -> None:
    session = cloud.session(vend(cloud))
    client, iam = session.client("accessanalyzer"), session.client("iam")
    arn = client.create_analyzer(analyzerName="ours", type="ACCOUNT")["arn"]
    role = iam.create_role(RoleName="partner", AssumeRolePolicyDocument=trust({"AWS": STRANGER}))["Role"]["Arn"]

    assert role in found(client, arn, status="ACTIVE", resourceType="AWS::IAM::Role")
    iam.update_assume_role_policy(RoleName="partner", PolicyDocument=trust({"Service": "ec2.amazonaws.com"}))
    assert role not in found(client, arn)


@behaviour("accessanalyzer.ListFindingsV2")
def test_the_organisations_analyzer_trusts_the_organisations_accounts(cloud: Cloud) -> None:
    first, second = vend(cloud, "first"), vend(cloud, "second")
    iam = cloud.session(first).client("iam")
    organizations, client = cloud.client("organizations"), cloud.client("accessanalyzer")
    organizations.enable_aws_service_access(ServicePrincipal="access-analyzer.amazonaws.com")
    arn = client.create_analyzer(analyzerName="all", type="ORGANIZATION")["arn"]

    inside = iam.create_role(RoleName="inside", AssumeRolePolicyDocument=trust({"AWS": second}))["Role"]["Arn"]
    outside = iam.create_role(RoleName="outside", AssumeRolePolicyDocument=trust({"AWS": STRANGER}))["Role"]["Arn"]

    roles = found(client, arn, resourceType="AWS::IAM::Role")
    assert outside in roles
    assert inside not in roles


@behaviour("accessanalyzer.ListFindingsV2")
def test_a_bucket_that_is_open_to_everybody_is_found(cloud: Cloud) -> None:
    session = cloud.session(vend(cloud))
    client, s3 = session.client("accessanalyzer"), session.client("s3")
    arn = client.create_analyzer(analyzerName="ours", type="ACCOUNT")["arn"]
    s3.create_bucket(Bucket="open-to-all", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::open-to-all/*",
    }

    s3.delete_public_access_block(Bucket="open-to-all")
    s3.put_bucket_policy(Bucket="open-to-all", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    assert "arn:aws:s3:::open-to-all" in found(client, arn, resourceType="AWS::S3::Bucket")


def test_analyzers_of_unused_access_are_not_modelled(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("accessanalyzer").create_analyzer(analyzerName="idle", type="ACCOUNT_UNUSED_ACCESS")

    assert code(refused) == "NotImplemented"
