"""What the cloud does not model is refused loudly: 501 `NotImplemented`, never something plausible."""

import json
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication
from xml.sax.saxutils import escape

from moto.core.utils import get_service_model

from infra.local.call import Call, identify, is_modelled
from infra.local.cloud import LocalCloud

CODE = "NotImplemented"
_XML = {
    "ec2": "<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors></Response>",
    "query": "<ErrorResponse><Error><Type>Receiver</Type><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>",
    "rest-xml": "<Error><Code>{}</Code><Message>{}</Message></Error>",
}


def middleware(app: WSGIApplication, _: LocalCloud) -> WSGIApplication:
    """Turn moto's NotImplementedError into an error every AWS client reads."""

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        try:
            return list(app(environ, start_response))
        except NotImplementedError:
            return _refuse(identify(environ), start_response)

    return answer


def _refuse(call: Call, start_response: StartResponse) -> Iterable[bytes]:
    sentence = f"The local cloud does not model {call.name}."
    template = _XML.get(_protocol(call.service))
    if template is None:
        kind, body = "application/json", json.dumps({"__type": CODE, "message": sentence, "Message": sentence})
    else:
        kind, body = "text/xml", template.format(CODE, escape(sentence))
    start_response("501 Not Implemented", [("Content-Type", kind), ("x-amzn-ErrorType", CODE)])
    return [body.encode()]


def _protocol(service: str) -> str:
    return str(get_service_model(service).protocol) if is_modelled(service) else "json"
