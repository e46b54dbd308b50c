from tests.cloud import Cloud


def test_a_role_is_made_in_aws_time(cloud: Cloud) -> None:
    cloud.clock.advance(3600)

    made = cloud.client("iam").create_role(RoleName="mine", AssumeRolePolicyDocument="{}")["Role"]

    assert made["CreateDate"] == cloud.clock.now()
