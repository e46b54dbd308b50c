"""Acts of callers in an account, and what AWS says of them."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError
from moto.iam.models import iam_backends

from guardrails.trial import FULL_ACCESS
from infra.local.authorize.journal import JOURNAL
from tests.cloud import Cloud, CloudSession, Credentials

Act = Callable[[CloudSession, str], Any]
CODES = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation")
STRANGER = "999988887777"


def put(session: CloudSession, account: str, **encryption: str) -> Any:
    s3 = session.client("s3")
    s3.create_bucket(Bucket=f"ledger-{account}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return s3.put_object(Bucket=f"ledger-{account}", Key="k", Body=b"x", **encryption)


def refusal(act: Act, session: CloudSession, account: str) -> str:
    """What AWS says no with; empty where it does not."""
    try:
        act(session, account)
    except ClientError as error:
        return str(error) if error.response["Error"]["Code"] in CODES else ""
    return ""


def passed(act: Act, session: CloudSession, account: str) -> bool:
    """Whether the call was judged, and everything about it allowed, whatever became of it then."""
    JOURNAL.forget()
    with suppress(ClientError):
        act(session, account)
    entries = JOURNAL.entries()
    return bool(entries) and all(entry.allowed for entry in entries)


def said(act: Callable[[], Any]) -> str:
    """What AWS says no with, in whatever words; empty where it does not."""
    try:
        act()
    except ClientError as error:
        return str(error)
    return ""


def refused(act: Act, session: CloudSession, account: str) -> bool:
    """Whether AWS says no, in whatever words."""
    try:
        act(session, account)
    except ClientError:
        return True
    return False


def stranger(cloud: Cloud) -> CloudSession:
    """An administrator of an account that is in no organisation."""
    iam = iam_backends[STRANGER]["aws"]
    iam.create_user("aws", "them", "/", None)
    iam.put_user_policy("them", "all", json.dumps(FULL_ACCESS))
    key = iam.create_access_key("them")
    return CloudSession(cloud, Credentials(key.access_key_id, key.secret_access_key))
