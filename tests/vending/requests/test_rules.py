from typing import Any

import pytest

from tests.vending.parts import acme, asked
from vending.core.company import ApprovalRule
from vending.core.errors import BadInput, Malformed
from vending.requests.rules import Standing, email_for, parse, rule_for

COMPANY = acme()


def test_a_request_that_is_fine_is_taken_as_it_is() -> None:
    request = parse(asked(), COMPANY)

    assert request.model_dump(mode="json") == asked()


@pytest.mark.parametrize(
    ("field", "value", "remedy"),
    [
        ("team", "paymants", "Did you mean 'payments'?"),
        ("template", "workload", "Templates:"),
        ("data_class", "secret", "Data classes: public, internal"),
        ("regions", ["us-west-2"], "Governed regions: eu-west-1"),
        ("regions", [], "at least one governed region"),
        ("regions", "eu-west-1", "at least one governed region"),
        ("monthly_budget_usd", -5, "above 0"),
        ("monthly_budget_usd", 0, "above 0"),
        ("monthly_budget_usd", 501, "Ask for less"),
        ("monthly_budget_usd", "lots", "whole number"),
        ("monthly_budget_usd", True, "whole number"),
        ("monthly_budget_usd", 10.5, "whole number"),
        ("monthly_budget_usd", "50", "whole number"),
        ("name", "Payments", "3 to 40 of a-z"),
        ("name", "pa", "3 to 40 of a-z"),
        ("name", "p" * 41, "3 to 40 of a-z"),
        ("name", "1payments", "3 to 40 of a-z"),
        ("name", None, "3 to 40 of a-z"),
        ("purpose", "  ", "what the account is for"),
        ("purpose", "<script>alert(1)</script>" * 20, "what the account is for"),
        ("purpose", "try \x1b[31m it", "in one line"),
        ("purpose", "try\nit out", "in one line"),
        ("purpose", "try \x9b31m it", "in one line"),
        ("data_class", "", "Data classes: public, internal"),
        ("tags", {"aws:x": "1"}, "Choose another key"),
        ("tags", {"Freehold:x": "1"}, "Choose another key"),
        ("tags", {"k": "é\n"}, "tags"),
        ("tags", {f"k{n}": "v" for n in range(41)}, "at most 40 tags"),
        ("budget", 5, "Known fields"),
    ],
)
def test_a_wrong_field_is_named_with_the_way_out(field: str, value: Any, remedy: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse(asked(**{field: value}), COMPANY)

    assert refused.value.errors[0].field.split(".")[0] == field
    assert remedy in refused.value.errors[0].remedy


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        parse(asked(team="nobody", regions=["mars-1"], data_class="x"), COMPANY)

    assert {error.field for error in refused.value.errors} == {"team", "regions", "data_class"}


def test_what_the_company_refuses_is_named_beside_what_has_the_wrong_shape() -> None:
    wrong = {"team": "nobody", "template": "", "purpose": "", "monthly_budget_usd": "", "data_class": "", "name": ""}

    with pytest.raises(BadInput) as refused:
        parse(asked(**wrong, regions=["mars-1"], tags={"aws:x": "1"}), COMPANY)

    assert {error.field for error in refused.value.errors} == {*wrong, "regions", "tags.aws:x"}


@pytest.mark.parametrize("body", [None, [], "text", 5])
def test_a_body_that_is_no_object_is_malformed(body: Any) -> None:
    with pytest.raises(Malformed):
        parse(body, COMPANY)


def test_a_missing_field_is_named() -> None:
    body = asked()
    del body["purpose"]

    with pytest.raises(BadInput) as refused:
        parse(body, COMPANY)

    assert refused.value.errors[0].field == "purpose"


def test_regions_named_twice_count_once() -> None:
    request = parse(asked(regions=["eu-west-1", "us-east-1", "eu-west-1"]), COMPANY)

    assert request.regions == ("eu-west-1", "us-east-1")


CHANGES: tuple[dict[str, Any], ...] = (
    {"name": "other"},
    {"purpose": "something else"},
    {"monthly_budget_usd": 101},
    {"regions": ["us-east-1"]},
    {"tags": {}},
    {"data_class": "public"},
)


def test_the_hash_changes_with_every_field() -> None:
    base = parse(asked(), COMPANY)
    others = [parse(asked(**change), COMPANY) for change in CHANGES]

    assert len({base.hash, *(other.hash for other in others)}) == 7
    assert base.hash == parse(asked(), COMPANY).hash


@pytest.mark.parametrize(
    ("changes", "committed", "approvers"),
    [
        ({}, 0, 0),
        ({"template": "workload-dev"}, 0, 0),
        ({"monthly_budget_usd": 100}, 11_900, 0),
        ({"monthly_budget_usd": 101}, 11_900, 1),
        ({"template": "workload-prod"}, 0, 1),
        ({"template": "regulated"}, 0, 2),
        ({"template": "workload-prod", "data_class": "restricted"}, 0, 2),
    ],
)
def test_the_first_rule_that_fits_decides(changes: dict[str, Any], committed: int, approvers: int) -> None:
    ruling = rule_for(parse(asked(**changes), COMPANY), COMPANY, Standing(0, committed))

    assert ruling.rule.approvers == approvers


FACTS: tuple[tuple[dict[str, Any], dict[str, Any], Standing], ...] = (
    ({"templates": ("sandbox",)}, {"template": "workload-dev"}, Standing(0, 0)),
    ({"ou_classes": ("sandbox",)}, {"template": "workload-dev"}, Standing(0, 0)),
    ({"data_classes": ("internal",)}, {"data_class": "public"}, Standing(0, 0)),
    ({"up_to_usd": 100}, {"monthly_budget_usd": 101}, Standing(0, 0)),
    ({"within_team_budget": True}, {}, Standing(0, 11_901)),
    ({"up_to_accounts": 3}, {}, Standing(3, 0)),
)


@pytest.mark.parametrize(("condition", "changes", "standing"), FACTS, ids=[next(iter(c)) for c, _, _ in FACTS])
def test_a_rule_looks_at_template_class_data_budget_and_the_team_s_accounts_so_far(
    condition: dict[str, Any], changes: dict[str, Any], standing: Standing
) -> None:
    rules = (ApprovalRule(name="fits", approvers=0, **condition), ApprovalRule(name="everything else", approvers=1))
    company = COMPANY.model_copy(update={"approval": rules})

    inside = rule_for(parse(asked(), company), company, Standing(2, 11_900))
    outside = rule_for(parse(asked(**changes), company), company, standing)

    assert (inside.rule.name, outside.rule.name) == ("fits", "everything else")


def test_the_facts_that_decided_are_said_in_words() -> None:
    ruling = rule_for(parse(asked(), COMPANY), COMPANY, Standing(2, 3000))

    assert ruling.because == (
        "sandbox is of class sandbox, the data are internal, 100 USD a month make 3,100 of the team's 12,000, "
        "and it is the team's account number 3"
    )


def test_an_email_over_64_characters_names_the_way_out() -> None:
    company = COMPANY.model_copy(update={"email": "aws+{name}-{id}@accounts.acme.example"})
    request = parse(asked(name="n" * 40), company)

    with pytest.raises(BadInput) as refused:
        email_for(request, company, "req-0123456789abcdef")

    assert refused.value.errors[0].field == "name"
    assert "64" in refused.value.errors[0].reason
    assert "shorter name" in refused.value.errors[0].remedy
