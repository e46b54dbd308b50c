from typing import Any

import httpx2
import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from tests.infra.local.behaviour import behaviour
from tests.infra.local.sesv2.sandbox import shut_in

LETTER = {"Simple": {"Subject": {"Data": "Ready"}, "Body": {"Text": {"Data": "The account is there."}}}}


def mail(cloud: Cloud, address: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = httpx2.get(f"{cloud.url}/_cloud/mail", params={"to": address}).json()["items"]
    return items


@behaviour("sesv2.SendEmail", "ses/latest/dg/creating-identities.html")
@pytest.mark.parametrize("identity", ["freehold@mail.acme.example", "mail.acme.example", "acme.example"])
def test_mail_from_a_verified_address_domain_or_parent_domain_arrives(cloud: Cloud, identity: str) -> None:
    ses = cloud.client("sesv2")
    ses.create_email_identity(EmailIdentity=identity)

    ses.send_email(
        FromEmailAddress="Freehold <freehold@mail.acme.example>",
        Destination={"ToAddresses": ["ada@acme.example"], "CcAddresses": ["Tom <tom@acme.example>"]},
        Content=LETTER,
    )

    assert ses.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"]
    for address in ("ada@acme.example", "tom@acme.example"):
        (letter,) = mail(cloud, address)
        assert (letter["subject"], letter["text"]) == ("Ready", "The account is there.")
        assert letter["sent"] == cloud.clock.now().isoformat()


def test_a_message_that_is_written_out_arrives(cloud: Cloud) -> None:
    ses = cloud.client("sesv2")
    ses.create_email_identity(EmailIdentity="acme.example")

    ses.send_email(
        Content={"Raw": {"Data": b"From: f@acme.example\nTo: ada@acme.example\nSubject: Hello\n\nHow are you?"}}
    )

    (letter,) = mail(cloud, "ada@acme.example")
    assert (letter["subject"], letter["text"]) == ("Hello", "How are you?")


@behaviour("sesv2.SendEmail", "ses/latest/dg/troubleshoot-error-messages.html")
def test_mail_from_a_sender_not_verified_in_that_region_is_rejected(cloud: Cloud) -> None:
    cloud.client("sesv2", "us-east-1").create_email_identity(EmailIdentity="acme.example")

    with pytest.raises(ClientError, match=r"failed the check in region EU-WEST-1: f@acme\.example") as refused:
        cloud.client("sesv2").send_email(
            FromEmailAddress="f@acme.example", Destination={"ToAddresses": ["ada@acme.example"]}, Content=LETTER
        )

    assert refused.value.response["Error"]["Code"] == "MessageRejected"
    assert mail(cloud, "ada@acme.example") == []


@behaviour("sesv2.CreateEmailIdentity")
def test_an_identity_is_made_once(cloud: Cloud) -> None:
    ses = cloud.client("sesv2")
    ses.create_email_identity(EmailIdentity="acme.example")

    with pytest.raises(ClientError, match="AlreadyExistsException"):
        ses.create_email_identity(EmailIdentity="acme.example")


@behaviour("sesv2.GetAccount")
def test_in_the_sandbox_mail_goes_to_verified_addresses_alone(cloud: Cloud) -> None:
    ses = cloud.client("sesv2")
    ses.create_email_identity(EmailIdentity="freehold@acme.example")
    shut_in(cloud.state.management_account_id)
    letter = {"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "There"}}}}

    with pytest.raises(ClientError) as refused:
        ses.send_email(
            FromEmailAddress="freehold@acme.example", Destination={"ToAddresses": ["ada@acme.example"]}, Content=letter
        )

    assert ses.get_account()["ProductionAccessEnabled"] is False
    assert refused.value.response["Error"]["Code"] == "MessageRejected"
    assert "ada@acme.example" in refused.value.response["Error"]["Message"]
