"""How AWS says no: the sentence, the code, and the body in the protocol of the service.

Sentences: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html, with the denying policy's
ARN as announced at https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns/.
"""

from enum import Enum

from guardrails.evaluator.decision import Because, Kind
from infra.local.call import Call, is_modelled
from infra.local.wire import XML_PROTOCOLS, WireError

_KINDS = {
    Kind.SCP: "a service control policy",
    Kind.RCP: "a resource control policy",
    Kind.IDENTITY: "an identity-based policy",
    Kind.BOUNDARY: "a permissions boundary",
    Kind.SESSION: "a session policy",
    Kind.RESOURCE: "a resource-based policy",
}
_CODES = {"ec2": "UnauthorizedOperation", "sns": "AuthorizationError"}


class NotSignedIn(Enum):
    """What can be wrong with credentials."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    EXPIRED = "expired"


_CREDENTIAL_SENTENCES = {
    NotSignedIn.MISSING: "Request is missing Authentication Token",
    NotSignedIn.UNKNOWN: "The security token included in the request is invalid.",
    NotSignedIn.EXPIRED: "The security token included in the request is expired",
}
_IN_XML = {
    NotSignedIn.MISSING: "MissingAuthenticationToken",
    NotSignedIn.UNKNOWN: "InvalidClientTokenId",
    NotSignedIn.EXPIRED: "ExpiredToken",
}
_IN_JSON = {
    NotSignedIn.MISSING: "MissingAuthenticationTokenException",
    NotSignedIn.UNKNOWN: "UnrecognizedClientException",
    NotSignedIn.EXPIRED: "ExpiredTokenException",
}
_CREDENTIAL_CODES = {
    "s3": {**_IN_XML, NotSignedIn.MISSING: "AccessDenied", NotSignedIn.UNKNOWN: "InvalidAccessKeyId"},
    "ec2": {**_IN_XML, NotSignedIn.UNKNOWN: "AuthFailure", NotSignedIn.EXPIRED: "RequestExpired"},
    "query": _IN_XML,
    "rest-xml": _IN_XML,
}
"""By service, else by its protocol; any other protocol is one of JSON."""


def sentence(caller: str, action: str, resource: str, because: Because, trust: bool = False) -> str:
    """The sentence of a denial: who may not do what to which resource, and which kind of policy says so."""
    head = f"User: {caller} is not authorized to perform: {action} on resource: {resource}"
    kind = "a role trust policy" if trust and because.kind is Kind.RESOURCE else _KINDS[because.kind]
    if because.explicit:
        named = f": {because.name}" if because.name else ""
        return f"{head} with an explicit deny in {kind.replace('a role', 'the role')}{named}"
    return f"{head} because no {kind.partition(' ')[2]} allows the {action} action"


def denial(call: Call, protocol: str, message: str) -> WireError:
    """The refusal in the manner of the service."""
    if call.service == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
    usual = "AccessDenied" if protocol in XML_PROTOCOLS else "AccessDeniedException"
    return WireError(_CODES.get(call.service, usual), message, _status(call, protocol))


def not_signed_in(call: Call, protocol: str, why: NotSignedIn) -> WireError:
    """What a call is told whose credentials are none, or none any more."""
    codes = _CREDENTIAL_CODES.get(call.service) or _CREDENTIAL_CODES.get(protocol, _IN_JSON)
    return WireError(codes[why], _CREDENTIAL_SENTENCES[why], _status(call, protocol))


def _status(call: Call, protocol: str) -> int:
    """403, but 400 where the protocol of a service is JSON: there the error is in the body."""
    return 400 if protocol == "json" and is_modelled(call.service) else 403
