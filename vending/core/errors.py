"""Every error a caller can see, each with a code, a sentence and a remedy.

FreeholdError
├── BadInput          what was asked is wrong; names each field        exit 2, HTTP 422
│   └── Malformed     it could not even be read                        exit 2, HTTP 400
├── NotSignedIn       nobody is signed in, or the token is not valid   exit 3, HTTP 401
├── NotAllowed        this person may not do that                      exit 3, HTTP 403
├── NotFound          there is no such thing, or none you may see      exit 4, HTTP 404
├── Conflict          it cannot be done in the present state           exit 2, HTTP 409
│   └── Stale         somebody changed it since you read it            exit 2, HTTP 412
├── Partial           done, but not all of it                          exit 6, HTTP 502
├── IssuerUnanswered  who signs people in does not answer              exit 5, HTTP 503
└── AwsFailed         AWS said no or did not answer                    exit 5, HTTP 502
    ├── AwsDenied     not authorised, or denied by a guardrail
    ├── AwsThrottled  too many calls, or too much in progress: wait
    ├── AwsMissing    the thing asked for does not exist in AWS
    ├── AwsConflict   another change is under way, or it exists already
    ├── AwsUnready    a new account cannot use the service yet: wait
    └── AwsUnanswered no answer came: the change may or may not have taken place
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of the input."""

    field: str
    """Dotted path of the field, `-` for the whole input."""
    reason: str
    remedy: str


class FreeholdError(Exception):
    """The root of the tree: nothing else is shown to a person."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy


class BadInput(FreeholdError):
    """What was asked is wrong. `errors` names each field, the reason and the way out."""

    code = "bad-input"
    exit_code = 2
    http_status = 422

    def __init__(self, sentence: str, remedy: str = "", errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(sentence, remedy)
        self.errors = errors

    @classmethod
    def of(cls, *errors: FieldError) -> "BadInput":
        """One error out of several field errors; the first speaks for all in the sentence."""
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        return cls(f"{first.field}: {first.reason}{more}", first.remedy, errors)


class Malformed(BadInput):
    """The input could not be read at all."""

    code = "malformed"
    http_status = 400


class NotSignedIn(FreeholdError):
    """Nobody is signed in, or the token is not one of the configured issuer's."""

    code = "not-signed-in"
    exit_code = 3
    http_status = 401


class NotAllowed(FreeholdError):
    """The signed-in person may not do that."""

    code = "not-allowed"
    exit_code = 3
    http_status = 403


class NotFound(FreeholdError):
    """There is no such thing, or none that this person may see."""

    code = "not-found"
    exit_code = 4
    http_status = 404


class Conflict(FreeholdError):
    """It cannot be done in the present state."""

    code = "conflict"
    exit_code = 2
    http_status = 409


class Stale(Conflict):
    """Somebody changed the thing since it was read."""

    code = "stale"
    http_status = 412


class Partial(FreeholdError):
    """It was done, but not all of it; the sentence says what is missing."""

    code = "partial"
    exit_code = 6
    http_status = 502


class IssuerUnanswered(FreeholdError):
    """The OIDC issuer did not answer, or not as one does: nobody can be signed in, and nobody's token checked."""

    code = "issuer-unanswered"
    exit_code = 5
    http_status = 503


class AwsFailed(FreeholdError):
    """AWS refused a call. Carries what AWS said, for the operator."""

    code = "aws-failed"
    exit_code = 5
    http_status = 502
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        sentence: str,
        remedy: str = "",
        *,
        service: str = "",
        operation: str = "",
        aws_code: str = "",
        aws_reason: str = "",
        aws_request_id: str = "",
    ) -> None:
        super().__init__(sentence, remedy)
        self.service = service
        self.operation = operation
        self.aws_code = aws_code
        self.aws_reason = aws_reason
        self.aws_request_id = aws_request_id


class AwsDenied(AwsFailed):
    """Not authorised: an identity policy lacks the right, or a guardrail denies it."""

    code = "aws-denied"


class AwsUnsigned(AwsFailed):
    """There are no credentials to sign the call with, or AWS takes them no longer. Nothing took place."""

    code = "aws-unsigned"


class AwsThrottled(AwsFailed):
    """Too many calls, or too much in progress. Nothing took place; the same call works later."""

    code = "aws-throttled"
    retryable = True


class AwsMissing(AwsFailed):
    """The thing asked for does not exist in AWS."""

    code = "aws-missing"


class AwsConflict(AwsFailed):
    """Another change is under way, or the thing exists already."""

    code = "aws-conflict"
    retryable = True


class AwsUnready(AwsFailed):
    """The account is not subscribed to the service. A new one soon is: AWS takes minutes after it was made."""

    code = "aws-unready"
    retryable = True


class AwsUnanswered(AwsFailed):
    """No answer, or a 5xx: the change may or may not have taken place. Look before calling again."""

    code = "aws-unanswered"
    retryable = True


def why_unreadable(error: OSError | UnicodeDecodeError) -> str:
    """The reason why a file's text could not be had, in words."""
    return (isinstance(error, OSError) and error.strerror) or "it is not UTF-8 text"
