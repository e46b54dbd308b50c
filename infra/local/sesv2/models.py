"""State of SES: moto's, whose mail lands in the cloud's mailbox, readable at `/_cloud/mail?to=`.

An identity is verified as soon as it is made: its owner, the cloud's mailbox, follows AWS's link at once. Senders are
looked for in the region that sends. An account is out of the sandbox unless it is put there: `in_production`.
"""

from email import message_from_string
from email.utils import parseaddr
from typing import Any, cast

from moto.ses.models import EmailIdentity, Message, RawMessage
from moto.sesv2.models import SESV2Backend, sesv2_backends

from infra.local.cloud import current
from infra.local.mailbox import Mail
from infra.local.service import Refusal
from infra.local.ses.models import LocalSESBackend


class LocalSESV2Backend(SESV2Backend):
    """SES of one account and region."""

    in_production = True
    """Otherwise it sends to verified addresses alone."""

    def create_email_identity(self, *args: Any, **kwargs: Any) -> EmailIdentity:
        """An address or domain to send from; AlreadyExistsException where it is one already."""
        name = kwargs["email_identity"]
        if name in self.core_backend.email_identities:
            raise Refusal("AlreadyExistsException", f"Email identity {name} already exist.")
        identity: EmailIdentity = super().create_email_identity(*args, **kwargs)
        identity.verified_for_sending_status = True
        return identity

    def send_email(self, source: str, destinations: dict[str, list[str]], subject: str, body: str) -> Message:
        """Deliver to everybody named; MessageRejected where the sender is not verified."""
        to = [one for named in destinations.values() for one in named]
        self._check([source, *([] if self.in_production else to)])
        message: Message = super().send_email(source, destinations, subject, body)
        self._deliver(to, subject, body)
        return message

    def send_raw_email(self, source: str, destinations: list[str], raw_data: str) -> RawMessage:
        """Deliver a message that is written out already."""
        letter = message_from_string(raw_data)
        self._check([source or letter["From"], *([] if self.in_production else destinations)])
        message: RawMessage = super().send_raw_email(source, destinations, raw_data)
        self._deliver(message.destinations, letter["Subject"] or "", str(letter.get_payload()))
        return message

    def _check(self, addresses: list[str | None]) -> None:
        verified = cast("LocalSESBackend", self.core_backend).sends_from
        if failed := [address for address in addresses if not verified(address or "")]:
            named = ", ".join(str(address) for address in failed)
            where = f"The following identities failed the check in region {self.region_name.upper()}: {named}"
            raise Refusal("MessageRejected", f"Email address is not verified. {where}")

    def _deliver(self, to: list[str], subject: str, text: str) -> None:
        cloud = current()
        for address in dict.fromkeys(parseaddr(one)[1] for one in to):
            cloud.mailbox.send(Mail(address, subject, text, cloud.clock.now()))


__all__ = ["LocalSESV2Backend", "sesv2_backends"]

sesv2_backends.backend = LocalSESV2Backend
