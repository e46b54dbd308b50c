import pytest

from vending.core.errors import NotSignedIn
from vending.web.claims import Person, read_person


@pytest.mark.parametrize(
    "claims",
    [
        {"cognito:username": "ada", "name": "Ada Okafor", "cognito:groups": ["team-payments"]},
        {"username": "ada", "name": "Ada Okafor", "cognito:groups": ["team-payments"]},
        {"preferred_username": "ada", "name": "Ada Okafor", "groups": ["team-payments"]},
    ],
)
def test_a_person_is_read_whatever_the_issuer_calls_the_claims(claims: dict[str, object]) -> None:
    assert read_person(claims) == Person("ada", "Ada Okafor", ("team-payments",))


def test_a_person_without_a_name_or_groups_goes_by_the_username() -> None:
    assert read_person({"username": "ada"}) == Person("ada", "ada", ())


@pytest.mark.parametrize("groups", ["team-payments", {"team-payments": 1}, None, [7]])
def test_groups_that_are_no_list_of_names_give_no_rights(groups: object) -> None:
    assert read_person({"username": "ada", "cognito:groups": groups}).groups == ()


@pytest.mark.parametrize("claims", [{}, {"username": ""}, {"username": 7}, {"sub": "a-machine"}])
def test_a_token_that_names_nobody_signs_nobody_in(claims: dict[str, object]) -> None:
    with pytest.raises(NotSignedIn, match="does not say who you are"):
        read_person(claims)
