"""Which services sign with which name, and which of them a request is for.

The name in the credential scope is not always botocore's name of the service, and many services share one: `ses` is
SES in four protocols, `bedrock` six services. botocore's own models say so; from each only its first lines are read.
"""

import gzip
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import botocore
from botocore.model import OperationNotFoundError
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

DATA = Path(botocore.__file__).parent / "data"
FIRST_CHARACTERS = 6_000
"""Of a model: enough for its metadata."""

_METADATA = '"metadata":'
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_CBOR_PATH = re.compile(r"^/service/(?P<service>[^/]+)/operation/(?P<operation>\w+)$")


@dataclass(frozen=True, slots=True)
class Signer:
    """One service among those that sign with a name."""

    service: str
    """botocore's name."""

    protocol: str
    target: str
    """What `X-Amz-Target` begins with, and the service's name in the paths of CBOR; empty in other protocols."""

    version: str
    """Of the API."""


def service_signing_with(name: str, request: Request, action: str | None) -> str:
    """botocore's name of the service that a request signed so is for; the signing name itself where nobody has it.

    `action` is what a query names. A request that fits none of them is taken for the first, which says what is wrong.
    """
    signers = _signers().get(name, ())
    if len(signers) < 2:
        return signers[0].service if signers else name
    fitting = _fitting(request, action, signers)
    return (fitting or signers)[0].service


@cache
def signs_as_another(service: str) -> bool:
    """Whether the name it signs with is first of all another service's, so that only its requests tell it apart."""
    return any(service in [each.service for each in signers[1:]] for signers in _signers().values())


def target_and_operation(request: Request) -> tuple[str, str] | None:
    """What the JSON and CBOR protocols name."""
    target, _, operation = request.headers.get("X-Amz-Target", "").rpartition(".")
    if operation:
        return target, operation
    cbor = _CBOR_PATH.match(request.path)
    return (cbor["service"], cbor["operation"]) if cbor else None


def route(service: str, request: Request) -> str | None:
    """The operation by method and path, as the REST protocols find it."""
    try:
        operation, _ = get_service_router(service).match(request)
    except (HTTPException, NotImplementedError, OperationNotFoundError):
        return None
    return str(operation.name)


def _fitting(request: Request, action: str | None, signers: tuple[Signer, ...]) -> list[Signer]:
    if named := target_and_operation(request):
        by_target = [signer for signer in signers if signer.target == named[0]]
        return [signer for signer in by_target if _has(signer, named[1])] or by_target
    if action:
        asked = [signer for signer in signers if _has(signer, action)]
        version = request.values.get("Version")
        return [signer for signer in asked if signer.version == version] or asked
    routed = [(signer, route(signer.service, request)) for signer in signers if signer.protocol.startswith("rest")]
    found = [(_literal(signer.service, operation), signer) for signer, operation in routed if operation]
    most = max((length for length, _ in found), default=0)
    return [signer for length, signer in found if length == most]


def _has(signer: Signer, operation: str) -> bool:
    return operation in get_service_model(signer.service).operation_names


def _literal(service: str, operation: str) -> int:
    """How much of an operation's path is its own: a path of S3 Control is also the path of some object in S3."""
    uri = str(get_service_model(service).operation_model(operation).http["requestUri"])
    return len(_PLACEHOLDER.sub("", uri.partition("?")[0]))


@cache
def _signers() -> dict[str, tuple[Signer, ...]]:
    """By signing name; the service that has the name first, then those with the older APIs."""
    found: dict[str, list[Signer]] = defaultdict(list)
    for folder in sorted(DATA.iterdir()):
        versions = sorted(folder.glob("*/service-2.json.gz")) if folder.is_dir() else []
        if versions:
            about = _metadata(versions[-1])
            name = about.get("signingName", about["endpointPrefix"]).lower()
            found[name].append(
                Signer(folder.name, about["protocol"], about.get("targetPrefix", ""), about["apiVersion"])
            )
    return {
        name: tuple(sorted(signers, key=lambda each: (each.service != name, each.service)))
        for name, signers in found.items()
    }


def _metadata(model: Path) -> dict[str, str]:
    with gzip.open(model, "rt", encoding="utf-8") as file:
        text = file.read(FIRST_CHARACTERS)
    start = text.index(_METADATA) + len(_METADATA)
    about: dict[str, str] = json.JSONDecoder().raw_decode(text[start:].lstrip())[0]
    return about
