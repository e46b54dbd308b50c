"""How AWS says no: the sentence, the code, and the body in the protocol of the service.

Sentences: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html, with the denying policy's
ARN as announced at https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns/.
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import uuid4

from moto.core.errors import COMMON_ERROR_CODES
from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel
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


_COMMON = (
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "ExpiredToken",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
)
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


def denial(call: Call, message: str) -> Refused:
    """The refusal in the manner of the service."""
    if call.service == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
    return Refused(_code_of(call), message)


def missing_token(call: Call) -> Refused:
    """What a call without credentials is told."""
    if _protocol(call.service) in _XML_PROTOCOLS:
        return Refused("MissingAuthenticationToken", "Request is missing Authentication Token")
    return Refused("MissingAuthenticationTokenException", "Missing Authentication Token")


def invalid_token() -> Refused:
    """What credentials are told that nobody was given, or that were taken back."""
    return Refused("InvalidClientTokenId", "The security token included in the request is invalid.")


def expired_token() -> Refused:
    """What a session is told that is over."""
    return Refused("ExpiredToken", "The security token included in the request is expired")


def _code_of(call: Call) -> str:
    if call.service in _CODES:
        return _CODES[call.service]
    return "AccessDenied" if _protocol(call.service) in _XML_PROTOCOLS else "AccessDeniedException"


def refuse(call: Call, refusal: Refused, start_response: "StartResponse") -> Iterable[bytes]:
    """Answer an error that every AWS client reads as such.

    The status is 403, but 400 where the protocol is JSON: there the error is in the body.
    """
    if not is_modelled(call.service):
        return _refuse_plainly(refusal, start_response)
    model = get_service_model(call.service)
    known = call.operation in model.operation_names
    operation = model.operation_model(call.operation) if known else OperationModel({}, model, call.operation)
    serializer = get_serializer_class(call.service, _protocol(call.service))
    response = serializer(operation, SerializationContext(str(uuid4()))).serialize(refusal)
    status = "400 Bad Request" if _protocol(call.service) == "json" else "403 Forbidden"
    start_response(status, [*response["headers"].items()])
    body = response["body"]
    return [body.encode() if isinstance(body, str) else body]


def _refuse_plainly(refusal: Refused, start_response: "StartResponse") -> Iterable[bytes]:
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", refusal.code)]
    start_response("403 Forbidden", headers)
    return [json.dumps({"__type": refusal.code, "message": refusal.message}).encode()]


def _protocol(service: str) -> str:
    return str(get_service_model(service).protocol) if is_modelled(service) else "json"
