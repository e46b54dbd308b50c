import pytest

from tests.vending.ground import Ground
from tests.vending.parts import person
from vending.core.errors import BadInput, Conflict, NotAllowed, NotFound
from vending.core.organization import read_organization
from vending.ports import AccountState
from vending.requests.record import Record
from vending.workflow.deed import write_deed
from vending.workflow.evidence import read_back

ADA, TOM, OMAR, SAM = map(person, ("ada", "tom", "omar", "sam"))


def owned(ground: Ground, **changes: object) -> Record:
    """An account that its team has."""
    record = ground.make_account(ground.creating(**changes))
    write_deed(ground.services, record, AccountState.ACTIVE)
    return record


def test_an_account_is_what_aws_says_and_whose_it_is(ground: Ground) -> None:
    record = owned(ground)

    account = ground.accounts.show(ADA, str(record.account_id))

    assert (account.name, account.email, account.ou) == (record.asked.name, record.email, "Root")
    assert (account.team, account.request_id, account.monthly_budget_usd) == ("payments", record.id, 100)
    assert (account.state, account.compliance) == ("active", "unknown")


def test_an_account_in_an_ou_below_that_of_a_class_is_of_that_class(ground: Ground) -> None:
    account_id = str(owned(ground).account_id)
    organizations = ground.cloud.client("organizations")
    tree = read_organization(ground.services.aws)
    sandbox = tree.unit_named("Sandbox").id
    below = organizations.create_organizational_unit(ParentId=sandbox, Name="Lab")["OrganizationalUnit"]["Id"]

    outside = ground.accounts.get(account_id)
    organizations.move_account(AccountId=account_id, SourceParentId=tree.root.id, DestinationParentId=below)
    inside = ground.accounts.get(account_id)

    assert (outside.ou, outside.ou_class) == ("Root", None)
    assert (inside.ou, inside.ou_class) == ("Lab", "sandbox")
    assert inside in ground.accounts.all()


def test_teams_see_their_own_accounts_and_auditors_all(ground: Ground) -> None:
    ours = owned(ground)
    theirs = owned(ground, who="tom", team="search", name="search-lab")

    everything = {account.account_id for account in ground.accounts.list(SAM, limit=200).items}

    assert [a.account_id for a in ground.accounts.list(ADA).items] == [ours.account_id]
    assert [a.account_id for a in ground.accounts.list(SAM, team="search").items] == [theirs.account_id]
    assert {ours.account_id, theirs.account_id} < everything
    assert everything == {account.account_id for account in ground.accounts.all()}


def test_another_team_s_account_and_one_of_no_team_do_not_exist(ground: Ground) -> None:
    theirs = owned(ground, who="tom", team="search", name="search-lab")

    for account_id in (str(theirs.account_id), "123456789012", "999999999999", "nonsense"):
        with pytest.raises(NotFound):
            ground.accounts.show(ADA, account_id)


def test_pages_follow_each_other(ground: Ground) -> None:
    whole = [a.account_id for a in ground.accounts.list(SAM).items]

    paged: list[str] = []
    cursor = None
    while True:
        page = ground.accounts.list(SAM, limit=2, cursor=cursor)
        paged += [a.account_id for a in page.items]
        cursor = page.next
        if cursor is None:
            break

    assert paged == whole == sorted(whole)


def test_a_cursor_that_is_none_is_refused(ground: Ground) -> None:
    with pytest.raises(BadInput) as refused:
        ground.accounts.list(SAM, cursor="nonsense")

    assert refused.value.errors[0].field == "cursor"


def test_a_closed_account_is_closed_whatever_the_deed_says(ground: Ground) -> None:
    record = owned(ground)
    ground.cloud.client("organizations").close_account(AccountId=record.account_id)

    assert ground.accounts.show(ADA, str(record.account_id)).state in ("closing", "closed")


def test_evidence_is_what_was_last_read_back(ground: Ground) -> None:
    record = owned(ground)
    with pytest.raises(NotFound, match="Nothing was read back"):
        ground.accounts.evidence(ADA, str(record.account_id))
    ground.services.table.put(read_back(ground.services, record).document())

    assert ground.accounts.evidence(ADA, str(record.account_id)).request_id == record.id


@pytest.mark.parametrize("who", ["ada", "omar"])
def test_its_team_and_operators_have_it_read_back_now(ground: Ground, who: str) -> None:
    record = owned(ground)

    evidence = ground.accounts.verify(person(who), str(record.account_id))

    assert ground.accounts.evidence(SAM, str(record.account_id)) == evidence


def test_nobody_else_has_it_read_back(ground: Ground) -> None:
    record = owned(ground)

    with pytest.raises(NotAllowed):
        ground.accounts.verify(SAM, str(record.account_id))
    with pytest.raises(NotFound):
        ground.accounts.verify(TOM, str(record.account_id))


def test_for_an_account_that_freehold_did_not_make_nothing_was_promised(ground: Ground) -> None:
    with pytest.raises(Conflict, match="did not make"):
        ground.accounts.verify(OMAR, "123456789012")
