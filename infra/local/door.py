"""AWS clients that reach a cloud in their own process, through everything that stands before it but sockets."""

import io
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit
from wsgiref.types import WSGIApplication

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError

from vending.core.aws import Aws, Pause

Send = Callable[..., AWSResponse]
CHUNK = 65_536


class DoorAws(Aws):
    """As a worker sees AWS; every client goes through the door."""

    def __init__(self, app: WSGIApplication, home_region: str, pause: Pause) -> None:
        session = boto3.Session("simulated", "simulated", region_name=home_region)
        self._send = through(app)
        session.events.register("before-send", self._send, unique_id="door")
        super().__init__(session, home_region, pause=pause)

    def _open(self, service: str, region: str, account_id: str | None, once: bool) -> Any:
        client = super()._open(service, region, account_id, once)
        client._raw.meta.events.register("before-send", self._send, unique_id="door")
        return client


def through(app: WSGIApplication) -> Send:
    """A handler of botocore's `before-send`: the application answers in place of the network."""

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        head: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], None]:
            head.update(status=int(status.split()[0]), headers=dict(headers))
            return lambda _: None

        try:
            content = b"".join(app(_environ(request), start))
        except ConnectionError as error:
            raise ConnectionClosedError(endpoint_url=request.url) from error
        return AWSResponse(request.url, head["status"], head["headers"], _Body(content))

    return send


class _Body(io.BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        """In pieces."""
        while piece := self.read(CHUNK):
            yield piece


def _environ(request: AWSPreparedRequest) -> dict[str, Any]:
    """What a WSGI server makes of the request."""
    url, body = urlsplit(request.url), _content(request.body)
    headers = {_variable(name): _text(value) for name, value in request.headers.items()}
    return {
        **headers,
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path, "latin-1"),
        "QUERY_STRING": url.query,
        "RAW_URI": request.url,
        "REQUEST_URI": url._replace(scheme="", netloc="").geturl(),
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": url.netloc,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def _variable(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _content(body: Any) -> bytes:
    content = body.read() if hasattr(body, "read") else body
    return content.encode() if isinstance(content, str) else bytes(content or b"")
