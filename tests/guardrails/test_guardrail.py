from collections.abc import Callable
from dataclasses import replace

import pytest

from guardrails.catalog.org_leave import build
from guardrails.guardrail import Deny, Guardrail, Mechanism, Rule, State, describe
from guardrails.trial import try_guardrail
from tests.guardrails.ground import acme
from vending.core.errors import BadInput

LEAVE = build(acme())


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda g: replace(g, allows=()), "no case that must be allowed"),
        (lambda g: replace(g, denies=()), "no case that must be denied"),
        (lambda g: replace(g, statements=()), "either statements, a part of a policy, rules, a control or a setting"),
        (lambda g: replace(g, allows=(State("a state", {}),)), "a case that is no call"),
    ],
)
def test_a_guardrail_that_cannot_be_tested_does_not_come_into_being(
    spoil: Callable[[Guardrail], Guardrail], sentence: str
) -> None:
    with pytest.raises(BadInput, match=f"org.leave has {sentence}|org.leave needs {sentence}"):
        spoil(LEAVE)


WATCHED = Guardrail(
    **{
        **vars(LEAVE),
        "mechanism": Mechanism.RULE,
        "statements": (),
        "rules": (Rule("ENCRYPTED_VOLUMES", "encrypted", lambda observed: observed["encrypted"] is True),),
        "allows": (State("encrypted", {"encrypted": True}, "ENCRYPTED_VOLUMES"),),
        "denies": (State("in the clear", {"encrypted": False}, "ENCRYPTED_VOLUMES"),),
    }
)


def test_a_rule_needs_a_resource_that_complies_and_one_that_does_not() -> None:
    keys = Rule("ACCESS_KEYS_ROTATED", "rotated", lambda observed: observed["days"] <= 90)

    with pytest.raises(BadInput, match=r"org\.leave: ACCESS_KEYS_ROTATED has no case that complies"):
        replace(WATCHED, rules=(*WATCHED.rules, keys))
    with pytest.raises(BadInput, match=r"org\.leave has a case of 'ELSEWHERE', no rule of its"):
        replace(WATCHED, denies=(State("astray", {}, "ELSEWHERE"),))


def test_each_case_of_a_rule_is_judged_by_its_rule_alone() -> None:
    assert [verdict.passed for verdict in try_guardrail(WATCHED)] == [True, True]
    assert WATCHED.expected == "encrypted"


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
