"""The checks of a laptop: whether `freehold up` can start, and whether the command line reaches its portal."""

import importlib.util
import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2

from infra.doctor.diagnosis import Check, Seen, fine, missing, unknown
from vending.core.address import is_loopback
from vending.core.company import load_company
from vending.core.errors import FreeholdError, NotSignedIn
from vending.core.rest import HOW_TO_SIGN_IN, NOBODY, Rest
from vending.core.session import Sessions
from vending.core.settings import Settings

STEP = "laptop"
LOCAL = ("moto", "uvicorn", "aws_durable_execution_sdk_python_testing")
"""What `freehold up` imports beyond the product."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ANSWER_SECONDS = 5.0
START = "Start it: `make run`, or `freehold up`."


@dataclass(frozen=True)
class Laptop:
    """What the environment says about one."""

    settings: Settings

    @property
    def local(self) -> bool:
        """Whether the portal is meant to be on this machine."""
        return is_loopback(self.settings.portal_url)

    @property
    def endpoint(self) -> str:
        """Where the local cloud is, or whatever stands in for AWS."""
        return os.environ.get("AWS_ENDPOINT_URL") or f"http://127.0.0.1:{self.settings.cloud_port}"


def company_file(laptop: Laptop) -> Iterator[Seen]:
    """It can be read, and nothing in it is wrong."""
    try:
        company = load_company(laptop.settings.config)
    except FreeholdError as error:
        yield missing(error.sentence, f"{error.remedy} `freehold config check` names every mistake.")
    else:
        yield fine(f"{company.name}: {len(company.teams)} teams, {len(company.templates)} templates.")


def packages(_: Laptop) -> Iterator[Seen]:
    """What a local cloud is made of is installed."""
    absent = [name for name in LOCAL if importlib.util.find_spec(name) is None]
    if absent:
        yield missing(f"{', '.join(absent)} cannot be imported.", "Install everything: `make install`.")
    else:
        yield fine("Everything that a local cloud is made of is installed.")


def portal(laptop: Laptop) -> Iterator[Seen]:
    """It answers at FREEHOLD_URL, and everything it needs answers to it."""
    answer = _get(f"{laptop.settings.portal_url}/healthz", laptop.local)
    if isinstance(answer, str):
        how = START if laptop.local else "Set FREEHOLD_URL to the portal's address, and look whether it can be reached."
        yield missing(f"No portal answers: {answer}.", how)
    elif answer.status_code == httpx2.codes.OK:
        yield fine("The portal answers.")
    elif "checks" in answer.text:
        yield missing(f"The portal answers, but not everything that it needs: {answer.text[:200]}", START)
    else:
        then = "Set FREEHOLD_URL to the portal's address; or stop what listens there."
        yield missing(f"What answers there is no portal: it says {answer.status_code}.", then)


def token(laptop: Laptop) -> Iterator[Seen]:
    """The portal knows who calls: whose FREEHOLD_TOKEN is, or who signed in with `freehold login`."""
    try:
        what = _credential(laptop.settings)
        if isinstance(_get(f"{laptop.settings.portal_url}/healthz", laptop.local), str):
            yield unknown(f"There is {what}, but no portal to say whose it is.", START)
            return
        Rest.from_settings(laptop.settings).get("/account-requests", limit=1)
    except FreeholdError as error:
        yield missing(f"The portal does not know who calls: {error.sentence}", HOW_TO_SIGN_IN)
    else:
        yield fine(f"The portal knows who calls: there is {what}.")


def _credential(settings: Settings) -> str:
    """What the command line shows the portal. Raises NotSignedIn when it has nothing."""
    if settings.token.get_secret_value():
        return "FREEHOLD_TOKEN"
    if (session := Sessions.of_user().find(settings.portal_url)) is None:
        raise NotSignedIn(NOBODY, HOW_TO_SIGN_IN)
    return f"the session of {session.username}"


def cloud(laptop: Laptop) -> Iterator[Seen]:
    """The local cloud answers, where the portal is on this machine."""
    if not laptop.local:
        yield fine("None is needed: the portal is elsewhere.")
        return
    answer = _get(f"{laptop.endpoint}/_cloud/healthz", True)
    if isinstance(answer, str):
        how = "AWS_ENDPOINT_URL says where it is: unset it, or start one there with `freehold cloud`."
        yield missing(f"No local cloud answers: {answer}.", how if "AWS_ENDPOINT_URL" in os.environ else START)
    elif answer.status_code == httpx2.codes.OK:
        yield fine("The local cloud answers.")
    else:
        then = "Set AWS_ENDPOINT_URL or FREEHOLD_CLOUD_PORT to where one is; or stop what listens there."
        yield missing(f"What answers there is no local cloud: it says {answer.status_code}.", then)


def ports(laptop: Laptop) -> Iterator[Seen]:
    """Both are free, or Freehold has them itself."""
    settings = laptop.settings
    given = os.environ.get("AWS_ENDPOINT_URL")
    wanted = {
        "FREEHOLD_PORT": (settings.port, "/healthz"),
        "FREEHOLD_CLOUD_PORT": (settings.cloud_port, "/_cloud/healthz"),
    }
    for name, (port, path) in wanted.items():
        here = f"{name}, 127.0.0.1:{port}"
        if name == "FREEHOLD_CLOUD_PORT" and given:
            yield fine("AWS_ENDPOINT_URL is set, so none is opened.", here)
        elif _is_free(port):
            yield fine("It is free.", here)
        elif _is_ours(port, path):
            yield fine("Freehold listens there.", here)
        else:
            yield missing("Another program listens there.", f"Stop it, or set {name} to another port.", here)


def state(laptop: Laptop) -> Iterator[Seen]:
    """What a run keeps can be written."""
    folder = laptop.settings.state
    here = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    if here.is_dir() and os.access(here, os.W_OK):
        yield fine("What a run keeps can be written.")
    else:
        yield missing(f"Nobody may write to {here}.", "Set FREEHOLD_STATE to a folder that you may write to.")


def browser(_: Laptop) -> Iterator[Seen]:
    """Only tests of pages need one."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found:
        yield fine(f"Tests of pages use {found}.")
    else:
        yield missing("There is no Chromium: tests of pages are skipped.", "Install it if you work on pages.")


def _get(address: str, local: bool) -> "httpx2.Response | str":
    """What answers, or why nothing does."""
    try:
        return httpx2.get(address, timeout=ANSWER_SECONDS, trust_env=not local)
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        return str(error) or type(error).__name__


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _is_ours(port: int, path: str) -> bool:
    answer = _get(f"http://127.0.0.1:{port}{path}", True)
    return not isinstance(answer, str) and '"status"' in answer.text


def _settings(laptop: Laptop) -> str:
    return str(laptop.settings.config)


def _url(laptop: Laptop) -> str:
    return laptop.settings.portal_url


def _endpoint(laptop: Laptop) -> str:
    return laptop.endpoint


def _state(laptop: Laptop) -> str:
    return str(laptop.settings.state)


def _machine(_: Laptop) -> str:
    return "this machine"


CHECKS: tuple[Check[Laptop], ...] = (
    Check(STEP, "company-file", _settings, company_file),
    Check(STEP, "packages", _machine, packages),
    Check(STEP, "ports", _machine, ports),
    Check(STEP, "state", _state, state),
    Check(STEP, "cloud", _endpoint, cloud),
    Check(STEP, "portal", _url, portal),
    Check(STEP, "token", _url, token),
    Check(STEP, "chromium", _machine, browser, needed=False),
)
