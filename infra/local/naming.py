"""Which operation is called is said in one place, that of the service's protocol.

AWS reads it there and nowhere else. moto looks for it, and for parameters, in the query string, in the body as if it
were a form, and in any header: whoever says one operation where we look and another where moto looks would be judged
for the one and get the other.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from infra.local.call import ENVIRON_KEY, identify, is_modelled
from infra.local.cloud import LocalCloud
from infra.local.wire import protocol_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

_FORM = "application/x-www-form-urlencoded"
_ACTION = re.compile(r"(?:^|(?<=&))Action=[^&]*&?", re.IGNORECASE)
_PATHS_OF_MOTO = ("/moto-api", "/favicon.ico")
"""What moto's server has beside AWS: a way to reset everything, without any signature."""

_PATHS_OF_MACHINES = ("/latest/meta-data/", "/latest/api/")
"""What instances ask themselves, and no client an endpoint of AWS; to S3 it is the bucket `latest`."""


def middleware(app: "WSGIApplication", _: LocalCloud) -> "WSGIApplication":
    """Belongs before everything that asks which call it is."""

    def answer(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        environ.pop("HTTP_ACTION", None)
        call, path = identify(environ), environ.get("PATH_INFO", "")
        if path.startswith(_PATHS_OF_MOTO) or (path.startswith(_PATHS_OF_MACHINES) and call.service != "s3"):
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        if is_modelled(call.service):
            _keep_one(environ, protocol_of(call, environ.get("CONTENT_TYPE", "")))
            environ.pop(ENVIRON_KEY)
        return app(environ, start_response)

    return answer


def _keep_one(environ: dict[str, Any], protocol: str) -> None:
    """Take away what the protocol does not read an operation from."""
    if protocol == "json":
        environ["QUERY_STRING"] = ""
        return
    environ.pop("HTTP_X_AMZ_TARGET", None)
    if protocol.startswith("rest"):
        environ["QUERY_STRING"] = _ACTION.sub("", environ.get("QUERY_STRING", ""))
    elif environ.get("CONTENT_TYPE", "").startswith(_FORM) and environ["CONTENT_LENGTH"] != "0":
        environ["QUERY_STRING"] = ""
