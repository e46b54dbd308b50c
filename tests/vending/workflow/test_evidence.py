import pytest

from tests.vending.ground import Ground
from vending.core.verification import NotGenuine, check
from vending.ports import Holds
from vending.requests.record import Record
from vending.workflow.evidence import PROMISED_BY_VENDING, EvidenceItem, latest, read_back
from vending.workflow.steps import create_account, move_to_ou, set_budget


def item(ground: Ground, record: Record, id_: str) -> EvidenceItem:
    [found] = [item for item in read_back(ground.services, record).items if item.id == id_]
    return found


def test_everything_promised_is_read_by_vending_and_by_the_baseline(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    evidence = read_back(ground.services, record)

    promises = ground.services.baseline.describe(record.new_account(ground.services.company))
    assert [item.id for item in evidence.items] == [*PROMISED_BY_VENDING, *(promise.id for promise in promises)]
    assert (evidence.account_id, evidence.request_id) == (record.account_id, record.id)
    assert evidence.baseline_version == "v1"


def test_the_ou_holds_once_it_lives_there(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    before = item(ground, record, "ou")
    ground.run(move_to_ou.STEP, record)
    after = item(ground, record, "ou")

    assert (before.holds, before.found) == (Holds.NO, "Root")
    assert (after.holds, after.found) == (Holds.YES, "Sandbox")


def test_the_ou_holds_in_one_below_it_unless_that_is_of_another_class(ground: Ground) -> None:
    record = ground.make_account(ground.creating())
    ground.run(move_to_ou.STEP, record)

    ground.move_below("Playground", record)
    below = item(ground, record, "ou")
    ground.move_below("Prod", record)
    elsewhere = item(ground, record, "ou")

    assert (below.holds, below.found) == (Holds.YES, "Sandbox/Playground")
    assert (elsewhere.holds, elsewhere.found) == (Holds.NO, "Prod")


def test_tags_hold_when_they_are_all_there_whatever_else_is(ground: Ground) -> None:
    asked = ground.creating()
    record = ground.make_account(asked, tags={**create_account.tags_of(asked), "added-by": "somebody"})

    before = item(ground, record, "tags")
    ground.cloud.client("organizations").untag_resource(ResourceId=record.account_id, TagKeys=["freehold:team"])
    after = item(ground, record, "tags")

    assert (before.holds, after.holds) == (Holds.YES, Holds.NO)
    assert "freehold:team" not in after.found


def test_the_budget_is_read_from_aws(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    before = item(ground, record, "budget")
    ground.run(set_budget.STEP, record)

    assert (before.holds, item(ground, record, "budget").holds) == (Holds.NO, Holds.YES)


def test_what_does_not_answer_is_unknown_with_its_reason(ground: Ground) -> None:
    record = ground.make_account(ground.creating())

    with ground.refused("organizations", "ListParents", "AccessDeniedException"):
        found = item(ground, record, "ou")

    assert found.holds is Holds.UNKNOWN
    assert "AWS refused organizations:ListParents" in found.found
    assert found.id in {missing.id for missing in read_back(ground.services, record).missing}


def test_every_reading_is_kept_and_the_newest_is_given(ground: Ground) -> None:
    record = ground.make_account(ground.creating())
    first = read_back(ground.services, record)
    ground.services.table.put(first.document())
    ground.cloud.clock.advance(60)
    second = read_back(ground.services, record)
    ground.services.table.put(second.document())

    assert latest(ground.services.table, str(record.account_id)) == second
    assert len(list(ground.services.table.under(f"ACCOUNT#{record.account_id}", "EVIDENCE#"))) == 2
    assert latest(ground.services.table, "999999999999") is None


def test_what_was_read_is_signed_and_a_changed_item_is_noticed_offline(ground: Ground) -> None:
    record = ground.make_account(ground.creating())
    key = ground.services.signer.public_key

    evidence = read_back(ground.services, record)
    assert evidence.signature
    check(evidence.content, evidence.signature, key)

    bettered = tuple(item.model_copy(update={"holds": Holds.YES}) for item in evidence.items)
    with pytest.raises(NotGenuine, match="changed after it was signed"):
        check(evidence.model_copy(update={"items": bettered}).content, evidence.signature, key)
