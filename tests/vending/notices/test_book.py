from dataclasses import replace

from tests.vending.notices.ground import Ground, told
from tests.vending.parts import person
from vending.notices.letter import DeliveryState
from vending.ports import Audience


def test_a_notice_is_kept_in_words_that_stay(ground: Ground) -> None:
    ground.book.tell(told())

    [letter] = ground.book.waiting()
    assert letter.subject == "Told: payments-prod"
    assert letter.text == "It waits.\nhttps://freehold.acme.example/requests/1\n"
    assert [(str(copy.audience), copy.address) for copy in letter.deliveries] == [
        ("approvers", "approvers@acme.example")
    ]


def test_the_same_is_told_once_however_often_it_is_handed_in(ground: Ground) -> None:
    ground.book.tell(told())
    ground.book.tell(told(context={"subject": "other words", "text": ""}))
    ground.book.tell(told(once="req-1/round 2"))

    assert [letter.subject for letter in ground.book.waiting()] == ["Told: payments-prod"] * 2


def test_an_address_that_two_audiences_share_gets_one_copy(ground: Ground) -> None:
    ground.book.tell(told(to=(Audience("operators"), Audience("escalation"))))

    [letter] = ground.book.waiting()
    assert [copy.address for copy in letter.deliveries] == ["platform@acme.example"]


def test_a_subject_is_one_line_whatever_is_in_it(ground: Ground) -> None:
    ground.book.tell(told(context={"subject": "a \t b", "text": "x"}))

    assert ground.book.waiting()[0].subject == "Told: a b"


def test_somebody_without_an_address_is_listed_and_not_forgotten(ground: Ground) -> None:
    ground.book.tell(told(to=(Audience("person", "nobody"),)))

    [letter] = ground.book.page(person("sam"), failed=True).items
    [copy] = letter.deliveries
    assert (copy.state, copy.error) == (
        DeliveryState.FAILED,
        "The company file knows no address for them: see `notifications` in it.",
    )
    assert ground.book.waiting() == ()


def test_people_are_written_to_as_the_company_file_has_them(ground: Ground) -> None:
    named = ground.book.company.notifications.model_copy(update={"person_email": "{username}@people.acme.example"})
    book = replace(ground.book, company=ground.book.company.model_copy(update={"notifications": named}))

    book.tell(told(to=(Audience("person", "ada"), Audience("person", "lena"), Audience("team", "payments"))))

    [letter] = book.waiting()
    addresses = [copy.address for copy in letter.deliveries]
    assert addresses == ["ada@acme.example", "lena@people.acme.example", "payments@acme.example"]


def test_teams_see_their_own_notices_and_auditors_all_newest_first(ground: Ground) -> None:
    for number, team in enumerate(("payments", "search", None)):
        ground.book.tell(told(once=str(number), team=team))
        ground.cloud.clock.advance(1)

    assert [letter.team for letter in ground.book.page(person("ada")).items] == ["payments"]
    assert [letter.team for letter in ground.book.page(person("sam")).items] == [None, "search", "payments"]


def test_pages_follow_each_other(ground: Ground) -> None:
    for number in range(3):
        ground.book.tell(told(once=str(number)))
        ground.cloud.clock.advance(1)

    first = ground.book.page(person("sam"), limit=2)
    second = ground.book.page(person("sam"), limit=2, cursor=first.next)

    assert (len(first.items), len(second.items), second.next) == (2, 1, None)
    assert len({letter.id for letter in (*first.items, *second.items)}) == 3
