import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.types import Message

from vending.core.errors import Malformed
from vending.web.bodies import MAX_BYTES, json_object


def request_of(*chunks: bytes) -> Request:
    """A request whose body comes in these pieces."""

    async def pieces() -> AsyncIterator[Message]:
        for place, chunk in enumerate(chunks, 1):
            yield {"type": "http.request", "body": chunk, "more_body": place < len(chunks)}

    left = pieces()
    return Request({"type": "http", "method": "POST", "headers": []}, lambda: anext(left))


def test_an_object_is_read_in_whatever_pieces_it_comes() -> None:
    assert asyncio.run(json_object(request_of(b'{"na', b'me": "x"}'))) == {"name": "x"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the body is no JSON"),
        (b"{", "the body is no JSON"),
        (b"\xff\xfe\xfa", "the body is no JSON"),
        (b'{"a": Infinity}', "the body is no JSON"),
        (b"[" * 60_000, "the body is no JSON"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "the body is no JSON"),
        (b"[]", "the body is no JSON object"),
        (b"7", "the body is no JSON object"),
        (b" " * (MAX_BYTES + 1), f"the body is longer than {MAX_BYTES} bytes"),
    ],
)
def test_anything_else_is_refused_with_its_reason(body: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        asyncio.run(json_object(request_of(body)))

    assert [(error.field, error.reason) for error in caught.value.errors] == [("-", reason)]
