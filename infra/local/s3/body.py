"""The XML that a call to S3 brings, held against what its operation reads.

MissingRequestBodyError and MalformedXML: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

import re
from typing import Any

from infra.local.wire import WireError

_MAY_HAVE_NONE = frozenset({"CreateBucket", "PutBucketAcl", "PutObjectAcl", "RestoreObject"})
"""Operations that say everything in headers, where they want to."""

_ROOT = re.compile(rb"\s*(?:<[?!][^>]*>\s*)*<(?:[A-Za-z0-9.-]+:)?([A-Za-z0-9.-]+)")
"""The name of the outermost element; whether the rest can be read, its parser says."""

_MISSING = WireError("MissingRequestBodyError", "Request Body is empty.", 400)
_MALFORMED = WireError(
    "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema.", 400
)


def find_bad_body(operation: Any, body: bytes) -> WireError | None:
    """The refusal of a body that is not the document the operation reads; None where it reads none."""
    shape = operation.input_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    member = shape.members[payload] if payload else None
    if member is None or member.type_name != "structure" or getattr(member, "is_streaming", False):
        return None
    if not body.strip():
        return None if operation.name in _MAY_HAVE_NONE else _MISSING
    root = _ROOT.match(body)
    expected = str(member.serialization.get("name", payload))
    return None if root and root[1].decode() == expected else _MALFORMED
