"""Whether people are reached: e-mails go out, alarms have somebody to ring at, and the portal answers."""

from collections.abc import Iterator

import httpx2

from infra.doctor.diagnosis import Seen, fine, missing
from infra.doctor.sight import Sight
from vending.core.errors import AwsMissing

TOPICS = ("alarms", "reports")
ANSWER_SECONDS = 10.0


def sender(sight: Sight) -> Iterator[Seen]:
    """SES sends in the sender's name: the address is verified, or its domain."""
    address = sight.company.notifications.sender or sight.company.contacts.operations.email
    for identity in (address, address.partition("@")[2]):
        try:
            found = sight.platform("sesv2").get_email_identity(EmailIdentity=identity)
        except AwsMissing:
            continue
        if found["VerifiedForSendingStatus"]:
            yield fine(f"SES may send as {address}: {identity} is verified.")
        else:
            then = "Follow the link that SES sent, or put its records into the domain's DNS."
            yield missing(f"{identity} waits for its verification.", then)
        return
    then = "Verify it, or its domain, in SES there; or mend notifications.sender."
    yield missing(f"SES knows neither {address} nor its domain.", then)


def sandbox(sight: Sight) -> Iterator[Seen]:
    """SES sends to addresses that nobody verified."""
    if sight.platform("sesv2").get_account().get("ProductionAccessEnabled"):
        yield fine("SES sends to everybody.")
    else:
        then = "Ask for production access: SES, Account dashboard."
        yield missing("SES is in its sandbox: it sends to verified addresses alone.", then)


def subscriptions(sight: Sight) -> Iterator[Seen]:
    """Who is told of alarms and reports has agreed to it."""
    for name in TOPICS:
        topic = f"{sight.names.prefix}-{name}"
        arn = f"arn:aws:sns:{sight.home}:{sight.deployment.platform_account}:{topic}"
        try:
            listed = list(sight.platform("sns").pages("list_subscriptions_by_topic", TopicArn=arn))
        except AwsMissing:
            yield missing(f"There is no topic {topic}.", "Deploy FreeholdAudit and FreeholdObservability.", topic)
            continue
        found = [one for page in listed for one in page["Subscriptions"]]
        waiting = [one["Endpoint"] for one in found if not one["SubscriptionArn"].startswith("arn:")]
        if waiting or not found:
            who = ", ".join(waiting) or "nobody is subscribed"
            yield missing(
                f"Nobody has agreed to hear of {name}: {who}.", "Follow the link in the e-mail that SNS sent.", topic
            )
        else:
            yield fine(f"{', '.join(one['Endpoint'] for one in found)} hears of {name}.", topic)


def portal(sight: Sight) -> Iterator[Seen]:
    """It answers at its name, and everything it needs answers to it."""
    address = f"{sight.portal}/healthz"
    try:
        answer = httpx2.get(address, timeout=ANSWER_SECONDS)
    except httpx2.TransportError as error:
        then = "Deploy FreeholdPortal, and point the name to its output PortalTarget."
        yield missing(f"Nothing answers: {error}.", then, address)
        return
    if answer.status_code == httpx2.codes.OK:
        yield fine("The portal answers.", address)
    else:
        then = "The runbook “The portal answers with server errors” goes on from here."
        yield missing(f"The portal answers {answer.status_code}: {answer.text[:200]}", then, address)
