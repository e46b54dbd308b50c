"""Reading a JSON body without trusting it: what is no JSON object is refused before anybody looks inside."""

import json
from typing import Any, NoReturn

from fastapi import Request

from vending.core.errors import FieldError, Malformed

MAX_BYTES = 64 * 1024
"""More than the longest request for an account with every tag filled in."""


async def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object (RFC 8259: no NaN, no Infinity), whatever its Content-Type says.

    Raises:
        Malformed: when it is too long, no JSON, or JSON but no object.
    """
    try:
        value = json.loads(await _read(request), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _malformed("the body is no JSON") from error
    if not isinstance(value, dict):
        raise _malformed("the body is no JSON object")
    return value


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise _malformed(f"the body is longer than {MAX_BYTES} bytes")
    return bytes(body)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _malformed(reason: str) -> Malformed:
    remedy = "Send one JSON object with the fields that /openapi.json describes."
    return Malformed(reason[0].upper() + reason[1:] + ".", remedy, (FieldError("-", reason, remedy),))
