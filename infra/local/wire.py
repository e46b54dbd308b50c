"""An error in the protocol of the service it comes from, as every AWS client reads it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from moto.core.errors import COMMON_ERROR_CODES
from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel
from moto.core.request import determine_request_protocol
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model

from infra.local.call import Call, is_modelled

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

XML_PROTOCOLS = ("query", "ec2", "rest-xml")


class _Said(ServiceException):
    """An error for moto's serialisers, which look for the service in the module where its class is."""


@dataclass(frozen=True, slots=True)
class WireError:
    """What an AWS service says when it does not do what it was asked."""

    code: str
    message: str
    status: int
    """Of HTTP."""


def protocol_of(call: Call, content_type: str) -> str:
    """What the client speaks; a service with several protocols is answered in the one of the request.

    CBOR counts as JSON: what is asked in it is not read here, and errors are told in JSON.
    """
    if not is_modelled(call.service):
        return "json"
    model = get_service_model(call.service)
    try:
        found: str = determine_request_protocol(model, content_type)
    except NotImplementedError:
        found = "json" if "json" in content_type or "cbor" in content_type else str(model.protocol)
    return "json" if "cbor" in found else found


def answer_error(
    environ: dict[str, Any], call: Call, error: WireError, start_response: "StartResponse"
) -> Iterable[bytes]:
    """Answer an error in the call's own protocol; in JSON where the service is none that botocore knows."""
    if not is_modelled(call.service):
        return _send(error, *_plain(error), start_response)
    model = get_service_model(call.service)
    known = call.operation in model.operation_names
    operation = model.operation_model(call.operation) if known else OperationModel({}, model, call.operation)
    serializer = get_serializer_class(call.service, protocol_of(call, environ.get("CONTENT_TYPE", "")))
    if error.code not in COMMON_ERROR_CODES:  # moto warns of a code that the service's model lacks
        COMMON_ERROR_CODES.append(error.code)
    response = serializer(operation, SerializationContext(str(uuid4()))).serialize(_Said(error.code, error.message))
    body = response["body"]
    content = body.encode() if isinstance(body, str) else body
    return _send(error, [*response["headers"].items()], content, start_response)


def _plain(error: WireError) -> tuple[list[tuple[str, str]], bytes]:
    content = json.dumps({"__type": error.code, "message": error.message, "Message": error.message}).encode()
    return [("Content-Type", "application/json"), ("x-amzn-ErrorType", error.code)], content


def _send(
    error: WireError, headers: list[tuple[str, str]], content: bytes, start_response: "StartResponse"
) -> Iterable[bytes]:
    status = f"{error.status} {HTTPStatus(error.status).phrase}"
    start_response(status, [*headers, ("Content-Length", str(len(content)))])
    return [content]
