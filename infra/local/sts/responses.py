"""STS's API: moto's, with root sessions, web identities, and sessions that remember how they began."""

import re
from typing import Any, NoReturn

from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

from infra.local.authorize.principals import find_role
from infra.local.cloud import current
from infra.local.service import Refusal
from infra.local.sts.models import LocalStsBackend
from infra.local.sts.sessions import Origin, Session
from infra.local.sts.web_identity import check_token

TASKS = "arn:aws:iam::aws:policy/root-task/"
TASK_POLICIES = frozenset(
    TASKS + name
    for name in (
        "IAMAuditRootUserCredentials",
        "IAMCreateRootUserPassword",
        "IAMDeleteRootUserCredentials",
        "S3UnlockBucketPolicy",
        "SQSUnlockQueuePolicy",
    )
)
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html"""

_TARGET = re.compile(r"(?:arn:aws:iam::)?(\d{12})(?::root)?")
MOST_WHEN_CHAINED = 3600
"""Seconds; https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining"""


class LocalStsResponse(TokenResponse):
    """One call to STS. That it was authorised, the token of a web identity included, was seen to before."""

    def assume_root(self) -> ActionResult:
        """A session of a member account's root user for one task, at most fifteen minutes long.

        AWS refuses its global endpoint; here all endpoints have one address and none can be told from it.
        """
        target = _TARGET.fullmatch(self._get_param("TargetPrincipal"))
        task = (self._get_param("TaskPolicyArn") or {}).get("arn")
        if target is None:
            _invalid("targetPrincipal", self._get_param("TargetPrincipal"), "be an account ID or the ARN of its root")
        if task not in TASK_POLICIES:
            _invalid("taskPolicyArn", task, f"be one of [{', '.join(sorted(TASK_POLICIES))}]")
        duration = self._get_int_param("DurationSeconds", 900)
        session = self._sts.assume_root(target[1], task, duration, self._source_identity())
        return ActionResult({"Credentials": session, "SourceIdentity": session.origin.source_identity})

    def assume_role(self) -> ActionResult:
        """A session of a role, as long as the role lets it be."""
        chained = self._caller() is not None
        given = self._get_param("SourceIdentity")
        tags = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags") or ()}
        origin = Origin(self._policies(), tags, given or self._source_identity())
        session = self._begin(origin, chained)
        return ActionResult({**_begun(session), "SourceIdentity": origin.source_identity})

    def assume_role_with_web_identity(self) -> ActionResult:
        """A session of a role for whom an identity provider vouches."""
        voucher = check_token(current(), self._get_param("RoleArn"), self._get_param("WebIdentityToken"))
        session = self._begin(Origin(self._policies(), provider=voucher.provider), chained=False)
        about = {
            "SubjectFromWebIdentityToken": voucher.subject,
            "Audience": voucher.audience,
            "Provider": voucher.issuer,
        }
        return ActionResult({**_begun(session), **about})

    def _begin(self, origin: Origin, chained: bool) -> Session:
        arn = self._get_param("RoleArn")
        duration = self._get_int_param("DurationSeconds", 3600)
        _check_duration(arn, duration, chained)
        return self._sts.assume_role(
            self.region,
            self._get_param("RoleSessionName"),
            arn,
            self._get_param("Policy"),
            duration,
            self._get_param("ExternalId"),
            origin,
        )

    def _policies(self) -> tuple[str, ...]:
        return tuple(each["arn"] for each in self._get_param("PolicyArns") or () if each.get("arn"))

    def _caller(self) -> Session | None:
        found = self._sts.get_assumed_role_from_access_key(self.get_access_key())
        return found if isinstance(found, Session) else None

    def _source_identity(self) -> str | None:
        """What the caller's own session carries: it stays the same from session to session."""
        caller = self._caller()
        return caller.origin.source_identity if caller else None

    @property
    def _sts(self) -> LocalStsBackend:
        found: Any = self.backend
        assert isinstance(found, LocalStsBackend)
        return found


def _check_duration(role_arn: str, duration: int, chained: bool) -> None:
    role = find_role(role_arn)
    if role is not None and duration > int(role.max_session_duration or MOST_WHEN_CHAINED):
        raise Refusal(
            "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    if chained and duration > MOST_WHEN_CHAINED:
        raise Refusal(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )


def _begun(session: Session) -> dict[str, Any]:
    return {
        "Credentials": session,
        "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        "PackedPolicySize": 6,
    }


def _invalid(name: str, value: str | None, rule: str) -> NoReturn:
    raise Refusal(
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: Member must {rule}",
    )
