import pytest
from botocore.exceptions import ClientError

from infra.local.organizations.models import organization
from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour

SCRIPTS = ["<script>alert(1)</script>", "a <IMG src=x onerror=alert(1)>", "javascript:alert(1)", "x onload = go()"]


def reason(refused: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return refused.value.response["Error"]["Code"], refused.value.response["Reason"]


@behaviour("organizations.CreateAccount")
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_name_that_looks_like_a_script_is_refused(cloud: Cloud, name: str) -> None:
    with pytest.raises(ClientError) as account:
        cloud.client("organizations").create_account(AccountName=name, Email="a@acme.example")
    with pytest.raises(ClientError) as unit:
        cloud.client("organizations").create_organizational_unit(ParentId=organization().root.id, Name=name)

    assert reason(account) == reason(unit) == ("InvalidInputException", "INVALID_PATTERN")


@pytest.mark.parametrize("name", ["Payments & more", "R&D < 2026", "script kiddies", "on call = ops"])
def test_an_odd_name_is_no_script(cloud: Cloud, name: str) -> None:
    cloud.client("organizations").create_account(AccountName=name, Email="a@acme.example")


@behaviour("organizations.CreateAccount")
def test_the_names_of_service_linked_roles_are_reserved(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.client("organizations").create_account(
            AccountName="payments", Email="a@acme.example", RoleName="AWSServiceRoleForMe"
        )

    assert reason(refused) == ("InvalidInputException", "INVALID_ROLE_NAME")
