"""What a call asks for: its parameters, read by moto's own parsers from botocore's models."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import OperationNotFoundError
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from infra.local.call import Call, is_modelled

ENVIRON_KEY = "freehold.parameters"

_UNREADABLE = (
    HTTPException,
    RequestParserError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)
"""What the parsers raise for a request that does not fit; RecursionError is a RuntimeError."""


class Unreadable(Exception):
    """The request does not fit the operation it names."""


def read_parameters(environ: dict[str, Any], call: Call) -> dict[str, Any]:
    """The parameters under the names of botocore's model; empty where the request cannot be read.

    The body is left readable.
    """
    if not is_modelled(call.service):
        return {}
    try:
        return parse_parameters(environ, call)
    except (Unreadable, OperationNotFoundError):
        return {}


def parse_parameters(environ: dict[str, Any], call: Call) -> dict[str, Any]:
    """The parameters, found once and kept in the WSGI environment; OperationNotFoundError, Unreadable.

    The body is left readable.
    """
    known = environ.get(ENVIRON_KEY)
    if isinstance(known, dict):
        return known
    operation = get_service_model(call.service).operation_model(call.operation)
    try:
        found = environ[ENVIRON_KEY] = _parse(Request(dict(environ)), call.service, operation)
    except _UNREADABLE as why:
        raise Unreadable("The request cannot be parsed.") from why
    finally:
        environ["wsgi.input"].seek(0)
    return found


def _parse(request: Request, service: str, operation: Any) -> dict[str, Any]:
    model = get_service_model(service)
    rest = str(model.protocol).startswith("rest")
    _, in_path = get_service_router(service).match(request) if rest else (None, {})
    parser = PROTOCOL_PARSERS[determine_request_protocol(model, request.content_type)](operation)
    parsed = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": in_path,
        }
    )
    return _without_empty_queries(parsed, operation) if isinstance(parsed, dict) else {}


def _without_empty_queries(parsed: dict[str, Any], operation: Any) -> dict[str, Any]:
    """moto's parsers read a list out of a query string that does not have it."""
    members = operation.input_shape.members if operation.input_shape else {}
    in_query = {name for name, member in members.items() if member.serialization.get("location") == "querystring"}
    return {name: value for name, value in parsed.items() if value != [] or name not in in_query}


class Mentions:
    """Every text a request mentions anywhere, by the name it is mentioned under, whatever the case."""

    def __init__(self, parameters: Mapping[str, Any]):
        self.parameters = parameters
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for name, text in _texts("", parameters):
            self._by_name[name.lower()].append(text)

    def of(self, *names: str) -> list[str]:
        """The texts under any of the names, once each, in order."""
        return list(dict.fromkeys(text for name in names for text in self._by_name.get(name.lower(), ())))

    def keys_of(self, name: str) -> list[str]:
        """The keys of the map that is the parameter of that name."""
        value = self.parameters.get(name)
        return list(value) if isinstance(value, Mapping) else []

    def arns(self) -> list[str]:
        """Every ARN, once each."""
        return list(
            dict.fromkeys(text for texts in self._by_name.values() for text in texts if text.startswith("arn:"))
        )


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, bool):
        yield name, str(value).lower()
    elif isinstance(value, int | float):
        yield name, str(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(name, inner)
