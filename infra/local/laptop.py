"""Freehold on a laptop: a cloud in a process of its own, and the portal with its worker in this one."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import uvicorn
from fastapi import FastAPI

from audit.runner import ThreadRunner
from guardrails.following import Following
from infra.local.clock import CloudClock
from infra.local.durable import LocalEngine
from infra.local.issuer.issuer import PATH as ISSUER_PATH
from infra.local.provision import provision
from infra.local.slack import SlackStandIn
from infra.runtime.product import Place, Product
from infra.runtime.round import Round, make_round
from vending.core.aws import Aws
from vending.core.company import Company
from vending.core.errors import FreeholdError
from vending.core.settings import Settings
from vending.lifecycle.pages import WayIn
from vending.notices.channel import Sending
from vending.notices.email import SesEmail
from vending.notices.letter import Channel
from vending.notices.recipients import sender

HOST = "127.0.0.1"
PATIENCE_SECONDS = 60.0
TICK_SECONDS = 10.0
"""Seconds of AWS time between two rounds of the dispatcher; on AWS it is a minute."""
MANAGEMENT_ACCOUNT = "123456789012"


class NoCloud(FreeholdError):
    """Nothing answers where `AWS_ENDPOINT_URL` points."""

    code = "no-cloud"
    exit_code = 2


class PortInUse(FreeholdError):
    """Something else listens where we would."""

    code = "port-in-use"
    exit_code = 2


@dataclass(frozen=True)
class Laptop:
    """What is running."""

    url: str
    """The portal."""
    endpoint: str
    """The cloud."""
    product: Product


@contextmanager
def running(settings: Settings, company: Company) -> Iterator[Laptop]:
    """Everything, ready to be used; all of it is gone afterwards.

    A cloud that `AWS_ENDPOINT_URL` names is used as it is and left as it is, and so is the state of this run.

    Raises:
        PortInUse: naming the port, and how to choose another.
        NoCloud: when `AWS_ENDPOINT_URL` names one that does not answer.
    """
    given = os.environ.get("AWS_ENDPOINT_URL")
    state = (settings.state / str(settings.port)).absolute()
    with ExitStack() as stack:
        check_port(settings.port, "FREEHOLD_PORT")
        if given is None and settings.port == settings.cloud_port:
            raise PortInUse(f"Portal and cloud cannot share port {settings.port}.", "Set FREEHOLD_CLOUD_PORT apart.")
        if given is None:
            stack.enter_context(_own_state(state))
        elif not _answers(f"{given}/_cloud/healthz"):
            remedy = "Start `freehold cloud` there, or unset AWS_ENDPOINT_URL to have one started."
            raise NoCloud(f"No local cloud answers at AWS_ENDPOINT_URL={given}.", remedy)
        endpoint = given or stack.enter_context(_own_cloud(settings, state))
        state.mkdir(parents=True, exist_ok=True)
        _point_at(endpoint)
        yield stack.enter_context(_portal(settings, company, endpoint, state))


def check_port(port: int, variable: str) -> None:
    """Nothing listens on `port` of 127.0.0.1.

    Raises:
        PortInUse: when something does.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            remedy = f"Stop what uses it, or choose another port: {variable}={port + 100}"
            raise PortInUse(f"Port {port} of {HOST} is in use.", remedy) from error


