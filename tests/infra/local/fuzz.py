"""Calls nobody would make on purpose: what comes to the cloud's door by chance, by seed.

Each is an operation of botocore's model with values of the right shape, some of them ids the cloud gave itself, others
ids of nothing; then, often, something of the request is broken: a member, the body, the target, the path, who asks.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ParamValidationError
from botocore.model import OperationModel
from botocore.serialize import create_serializer
from moto.core.utils import get_service_model

from tests.cloud import Credentials

NOBODY = (
    "999999999999",
    "arn:aws:iam::999999999999:role/nobody",
    "arn:aws:sns:eu-west-1:123456789012:nothing",
    "arn:aws:organizations::123456789012:ou/o-0000000000/ou-0000-00000000",
    "arn:aws:controltower:eu-west-1::control/NONE",
    "arn:aws:sso:::instance/ssoins-0000000000000000",
    "arn:aws:s3:::no-bucket",
    "arn:",
    "arn:aws:x",
    "arn:aws:iam:::::::",
    "r-0000",
    "ou-0000-00000000",
    "p-00000000",
    "car-00000000000000000000000000000000",
    "vpc-00000000000000000",
    "00000000-0000-0000-0000-000000000000",
    "mars-north-1",
    "page-9999",
    "nobody@acme.example",
    "2026-13-45",
)
ODD = (
    "",
    " ",
    "*",
    "%00",
    "%zz",
    "é\u2028",
    "../..",
    "/",
    "-1",
    "0",
    "true",
    "null",
    "[]",
    "{}",
    "<a>",
    "x" * 3000,
    '{"Version": "2012-10-17", "Statement": []}',
    '{"Statement": 1}',
    "SELECT * WHERE",
    "${aws:x}",
    "arn:aws:iam::*:*",
)
DEEPEST = 5


@dataclass(frozen=True)
class Request:
    """What goes over the wire."""

    name: str
    """Whatever it became, the operation it was made from: `organizations.ListRoots`."""

    how: str
    """What was broken."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Fuzz:
    """Draws requests."""

    random: Random
    services: tuple[str, ...]
    callers: tuple[Credentials, ...]
    known: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What the cloud said itself, by the name it said it under."""

    def requests(self) -> Iterator[Request]:
        """Every operation of every service in turn, without an end."""
        every = [(service, name) for service in self.services for name in get_service_model(service).operation_names]
        while True:
            self.random.shuffle(every)
            for service, name in every:
                yield self.request(service, name)

    def learn(self, answer: Any, name: str = "") -> None:
        """Remember the texts of an answer."""
        if isinstance(answer, dict):
            for key, inner in answer.items():
                self.learn(inner, key)
        elif isinstance(answer, list):
            for inner in answer:
                self.learn(inner, name)
        elif isinstance(answer, str) and answer and len(answer) < 300:
            heard = self.known[name.lower()]
            heard.append(answer)
            del heard[:-20]

    def request(self, service: str, operation_name: str) -> Request:
        """One call of that operation, in order or not."""
        model = get_service_model(service)
        operation = model.operation_model(operation_name)
        shape = operation.input_shape
        parameters = self._structure(shape, 0, self._full()) if shape is not None else {}
        made = _serialized(operation, parameters)
        if made is None:
            return self.request(service, operation_name)
        headers = {**made["headers"], **self.signature(model.signing_name)}
        request = Request(f"{service}.{operation_name}", "in order", made["method"], _url(made), headers, _body(made))
        for _ in range(self.random.choice((0, 0, 1, 1, 2))):
            request = self.random.choice(BREAKS)(self, request)
        return request

    def _full(self) -> float:
        return self.random.choice((0.0, 0.3, 0.6, 1.0))

    def signature(self, name: str, caller: Credentials | None = None) -> dict[str, str]:
        who = caller or self.random.choice(self.callers)
        region = self.random.choice(("eu-west-1", "eu-west-1", "us-east-1", "ap-southeast-2"))
        scope = f"{who.access_key}/20260105/{region}/{name}/aws4_request"
        signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
        return {**signed, "X-Amz-Security-Token": who.token} if who.token else signed

    def _structure(self, shape: Any, depth: int, share: float) -> dict[str, Any]:
        members = list(shape.members.items())
        if getattr(shape, "is_tagged_union", False) and members:
            members = [self.random.choice(members)]
        return {
            name: self.value(member, name, depth + 1, share)
            for name, member in members
            if name in shape.required_members or (depth < DEEPEST and self.random.random() < share)
        }

    def value(self, shape: Any, name: str, depth: int, share: float) -> Any:
        """Something of that shape."""
        kind = shape.type_name
        if kind == "structure":
            return self._structure(shape, depth, share) if depth < 2 * DEEPEST else {}
        if kind == "list":
            few = self.random.choice((0, 1, 1, 2, 3)) if depth < DEEPEST else min(1, 2 * DEEPEST - depth)
            return [self.value(shape.member, name, depth + 1, share) for _ in range(few)]
        if kind == "map":
            return {self._text(shape.key, "key"): self.value(shape.value, name, depth + 1, share) for _ in range(2)}
        if kind in ("integer", "long", "float", "double"):
            low, high = shape.metadata.get("min") or 0, shape.metadata.get("max") or 1000
            return self.random.choice(
                (low, high, 1, 0, -1, 2**31 - 1, self.random.randint(int(low), max(int(low), int(high))))
            )
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind == "timestamp":
            return datetime.fromtimestamp(self.random.choice((0, 1_767_000_000, 4_000_000_000)), UTC)
        return self._text(shape, name) if kind == "string" else self._text(shape, name).encode()

    def _text(self, shape: Any, name: str) -> str:
        enum = getattr(shape, "enum", None)
        if enum and self.random.random() < 0.9:
            return str(self.random.choice(enum))
        said = self.known.get(name.lower()) or self.known.get(_last_word(name))
        if said and self.random.random() < 0.5:
            return self.random.choice(said)
        lot = self.random.random()
        if lot < 0.35 and self.known:
            return self.random.choice(self.random.choice(sorted(self.known.items()))[1])
        if lot < 0.65:
            return self.random.choice(NOBODY)
        return self.random.choice(ODD) if lot < 0.75 else "nonsense".ljust(shape.metadata.get("min") or 0, "x")


def _last_word(name: str) -> str:
    """`id` of `AccountId`, `arn` of `policyArn`: how the thing itself calls it."""
    start = max((place for place, letter in enumerate(name) if letter.isupper()), default=0)
    return name[start:].lower()


def _serialized(operation: OperationModel, parameters: dict[str, Any]) -> dict[str, Any] | None:
    protocol = operation.service_model.resolved_protocol
    try:
        made: dict[str, Any] = create_serializer(protocol, include_validation=False).serialize_to_request(
            parameters, operation
        )
    except (ValueError, TypeError, KeyError, AttributeError, ParamValidationError):
        return None
    return made


def _url(made: dict[str, Any]) -> str:
    query = made["query_string"]
    text = query if isinstance(query, str) else urlencode(query, doseq=True)
    path = str(made["url_path"])
    return path + (("&" if "?" in path else "?") + text if text else "")


def _body(made: dict[str, Any]) -> bytes:
    body = made["body"]
    if isinstance(body, dict):
        made["headers"].setdefault("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
        return urlencode(body, doseq=True).encode()
    return body.encode() if isinstance(body, str) else bytes(body)


Break = Callable[[Fuzz, Request], Request]


def _broken(request: Request, how: str, **parts: Any) -> Request:
    made = {"method": request.method, "path": request.path, "headers": request.headers, "body": request.body, **parts}
    return Request(request.name, how if request.how == "in order" else f"{request.how}, {how}", **made)


ANYTHING: tuple[Any, ...] = (None, True, 0, -1, 10**40, 1.5, "", "x", [], {}, [[]], [None], {"a": {"b": []}}, "\u0000")


def _member(fuzz: Fuzz, request: Request) -> Request:
    """Another value somewhere in the body: of JSON by place, else by bytes."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return _bytes(fuzz, request)
    places = list(_places(body))
    if not places:
        return _broken(request, "extra member", body=json.dumps({"extra": fuzz.random.choice(ANYTHING)}).encode())
    holder, key = fuzz.random.choice(places)
    lot = fuzz.random.random()
    if lot < 0.2:
        del holder[key]
    elif lot < 0.3 and isinstance(holder, dict):
        holder[f"{key}x"] = holder.pop(key)
    else:
        holder[key] = fuzz.random.choice(ANYTHING)
    return _broken(request, "member", body=json.dumps(body).encode())


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield value, key
        yield from _places(part)


