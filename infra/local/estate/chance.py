"""Chance that is looked up, not drawn: the same answer for the same question, however often and in whatever order."""

from hashlib import blake2b

_MOST = 1 << 64


def share(*about: object) -> float:
    """A number from 0 to 1."""
    return number(*about) / _MOST


def number(*about: object) -> int:
    """A number of 64 bits."""
    text = "/".join(map(str, about))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def hexadecimal(length: int, *about: object) -> str:
    """So many hexadecimal digits, 17 at most as in the ids of EC2."""
    return f"{number(*about):016x}{number(0, *about):016x}"[:length]
