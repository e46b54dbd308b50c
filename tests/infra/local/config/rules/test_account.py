"""The rules about the account itself."""

from tests.cloud import Cloud
from tests.infra.local.config.ground import enrol, judge


def test_an_account_names_somebody_for_security_or_is_found(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    before = judge(cloud, account, "SECURITY_ACCOUNT_INFORMATION_PROVIDED")

    cloud.session(account).client("account").put_alternate_contact(
        AlternateContactType="SECURITY",
        EmailAddress="security@acme.example",
        Name="Rosa",
        PhoneNumber="+49 30 1234567",
        Title="Security",
    )

    assert before == {account: "NON_COMPLIANT"}
    assert judge(cloud, account, "SECURITY_ACCOUNT_INFORMATION_PROVIDED") == {account: "COMPLIANT"}
