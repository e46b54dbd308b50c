"""The control plane of the local cloud, under `/_cloud`: health, clock, counters, reset. No AWS client sees it."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from werkzeug.exceptions import BadRequest, Conflict, HTTPException, ServiceUnavailable
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from infra.local.authorize.journal import JOURNAL
from infra.local.clock import NotManual
from infra.local.cloud import LocalCloud
from infra.local.faults.profile import check_profile, profile_names, read_profile
from infra.local.iam.models import LocalIAMBackend, iam_backends
from infra.local.organizations.models import organization
from infra.local.overview.page import render_page
from infra.local.seed import reset
from infra.local.service import Refusal
from infra.local.sts.web_identity import without_scheme
from vending.core.errors import BadInput

Answer = Callable[[LocalCloud, Request], dict[str, Any] | str]
"""JSON, or a page of HTML."""


def overview(cloud: LocalCloud, _: Request) -> str:
    """What the cloud does as AWS does, what it does not model, its limits, and what was called."""
    return render_page(cloud)


def healthz(cloud: LocalCloud, _: Request) -> dict[str, Any]:
    """200 once the cloud is seeded, 503 before."""
    if not cloud.ready:
        raise ServiceUnavailable("the cloud is being seeded")
    return {"status": "ok"}


def clock(cloud: LocalCloud, _: Request) -> dict[str, Any]:
    """Mode, speed, origins and AWS time."""
    return dict(cloud.clock.describe())


def advance(cloud: LocalCloud, request: Request) -> dict[str, Any]:
    """Move a manual clock by `{"seconds": n}`; 409 for a clock that follows real time."""
    seconds = _number(request, "seconds")
    try:
        cloud.clock.advance(seconds)
    except NotManual as error:
        raise Conflict(str(error)) from error
    except ValueError as error:
        raise BadRequest(str(error)) from error
    cloud.settle()
    return dict(cloud.clock.describe())


def calls(cloud: LocalCloud, _: Request) -> dict[str, Any]:
    """How often each operation was called since the seed: `{"organizations.ListAccounts": 3}`."""
    return dict(sorted(cloud.calls.items()))


def limits(cloud: LocalCloud, _: Request) -> dict[str, Any]:
    """Every limit with the figure in force, its unit, source and date."""
    return {
        limit.name: limit.model_dump(mode="json") | {"in_force": cloud.limits.value(limit.name)}
        for limit in cloud.limits.documented()
    }


def mail(cloud: LocalCloud, request: Request) -> dict[str, Any]:
    """What AWS sent to an address (`?to=`), one-time codes among it."""
    received = cloud.mailbox.to(request.args.get("to", ""))
    return {"items": [asdict(letter) | {"sent": letter.sent.isoformat()} for letter in received]}


def authorised(_: LocalCloud, request: Request) -> dict[str, Any]:
    """Every call judged since the seed, oldest first; `?principal=ARN` and `?allowed=true` choose among them."""
    allowed = request.args.get("allowed")
    return JOURNAL.describe(request.args.get("principal"), None if allowed is None else allowed == "true")


def forget_authorised(_: LocalCloud, __: Request) -> dict[str, Any]:
    """An empty journal of judged calls."""
    JOURNAL.forget()
    return {"status": "ok"}


def make_root_key(_: LocalCloud, request: Request) -> dict[str, Any]:
    """What an account's owner does in the console, which is not modelled: `{"account": id}`, and its root user gets an
    access key; 409 where the root user has no password to sign in with, or keys enough."""
    account = _object(request).get("account")
    if not isinstance(account, str) or account not in organization().targets or account not in iam_backends:
        raise BadRequest('the body is JSON with an "account" of the organisation')
    iam = iam_backends[account]["aws"]
    assert isinstance(iam, LocalIAMBackend)
    if iam.root_user.password_since is None:
        raise Conflict("the root user has no password: nobody can sign in as it")
    try:
        key = iam.make_root_key()
    except Refusal as refusal:
        raise Conflict(refusal.message) from refusal
    return {"AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key}


def publish_issuer(cloud: LocalCloud, request: Request) -> dict[str, Any]:
    """Let STS fetch the keys of an issuer that is somewhere else: `{"issuer": "https://…", "jwks": {"keys": […]}}`.

    Tokens signed by those keys are then good for `AssumeRoleWithWebIdentity`, as a build service's are on AWS.
    """
    body = _object(request)
    issuer, keys = body.get("issuer"), body.get("jwks")
    if not isinstance(issuer, str) or not issuer.startswith("https://"):
        raise BadRequest('the body is JSON with an "issuer" that begins with https://')
    if not isinstance(keys, dict):
        raise BadRequest('the body is JSON with a "jwks", a set of public keys')
    try:
        KeySet.import_key_set(keys)  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadRequest(f'the "jwks" is no set of public keys: {error}') from error
    cloud.issuer_keys[without_scheme(issuer)] = keys
    return {"items": sorted(cloud.issuer_keys)}


def faults(cloud: LocalCloud, _: Request) -> dict[str, Any]:
    """The faults in force, and how often each has struck which call since the seed."""
    return cloud.faults.describe()


def add_faults(cloud: LocalCloud, request: Request) -> dict[str, Any]:
    """Put faults in force: one, `{"faults": [...], "seed": n}`, or `{"profile": name}`."""
    body = _object(request)
    try:
        cloud.faults.add_profile(check_profile(_profile(body), "the body"))
    except BadInput as error:
        raise BadRequest(error.sentence) from error
    return cloud.faults.describe()


def disarm(cloud: LocalCloud, _: Request) -> dict[str, Any]:
    """No fault is in force any more; the counters stay."""
    cloud.faults.disarm()
    return cloud.faults.describe()


def change_estate(cloud: LocalCloud, request: Request) -> dict[str, Any]:
    """Turn a `{"share": n}` of the generated results into their opposite, now; 409 where nothing was generated."""
    share = _number(request, "share")
    if not 0 < share <= 1:
        raise BadRequest("the share is more than 0 and at most 1")
    if cloud.estate is None:
        raise Conflict("no accounts were generated: start the cloud with --accounts")
    cloud.estate.change(cloud.clock.now(), share)
    return {"changes": len(cloud.estate.changes)}


def start_again(cloud: LocalCloud, _: Request) -> dict[str, Any]:
    """Everything back to the seed."""
    reset(cloud)
    return {"status": "ok"}


ROUTES: dict[str, Answer] = {
    "GET /_cloud/": overview,
    "GET /_cloud/healthz": healthz,
    "GET /_cloud/clock": clock,
    "POST /_cloud/clock/advance": advance,
    "GET /_cloud/calls": calls,
    "GET /_cloud/limits": limits,
    "GET /_cloud/mail": mail,
    "GET /_cloud/authorised": authorised,
    "DELETE /_cloud/authorised": forget_authorised,
    "POST /_cloud/root-keys": make_root_key,
    "POST /_cloud/issuers": publish_issuer,
    "GET /_cloud/faults": faults,
    "POST /_cloud/faults": add_faults,
    "DELETE /_cloud/faults": disarm,
    "POST /_cloud/estate/change": change_estate,
    "POST /_cloud/reset": start_again,
}


def mount(app: WSGIApplication, cloud: LocalCloud) -> WSGIApplication:
    """Answer `/_cloud/...`; pass everything else on."""
    routes = Map([Rule(path, methods=[method], endpoint=f"{method} {path}") for method, path in map(str.split, ROUTES)])

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith("/_cloud"):
            return app(environ, start_response)
        response: WSGIApplication
        try:
            endpoint, _ = routes.bind_to_environ(environ).match()
            with cloud.lock:
                response = _respond(ROUTES[endpoint](cloud, Request(environ)))
        except HTTPException as problem:
            response = _json({"error": problem.description}, problem.code or 500)
        return response(environ, start_response)

    return answer


def _respond(answer: dict[str, Any] | str) -> Response:
    return Response(answer, content_type="text/html; charset=utf-8") if isinstance(answer, str) else _json(answer)


def _json(value: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json")


def _profile(body: dict[str, Any]) -> dict[str, Any]:
    """The profile a body names (by its name only: no call from outside opens a file) or holds."""
    if "profile" in body:
        if body["profile"] not in profile_names():
            raise BadRequest(f"the profile is one of {', '.join(profile_names())}")
        return read_profile(body["profile"]).model_dump() | {key: body[key] for key in body if key != "profile"}
    if "faults" not in body:
        return {"about": "by call", "fault": [body]}
    return {"about": "by call", "fault": body["faults"], **{key: body[key] for key in body if key != "faults"}}


def _object(request: Request) -> dict[str, Any]:
    try:
        body = request.get_json(force=True)
    except RecursionError:
        body = None
    if not isinstance(body, dict):
        raise BadRequest("the body is a JSON object")
    return body


def _number(request: Request, name: str) -> float:
    value = _object(request).get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest(f'the body is JSON with a number "{name}"')
    try:
        return float(value)
    except OverflowError as error:
        raise BadRequest(f'the number "{name}" is too big') from error
