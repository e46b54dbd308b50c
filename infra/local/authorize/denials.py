"""How AWS says no: the sentence, the code, and the body in the protocol of the service.

Sentences: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html, with the denying policy's
ARN as announced at https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns/.
"""

import json
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING
from uuid import uuid4

from moto.core.errors import COMMON_ERROR_CODES
from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel
from moto.core.request import determine_request_protocol
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model

from guardrails.evaluator.decision import Because, Kind
from infra.local.call import Call, is_modelled

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

_KINDS = {
    Kind.SCP: "a service control policy",
    Kind.RCP: "a resource control policy",
    Kind.IDENTITY: "an identity-based policy",
    Kind.BOUNDARY: "a permissions boundary",
    Kind.SESSION: "a session policy",
    Kind.RESOURCE: "a resource-based policy",
}
_CODES = {"ec2": "UnauthorizedOperation", "sns": "AuthorizationError"}
_XML_PROTOCOLS = ("query", "ec2", "rest-xml")


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

_COMMON = ("AccessDenied", "AccessDeniedException", "AuthorizationError", *_IN_XML.values(), *_IN_JSON.values())
"""Any service may answer these, whether or not its model has a shape for them:
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html"""


def know_common_errors() -> None:
    """Tell moto's serialisers, which warn of a code that a service's model lacks."""
    COMMON_ERROR_CODES.extend(code for code in _COMMON if code not in COMMON_ERROR_CODES)


class Refused(ServiceException):
    """The call does not go on; `code` and `message` are what AWS says."""


def sentence(caller: str, action: str, resource: str, because: Because, trust: bool = False) -> str:
    """The sentence of a denial: who may not do what to which resource, and which kind of policy says so."""
    head = f"User: {caller} is not authorized to perform: {action} on resource: {resource}"
    kind = "a role trust policy" if trust and because.kind is Kind.RESOURCE else _KINDS[because.kind]
    if because.explicit:
        named = f": {because.name}" if because.name else ""
        return f"{head} with an explicit deny in {kind.replace('a role', 'the role')}{named}"
    return f"{head} because no {kind.partition(' ')[2]} allows the {action} action"


def denial(call: Call, protocol: str, message: str) -> Refused:
    """The refusal in the manner of the service."""
    if call.service == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
    usual = "AccessDenied" if protocol in _XML_PROTOCOLS else "AccessDeniedException"
    return Refused(_CODES.get(call.service, usual), message)


def not_signed_in(call: Call, protocol: str, why: NotSignedIn) -> Refused:
    """What a call is told whose credentials are none, or none any more."""
    codes = _CREDENTIAL_CODES.get(call.service) or _CREDENTIAL_CODES.get(protocol, _IN_JSON)
    return Refused(codes[why], _CREDENTIAL_SENTENCES[why])


def protocol_of(call: Call, content_type: str) -> str:
    """What the client speaks; a service with several protocols is answered in the one of the request."""
    if not is_modelled(call.service):
        return "json"
    model = get_service_model(call.service)
    try:
        return determine_request_protocol(model, content_type)
    except NotImplementedError:
        return "json" if "json" in content_type or "cbor" in content_type else str(model.protocol)


def refuse(call: Call, protocol: str, refusal: Refused, start_response: "StartResponse") -> Iterable[bytes]:
    """Answer an error that every AWS client reads as such.

    The status is 403, but 400 where the protocol is JSON: there the error is in the body.
    """
    if not is_modelled(call.service):
        return _refuse_plainly(refusal, start_response)
    model = get_service_model(call.service)
    known = call.operation in model.operation_names
    operation = model.operation_model(call.operation) if known else OperationModel({}, model, call.operation)
    serializer = get_serializer_class(call.service, protocol)
    response = serializer(operation, SerializationContext(str(uuid4()))).serialize(refusal)
    status = "400 Bad Request" if protocol == "json" else "403 Forbidden"
    body = response["body"]
    content = body.encode() if isinstance(body, str) else body
    start_response(status, [*response["headers"].items(), ("Content-Length", str(len(content)))])
    return [content]


def _refuse_plainly(refusal: Refused, start_response: "StartResponse") -> Iterable[bytes]:
    content = json.dumps({"__type": refusal.code, "message": refusal.message}).encode()
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", refusal.code)]
    start_response("403 Forbidden", [*headers, ("Content-Length", str(len(content)))])
    return [content]
