"""One answer of AWS as it is kept: canonical JSON under its SHA-256, compressed on its own within a pack."""

import base64
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from audit.calls import Answered
from vending.core.clock import from_text, to_text
from vending.core.signing import canonical

TIME, BYTES = "$time", "$bytes"
"""How moments and bytes stand in JSON; AWS's models have no member of these names."""
_KEPT = ("RequestId", "HTTPStatusCode")
LEVEL = 3


class Page(BaseModel):
    """Where a page is within its pack, and which call it answers."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    """Of the page before it was compressed."""
    packed_sha256: str
    """Of its bytes in the pack: a bit that decompresses to the same is altered all the same."""
    offset: int
    length: int
    """Bytes of the pack that hold it."""
    service: str
    operation: str
    region: str | None
    account_id: str | None
    """The member account that was asked; None for the management account."""
    at: datetime

    @property
    def words(self) -> str:
        """The page as a person reads of it."""
        where = ", ".join(filter(None, (self.account_id, self.region)))
        return f"{self.service}:{self.operation}{f' ({where})' if where else ''} of {to_text(self.at)}"


@dataclass(frozen=True)
class Written:
    """A page's bytes, and what the manifest says of them."""

    page: Page
    content: bytes


def write_page(answered: Answered, offset: int) -> Written:
    """A page that follows `offset` bytes of its pack."""
    content = canonical(_plain(_about(answered)))
    packed = gzip.compress(content, LEVEL, mtime=0)
    page = Page(
        sha256=hashlib.sha256(content).hexdigest(),
        packed_sha256=hashlib.sha256(packed).hexdigest(),
        offset=offset,
        length=len(packed),
        service=answered.service,
        operation=answered.operation,
        region=answered.region,
        account_id=answered.account_id,
        at=answered.at,
    )
    return Written(page, packed)


def read_page(packed: bytes) -> bytes:
    """A page before it was compressed.

    Raises:
        OSError, EOFError, zlib.error: when it cannot be read any more.
    """
    return gzip.decompress(packed)


def call_key(service: str, operation: str, region: str | None, account_id: str | None, params: Any) -> bytes:
    """Names a call: the same for the call that was made and the one that is repeated from its page."""
    return canonical(_plain([service, operation, region, account_id, params]))


def restore(value: Any) -> Any:
    """What `canonical` wrote, with moments and bytes again."""
    if isinstance(value, list):
        return [restore(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {TIME}:
        return from_text(value[TIME])
    if value.keys() == {BYTES}:
        return base64.b64decode(value[BYTES])
    return {name: restore(one) for name, one in value.items()}


def _about(answered: Answered) -> Mapping[str, Any]:
    told = dict(answered.answer)
    if "ResponseMetadata" in told:
        told["ResponseMetadata"] = {name: told["ResponseMetadata"].get(name) for name in _KEPT}
    return {
        "service": answered.service,
        "operation": answered.operation,
        "region": answered.region,
        "account_id": answered.account_id,
        "params": answered.params,
        "at": answered.at,
        "answer": told,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {TIME: value.isoformat()}
    if isinstance(value, bytes):
        return {BYTES: base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
