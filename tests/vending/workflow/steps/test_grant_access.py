import pytest

from infra.local.provision import make_permission_sets
from tests.vending.ground import Ground
from vending.ports import Holds
from vending.workflow.step import Done, Parked, Pending
from vending.workflow.steps.grant_access import STEP, read


@pytest.fixture
def furnished(ground: Ground) -> Ground:
    """With the permission sets that the templates name."""
    make_permission_sets(ground.services.aws, ground.services.company)
    return ground


def test_the_team_s_group_gets_its_permission_set_and_nobody_else_anything(furnished: Ground) -> None:
    record = furnished.make_account(furnished.creating())

    asked = furnished.run(STEP, record)
    furnished.cloud.clock.advance(3600)
    done = furnished.run(STEP, record)

    admin = furnished.cloud.client("sso-admin")
    instance = admin.list_instances()["Instances"][0]["InstanceArn"]
    sets = admin.list_permission_sets_provisioned_to_account(InstanceArn=instance, AccountId=record.account_id)
    [permission_set] = sets["PermissionSets"]
    [assignment] = admin.list_account_assignments(
        InstanceArn=instance, AccountId=record.account_id, PermissionSetArn=permission_set
    )["AccountAssignments"]
    access = furnished.services.company.templates["sandbox"].access
    assert isinstance(asked, Pending)
    assert done == Done(f"group team-payments has {access}")
    assert assignment["PrincipalType"] == "GROUP"


def test_while_it_is_under_way_it_is_not_asked_for_again(furnished: Ground) -> None:
    record = furnished.make_account(furnished.creating())

    with furnished.counted("sso-admin", "CreateAccountAssignment") as calls:
        outcomes = [furnished.run(STEP, record) for _ in range(2)]
        furnished.cloud.clock.advance(3600)
        furnished.run(STEP, record)

    assert outcomes == [Pending("Identity Center to provision the access")] * 2
    assert len(calls) == 1


def lacking(ground: Ground) -> Ground:
    """With a template that names a permission set which is not there."""
    company = ground.services.company
    sandbox = company.templates["sandbox"].model_copy(update={"access": "Everything"})
    return ground.governed_by(company.model_copy(update={"templates": {**company.templates, "sandbox": sandbox}}))


def test_a_permission_set_that_is_missing_parks_and_is_named(furnished: Ground) -> None:
    record = furnished.make_account(furnished.creating())

    with pytest.raises(Parked, match="no permission set Everything") as parked:
        lacking(furnished).run(STEP, record)

    assert parked.value.cause.who == "platform"


def test_a_group_that_is_missing_parks_and_is_named(furnished: Ground) -> None:
    company = furnished.services.company
    renamed = company.teams["payments"].model_copy(update={"group": "team-paiments"})
    elsewhere = furnished.governed_by(company.model_copy(update={"teams": {**company.teams, "payments": renamed}}))
    record = furnished.make_account(furnished.creating())

    with pytest.raises(Parked, match="no group team-paiments"):
        elsewhere.run(STEP, record)


def test_what_was_read_back_says_whether_it_holds(furnished: Ground) -> None:
    record = furnished.make_account(furnished.creating())

    before = read(furnished.services, record)
    furnished.run(STEP, record)
    furnished.cloud.clock.advance(3600)
    after = read(furnished.services, record)

    assert [before.holds, after.holds] == [Holds.NO, Holds.YES]


def test_of_what_identity_center_lacks_the_reading_says_so(furnished: Ground) -> None:
    record = furnished.make_account(furnished.creating())

    reading = read(lacking(furnished).services, record)

    assert reading.holds is Holds.NO
    assert reading.found == "Identity Center has no permission set Everything."
