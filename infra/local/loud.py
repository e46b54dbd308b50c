"""What the cloud cannot do is refused loudly: 501 `NotImplemented`, never something plausible.

Where moto breaks on a call it takes something for granted that the call does not have, and the cloud cannot say what
AWS would: that is not modelled either. Where the cloud's own code breaks the answer is AWS's own for that,
`InternalFailure`. Both tracebacks go to the log.
"""

import logging
import traceback
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

from infra.local.call import Call, identify
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
        except NotImplementedError as why:
            call = identify(environ)
            cloud.not_modelled[call.name] += 1
            told = f"The local cloud does not model {call.name}{_reason(why, call)}."
            error = WireError(NOT_IMPLEMENTED, told, 501)
        except RecursionError:
            call = identify(environ)
            log.exception("The local cloud lost itself in %s", call.name)
            error = unreadable(protocol_of(call, environ.get("CONTENT_TYPE", "")), "The request is nested too deeply.")
        except Exception as why:  # the cloud's error page: moto may raise anything, and every client must read it
            call = identify(environ)
            log.exception("The local cloud failed on %s", call.name)
            error = _broken(cloud, call, why)
        return answer_error(environ, call, error, start_response)

    return answer


def _reason(why: NotImplementedError, call: Call) -> str:
    """What of it, where whoever refused says so."""
    return f": {why}" if str(why) not in ("", call.name) else ""


def _broken(cloud: LocalCloud, call: Call, why: Exception) -> WireError:
    if not _is_of_moto(why):
        return WireError(INTERNAL_FAILURE, f"The local cloud failed on {call.name}; its log says why.", 500)
    cloud.not_modelled[call.name] += 1
    told = f"The local cloud does not model {call.name} with what it was given; its log says where moto breaks."
    return WireError(NOT_IMPLEMENTED, told, 501)


def _is_of_moto(why: Exception) -> bool:
    """Whether the last code of moto's or ours that ran was moto's."""
    modules = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(why.__traceback__)]
    named = [module for module in modules if module.startswith(("moto.", "infra."))]
    return bool(named) and named[-1].startswith("moto.")
