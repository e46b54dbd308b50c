from collections.abc import Callable
from dataclasses import replace

import pytest

from guardrails.catalog.org_leave import build
from guardrails.guardrail import Deny, Guardrail, State, describe
from tests.guardrails.ground import acme
from vending.core.errors import BadInput

LEAVE = build(acme())


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda g: replace(g, allows=()), "no case that must be allowed"),
        (lambda g: replace(g, denies=()), "no case that must be denied"),
        (lambda g: replace(g, statements=()), "either statements, a part of a policy, a rule, a control or a setting"),
        (lambda g: replace(g, allows=(State("a state", {}),)), "a case that is no call"),
    ],
)
def test_a_guardrail_that_cannot_be_tested_does_not_come_into_being(
    spoil: Callable[[Guardrail], Guardrail], sentence: str
) -> None:
    with pytest.raises(BadInput, match=f"org.leave has {sentence}|org.leave needs {sentence}"):
        spoil(LEAVE)


def test_a_statement_is_written_in_the_policy_language() -> None:
    statement = Deny(
        "Ssec",
        actions=("s3:PutObject",),
        condition={"Null": {"s3:x": "false"}, "StringEquals": {"aws:y": ("1", "2")}},
        principal="*",
    )

    assert statement.statement() == {
        "Sid": "Ssec",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:PutObject"],
        "Resource": ["*"],
        "Condition": {"Null": {"s3:x": "false"}, "StringEquals": {"aws:y": ["1", "2"]}},
    }


def test_a_description_has_every_field_that_outsiders_rely_on() -> None:
    described = describe(LEAVE)

    assert {"id", "title", "intent", "mechanism", "ou_classes", "frameworks", "parameters", "cases"} <= set(described)
    assert {case["expect"] for case in described["cases"]} == {"allow", "deny"}
