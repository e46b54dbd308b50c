"""The local cloud as a WSGI application and as a server on 127.0.0.1.

moto's own server answers; the services of `registry` take the place of moto's where they exist. Around it stands a
chain of middlewares, each a function that takes an application and gives one.
"""

import io
import re
import socket
from collections.abc import Callable, Iterable
from functools import cache
from http import HTTPStatus
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any, NoReturn, cast
from wsgiref.types import StartResponse, WSGIApplication

from flask import Flask, Response
from moto.backends import list_of_moto_modules
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.exceptions import NotFound
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wsgi import get_input_stream

from infra.local import authorize, control, form, loud, naming
from infra.local.authorize.managed_policies import share_aws_managed_policies
from infra.local.call import identify
from infra.local.cloud import LocalCloud
from infra.local.faults import middleware as faults
from infra.local.issuer import Issuer, mount
from infra.local.issuer.issuer import PATH
from infra.local.registry import OURS, register
from infra.local.signing import signs_as_another
from infra.local.sts.web_identity import without_scheme
from vending.core.errors import BadInput, FieldError

HOST = "127.0.0.1"
MOTOS = frozenset(list_of_moto_modules())
BACKLOG = 128
Middleware = Callable[[WSGIApplication, LocalCloud], WSGIApplication]
_ACCOUNT_PREFIX = re.compile(r"^\d{12}\.(?=(127\.0\.0\.1|localhost)(:|$))")


def buffered(app: WSGIApplication, _: LocalCloud) -> WSGIApplication:
    """Read the whole body first, so that everybody behind can read it again and no slow client holds the lock."""

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body = get_input_stream(environ).read()
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("wsgi.input_terminated", None)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return app(environ, start_response)

    return answer


def without_account_prefix(app: WSGIApplication, _: LocalCloud) -> WSGIApplication:
    """S3 Control's clients put the account id before the host; the header `x-amz-account-id` says it as well."""

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        environ["HTTP_HOST"] = _ACCOUNT_PREFIX.sub("", environ.get("HTTP_HOST", HOST))
        environ.pop("HTTP_X_MOTO_ACCOUNT_ID", None)
        return app(environ, start_response)

    return answer


def one_at_a_time(app: WSGIApplication, cloud: LocalCloud) -> WSGIApplication:
    """What is due happens before each call, and calls happen one after the other."""

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        with cloud.lock:
            cloud.settle()
            return list(app(environ, start_response))

    return answer


def counted(app: WSGIApplication, cloud: LocalCloud) -> WSGIApplication:
    """Count every call by service and operation, refused and lost ones too."""

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        name = identify(environ).name
        with cloud.lock:
            cloud.calls[name] += 1
        return app(environ, start_response)

    return answer


def with_issuer(app: WSGIApplication, cloud: LocalCloud) -> WSGIApplication:
    """The OpenID Connect issuer under `/_oidc`, for the people of the company."""
    issuer = Issuer(f"{cloud.url}{PATH}", cloud.company.people)
    cloud.verify_token = issuer.verify

    def publish() -> None:
        cloud.issuer_keys = {without_scheme(issuer.url): issuer.signer.jwks()}

    publish()
    cloud.on_clear.append(publish)
    return mount(app, issuer)


CHAIN: tuple[Middleware, ...] = (
    buffered,
    without_account_prefix,
    control.mount,
    with_issuer,
    naming.middleware,
    counted,
    faults.outside,
    one_at_a_time,
    loud.middleware,
    form.middleware,
    authorize.middleware,
    faults.inside,
)
"""The outermost first. What answers paths of its own (`/_oidc`) goes before `counted`, what judges AWS calls after
`one_at_a_time`."""


class Dispatcher(DomainDispatcherApplication):
    """Ours where the registry has the service, else moto's."""

    @cache  # noqa: B019 - one a process; moto lists its own folders for each call
    def get_backend_for_host(self, host: str | None) -> Any:
        """The backend of a host name, as moto finds it."""
        return super().get_backend_for_host(host)

    def get_application(self, environ: dict[str, Any]) -> Flask:
        """The application of the service a request is for; NotImplementedError where there is none."""
        service = identify(environ).service
        if service not in OURS:
            if signs_as_another(service) and service.replace("-", "") not in MOTOS:
                raise NotImplementedError  # moto would take it for the service whose name it signs with
            return super().get_application(environ)
        with self.lock:
            if service not in self.app_instances:
                self.app_instances[service] = build_service_app(service)
            return self.app_instances[service]


def build_service_app(service: str | None) -> Flask:
    """The routes of one service, ours or moto's; a path it has no route for is not modelled."""
    if service is None:
        raise NotImplementedError
    app: Flask = create_backend_app(cast("Any", service))
    app.register_error_handler(NotFound, _not_modelled)
    app.after_request(_never_its_own_failure)
    return app


def _not_modelled(_: NotFound) -> NoReturn:
    raise NotImplementedError


def _never_its_own_failure(response: Response) -> Response:
    """Some services of moto answer 500 for what they cannot read, or do not have."""
    if response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
        raise NotImplementedError
    return response


def build_app(cloud: LocalCloud) -> WSGIApplication:
    """The whole cloud, from the outermost middleware to moto."""
    register()
    share_aws_managed_policies()
    app: WSGIApplication = Dispatcher(build_service_app)
    for middleware in reversed(CHAIN):
        app = middleware(app, cloud)
    return app


def _not_yet(_: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """The port is taken first, because the issuer's tokens name it."""
    start_response("503 Service Unavailable", [])
    return []


def listening(port: int) -> socket.socket:
    """A socket that listens on the port; BadInput, naming the way out, where somebody else already does."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        way_out = "Choose another with --port or FREEHOLD_CLOUD_PORT, or stop what listens there."
        field = FieldError("port", f"port {port} of {HOST} cannot be used: {error.strerror}.", way_out)
        raise BadInput.of(field) from error
    return listener


class QuietHandler(MotoRequestHandler):
    """Keeps connections open, and writes no line for each request."""

    protocol_version = "HTTP/1.1"

    def make_environ(self) -> dict[str, Any]:
        """Werkzeug drops headers with an underscore in their names; the access portal's token is in one."""
        environ: dict[str, Any] = super().make_environ()
        if token := self.headers.get("x-amz-sso_bearer_token"):
            environ["HTTP_X_AMZ_SSO_BEARER_TOKEN"] = token
        return environ

    def connection_dropped(self, *_: Any) -> None:
        """Hang up: the client hears no answer on this connection, nor to its next call."""
        self.close_connection = True

    def log_request(self, *_: Any) -> None:
        """Say nothing: `GET /_cloud/calls` counts."""


class CloudServer:
    """Serves the cloud from a thread of its own; `port` 0 takes a free one. BadInput where the port is in use."""

    def __init__(self, cloud: LocalCloud, port: int = 0) -> None:
        with listening(port) as listener:
            self._server: BaseWSGIServer = make_server(
                HOST, port, _not_yet, threaded=True, request_handler=QuietHandler, fd=listener.fileno()
            )
        cloud.url = self.url
        self._server.app = build_app(cloud)
        if isinstance(self._server, ThreadingMixIn):
            self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, name="local cloud", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self._server.port}"

    def start(self) -> None:
        """Answer calls from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more, and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
