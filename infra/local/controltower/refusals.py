"""The refusals of the Control Tower API, with the codes of botocore's model."""

from infra.local.service import Refusal


def denied(sentence: str) -> Refusal:
    """The caller may not use Control Tower from where it is."""
    return Refusal("AccessDeniedException", sentence)


def conflict(sentence: str) -> Refusal:
    """Another operation on the same thing is under way."""
    return Refusal("ConflictException", sentence)


def missing(sentence: str) -> Refusal:
    """What was named does not exist."""
    return Refusal("ResourceNotFoundException", sentence)


def over_quota(sentence: str) -> Refusal:
    """A cap of operations in progress is reached."""
    return Refusal("ServiceQuotaExceededException", sentence)


def invalid(sentence: str) -> Refusal:
    """The request is wrong, or Control Tower does not allow it."""
    return Refusal("ValidationException", sentence)
