"""Addresses of portals and issuers: which are this machine's own, and which a token may be sent to."""

from urllib.parse import SplitResult, urlsplit

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def is_loopback(url: str) -> bool:
    """Whether it is on this machine: a proxy set for AWS's clients is not for it."""
    return _split(url).hostname in LOOPBACK


def is_private(url: str) -> bool:
    """Whether what is sent there stays between the two: https, or this machine itself (RFC 6750, section 5.3)."""
    parts = _split(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)))


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")
