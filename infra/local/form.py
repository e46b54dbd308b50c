"""The form of a call, judged at the door: what AWS cannot read, or has no operation for, goes no further.

An operation that botocore's model lacks, a body that cannot be parsed and a value that breaks the model's input shape
are each refused in the words of the service's protocol, for moto's services and ours. What is only not modelled here
passes: whoever should answer says `NotImplemented`. Codes: the common errors of each protocol,
https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
"""

import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from moto.core.utils import get_service_model

from infra.local.authorize.parameters import Unreadable, parse_parameters
from infra.local.call import NEEDS_NO_SIGNATURE, UNKNOWN, Call, identify, is_modelled
from infra.local.cloud import LocalCloud
from infra.local.json_body import check_json
from infra.local.registry import OURS
from infra.local.s3.body import find_bad_body
from infra.local.shape import find_violation
from infra.local.wire import WireError, answer_error, protocol_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

_UNSIGNED = frozenset({"s3", "sso"})
"""Services that also answer calls without a signature; any other call that has none is refused for that first."""

_UNKNOWN_OPERATION = {
    "json": WireError("UnknownOperationException", "There is no operation of that name.", 400),
    "rest-json": WireError("UnknownOperationException", "There is no operation of that method and path.", 404),
    "rest-xml": WireError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405),
    "query": WireError("InvalidAction", "The action is not valid for this web service.", 400),
    "ec2": WireError("InvalidAction", "The action is not valid for this web service.", 400),
}
_NO_ACTION = WireError("MissingAction", "The request is missing an action or a required parameter.", 400)
_UNREADABLE = {"rest-xml": "MalformedXML", "query": "MalformedQueryString", "ec2": "MalformedQueryString"}
_FORM_OF_BROWSERS = frozenset({"POST", "OPTIONS"})
"""S3 answers both, and botocore's model has neither: uploads by a browser's form, and its questions beforehand."""

_INVALID = {
    "cognito-idp": "InvalidParameterException",
    "ec2": "InvalidParameterValue",
    "logs": "InvalidParameterException",
    "query": "ValidationError",
    "rest-xml": "InvalidRequest",
    "s3": "InvalidArgument",
}
"""What a value is told that breaks its shape, by service or by protocol; elsewhere it is a ValidationException."""

NOTHING = b"{}"
_NO_FORM = b"\\u0026"
"""An ampersand in JSON, which moto would take for the next parameter of a form."""

_CHECK_THEMSELVES = frozenset(OURS) - {"s3"}
"""Services with an error of their own for such a value; their buckets of tokens are asked before it."""

_RULES_OF_S3 = frozenset({"REQUIRED", "TYPE", "ENUM"})
"""S3 has errors of its own for names and sizes, and moto knows them."""

_NOT_TEXT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot say, and so no answer of these services either."""


def middleware(app: "WSGIApplication", _: LocalCloud) -> "WSGIApplication":
    """Belongs before authorisation, which has to read what it judges; a call without signature is left to that."""

    def answer(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        call = identify(environ)
        content_type = environ.get("CONTENT_TYPE", "")
        signed = call.access_key or call.service in _UNSIGNED or call.name in NEEDS_NO_SIGNATURE
        if is_modelled(call.service) and signed and not _is_in_cbor(call.service, content_type):
            protocol = protocol_of(call, content_type)
            if error := find_error(environ, call, protocol):
                return answer_error(environ, call, error, start_response)
        return app(environ, start_response)

    return answer


def find_error(environ: dict[str, Any], call: Call, protocol: str) -> WireError | None:
    """What AWS would answer to a call because of its form; None where that is in order."""
    if not _exists(environ, call):
        return _unknown_operation(environ, call, protocol)
    if call.service == "s3" and (error := _bad_body(environ, call)):
        return error
    try:
        _check_text(environ, call, protocol)
        parameters = parse_parameters(environ, call)
    except Unreadable as why:
        return unreadable(protocol, str(why))
    return None if call.service in _CHECK_THEMSELVES else _misfit(call, protocol, parameters)


def _bad_body(environ: dict[str, Any], call: Call) -> WireError | None:
    body = environ["wsgi.input"].read()
    environ["wsgi.input"].seek(0)
    return find_bad_body(get_service_model(call.service).operation_model(call.operation), body)


def _is_in_cbor(service: str, content_type: str) -> bool:
    """moto reads that protocol itself, and the cloud has it for nothing of its own: NotImplementedError.

    To a service that does not speak it, it is a body like any other.
    """
    spoken: list[str] = get_service_model(service).metadata.get("protocols", [])
    if "cbor" not in content_type or not any("cbor" in protocol for protocol in spoken):
        return False
    if service in OURS:
        raise NotImplementedError("in CBOR")
    return True


def unreadable(protocol: str, why: str) -> WireError:
    """The refusal of a request that cannot be parsed."""
    return WireError(_UNREADABLE.get(protocol, "SerializationException"), why, 400)


def _exists(environ: dict[str, Any], call: Call) -> bool:
    model = get_service_model(call.service)
    target, prefix = environ.get("HTTP_X_AMZ_TARGET", ""), model.metadata.get("targetPrefix")
    foreign = bool(target and prefix) and target.rpartition(".")[0] != prefix
    return call.operation in model.operation_names and not foreign


def _unknown_operation(environ: dict[str, Any], call: Call, protocol: str) -> WireError:
    if call.service == "s3" and environ["REQUEST_METHOD"] in _FORM_OF_BROWSERS:
        raise NotImplementedError
    if call.operation == UNKNOWN and protocol in ("query", "ec2"):
        return _NO_ACTION
    return _UNKNOWN_OPERATION[protocol]


def _check_text(environ: dict[str, Any], call: Call, protocol: str) -> None:
    """Unreadable where the body is not what the protocol is written in; an empty one asks for nothing in JSON."""
    body: bytes = environ["wsgi.input"].read() or (NOTHING if protocol == "json" else b"")
    if protocol in ("json", "rest-json") and check_json(
        body, get_service_model(call.service).operation_model(call.operation).input_shape
    ):
        body = body.replace(b"&", _NO_FORM)
        environ.pop("HTTP_CONTENT_ENCODING", None)
    environ.update({"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
    if protocol in ("json", "rest-json"):
        return
    if protocol in ("query", "ec2"):
        given = unquote_plus(f"{environ.get('QUERY_STRING', '')}&{body.decode('utf-8', 'surrogateescape')}")
        if _NOT_TEXT.search(given):
            raise Unreadable("The query string contains characters that are no text.")


def _misfit(call: Call, protocol: str, parameters: dict[str, Any]) -> WireError | None:
    shape = get_service_model(call.service).operation_model(call.operation).input_shape
    found = find_violation(shape, parameters) if shape is not None else None
    if found is None or (call.service == "s3" and found.rule not in _RULES_OF_S3):
        return None
    if found.rule == "REQUIRED" and call.service == "ec2":
        return WireError("MissingParameter", f"The request must contain the parameter {found.path}", 400)
    if found.rule == "TYPE":
        return unreadable(protocol, found.sentence)
    code = _INVALID.get(call.service) or _INVALID.get(protocol, "ValidationException")
    return WireError(code, f"1 validation error detected: {found.sentence}", 400)
