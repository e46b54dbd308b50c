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


def test_an_account_of_the_organisation_is_part_of_it(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")

    assert judge(cloud, account, "ACCOUNT_PART_OF_ORGANIZATIONS") == {account: "COMPLIANT"}


def test_an_analyzer_is_in_the_region_or_missed(cloud: Cloud) -> None:
    account = enrol(cloud, "eu-west-1")
    before = judge(cloud, account, "IAM_EXTERNAL_ACCESS_ANALYZER_ENABLED")

    cloud.session(account).client("accessanalyzer", "eu-west-1").create_analyzer(analyzerName="mine", type="ACCOUNT")

    assert before == {account: "NON_COMPLIANT"}
    assert judge(cloud, account, "IAM_EXTERNAL_ACCESS_ANALYZER_ENABLED") == {account: "COMPLIANT"}
