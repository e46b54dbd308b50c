"""What the cloud does with calls of chance: whoever gets no answer, or one of the cloud's own fault, is a defect."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from random import Random
from time import monotonic

from botocore.parsers import ResponseParserError, create_parser
from moto.core.utils import get_service_model

from tests.cloud import Cloud, Credentials
from tests.infra.local.authorize.ground import attach, deny, make_account
from tests.infra.local.fuzz import Fuzz, Request

SERVICES = (
    *("organizations", "account", "config", "controlcatalog", "controltower", "accessanalyzer", "codeconnections"),
    *("sso", "sso-admin", "identitystore", "s3", "s3control", "lambda", "cloudformation", "dynamodb", "ec2", "events"),
    *("iam", "kms", "service-quotas", "ses", "sesv2", "sns", "ssm", "sts", "budgets", "logs", "sqs", "cloudwatch"),
    *("secretsmanager",),
)
"""What is ours, and what of moto's the product and its stacks call."""

READS = (
    ("organizations", "list_accounts"),
    ("organizations", "list_roots"),
    ("sso-admin", "list_instances"),
    ("controltower", "list_baselines"),
    ("controltower", "list_enabled_baselines"),
    ("controlcatalog", "list_controls"),
    ("iam", "list_roles"),
    ("ec2", "describe_vpcs"),
    ("config", "describe_configuration_aggregators"),
)
NOT_MODELLED = 501
A_CLOUD = 4_000
"""Calls, after which the cloud goes back to its seed: by then somebody has denied everybody everything."""


def defects(cloud: Cloud, seed: int, calls: int, seconds: float = float("inf")) -> tuple[int, list[str]]:
    """How many calls were made, and what went wrong with which; it ends with whichever comes first."""
    end, made, found = monotonic() + seconds, 0, list[str]()
    with _errors() as log:
        while made < calls and monotonic() < end:
            door = _Door(cloud, _fuzz(cloud, Random(f"{seed} {made}")))
            for request in door.fuzz.requests():
                found += [f"{request}: {why}" for why in (door.call(request), *log) if why]
                log.clear()
                made += 1
                if made % A_CLOUD == 0 or made >= calls or monotonic() > end:
                    break
    return made, found


def _fuzz(cloud: Cloud, random: Random) -> Fuzz:
    """With an administrator and a role of an account under an SCP, and what the cloud has by its seed."""
    cloud.reset()
    cloud.limits.enforced = False
    account = make_account(cloud)
    role = cloud.session(account).credentials
    attach(
        cloud,
        account,
        deny("ec2:*", "iam:Create*", Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}),
        deny("s3:*", "kms:*", "sts:*", Condition={"StringLike": {"aws:ResourceTag/kept": "*"}}),
    )
    fuzz = Fuzz(random, SERVICES, (Credentials(), Credentials(), role))
    for service, operation in READS:
        fuzz.learn(getattr(cloud.client(service), operation)())
    return fuzz


class _Door:
    """One client, which forgives nothing."""

    def __init__(self, cloud: Cloud, fuzz: Fuzz) -> None:
        self.fuzz = fuzz
        self._connection = HTTPConnection(cloud.url.removeprefix("http://"), timeout=60)

    def call(self, request: Request) -> str:
        """Send it; what is wrong with the answer, or nothing."""
        try:
            status, headers, body = self._send(request)
        except (HTTPException, OSError) as why:
            self._connection.close()
            return f"no answer: {why!r}"
        if status >= 500 and status != NOT_MODELLED:
            return f"{status} {body[:200]!r}"
        return self._read(request, status, headers, body) if request.how == "in order" else ""

    def _send(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        connection = self._connection
        connection.putrequest(request.method, _line(request.path), skip_host="Host" in request.headers)
        for name, text in request.headers.items():
            with suppress(ValueError):  # no HTTP client can say it
                connection.putheader(name, text.encode())
        connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()

    def _read(self, request: Request, status: int, headers: dict[str, str], body: bytes) -> str:
        """As botocore reads it; what was said is remembered."""
        service, _, operation = request.name.partition(".")
        model = get_service_model(service)
        given = {"status_code": status, "headers": headers, "body": body, "context": {"operation_name": operation}}
        parser = create_parser(model.resolved_protocol)
        try:
            parsed = parser.parse(given, model.operation_model(operation).output_shape)
        except ResponseParserError as why:
            return f"unreadable: {why}"
        self.fuzz.learn(parsed if status < 300 else None)
        told = status < 400 or request.method in ("HEAD", "OPTIONS") or parsed.get("Error", {}).get("Code")
        return "" if told else f"{status} without a code"


def _line(path: str) -> str:
    """What can stand in the first line of a request."""
    return "/" + "".join(letter if "!" <= letter <= "~" else f"%{ord(letter) % 256:02X}" for letter in path).lstrip("/")


@contextmanager
def _errors() -> Iterator[list[str]]:
    """What is logged as an error while it lasts."""
    heard: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(self.format(record))

    listener = Listener(logging.ERROR)
    logging.getLogger().addHandler(listener)
    try:
        yield heard
    finally:
        logging.getLogger().removeHandler(listener)
