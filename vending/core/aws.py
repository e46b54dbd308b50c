"""The one place that talks to AWS: sessions, clients in member accounts, and errors in our words.

Clients come from `Aws.client`; whatever goes wrong in a call is one of `errors.AwsFailed`'s kinds. The endpoint is
botocore's business (`AWS_ENDPOINT_URL`): nothing here knows whether AWS or a local cloud answers.
"""

import threading
from collections.abc import Callable, Iterator
from functools import cache
from time import sleep
from typing import Any, Self

import boto3
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.loaders import Loader, create_loader
from botocore.session import Session, get_session

from vending.core.errors import (
    AwsConflict,
    AwsDenied,
    AwsFailed,
    AwsMissing,
    AwsThrottled,
    AwsUnanswered,
    AwsUnready,
    AwsUnsigned,
)

GLOBAL_REGION = "us-east-1"
"""Where Organizations, IAM, Budgets and Account Management answer for every region."""
GLOBAL_SERVICES = frozenset({"organizations", "iam", "budgets", "account"})
MEMBER_ROLE = "OrganizationAccountAccessRole"
"""The role that CreateAccount leaves in a new account for the management account."""
MANAGEMENT_SERVICES = frozenset({"organizations", "controltower", "budgets", "service-quotas"})
"""What AWS lets the management account alone do, and the organisation's quotas, which are that account's: the product's
process, which lives in an account that administers everything else by delegation, calls these through a role there."""
SESSION_NAME = "freehold"

