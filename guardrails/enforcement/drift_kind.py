"""The ways in which what is in effect can differ from what is compiled."""

from enum import StrEnum


class DriftKind(StrEnum):
    """What is wrong with something that should be in effect."""

    MISSING = "missing"
    """Ours is not where it should be."""
    TAMPERED = "tampered"
    """Ours, but somebody changed it."""
    OUTDATED = "outdated"
    """Ours, of an earlier catalogue, or at a place where it does not belong."""
    FAILED = "failed"
    """AWS could not put it into effect."""
    FOREIGN = "foreign"
    """Neither ours, nor AWS's, nor Control Tower's."""
    CLOSED = "closed"
    """FullAWSAccess and its like are gone: nothing is allowed below."""