def _bytes(fuzz: Fuzz, request: Request) -> Request:
    """A piece of the body cut out, doubled or written over."""
    body, at = request.body, fuzz.random.randrange(len(request.body) + 1)
    end = at + fuzz.random.randrange(20)
    piece = fuzz.random.choice((b"", body[at:end] * 2, b"\xff\x00", b"&a=", b"=", b".1.", b"<", b"/>", b"%", b'"'))
    return _broken(request, "bytes", body=body[:at] + piece + body[end:])


def _whole_body(fuzz: Fuzz, request: Request) -> Request:
    bodies = (
        b"",
        b"{}",
        b"[]",
        b"null",
        b"{",
        b"\xff\x00",
        b"<a>",
        b"<a/>",
        b"a=b",
        b"Action=ListUsers",
        b'"x"',
        b"[" * 3000,
    )
    return _broken(request, "body", body=fuzz.random.choice(bodies))


def _target(fuzz: Fuzz, request: Request) -> Request:
    names = (
        "AWSOrganizationsV20161128.BeKind",
        "Nobody.ListRoots",
        "x",
        ".",
        "..",
        "é",
        "AmazonSSM.GetParameter",
        "AmazonSSM.",
    )
    return _broken(request, "target", headers={**request.headers, "X-Amz-Target": fuzz.random.choice(names)})


