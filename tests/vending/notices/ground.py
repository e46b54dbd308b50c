"""A book of notices on the local cloud, with the real ways out of the house."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2

from tests.cloud import Cloud
from tests.vending.parts import acme, make_table
from tests.vending.web.ground import Session
from vending.core.aws import Aws
from vending.core.company import Company, Notifications, Recipients
from vending.notices.book import NoticeBook
from vending.notices.channel import Sending
from vending.notices.email import SesEmail
from vending.notices.letter import Channel
from vending.notices.post import Post
from vending.notices.webhook import SlackWebhook
from vending.ports import Audience, Notice

SENDER = "freehold@acme.example"
TEMPLATE = "Told: {{ subject }}\n\n{{ text }}\n{{ portal }}/requests/1\n"


@dataclass
class Slack:
    """Takes webhooks on a port of this machine, and answers as it is told to."""

    url: str = ""
    status: int = 200
    taken: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@contextmanager
def slack() -> Iterator[Slack]:
    here = Slack()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            here.taken.append(httpx2.Response(200, content=body).json())
            here.keys.append(self.headers["Idempotency-Key"])
            self.send_response(here.status)
            self.end_headers()
            self.wfile.write(b"ok" if here.status == 200 else b"no_service")

        def log_message(self, *_: Any) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    here.url = f"http://127.0.0.1:{server.server_port}/services/secret"
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def told(**changes: Any) -> Notice:
    """A notice to the approvers."""
    given: dict[str, Any] = {
        "event": "test",
        "once": "req-1/round 1",
        "to": (Audience("approvers"),),
        "context": {"subject": "payments-prod", "text": "It waits."},
        "team": "payments",
        **changes,
    }
    return Notice(**given)


@dataclass
class Ground:
    """The book, the post and what SES has."""

    cloud: Cloud
    book: NoticeBook
    http: httpx2.Client

    @property
    def post(self) -> Post:
        aws = Aws(Session(self.cloud), "eu-west-1")
        channels: dict[Channel, Sending] = {
            Channel.EMAIL: SesEmail(aws, SENDER),
            Channel.WEBHOOK: SlackWebhook(self.http),
        }
        return Post(self.book, channels, self.cloud.clock)

    def verify_sender(self) -> None:
        self.cloud.client("sesv2").create_email_identity(EmailIdentity=SENDER)


def company_with(**audiences: Any) -> Company:
    """The example's company with these recipients."""
    told = {name: Recipients.model_construct(**{"emails": (), "webhooks": (), **to}) for name, to in audiences.items()}
    return acme().model_copy(update={"notifications": Notifications().model_copy(update=told)})


def make_ground(cloud: Cloud, company: Company, folder: Path) -> Ground:
    cloud.limits.enforced = False
    (folder / "notices").mkdir(exist_ok=True)
    (folder / "notices" / "test.txt").write_text(TEMPLATE)
    table = make_table(cloud, Aws(Session(cloud), "eu-west-1"))
    book = NoticeBook(company, table, cloud.clock, "https://freehold.acme.example", (folder,))
    return Ground(cloud, book, httpx2.Client(trust_env=False))
