"""How a notice leaves the house."""

from typing import Protocol

from vending.core.errors import FreeholdError
from vending.notices.letter import Letter


class Undelivered(FreeholdError):
    """It was not taken; it is tried again later."""

    code = "undelivered"


class Sending(Protocol):
    """One way out."""

    def send(self, letter: Letter, target: str) -> None:
        """Hand a copy over.

        Raises:
            Undelivered: with the reason, when it was not taken or no answer came.
        """
        ...
