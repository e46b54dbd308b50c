"""The listener to which the browser brings the issuer's answer."""

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from vending.core.errors import BadInput, FieldError, NotSignedIn
from vending.login.callback import HOST, PATH, address

IDLE_SECONDS = 5.0
"""Browsers open connections on which they never ask."""
POLL_SECONDS = 0.05
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Freehold</title>
<body><main><h1>{title}</h1><p>{text}</p></main></body></html>
"""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Answer = Mapping[str, str]
"""The parameters that the issuer sent along."""


@dataclass(frozen=True)
class Loopback:
    """Waits for one answer."""

    address: str
    """Where the issuer has to send it."""
    _answers: "queue.Queue[Answer]"

    def wait(self, seconds: float) -> Answer:
        """The first answer that carries the state; others were turned away.

        Raises:
            NotSignedIn: when none comes in time.
        """
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            port = urlsplit(self.address).port
            sentence = f"Nobody signed in within {seconds:g} seconds."
            remedy = (
                "Try again, and sign in at the address that is shown. Where the browser is on another machine, "
                f"bring the port along: `ssh -L {port}:{HOST}:{port} ...`."
            )
            raise NotSignedIn(sentence, remedy) from None


@contextmanager
def listening(ports: Sequence[int], state: str) -> Iterator[Loopback]:
    """Listen on the first port that is free, for the answer to the request with this state, until the block ends.

    Raises:
        BadInput: when other programs listen on every one.
    """
    answers: queue.Queue[Answer] = queue.Queue()
    with _bind(ports, _door(state, answers)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield Loopback(address(server.server_port), answers)
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


def _bind(ports: Sequence[int], door: type[BaseHTTPRequestHandler]) -> _Server:
    for port in ports:
        try:
            return _Server((HOST, port), door)
        except OSError:
            continue
    taken = ", ".join(map(str, ports))
    error = FieldError("--port", f"other programs listen on {taken} of {HOST}", "Stop one of them.")
    raise BadInput.of(error)


def _door(state: str, answers: "queue.Queue[Answer]") -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        timeout = IDLE_SECONDS

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = dict(parse_qsl(parts.query))
            if parts.path != PATH:
                self._show(404, "Nothing is here", "Freehold's command line waits for the answer to a sign-in.")
            elif not compare_digest(asked.get("state", "").encode(), state.encode()):
                self._show(400, "Not what was waited for", "This answer does not belong to the sign-in that waits.")
            else:
                answers.put(asked)
                self._show(200, "Go back to the terminal", "Freehold has the answer. You may close this window.")

        def _show(self, status: int, title: str, text: str) -> None:
            self.send_response(status)
            for name, value in _HEADERS.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(_PAGE.format(title=title, text=text).encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as http.server calls it
            """Nothing: the code stands in the address."""

    return Door
