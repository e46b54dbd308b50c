"""By e-mail, with Amazon SES."""

from dataclasses import dataclass

from vending.core.aws import Aws
from vending.core.errors import AwsFailed
from vending.notices.channel import Undelivered
from vending.notices.letter import Letter

UTF8 = "UTF-8"


@dataclass(frozen=True)
class SesEmail:
    """Sends plain text from an identity that is verified in SES."""

    aws: Aws
    sender: str

    def send(self, letter: Letter, target: str) -> None:
        """One call; SES has no idempotency token, so its header tells a copy that came twice."""
        subject, text = ({"Data": words, "Charset": UTF8} for words in (letter.subject, letter.text))
        headers = [{"Name": "X-Freehold-Notice", "Value": letter.id}]
        try:
            self.aws.client("sesv2", once=True).send_email(
                FromEmailAddress=self.sender,
                Destination={"ToAddresses": [target]},
                Content={"Simple": {"Subject": subject, "Body": {"Text": text}, "Headers": headers}},
            )
        except AwsFailed as error:
            raise Undelivered(error.sentence, error.remedy) from error
