"""By webhook, in the form that Slack's incoming webhooks take."""

from dataclasses import dataclass

import httpx2

from vending.notices.channel import Undelivered
from vending.notices.letter import Letter

TIMEOUT_SECONDS = 10.0
LONGEST_REASON = 200


@dataclass(frozen=True)
class SlackWebhook:
    """Posts `{"text": ...}`; anything but a 2xx is a refusal. The address is a secret and stands in no error."""

    http: httpx2.Client

    @classmethod
    def open(cls) -> "SlackWebhook":
        """With a client of its own, which follows no redirect."""
        return cls(httpx2.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False))

    def send(self, letter: Letter, target: str) -> None:
        """One POST; `Idempotency-Key` tells a copy that came twice from one that came once."""
        text = f"*{_plain(letter.subject)}*\n{_plain(letter.text)}"
        try:
            answer = self.http.post(target, json={"text": text}, headers={"Idempotency-Key": letter.id})
        except httpx2.HTTPError as error:
            raise Undelivered(f"The webhook did not answer: {type(error).__name__}.") from error
        if not answer.is_success:
            said = " ".join(answer.text.split())[:LONGEST_REASON]
            raise Undelivered(f"The webhook answered {answer.status_code}: {said or 'nothing'}.")


def _plain(text: str) -> str:
    """Nothing in it is markup to Slack (its guide, "Formatting text for app surfaces": escape these three)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