def _content_type(fuzz: Fuzz, request: Request) -> Request:
    types = (
        "",
        "text/plain",
        "application/json",
        "application/x-amz-json-1.0",
        "application/cbor",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/xml",
        "é",
        "application/x-amz-json-1.1; charset=x",
    )
    return _broken(request, "content type", headers={**request.headers, "Content-Type": fuzz.random.choice(types)})


def _path(fuzz: Fuzz, request: Request) -> Request:
    at = fuzz.random.randrange(len(request.path) + 1)
    pieces = (
        "/",
        "//",
        "%00",
        "%2F",
        "%zz",
        "%ff",
        "?",
        "&",
        "=",
        "..",
        "/../",
        "?acl",
        "?tagging",
        "?policy=",
        "?versionId=x",
        "?Action=ListUsers",
        "%25",
        "?uploadId=1&partNumber=x",
        "?list-type=2&max-keys=x",
        "?X-Amz-Credential=a",
        "#",
        ";",
    )
    return _broken(request, "path", path=request.path[:at] + fuzz.random.choice(pieces) + request.path[at:])


def _method(fuzz: Fuzz, request: Request) -> Request:
    return _broken(
        request, "method", method=fuzz.random.choice(("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"))
    )


def _unsigned(_: Fuzz, request: Request) -> Request:
    headers = {name: text for name, text in request.headers.items() if name != "Authorization"}
    return _broken(request, "unsigned", headers=headers)


def _signed_oddly(fuzz: Fuzz, request: Request) -> Request:
    texts = (
        "",
        "x",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e",
        "Basic eDp4",
        "AWS4-HMAC-SHA256 Credential=x/20260105/eu-west-1/nothing/aws4_request",
        "Bearer x",
        "AWS x:y",
        "é",
        "AWS4-HMAC-SHA256 Credential=ASIA0000000000000000/20260105/eu-west-1/iam/aws4_request, Signature=",
        "AWS4-HMAC-SHA256 Credential=x/20260105//s3/aws4_request",
    )
    return _broken(request, "signature", headers={**request.headers, "Authorization": fuzz.random.choice(texts)})


def _another(fuzz: Fuzz, request: Request) -> Request:
    """An access key STS never gave out, or one without its token."""
    name = get_service_model(request.name.partition(".")[0]).signing_name
    somebody = fuzz.random.choice(
        (
            Credentials("ASIA0000000000000000", "x", "token"),
            Credentials("ASIA0000000000000000"),
            Credentials("AKIA0000000000000000"),
            Credentials("test", "x", "token"),
            Credentials(fuzz.random.choice(fuzz.callers).access_key, "x"),
        )
    )
    headers = {key: text for key, text in request.headers.items() if key != "X-Amz-Security-Token"}
    return _broken(request, "another caller", headers={**headers, **fuzz.signature(name, somebody)})


def _header(fuzz: Fuzz, request: Request) -> Request:
    name = fuzz.random.choice(
        (
            "x-amz-account-id",
            "x-amz-acl",
            "x-amz-copy-source",
            "x-amz-tagging",
            "Content-MD5",
            "Host",
            "Range",
            "x-amz-content-sha256",
            "x-amz-date",
            "Content-Encoding",
            "x-amz-decoded-content-length",
            "Expect-Not",
            "x-amz-sso_bearer_token",
            "If-Match",
            "x-amz-expected-bucket-owner",
            "x-amz-object-lock-mode",
            "x-amz-grant-read",
            "X-Amz-Security-Token",
            "smithy-protocol",
            "x-moto-account-id",
            "Accept",
        )
    )
    text = fuzz.random.choice(
        (
            *ODD[:18],
            *NOBODY,
            "aws-chunked",
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "rpc-v2-cbor",
            "123456789012.127.0.0.1",
        )
    )
    return _broken(request, f"header {name}", headers={**request.headers, name: text})


BREAKS: tuple[Break, ...] = (
    _member,
    _member,
    _member,
    _bytes,
    _whole_body,
    _target,
    _content_type,
    _path,
    _method,
    _unsigned,
    _signed_oddly,
    _another,
    _header,
    _header,
)
