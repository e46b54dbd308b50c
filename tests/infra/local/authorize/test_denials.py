"""How a denial is worded."""

import pytest

from guardrails.evaluator import Because, Kind
from infra.local.authorize.denials import sentence

WHO, WHAT, WHICH = "arn:aws:iam::111122223333:user/ada", "iam:ListRoles", "arn:aws:iam::111122223333:role/*"
HEAD = f"User: {WHO} is not authorized to perform: {WHAT} on resource: {WHICH}"


@pytest.mark.parametrize(
    ("because", "tail"),
    [
        (Because(Kind.SCP, 0, 0, 0, "arn:p"), " with an explicit deny in a service control policy: arn:p"),
        (Because(Kind.SCP, 1), f" because no service control policy allows the {WHAT} action"),
        (Because(Kind.RCP, 0, 0, 0, "arn:p"), " with an explicit deny in a resource control policy: arn:p"),
        (Because(Kind.IDENTITY, None, 0, 0), " with an explicit deny in an identity-based policy"),
        (Because(Kind.IDENTITY, None), f" because no identity-based policy allows the {WHAT} action"),
        (Because(Kind.BOUNDARY, None), f" because no permissions boundary allows the {WHAT} action"),
        (Because(Kind.SESSION, None), f" because no session policy allows the {WHAT} action"),
        (Because(Kind.RESOURCE, None), f" because no resource-based policy allows the {WHAT} action"),
    ],
)
def test_sentence_names_the_kind_of_policy_and_the_policy(because: Because, tail: str) -> None:
    assert sentence(WHO, WHAT, WHICH, because) == HEAD + tail


def test_sentence_about_a_trust_policy_calls_it_so() -> None:
    denied = Because(Kind.RESOURCE, None, 0, 0)

    assert sentence(WHO, WHAT, WHICH, denied, trust=True).endswith("with an explicit deny in the role trust policy")
