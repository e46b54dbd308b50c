from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.datastructures import FormData, UploadFile

from vending.core.errors import BadInput, FieldError
from vending.requests.form import Fields, by_field
from vending.requests.model import Choices, Request, State

ASKED: dict[str, Any] = {
    "team": "payments",
    "name": "payments-lab",
    "template": "sandbox",
    "purpose": "try it",
    "monthly_budget_usd": 200,
    "data_class": "internal",
    "regions": ("eu-west-1",),
    "tags": {"service": "switch", "stage": "test"},
}
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def request_of(**changes: Any) -> Request:
    about = {"id": "req-1", "state": State.PARKED, "hash": "h", "requester": "ada", "created_at": NOW}
    more = {"updated_at": NOW, "email": "a@acme.example", "rule": "any", "approvers_needed": 0}
    return Request(**{**ASKED, **about, **more, **changes})


def test_a_choice_of_one_is_made_already() -> None:
    choices = Choices(
        teams={"payments": "Payments"},
        templates={"sandbox": "Try", "dev": "Build"},
        regions=("eu-west-1", "us-east-1"),
        data_classes=("public", "internal"),
        budget_limits={},
    )

    fields = Fields.first(choices)

    assert (fields.team, fields.template, fields.data_class, fields.regions) == ("payments", "", "", ("eu-west-1",))


def test_what_was_typed_becomes_the_body_of_the_api() -> None:
    sent: list[tuple[str, str | UploadFile]] = [
        *((name, str(ASKED[name])) for name in ASKED if name not in ("regions", "tags")),
        ("regions", "eu-west-1"),
        ("regions", "us-east-1"),
        ("tags", "service = switch\n\n url=https://x?a=b \n"),
    ]

    body = Fields.sent(FormData(sent)).body()

    assert body == {
        **ASKED,
        "regions": ["eu-west-1", "us-east-1"],
        "tags": {"service": "switch", "url": "https://x?a=b"},
    }


@pytest.mark.parametrize(
    ("typed", "sent"), [("12", 12), (" -3 ", -3), ("1.5", "1.5"), ("", ""), ("٣", "٣"), ("9" * 40, "9" * 40)]
)
def test_a_budget_that_is_no_number_is_sent_as_it_was_typed(typed: str, sent: object) -> None:
    assert Fields(monthly_budget_usd=typed).body()["monthly_budget_usd"] == sent


def test_a_purpose_of_several_lines_is_one() -> None:
    assert Fields(purpose=" try\r\n the gateway\n").body()["purpose"] == "try the gateway"


def test_a_field_that_is_missing_or_a_file_is_empty() -> None:
    assert Fields.sent(FormData([("name", UploadFile(None))])) == Fields()  # type: ignore[arg-type]


def test_a_tag_without_a_value_is_refused_with_its_line() -> None:
    with pytest.raises(BadInput) as caught:
        Fields(tags="a=b\noops").body()

    assert [(error.field, error.reason) for error in caught.value.errors] == [("tags", "line 2 has no =")]


def test_a_form_that_changes_nothing_is_an_empty_patch() -> None:
    before = request_of()

    assert Fields.of(before).patch(before) == {}


def test_a_patch_holds_what_changed_and_null_for_a_tag_that_is_gone() -> None:
    before = request_of()
    fields = Fields.of(before)

    patch = Fields(**{**vars(fields), "purpose": "use it", "tags": "service=card"}).patch(before)

    assert patch == {"purpose": "use it", "tags": {"service": "card", "stage": None}}


def test_errors_are_sorted_under_the_field_they_belong_to() -> None:
    name, region, tag, key = (FieldError(f, "r", "m") for f in ("name", "regions.1", "tags.aws:x", "Idempotency-Key"))

    assert by_field([name, region, tag, key]) == {"name": (name,), "regions": (region,), "tags": (tag,), "-": (key,)}
