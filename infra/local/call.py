"""Which operation of which service a request is, before any service sees it.

Counting, authorising and dispatching all need to know; here it is found once and kept in the WSGI environment.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from moto.core.request import Request
from moto.core.utils import get_service_model

from infra.local.signing import route, service_signing_with, target_and_operation

ENVIRON_KEY = "freehold.call"
UNKNOWN = "unknown"

_UNSIGNED_PATHS = ((re.compile(r"^/(federation/credentials|assignment/(accounts|roles)|logout)$"), "sso"),)
"""Operations that carry a token of their own instead of a signature, by the path of the request."""

NEEDS_NO_SIGNATURE = frozenset({"sts.AssumeRoleWithWebIdentity"})
"""Calls judged by the token they bring; a signature, where there is one, is not looked at.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
"""

_UNSIGNED_ACTIONS = {"AssumeRoleWithWebIdentity": "sts", "AssumeRoleWithSAML": "sts"}
_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d{8}/(?P<region>[^/]*)/(?P<service>[^/]+)/aws4_request")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: botocore's names of service and operation, and who signed it."""

    service: str
    """botocore's name, such as `s3control`; `unknown` where the request does not say."""

    operation: str
    """The API's name, such as `CreateAccount`; `unknown` where it matches none."""

    region: str
    access_key: str | None
    """None for a call without a signature."""

    @property
    def name(self) -> str:
        """As counters and limits call it: `organizations.CreateAccount`."""
        return f"{self.service}.{self.operation}"


def identify(environ: dict[str, Any]) -> Call:
    """The call a request makes. The body is read and left readable (see `buffered`)."""
    known = environ.get(ENVIRON_KEY)
    if isinstance(known, Call):
        return known
    found = environ[ENVIRON_KEY] = _identify(Request(dict(environ)))
    _rewind(environ)
    return found


def _rewind(environ: dict[str, Any]) -> None:
    environ["wsgi.input"].seek(0)


def _identify(request: Request) -> Call:
    key, region, signing_name = _scope(request)
    service = _service(request, signing_name)
    return Call(service, _operation(request, service), region, key)


def _scope(request: Request) -> tuple[str | None, str, str | None]:
    """Access key, region and signing name, from the header or from a presigned query."""
    text = request.headers.get("Authorization", "")
    match = _CREDENTIAL.search(text) or _CREDENTIAL.search(f"Credential={request.args.get('X-Amz-Credential', '')}")
    if match is None:
        return None, "us-east-1", None
    return match["key"], match["region"], match["service"].lower()


def _service(request: Request, signing_name: str | None) -> str:
    if signing_name is not None:
        return service_signing_with(signing_name, request, _action(request))
    for path, unsigned in _UNSIGNED_PATHS:
        if path.match(request.path):
            return unsigned
    return _UNSIGNED_ACTIONS.get(_action(request) or "", "s3" if request.method in ("GET", "HEAD") else UNKNOWN)


def _operation(request: Request, service: str) -> str:
    named = target_and_operation(request)
    operation = named[1] if named else _action(request)
    return operation or (route(service, request) if is_modelled(service) else None) or UNKNOWN


def _action(request: Request) -> str | None:
    if request.args.get("Action"):
        return request.args["Action"]
    if not request.content_type or not request.content_type.startswith("application/x-www-form-urlencoded"):
        return None
    values = parse_qs(request.get_data(cache=True, parse_form_data=False).decode("utf-8", "replace"))
    return values["Action"][0] if "Action" in values else None


@cache
def is_modelled(service: str) -> bool:
    """Whether botocore has a model of that service."""
    from botocore.exceptions import UnknownServiceError

    try:
        get_service_model(service)
    except UnknownServiceError:
        return False
    return True
