"""How each service says that there were too many calls."""

from infra.local.call import Call
from infra.local.wire import XML_PROTOCOLS, WireError

_OWN: dict[str, WireError] = {
    "account": WireError("TooManyRequestsException", "Too many requests", 429),
    "ec2": WireError("RequestLimitExceeded", "Request limit exceeded.", 503),
    "organizations": WireError("TooManyRequestsException", "Too many requests", 400),
    "s3": WireError("SlowDown", "Please reduce your request rate.", 503),
    "s3control": WireError("SlowDown", "Please reduce your request rate.", 503),
}
_REST = WireError("ThrottlingException", "Rate exceeded", 429)
_JSON = WireError("ThrottlingException", "Rate exceeded", 400)
_XML = WireError("Throttling", "Rate exceeded", 400)


def throttled(call: Call, protocol: str) -> WireError:
    """The error of a service; those without one of their own say what all of their protocol say."""
    if call.service in _OWN:
        return _OWN[call.service]
    if protocol in XML_PROTOCOLS:
        return _XML
    return _REST if protocol == "rest-json" else _JSON
