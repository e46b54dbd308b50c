"""The local cloud as a test sees it: plain boto3 over HTTP, and a clock that stands until it is advanced."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.validate import ParamValidator

from infra.local.clock import CloudClock
from infra.local.cloud import LocalCloud, build_cloud
from infra.local.estate.size import Size
from infra.local.limits import Limits
from infra.local.registry import OURS
from infra.local.seed import reset
from infra.local.server import CloudServer
from vending.core.company import Company, load_company

ACME = Path(__file__).parents[1] / "examples/acme/freehold.yaml"
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1}, read_timeout=20, parameter_validation=False)


@dataclass(frozen=True)
class Credentials:
    """What signs a call; the default is static credentials, so the management account's administrator."""

    access_key: str = "test"
    secret_key: str = "test"
    token: str | None = None


@dataclass
class Cloud:
    """A running cloud. `state` is the inside of it, for tests of the inside."""

    state: LocalCloud
    server: CloudServer
    _clients: dict[tuple[str, str, Credentials], Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def clock(self) -> CloudClock:
        return self.state.clock

    @property
    def limits(self) -> Limits:
        return self.state.limits

    def client(self, service: str, region: str = "eu-west-1", credentials: Credentials | None = None) -> Any:
        """A plain boto3 client, without retries, whose parameters the cloud alone checks."""
        who = credentials or Credentials()
        key = (service, region, who)
        if key not in self._clients:
            self._clients[key] = self._connect(_session(who, region), service)
        return self._clients[key]

    def assume(self, role_arn: str, session_name: str = "test", region: str = "eu-west-1") -> Credentials:
        """Credentials of a role, from STS."""
        answer = self.client("sts", region).assume_role(RoleArn=role_arn, RoleSessionName=session_name)
        given = answer["Credentials"]
        return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def session(self, account_id: str, role: str = "OrganizationAccountAccessRole") -> "CloudSession":
        """As that role in that account: `.client(service)` goes to the cloud."""
        return CloudSession(self, self.assume(f"arn:aws:iam::{account_id}:role/{role}"))

    def reset(self) -> None:
        """Back to the seed."""
        reset(self.state)
        for key in [key for key in self._clients if key[2] != Credentials()]:
            del self._clients[key]

    @contextmanager
    def of(self, company: Company) -> Iterator[None]:
        """Until the block ends, seeded for another company than the example's."""
        before, self.state.company = self.state.company, company
        self.reset()
        try:
            yield
        finally:
            self.state.company = before
            self.reset()

    def _connect(self, session: boto3.Session, service: str) -> Any:
        client = session.client(service, endpoint_url=self.url, config=ONE_ATTEMPT)
        client.meta.events.register("before-sign.s3-control", _without_account_prefix)
        if service in OURS:
            client.meta.events.register("after-call", _check_answer)
        return client


@dataclass(frozen=True)
class CloudSession:
    """One set of credentials against one cloud."""

    cloud: Cloud
    credentials: Credentials

    def client(self, service: str, region: str = "eu-west-1") -> Any:
        return self.cloud.client(service, region, self.credentials)


_LOADER = boto3.Session()._session.get_component("data_loader")


def _session(who: Credentials, region: str) -> boto3.Session:
    session = boto3.Session(
        aws_access_key_id=who.access_key,
        aws_secret_access_key=who.secret_key,
        aws_session_token=who.token,
        region_name=region,
    )
    session._session.register_component("data_loader", _LOADER)
    return session


def _without_account_prefix(request: Any, **_: Any) -> None:
    account, _, rest = request.url.partition("//")[2].partition(".")
    if account.isdigit() and len(account) == 12:
        request.url = f"http://{rest}"


def _check_answer(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
    """Every answer of a service of ours fits botocore's own model."""
    if http_response.status_code < 300 and model.output_shape is not None:
        answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
        report = ParamValidator().validate(answer, model.output_shape)
        assert not report.has_errors(), report.generate_report()


def address(url: str, environment: pytest.MonkeyPatch) -> None:
    """Whoever asks for AWS from here on asks there, once."""
    environment.setenv("AWS_ENDPOINT_URL", url)
    environment.setenv("AWS_ACCESS_KEY_ID", "test")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
    environment.setenv("AWS_MAX_ATTEMPTS", "1")


def start_cloud(seed: int = 0, size: Size | None = None) -> Cloud:
    """A seeded cloud with a manual clock, listening on a free port; `size` generates a big organisation."""
    state = build_cloud(CloudClock.manual(), load_company(ACME), seed, size=size)
    server = CloudServer(state)
    reset(state)
    server.start()
    return Cloud(state, server)
