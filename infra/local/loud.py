"""What the cloud cannot do is refused loudly: 501 `NotImplemented`, never something plausible.

Where moto fails on a call the answer is AWS's own for that, `InternalFailure`, and the traceback goes to the log.
"""

import logging
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

from infra.local.call import identify
from infra.local.cloud import LocalCloud
from infra.local.form import unreadable
from infra.local.wire import WireError, answer_error, protocol_of

NOT_IMPLEMENTED = "NotImplemented"
INTERNAL_FAILURE = "InternalFailure"
log = logging.getLogger(__name__)


def middleware(app: WSGIApplication, cloud: LocalCloud) -> WSGIApplication:
    """Turn what services raise instead of answering into an error every AWS client reads."""

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        try:
            return list(app(environ, start_response))
        except NotImplementedError:
            call = identify(environ)
            cloud.not_modelled[call.name] += 1
            error = WireError(NOT_IMPLEMENTED, f"The local cloud does not model {call.name}.", 501)
        except RecursionError:
            call = identify(environ)
            log.exception("The local cloud lost itself in %s", call.name)
            error = unreadable(protocol_of(call, environ.get("CONTENT_TYPE", "")), "The request is nested too deeply.")
        except Exception:  # the cloud's error page: moto may raise anything, and every client must be able to read it
            call = identify(environ)
            log.exception("The local cloud failed on %s", call.name)
            error = WireError(INTERNAL_FAILURE, f"The local cloud failed on {call.name}; its log says why.", 500)
        return answer_error(environ, call, error, start_response)

    return answer
