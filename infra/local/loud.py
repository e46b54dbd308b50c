"""What the cloud cannot do is refused loudly: 501 `NotImplemented`, never something plausible.

Where moto breaks on a call it takes something for granted that the call does not have, and the cloud cannot say what
AWS would: that is not modelled either, and the log names the place. Where the cloud's own code breaks the answer is
AWS's own for that, `InternalFailure`, and the traceback goes to the log.
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
            log.warning("The local cloud lost itself in %s", call.name)
            error = unreadable(protocol_of(call, environ.get("CONTENT_TYPE", "")), "The request is nested too deeply.")
        except Exception as why:  # noqa: BLE001 - the cloud's error page: every client must read what moto raises
            call = identify(environ)
            error = _broken(cloud, call, why)
        return answer_error(environ, call, error, start_response)

    return answer


def _reason(why: NotImplementedError, call: Call) -> str:
    """What of it, where whoever refused says so."""
    return f": {why}" if str(why) not in ("", call.name) else ""


def _broken(cloud: LocalCloud, call: Call, why: Exception) -> WireError:
    place = _place_in_moto(why)
    if place is None:
        log.error("The local cloud failed on %s", call.name, exc_info=why)
        return WireError(INTERNAL_FAILURE, f"The local cloud failed on {call.name}; its log says why.", 500)
    log.warning("moto breaks on %s at %s: %r", call.name, place, why)
    cloud.not_modelled[call.name] += 1
    told = f"The local cloud does not model {call.name} with what it was given; its log says where moto breaks."
    return WireError(NOT_IMPLEMENTED, told, 501)


def _place_in_moto(why: Exception) -> str | None:
    """Module and line, where the last code of moto's or ours that ran was moto's."""
    frames = [(frame.f_globals.get("__name__", ""), line) for frame, line in traceback.walk_tb(why.__traceback__)]
    module, line = next((one for one in reversed(frames) if one[0].startswith(("moto.", "infra."))), ("", 0))
    return f"{module}:{line}" if module.startswith("moto.") else None
