"""Where faults strike: on the way to the cloud, and inside it once it is known who calls."""

import time
from collections.abc import Iterable
from datetime import UTC
from typing import TYPE_CHECKING, Any

from infra.local.authorize.parameters import read_parameters
from infra.local.authorize.principals import find_role
from infra.local.call import Call, identify
from infra.local.clock import Mode
from infra.local.cloud import LocalCloud
from infra.local.faults.fault import Delay, DropConnection, LoseAnswer, Network, ServerError, Throttle
from infra.local.faults.throttled import throttled
from infra.local.organizations.entities import Account
from infra.local.organizations.models import organization
from infra.local.wire import XML_PROTOCOLS, WireError, answer_error, protocol_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

_SERVER_ERRORS = {
    500: ("InternalFailure", "The request processing has failed because of an unknown error, exception or failure."),
    502: ("BadGateway", "Bad gateway"),
    503: ("ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
    504: ("GatewayTimeout", "Gateway timeout"),
}
_WITHOUT_SUBSCRIPTION = frozenset({"iam", "organizations", "sso", "sts"})
"""Services that every account has from its first moment."""


class ConnectionLost(ConnectionError):
    """The connection is dropped without an answer."""


def outside(app: "WSGIApplication", cloud: LocalCloud) -> "WSGIApplication":
    """Strike calls on their way: delays, lost connections and answers, throttling, errors of the server.

    Belongs outside `one_at_a_time`: a call that waits keeps nobody else waiting.
    """

    def answer(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        call = identify(environ)
        with cloud.lock:
            struck = cloud.faults.on_the_way(call.name)
        for fault in struck:
            if isinstance(fault, Delay):
                _wait(cloud, fault)
            else:
                return _end(app, environ, start_response, call, fault)
        return app(environ, start_response)

    return answer


def inside(app: "WSGIApplication", cloud: LocalCloud) -> "WSGIApplication":
    """Strike accounts and roles that are too young to be used. Belongs inside authorisation, which says who calls."""

    def answer(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        error = _too_young(cloud, environ, identify(environ)) if cloud.faults.armed else None
        return (
            answer_error(environ, identify(environ), error, start_response) if error else app(environ, start_response)
        )

    return answer


def _wait(cloud: LocalCloud, delay: Delay) -> None:
    time.sleep(delay.real_seconds)
    if cloud.clock.mode is not Mode.MANUAL:
        time.sleep(delay.aws_seconds / cloud.clock.speed)
    elif delay.aws_seconds:
        with cloud.lock:
            cloud.clock.advance(delay.aws_seconds)


def _end(
    app: "WSGIApplication", environ: dict[str, Any], start_response: "StartResponse", call: Call, fault: Network
) -> Iterable[bytes]:
    if isinstance(fault, DropConnection):
        raise ConnectionLost(call.name)
    if isinstance(fault, Throttle):
        error = throttled(call, protocol_of(call, environ.get("CONTENT_TYPE", "")))
        return answer_error(environ, call, error, start_response)
    if isinstance(fault, LoseAnswer) or (isinstance(fault, ServerError) and fault.after):
        list(app(environ, _unheard))
    if isinstance(fault, ServerError):
        return answer_error(environ, call, WireError(*_SERVER_ERRORS[fault.status], fault.status), start_response)
    raise ConnectionLost(call.name)


def _unheard(*_: Any) -> Any:
    """Take the head of an answer that nobody hears."""
    return lambda _: None


def _too_young(cloud: LocalCloud, environ: dict[str, Any], call: Call) -> WireError | None:
    return _young_role(cloud, environ, call) if call.name == "sts.AssumeRole" else _young_account(cloud, environ, call)


def _young_account(cloud: LocalCloud, environ: dict[str, Any], call: Call) -> WireError | None:
    account = organization().targets.get(environ.get("HTTP_X_MOTO_ACCOUNT_ID", ""))
    if not isinstance(account, Account) or call.service in _WITHOUT_SUBSCRIPTION:
        return None
    if not cloud.faults.is_unsubscribed(call.name, account.id, cloud.clock.now() - account.joined):
        return None
    if protocol_of(call, environ.get("CONTENT_TYPE", "")) in XML_PROTOCOLS:
        return WireError("OptInRequired", "You are not subscribed to this service.", 403)
    return WireError("SubscriptionRequiredException", "The AWS Access Key Id needs a subscription for the service", 400)


def _young_role(cloud: LocalCloud, environ: dict[str, Any], call: Call) -> WireError | None:
    role = find_role(str(read_parameters(environ, call).get("RoleArn")))
    if role is None:
        return None
    age = cloud.clock.now() - role.create_date.replace(tzinfo=UTC)
    if not cloud.faults.is_unspread(call.name, role.arn, age):
        return None
    return WireError("AccessDenied", f"User is not authorized to perform: sts:AssumeRole on resource: {role.arn}", 403)
