"""The middleware that lets a call through or tells its caller, as AWS would, why not."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from moto.core.request import Request

from infra.local.authorize.actions import prefix_of
from infra.local.authorize.covenants import Covenants
from infra.local.authorize.denials import NotSignedIn, denial, not_signed_in, sentence
from infra.local.authorize.forwarded import introduce
from infra.local.authorize.journal import JOURNAL, entry_of
from infra.local.authorize.judge import ASSUMPTIONS, Judge, Verdict
from infra.local.authorize.managed_policies import share_aws_managed_policies
from infra.local.authorize.parameters import Mentions, read_parameters
from infra.local.authorize.principals import ANONYMOUS, Credentials, NotSignedInError, Principal
from infra.local.authorize.resource_policies import has_policies
from infra.local.authorize.written_policies import find_bad_policy
from infra.local.call import NEEDS_NO_SIGNATURE, Call, identify
from infra.local.cloud import LocalCloud
from infra.local.organizations.models import organizations
from infra.local.sts.web_identity import RejectedTokenError, check_token
from infra.local.wire import WireError, answer_error, protocol_of
from vending.core.errors import BadInput

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

_OPEN_PATHS = ("/moto-api", "/_cloud", "/_oidc", "/favicon.ico")
_OWN_TOKEN = frozenset({"sso"})
"""Services whose calls carry a token in the place of a signature, and that check it themselves."""

IDENTITY_CENTER = frozenset({"identitystore", "sso-admin"})

_ALWAYS = frozenset({"sts.GetCallerIdentity"})
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: "No permissions are required"."""

_NOT_MODELLED = frozenset(
    {
        "sts.AssumeRoleWithSAML",
        "sts.GetFederationToken",
        "sts.GetSessionToken",
    }
)
"""Ways to credentials whose judgement is not modelled; moto would hand them to anybody."""


def middleware(app: "WSGIApplication", cloud: LocalCloud) -> "WSGIApplication":
    """``app`` behind our own evaluator.

    Belongs inside ``one_at_a_time`` (it reads what services hold) and inside ``loud`` (what it does not model it
    raises NotImplementedError for). The account of the caller is handed on in moto's own header, so that moto need
    not look for it in every account.
    """
    share_aws_managed_policies()
    gate = _Gate(cloud)

    def answer(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(_OPEN_PATHS):
            return app(environ, start_response)
        call = identify(environ)
        try:
            gate.admit(environ, call)
        except RejectedTokenError as why:
            return answer_error(environ, call, WireError(why.code, why.sentence, 400), start_response)
        except (NotSignedInError, _NotAllowedError) as why:
            protocol = protocol_of(call, environ.get("CONTENT_TYPE", ""))
            return answer_error(environ, call, _refusal(call, protocol, why), start_response)
        if error := find_bad_policy(call, read_parameters(environ, call)):
            return answer_error(environ, call, error, start_response)
        return app(environ, start_response)

    return answer


class _NotAllowedError(Exception):
    """Says why, in AWS's words."""


def _home_of_state(account: str, service: str) -> str:
    """Identity Center's delegated administrator works on the organisation's one instance, which is not its own."""
    if service not in IDENTITY_CENTER:
        return account
    state = organizations()
    delegate = state.delegations.delegates.get(account)
    delegated = delegate is not None and "sso.amazonaws.com" in delegate.services
    return state.organization.management_account_id if delegated else account


def _told(principal: Principal, verdict: Verdict) -> str:
    """What the caller hears; one without credentials hears nothing of the role or its policies."""
    if principal.account == "":
        return f"Not authorized to perform {verdict.action}"
    assert verdict.because is not None
    return sentence(
        principal.arn, verdict.action, verdict.resource, verdict.because, trust=verdict.action in ASSUMPTIONS
    )


def _refusal(call: Call, protocol: str, why: NotSignedInError | _NotAllowedError) -> WireError:
    if isinstance(why, NotSignedInError):
        return not_signed_in(call, protocol, why.why)
    return denial(call, protocol, str(why))


class _Gate:
    def __init__(self, cloud: LocalCloud):
        self._cloud = cloud
        self._credentials = Credentials(cloud.management_account_id)
        cloud.on_clear += [self._credentials.forget, JOURNAL.forget]

    def admit(self, environ: dict[str, Any], call: Call) -> None:
        if call.access_key is None and call.service in _OWN_TOKEN:
            return
        if call.name in _NOT_MODELLED:
            raise NotImplementedError(call.name)
        request = Request(dict(environ))
        if call.name in NEEDS_NO_SIGNATURE:
            self._judge_web_identity(environ, request, call)
            return
        principal = self._principal(request, call)
        introduce(principal, request)
        if principal is not ANONYMOUS:
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = _home_of_state(principal.account, call.service)
        if call.name not in _ALWAYS:
            self._judge(environ, request, call, principal)

    def _principal(self, request: Request, call: Call) -> Principal:
        if call.access_key is None:
            if call.service == "s3":
                return ANONYMOUS
            raise NotSignedInError(NotSignedIn.MISSING)
        token = request.headers.get("X-Amz-Security-Token") or request.args.get("X-Amz-Security-Token")
        return self._credentials.principal(call.access_key, token)

    def _judge_web_identity(self, environ: dict[str, Any], request: Request, call: Call) -> None:
        """By the token alone. STS answers from the role's account: the caller has none."""
        given = read_parameters(environ, call)
        voucher = check_token(self._cloud, given["RoleArn"], given["WebIdentityToken"])
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = voucher.account
        self._judge(environ, request, call, Principal("", voucher.provider, None, facts=voucher.facts))

    def _judge(self, environ: dict[str, Any], request: Request, call: Call, principal: Principal) -> None:
        covenants = Covenants.current()
        if covenants.is_closed(principal.account):
            raise _NotAllowedError("The account is closed.")
        mentions = Mentions(read_parameters(environ, call))
        try:
            for verdict in Judge(principal, covenants).verdicts(call, request, mentions, self._cloud.clock.now()):
                self._pass(call, principal, verdict)
                if verdict.owner != principal.account and has_policies(prefix_of(call.service)):
                    environ["HTTP_X_MOTO_ACCOUNT_ID"] = verdict.owner  # what another account shares is in its state
        except BadInput as unreadable:
            raise _NotAllowedError(f"A policy that counts here cannot be read: {unreadable}") from unreadable

    def _pass(self, call: Call, principal: Principal, verdict: Verdict) -> None:
        message = _told(principal, verdict) if verdict.because else None
        JOURNAL.add(entry_of(principal, call.service, call.operation, verdict, self._cloud.clock.now(), message))
        if message:
            raise _NotAllowedError(message)
