"""Slack's end of a webhook on a laptop: it takes everything. What it was told stands in the portal's mailbox."""

from vending.notices.letter import Letter


class SlackStandIn:
    """Nothing leaves a laptop: the company file's webhooks belong to the company's real channels."""

    def send(self, letter: Letter, target: str) -> None:
        """Taken at once."""
