"""Who calls, read from one text."""

import pytest

from guardrails.evaluator import Call, PrincipalKind, read_principal
from tests.guardrails.evaluator.table import ACCOUNT, ROLE, USER
from vending.core.errors import BadInput

READ = [
    (USER, PrincipalKind.USER, ACCOUNT, USER),
    (ROLE, PrincipalKind.ROLE, ACCOUNT, ROLE),
    (ACCOUNT, PrincipalKind.ROOT, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"),
    (f"arn:aws:iam::{ACCOUNT}:root", PrincipalKind.ROOT, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"),
    (
        f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/ops/me@x",
        PrincipalKind.ROLE,
        ACCOUNT,
        f"arn:aws-cn:iam::{ACCOUNT}:role/ops",
    ),
    (
        f"arn:aws:sts::{ACCOUNT}:federated-user/tom",
        PrincipalKind.FEDERATED,
        ACCOUNT,
        f"arn:aws:sts::{ACCOUNT}:federated-user/tom",
    ),
    ("config.amazonaws.com", PrincipalKind.SERVICE, None, None),
    (f"arn:aws:iam::{ACCOUNT}:saml-provider/idp", PrincipalKind.PROVIDER, None, None),
    ("*", PrincipalKind.ANYONE, None, None),
]


@pytest.mark.parametrize(("text", "kind", "account", "arn"), READ, ids=[text for text, *_ in READ])
def test_a_principal_is_known_by_its_text(text: str, kind: PrincipalKind, account: str | None, arn: str | None) -> None:
    principal = read_principal(text)

    assert (principal.kind, principal.account, principal.arn) == (kind, account, arn)


@pytest.mark.parametrize(
    "text",
    [
        "ada",
        "",
        "arn:aws:iam::1:role/x",
        f"arn:aws:iam::{ACCOUNT}:group/devs",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/ops",
    ],
)
def test_what_is_no_principal_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no principal"):
        read_principal(text)


def test_the_facts_follow_from_the_principal() -> None:
    facts = Call(USER, "s3:GetObject", context={"aws:TagKeys": ["a", "b"], "s3:max-keys": 10}).facts()

    assert facts["aws:principalarn"] == (USER,)
    assert facts["aws:username"] == ("ada",)
    assert facts["aws:principalaccount"] == (ACCOUNT,)
    assert facts["aws:tagkeys"] == ("a", "b")
    assert facts["s3:max-keys"] == ("10",)
