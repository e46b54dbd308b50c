"""Identifiers that sort by the time they were made, short enough for an e-mail address and an AWS tag."""

import secrets
from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32, lower case: no letter that reads like a digit."""


def new_id(prefix: str, now: datetime) -> str:
    """`prefix-` and 16 characters: 9 of time in milliseconds, 7 (35 bits) of chance."""
    milliseconds = int(now.timestamp() * 1000)
    return f"{prefix}-{_base32(milliseconds, 9)}{_base32(secrets.randbits(35), 7)}"


def _base32(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 32)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
