"""JSON Lines in, JSON Lines out, as the contract says."""

import io
import json
from typing import Any

import pytest

from guardrails.evaluator import answer_lines
from tests.guardrails.evaluator.table import FULL_ACCESS, Json, case, deny, policy


def replies(*lines: str) -> tuple[list[Json], int]:
    """What comes out, and how many lines were bad."""
    out = io.StringIO()
    bad = answer_lines(lines, out)
    return [json.loads(line) for line in out.getvalue().splitlines()], bad


def reply(asked: Any) -> Json:
    """What comes out for one case."""
    return replies(json.dumps(asked))[0][0]


def test_every_case_gets_one_line_in_order() -> None:
    first = case([[FULL_ACCESS]]) | {"id": "first"}
    second = case([[FULL_ACCESS, policy(deny())]]) | {"id": 2}

    answers, bad = replies(json.dumps(first), "", json.dumps(second) + "\n")

    assert bad == 0
    assert answers == [
        {"id": "first", "decision": "allow", "because": None, "missing": [], "kind": None},
        {
            "id": 2,
            "decision": "deny",
            "because": {"level": 0, "policy": 1, "statement": 0},
            "missing": [],
            "kind": "scp",
        },
    ]


def test_a_bad_line_is_answered_and_the_others_go_on() -> None:
    good = json.dumps(case([[FULL_ACCESS]]))
    wrong = json.dumps(case([[policy(deny(Condition={"StringEqual": {"a": "b"}}))]]) | {"id": "wrong"})

    answers, bad = replies("{broken", good, wrong, good)

    assert bad == 2
    assert [answer["id"] for answer in answers] == [None, "row", "wrong", "row"]
    assert "line 1" in answers[0]["error"]
    assert "levels[0][0].Statement[0].Condition.StringEqual" in answers[2]["error"]
    assert "did you mean StringEquals?" in answers[2]["error"]


def test_fields_that_may_be_null_may_be_null() -> None:
    asked = case([[FULL_ACCESS]], rcp_levels=None, context=None, management_account=None, unknown=None)

    assert reply(asked)["decision"] == "allow"


@pytest.mark.parametrize("field", ["levels", "principal", "action", "resource"])
def test_what_is_needed_is_needed(field: str) -> None:
    asked = case([[FULL_ACCESS]])
    del asked[field]

    answered = reply(asked)

    assert answered["id"] == "row"
    assert answered["error"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("field", "hint"),
    [
        ("rcp_level", "did you mean rcp_levels?"),
        ("Context", "did you mean context?"),
        ("expected", "the fields are id, levels"),
        ("", "the fields are id, levels"),
    ],
)
def test_a_field_that_no_case_has_is_a_bad_line_that_names_it(field: str, hint: str) -> None:
    answers, bad = replies(json.dumps(case([[FULL_ACCESS]]) | {field: []}))

    assert bad == 1
    assert set(answers[0]) == {"id", "error"}
    assert answers[0]["id"] == "row"
    assert answers[0]["error"].startswith(f"{field}: a case has no such field; ")
    assert hint in answers[0]["error"]


def test_a_byte_order_mark_before_the_first_line_is_no_part_of_it() -> None:
    line = json.dumps(case([[FULL_ACCESS]]))

    answers, bad = replies("\ufeff" + line, "\ufeff" + line)

    assert bad == 1
    assert answers[0]["decision"] == "allow"
    assert "line 2" in answers[1]["error"]


