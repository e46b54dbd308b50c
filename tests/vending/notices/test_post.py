from datetime import timedelta
from pathlib import Path

from infra.local.faults.fault import LoseAnswer
from tests.cloud import Cloud
from tests.vending.notices.ground import Ground, company_with, make_ground, slack, told
from tests.vending.parts import person
from vending.notices.letter import DeliveryState, Letter
from vending.notices.post import GONE


def state_of(ground: Ground) -> list[tuple[str, int]]:
    [letter] = ground.book.page(person("sam")).items
    return [(copy.state.value, copy.attempts) for copy in letter.deliveries]


def test_an_email_goes_out_once(ground: Ground) -> None:
    ground.book.tell(told())

    assert (ground.post.deliver(), ground.post.deliver()) == (1, 0)

    assert state_of(ground) == [("sent", 1)]
    assert ground.cloud.client("ses").get_send_quota()["SentLast24Hours"] == 1


def test_what_is_not_taken_is_tried_again_later_and_listed_meanwhile(cloud: Cloud, ground: Ground) -> None:
    cloud.client("sesv2").delete_email_identity(EmailIdentity="freehold@acme.example")
    ground.book.tell(told())

    ground.post.deliver()
    ground.post.deliver()
    assert state_of(ground) == [("waiting", 1)], "the second round comes too soon"
    [listed] = ground.book.page(person("sam"), failed=True).items
    assert "not verified" in listed.deliveries[0].error

    ground.verify_sender()
    cloud.clock.advance(61)
    ground.post.deliver()
    assert state_of(ground) == [("sent", 2)]
    assert ground.book.page(person("sam"), failed=True).items == ()


def test_after_a_day_it_is_given_up_and_stays_listed(cloud: Cloud, ground: Ground) -> None:
    cloud.client("sesv2").delete_email_identity(EmailIdentity="freehold@acme.example")
    ground.book.tell(told())

    for _ in range(40):
        ground.post.deliver()
        cloud.clock.advance(3600)

    [letter] = ground.book.page(person("sam"), failed=True).items
    assert letter.deliveries[0].state is DeliveryState.FAILED
    assert ground.book.waiting() == ()
    assert letter.deliveries[0].attempts < 35


def test_a_copy_that_arrived_is_not_sent_again_because_another_did_not(cloud: Cloud, tmp_path: Path) -> None:
    with slack() as channel:
        company = company_with(approvers={"emails": ("a@acme.example",), "webhooks": (channel.url,)})
        ground = make_ground(cloud, company, tmp_path)
        ground.book.tell(told())
        for _ in range(3):
            ground.post.deliver()
            cloud.clock.advance(3600)
        assert state_of(ground) == [("waiting", 3), ("sent", 1)]
        assert len(channel.taken) == 1

    ground.http.close()


def test_a_webhook_is_told_as_slack_wants_it_and_its_address_is_not_shown(cloud: Cloud, tmp_path: Path) -> None:
    with slack() as channel:
        ground = make_ground(cloud, company_with(approvers={"webhooks": (channel.url,)}), tmp_path)
        ground.book.tell(told(context={"subject": "a <b> & c", "text": "It waits."}))

        channel.status = 404
        ground.post.deliver()
        [letter] = ground.book.page(person("sam")).items
        channel.status = 200
        cloud.clock.advance(3600)
        ground.post.deliver()

    assert letter.deliveries[0].error == "The webhook answered 404: no_service."
    assert (letter.deliveries[0].address, "secret" in letter.model_dump_json()) == ("127.0.0.1", False)
    assert channel.taken[-1]["text"].startswith("*Told: a &lt;b&gt; &amp; c*\nIt waits.")
    assert channel.keys == [letter.id, letter.id]
    ground.http.close()


def test_a_webhook_that_does_not_answer_is_tried_again(cloud: Cloud, tmp_path: Path) -> None:
    with slack() as channel:
        url = channel.url
    ground = make_ground(cloud, company_with(approvers={"webhooks": (url,)}), tmp_path)
    ground.book.tell(told())

    ground.post.deliver()

    [letter] = ground.book.waiting()
    assert letter.deliveries[0].error == "The webhook did not answer: ConnectError."
    ground.http.close()


def test_an_address_that_left_the_company_file_is_given_up(cloud: Cloud, ground: Ground, tmp_path: Path) -> None:
    ground.book.tell(told())
    [letter] = ground.book.waiting()
    copy = letter.deliveries[0].model_copy(update={"address": "former@acme.example"})
    ground.book.table.put(letter.model_copy(update={"deliveries": (copy,)}).document())

    ground.post.deliver()

    assert state_of(ground) == [("failed", 1)]
    assert ground.book.page(person("sam")).items[0].deliveries[0].error == GONE


def test_whoever_else_delivers_at_the_same_time_sends_nothing_twice(ground: Ground) -> None:
    ground.book.tell(told())
    [letter] = ground.book.waiting()
    taken = letter.model_copy(update={"taken_at": ground.cloud.clock.now()})
    ground.book.table.put(taken.document())

    assert ground.post.deliver() == 0

    ground.cloud.clock.advance(timedelta(minutes=5).total_seconds())
    assert ground.post.deliver() == 1, "who took it has died meanwhile"


def test_an_email_whose_answer_is_lost_may_come_twice_but_never_not_at_all(ground: Ground) -> None:
    ground.book.tell(told())
    ground.cloud.state.faults.add((LoseAnswer(kind="lose_answer", calls="sesv2.SendEmail", count=1),))

    ground.post.deliver()
    ground.cloud.clock.advance(61)
    ground.post.deliver()

    assert state_of(ground) == [("sent", 2)]


def test_a_letter_reads_back_as_it_was_kept(ground: Ground) -> None:
    ground.book.tell(told())
    [letter] = ground.book.waiting()

    found = ground.book.table.get(f"NOTICE#{letter.id}", "NOTICE")
    assert found
    assert Letter.of(found) == letter