@contextmanager
def _own_state(folder: Path) -> Iterator[None]:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _own_cloud(settings: Settings, state: Path) -> Iterator[str]:
    """A cloud in a process of its own, which ends with this one, however it ends."""
    check_port(settings.cloud_port, "FREEHOLD_CLOUD_PORT")
    state.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "FREEHOLD_CLOUD_PORT": str(settings.cloud_port), "FREEHOLD_SPEED": str(settings.speed)}
    endpoint, words = f"http://{HOST}:{settings.cloud_port}", state / "cloud.log"
    with words.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.local.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
    try:
        _await(f"{endpoint}/_cloud/healthz", lambda: None if process.poll() is None else words.read_text())
        yield endpoint
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask a process to end, and end it if it does not."""
    if process.stdin:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _point_at(endpoint: str) -> None:
    """Every AWS client of this process talks to the cloud; its administrator has any credentials.

    botocore's own retries wait in real time, and a throttle of the cloud passes in AWS time: the product repeats by
    itself what may be repeated, so botocore need not.
    """
    os.environ["AWS_ENDPOINT_URL"] = endpoint
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "laptop")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "laptop")
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    os.environ.setdefault("AWS_MAX_ATTEMPTS", "1")


@contextmanager
def _portal(settings: Settings, company: Company, endpoint: str, state: Path) -> Iterator[Laptop]:
    _await(f"{endpoint}/_cloud/healthz")
    told = httpx2.get(f"{endpoint}/_cloud/clock", trust_env=False).json()
    clock = CloudClock.following(told)
    aws = Aws.connect(company.landing_zone.home_region)
    bucket = f"{settings.findings_bucket}-{MANAGEMENT_ACCOUNT}"
    engine = LocalEngine(state / "executions.sqlite", clock, company.landing_zone.home_region)
    place = Place(
        aws=aws,
        clock=clock,
        engine=engine,
        table=settings.table,
        bucket=bucket,
        cache=state / "findings",
        pause=lambda seconds: time.sleep(seconds / (clock.speed or 1.0)),
        evidence=f"{settings.evidence_bucket}-{MANAGEMENT_ACCOUNT}",
        portal=f"http://{HOST}:{settings.port}",
    )
    product = Product(company, place)
    provision(product, aws, settings.table, bucket, place.evidence)
    (state / "endpoint").write_text(endpoint)
    engine.serve(product.workflow())
    audits = ThreadRunner(product.audit.auditor.execute)
    for run in product.audit.auditor.unfinished():
        audits.start(run.id)
    stop = threading.Event()
    beside = (product.watch.tick, Following(product.guardrails).tick)
    on_schedule = Round((*make_round(company, place, _channels(company, aws)).parts, *beside))
    dispatcher = threading.Thread(target=_dispatch, args=(on_schedule, clock, stop), name="dispatcher", daemon=True)
    dispatcher.start()
    issuer = settings.issuer or company.identity.issuer or f"{endpoint}{ISSUER_PATH}"
    key = settings.session_key.get_secret_value() or secrets.token_urlsafe(32)
    cookie = f"freehold-{settings.port}"
    app = product.portal(issuer, key, way_in(endpoint), session_cookie=cookie, secure_cookies=False)
    try:
        with _served(app, settings.port):
            yield Laptop(f"http://{HOST}:{settings.port}", endpoint, product)
    finally:
        stop.set()
        dispatcher.join(timeout=PATIENCE_SECONDS)
        engine.close()


def way_in(endpoint: str) -> WayIn:
    """How somebody gets credentials in a shell of this laptop."""
    return WayIn(environment={"AWS_ENDPOINT_URL": endpoint})


def _channels(company: Company, aws: Aws) -> Mapping[Channel, Sending]:
    return {Channel.EMAIL: SesEmail(aws, sender(company)), Channel.WEBHOOK: SlackStandIn()}


def _dispatch(on_schedule: Round, clock: CloudClock, stop: threading.Event) -> None:
    while not stop.wait(TICK_SECONDS / (clock.speed or 1.0)):
        try:
            on_schedule.run()
        except FreeholdError:
            continue  # the next round computes everything anew from the table


@contextmanager
def _served(app: FastAPI, port: int, ready: str = "/healthz") -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, host=HOST, port=port, log_level="error", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, name="portal", daemon=True)
    thread.start()
    try:
        _await(f"http://{HOST}:{port}{ready}")
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=PATIENCE_SECONDS)


def _await(url: str, last_words: Callable[[], str | None] = lambda: None) -> None:
    """Wait until `url` answers 200; `last_words` of who should answer are None as long as it lives.

    Raises:
        FreeholdError: when it does not in a minute, or never will.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (words := last_words()) is not None:
            raise FreeholdError(f"What should answer at {url} has ended: {words.strip()}", "Mend that and start again.")
        if _answers(url):
            return
        time.sleep(0.05)
    raise FreeholdError(f"{url} does not answer.", "See whether the machine is too busy, and start again.")


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=5, trust_env=False).is_success
    except httpx2.TransportError:
        return False
