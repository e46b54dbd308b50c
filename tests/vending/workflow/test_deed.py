from datetime import timedelta

from tests.vending.ground import Ground
from vending.ports import AccountState
from vending.requests.record import Record
from vending.workflow.deed import Deed, write_deed


def deed(ground: Ground, record: Record) -> Deed:
    found = ground.services.table.get(f"ACCOUNT#{record.account_id}", "DEED")
    assert found is not None
    return Deed(**found.body)


def made(ground: Ground, **changes: object) -> Record:
    return ground.at(ground.creating(**changes).id, account_id="111122223333")


def test_it_says_whose_the_account_is(ground: Ground) -> None:
    record = made(ground, tags={"service": "gateway"})

    write_deed(ground.services, record, AccountState.QUARANTINED)

    kept = deed(ground, record)
    assert (kept.team, kept.template, kept.request_id) == ("payments", "sandbox", record.id)
    assert (kept.monthly_budget_usd, kept.tags) == (100, {"service": "gateway"})
    assert kept.baseline_version is None


def test_a_template_with_an_end_gives_the_account_a_date(ground: Ground) -> None:
    sandbox, prod = made(ground), made(ground, name="payments-prod", template="workload-prod")
    days = ground.services.company.templates["sandbox"].days

    for record in (sandbox, prod):
        write_deed(ground.services, record, AccountState.ACTIVE)
        ends = deed(ground, record).ends_at
        lives = days if record is sandbox else None
        assert ends == (deed(ground, record).created_at + timedelta(days=lives) if lives else None)


def test_the_day_it_was_made_stays_and_the_state_follows(ground: Ground) -> None:
    record = made(ground)
    write_deed(ground.services, record, AccountState.QUARANTINED)
    born = deed(ground, record).created_at
    ground.cloud.clock.advance(3600)

    write_deed(ground.services, record, AccountState.ACTIVE)

    kept = deed(ground, record)
    assert (kept.created_at, kept.state, kept.baseline_version) == (born, AccountState.ACTIVE, "v1")


def test_the_same_facts_are_not_written_twice(ground: Ground) -> None:
    record = made(ground)
    write_deed(ground.services, record, AccountState.ACTIVE)
    log = list(ground.services.table.log())

    write_deed(ground.services, record, AccountState.ACTIVE)

    assert list(ground.services.table.log()) == log
    assert log[-1].what == "account active"