WRONG: list[tuple[str, Any, str]] = [
    ("a case without id", {"id": None}, "id"),
    ("an id that is an object", {"id": {}}, "id"),
    ("levels that are policies", {"levels": [FULL_ACCESS]}, "levels"),
    ("levels that are an object", {"levels": {}}, "levels"),
    ("a policy that is a number", {"levels": [[7]]}, "levels[0][0]"),
    (
        "an RCP with NotAction",
        {"rcp_levels": [[policy({"Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "Resource": "*"})]]},
        "rcp_levels[0][0].Statement[0].NotAction",
    ),
    ("an SCP with Principal", {"levels": [[], [policy(deny(Principal="*"))]]}, "levels[1][0].Statement[0].Principal"),
    ("a principal that is none", {"principal": "ada"}, "principal"),
    ("an action without service", {"action": "GetObject"}, "action"),
    ("a context that is a list", {"context": []}, "context"),
    ("a value that is an object", {"context": {"aws:SourceIp": {}}}, "context.aws:SourceIp"),
    ("unknown that is a text", {"unknown": "aws:SourceIp"}, "unknown"),
    ("a management account that is a number", {"management_account": 999999999999}, "management_account"),
]


@pytest.mark.parametrize(("what", "change", "place"), WRONG, ids=[what for what, _, _ in WRONG])
def test_a_wrong_field_is_named(what: str, change: Json, place: str) -> None:
    answered = reply(case([[FULL_ACCESS]]) | change)

    assert set(answered) == {"id", "error"}
    assert answered["error"].removeprefix("line 1: ").startswith(f"{place}: ")


def test_a_line_that_cannot_be_told_by_its_id_is_told_by_its_number() -> None:
    answers, bad = replies("7", json.dumps(case([[FULL_ACCESS]]) | {"id": None}))

    assert bad == 2
    assert [answer["error"].split(";")[0] for answer in answers] == [
        "line 1: case: a JSON object is needed",
        "line 2: id: a text or a number is needed",
    ]


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e999"])
def test_what_json_does_not_know_is_no_id_and_comes_into_no_answer(value: str) -> None:
    answers, bad = replies(json.dumps(case([[FULL_ACCESS]])).replace('"row"', value))

    assert bad == 1
    assert answers[0]["id"] is None


@pytest.mark.parametrize("line", ["[" * 100_000, "9" * 5_000, "7", '"text"', "null", '{"id": "x", "levels": NaN}'])
def test_strange_lines_are_bad_lines(line: str) -> None:
    answers, bad = replies(line)

    assert bad == 1
    assert set(answers[0]) == {"id", "error"}


@pytest.mark.parametrize("value", ["1e999999", "NaN", "9" * 400, "0001-01-01T00:00:00+14:00", "99999999999999"])
@pytest.mark.parametrize("operator", ["NumericLessThan", "DateGreaterThan", "IpAddress"])
def test_strange_values_are_judged_all_the_same(operator: str, value: str) -> None:
    guardrail = policy(deny(Condition={operator: {"aws:SourceIp": value}}))

    assert "error" not in reply(case([[FULL_ACCESS, guardrail]], unknown=["aws:SourceIp"]))
    assert "error" not in reply(case([[FULL_ACCESS, guardrail]], context={"aws:SourceIp": value}))


def test_a_case_that_is_no_object_has_no_id() -> None:
    assert reply([1, 2])["id"] is None


def test_the_kind_tells_an_rcp_from_an_scp() -> None:
    asked = case([[FULL_ACCESS]], rcp_levels=[[], [policy(deny("s3:*", Principal="*"))]])

    answered = reply(asked)

    assert answered["because"] == {"level": 1, "policy": 0, "statement": 0}
    assert answered["kind"] == "rcp"


def test_unknown_names_what_it_depends_on_and_what_would_deny() -> None:
    guardrail = policy(deny(Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}))

    answered = reply(case([[FULL_ACCESS], [FULL_ACCESS, guardrail]], unknown=["aws:RequestedRegion", "aws:SourceIp"]))

    assert answered["decision"] == "unknown"
    assert answered["missing"] == ["aws:RequestedRegion"]
    assert answered["because"] == {"level": 1, "policy": 1, "statement": 0}


def test_a_policy_may_be_text() -> None:
    assert reply(case([[json.dumps(FULL_ACCESS)]]))["decision"] == "allow"