_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedOperation",
        "Client.UnauthorizedOperation",
    }
)
_UNSIGNED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    }
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html and S3's list of error codes."""
_UNREADY = frozenset({"OptInRequired", "SubscriptionRequiredException"})
"""EC2's list of error codes, and the common errors of the JSON services: a new account's first calls may get them."""
_UNSIGNED_HERE = (
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
_THROTTLED = frozenset(
    {
        "TooManyRequestsException",
        "Throttling",
        "ThrottlingException",
        "RequestLimitExceeded",
        "SlowDown",
        "ProvisionedThroughputExceededException",
        "LimitExceededException",
    }
)
_WAIT_REASONS = frozenset({"ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED", "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED"})
"""ConstraintViolation reasons that pass by waiting (AWS Organizations API reference, CreateAccount)."""
_MISSING_SUFFIXES = ("NotFoundException", "NotFoundError", "NotFound", "404")
_CONFLICT_MARKS = (
    "Conflict",
    "ConcurrentModification",
    "AlreadyExists",
    "AlreadyOwned",
    "AlreadyRegistered",
    "Duplicate",
    "ConditionalCheckFailed",
    "InUse",
    "ChangesInProgress",
)
_CONFLICT_MARKS_S3 = frozenset({"PreconditionFailed", "412", "TransactionCanceledException"})


Pause = Callable[[float], None]
"""Waits so many seconds."""
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between attempts at a call: Organizations takes two policy writes and five listings a second
(https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html)."""
KEPT_ACCOUNTS = 32
"""Member accounts whose clients are kept: botocore's of one account take 7 MB, and a process meets thousands."""


class Client:
    """A boto3 client whose calls raise `AwsFailed` and its kinds instead of botocore's errors."""

    def __init__(self, raw: Any, pause: Pause = sleep) -> None:
        self._raw = raw
        self._pause = pause
        self._pauses: tuple[float, ...] = ()
        self._service: str = raw.meta.service_model.service_name

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        method = getattr(self._raw, name)

        def call(**params: Any) -> dict[str, Any]:
            for seconds in self._pauses:
                try:
                    return self._ask(method, name, params)
                except (AwsThrottled, AwsUnanswered):
                    self._pause(seconds)
            return self._ask(method, name, params)

        return call

    def _ask(self, method: Callable[..., dict[str, Any]], name: str, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return method(**params)
        except ClientError as error:
            raise translate(error, self._service) from error
        except BotoCoreError as error:
            raise _unanswered(error, self._service, name) from error

    def pausing(self, pause: Pause) -> Self:
        """The same, waiting by `pause`."""
        return self._altered(_pause=pause)

    @property
    def patient(self) -> Self:
        """The same for reads: asks again, and ever more slowly, while AWS throttles or does not answer."""
        return self._altered(_pauses=PAUSES)

    def _altered(self, **changes: Any) -> Self:
        same = object.__new__(type(self))
        vars(same).update(vars(self), **changes)
        return same

    def pages(self, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Every page of a listing, empty ones that carry a token included.

        The token's name is read from the operation's model, so it works for operations without a botocore paginator.
        A page after the first is asked for patiently: else a long listing would never end.
        """
        names = self._raw.meta.method_to_api_mapping
        model = self._raw.meta.service_model.operation_model(names[operation])
        sent = next((m for m in model.input_shape.members if m in _TOKENS), None)
        got = next((m for m in model.output_shape.members if m in _TOKENS | {"NextMarker"}), None)
        page = getattr(self, operation)(**params)
        yield page
        while sent and got and (token := page.get(got)):
            page = getattr(self.patient, operation)(**{**params, sent: token})
            yield page

    def first(self, operation: str, listed: str, **params: Any) -> dict[str, Any]:
        """The first entry of a listing; pages before it may be empty (Organizations API reference, ListParents).

        Raises:
            AwsMissing: when there is none.
        """
        for page in self.pages(operation, **params):
            for entry in page[listed]:
                found: dict[str, Any] = entry
                return found
        raise AwsMissing(f"AWS lists nothing for {self._service}:{operation}.", _REMEDIES[AwsMissing])


_TOKENS = frozenset({"NextToken", "nextToken", "Marker", "marker", "ContinuationToken", "ExclusiveStartKey"})


class Aws:
    """Clients for the organisation and, through a role, for every member account.

    With `management_role` the process runs in another account than the management account: that role's ARN is taken for
    `MANAGEMENT_SERVICES` and on the way into member accounts.
    """

    def __init__(
        self,
        session: Any,
        home_region: str,
        member_role: str = MEMBER_ROLE,
        management_role: str | None = None,
        pause: Pause = sleep,
    ) -> None:
        self.home_region = home_region
        self._pause = pause
        self._session = session
        self._member_role = member_role
        self._management_role = management_role
        self._roles: dict[str, Opener] = {}
        self._clients: dict[tuple[str, str, bool], Client] = {}
        self._members: dict[str, dict[tuple[str, str, bool], Client]] = {}
        """By account, the one used last at the end."""
        self._lock = threading.Lock()

    @classmethod
    def connect(
        cls,
        home_region: str,
        management_role: str | None = None,
        member_role: str = MEMBER_ROLE,
        pause: Pause = sleep,
    ) -> Self:
        """With the credentials and the endpoint of the environment.

        Raises:
            AwsUnsigned: naming the profile that the environment asks for and no file has.
        """
        try:
            core = _botocore_session()
            core.get_scoped_config()
        except ProfileNotFound as error:
            raise AwsUnsigned(f"{error}.", _REMEDIES[AwsUnsigned]) from error
        session = boto3.Session(botocore_session=core, region_name=home_region)
        return cls(session, home_region, member_role, management_role, pause)

    def client(
        self, service: str, region: str | None = None, account_id: str | None = None, *, once: bool = False
    ) -> Client:
        """A client of `service`, in the member account `account_id` if given.

        How often botocore repeats a call is the environment's to say (`AWS_MAX_ATTEMPTS`); `once` switches that off,
        for calls that must not be repeated blindly (CreateAccount).
        """
        where = GLOBAL_REGION if service in GLOBAL_SERVICES else region or self.home_region
        key = (service, where, once)
        with self._lock:
            clients = self._of_member(account_id) if account_id else self._clients
            if key not in clients:
                clients[key] = self._open(service, where, account_id, once)
            return clients[key]

    def _of_member(self, account_id: str) -> dict[tuple[str, str, bool], Client]:
        """Its clients; those of the account that was used longest ago are forgotten, its credentials are not."""
        self._members[account_id] = clients = self._members.pop(account_id, {})
        if len(self._members) > KEPT_ACCOUNTS:
            del self._members[next(iter(self._members))]
        return clients

    def _open(self, service: str, region: str, account_id: str | None, once: bool) -> Client:
        opener = self._opener(service, account_id)
        config = Config(connect_timeout=5, read_timeout=30, max_pool_connections=32)
        if once:
            config = config.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
        raw = opener(service, region_name=region, config=config)
        if service == "s3control":
            raw.meta.events.register_last("before-sign.s3-control", _keep_endpoint_host)
        return Client(raw, self._pause)

    def _opener(self, service: str, account_id: str | None) -> "Opener":
        if account_id:
            return self._as_role(f"arn:aws:iam::{account_id}:role/{self._member_role}", self._management())
        return self._management() if service in MANAGEMENT_SERVICES else self._own()

    def _own(self) -> "Opener":
        opener: Opener = self._session.client
        return opener

    def _management(self) -> "Opener":
        return self._as_role(self._management_role, self._own()) if self._management_role else self._own()

    def _as_role(self, arn: str, opener: "Opener") -> "Opener":
        if arn not in self._roles:
            self._roles[arn] = self._assume(arn, opener)
        return self._roles[arn]

    def _assume(self, arn: str, opener: "Opener") -> "Opener":
        """Clients whose credentials renew themselves through a role that those of `opener` may take."""
        sts = Client(opener("sts", region_name=self.home_region))

        def refresh() -> dict[str, Any]:
            given = sts.assume_role(RoleArn=arn, RoleSessionName=SESSION_NAME)["Credentials"]
            return {
                "access_key": given["AccessKeyId"],
                "secret_key": given["SecretAccessKey"],
                "token": given["SessionToken"],
                "expiry_time": given["Expiration"].isoformat(),
            }

        core = _botocore_session()
        core._credentials = RefreshableCredentials.create_from_metadata(  # botocore offers no public setter
            metadata=refresh(), refresh_using=refresh, method="sts-assume-role"
        )
        created: Opener = core.create_client
        return created


Opener = Callable[..., Any]
"""Makes a raw client: of a service's name, `region_name` and `config`."""


@cache
def _models() -> Loader:
    """AWS's models of its services, read once in a process, and not once in each account."""
    return create_loader(get_session().get_config_variable("data_path"))


def _botocore_session() -> Session:
    session = get_session()
    session.register_component("data_loader", _models())
    return session


def _keep_endpoint_host(request: AWSRequest, **_: Any) -> None:
    """Take the account id off the host of a custom endpoint.

    S3 Control's endpoint rules put `{account}.` before any host; a custom endpoint has no such name, and the account
    travels in `x-amz-account-id` as well.
    """
    account = request.headers.get("x-amz-account-id", "")
    prefix = f"://{account}."
    if account and prefix in request.url and ".amazonaws.com" not in request.url:
        request.url = request.url.replace(prefix, "://", 1)


def translate(error: ClientError, service: str) -> AwsFailed:
    """Botocore's error as one of ours, with AWS's code, reason and request id kept."""
    details = error.response.get("Error", {})
    code = str(details.get("Code", ""))
    reason = str(error.response.get("Reason", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = _kind(code, reason, status)
    operation = error.operation_name
    return kind(
        f"AWS refused {service}:{operation}: {details.get('Message') or code} ({reason or code}).",
        _REMEDIES[kind],
        service=service,
        operation=operation,
        aws_code=code,
        aws_reason=reason,
        aws_request_id=error.response.get("ResponseMetadata", {}).get("RequestId", ""),
    )


def _kind(code: str, reason: str, status: int) -> type[AwsFailed]:
    if code in _DENIED:
        return AwsDenied
    if code in _UNSIGNED:
        return AwsUnsigned
    if code in _THROTTLED or reason in _WAIT_REASONS:
        return AwsThrottled
    if code in _UNREADY:
        return AwsUnready
    if code.startswith("NoSuch") or code.endswith(_MISSING_SUFFIXES):
        return AwsMissing
    if code in _CONFLICT_MARKS_S3 or any(mark in code for mark in _CONFLICT_MARKS):
        return AwsConflict
    return AwsUnanswered if status >= 500 else AwsFailed


_REMEDIES: dict[type[AwsFailed], str] = {
    AwsDenied: "An operator can see with `freehold guardrails why` who or what denies it.",
    AwsUnsigned: "Sign in to AWS (`aws sso login`), or say with AWS_PROFILE whose credentials to use.",
    AwsThrottled: "It is tried again later; nothing is lost.",
    AwsMissing: "Check that it exists and was not removed by somebody else.",
    AwsConflict: "Another change is under way or it exists already; it is tried again later.",
    AwsUnready: "AWS subscribes a new account to its services within minutes; it is tried again.",
    AwsUnanswered: "It is looked up before it is tried again.",
    AwsFailed: "An operator can look the code up in the service's API reference.",
}


def _unanswered(error: BotoCoreError, service: str, operation: str) -> AwsFailed:
    if isinstance(error, _UNSIGNED_HERE):
        sentence, kind = f"{service}:{operation} was not sent to AWS: {_ended(str(error))}", AwsUnsigned
        return kind(sentence, _REMEDIES[kind], service=service, operation=operation)
    sentence = f"AWS did not answer {service}:{operation}: {_ended(str(error))}"
    return AwsUnanswered(sentence, _REMEDIES[AwsUnanswered], service=service, operation=operation)


def _ended(words: str) -> str:
    """One full stop at the end."""
    return f"{words.rstrip('.')}."
