"""The doctor on a set-up that is whole, and on each that is not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from moto.config.models import config_backends

from infra.doctor.aws import CHECKS, checks_of, look
from infra.doctor.diagnosis import Diagnosis, Verdict, examine
from infra.doctor.sight import Sight
from infra.doctor.stacks import Place
from infra.local.authorize.journal import JOURNAL
from infra.local.controltower.models import controltower_backends
from infra.local.organizations.models import organization
from tests.cloud import Cloud
from tests.infra.doctor.ground import bootstrap, connect_code, set_up, sight_of, walk
from tests.infra.local.controltower.landing import BASELINE, LONGEST_UNIT, unit_arn
from tests.infra.local.sesv2.sandbox import shut_in
from tests.infra.stacks.roles import names, settle
from tests.vending.parts import acme, connect, without_tower
from vending.core.company import Company
from vending.core.deploying import STEPS, TRAIL, number_of
from vending.core.deployment import Delivery, Deployment

READS = ("Get", "List", "Describe", "AssumeRole")


@pytest.fixture
def cloud(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    connect(cloud, monkeypatch)
    cloud.limits.enforced = False
    return cloud


@pytest.fixture
def portal() -> Iterator[str]:
    """Something that is well."""

    class Well(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Well)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def one(check: str, seen: Sight) -> list[Diagnosis]:
    [chosen] = [each for each in CHECKS if each.id == check]
    return list(examine([chosen], seen))


def not_well(found: list[Diagnosis]) -> list[Diagnosis]:
    return [diagnosis for diagnosis in found if not diagnosis.well]


def changed(**parts: Any) -> Company:
    return acme().model_copy(update=parts)


def deployed(changes: dict[str, str]) -> Deployment:
    given = acme().aws
    assert given is not None, "the example says where it runs"
    return given.model_copy(update=changes)


def test_a_newcomer_is_told_at_each_step_of_the_guide_what_is_missing_until_all_is_well_and_only_read(
    cloud: Cloud, portal: str
) -> None:
    _follow(cloud, portal, acme(), _take_away(cloud))


def test_so_is_one_whose_company_has_no_control_tower(cloud: Cloud, portal: str) -> None:
    with cloud.of(without_tower()):
        _follow(cloud, portal, without_tower(), _take_away_without_tower(cloud))


def _follow(cloud: Cloud, portal: str, company: Company, mend: dict[str, Callable[[], None]]) -> None:
    """The guide, step by step, what is taken away given back at its step."""
    cloud.limits.enforced = False
    for step, seen in walk(cloud, portal, company):
        mend.get(step, lambda: None)()
        later = list(STEPS)[number_of(step) :]
        begun = [check for check in checks_of(company) if check.step in (step, *later[:1])]
        found = {name: [d for d in examine(begun, seen) if d.step == name] for name in (step, *later[:1])}

        assert not_well(found[step]) == []
        for name in later[:1]:
            waits = [d for d in found[name] if d.state is Verdict.MISSING]
            assert waits or name == "portal", f"{name} is not begun, and nobody says so"
            assert all(d.next and d.where for d in waits)
    _is_well_and_only_read(cloud, seen)


def _is_well_and_only_read(cloud: Cloud, seen: Sight) -> None:
    JOURNAL.forget()
    before = dict(cloud.state.calls)

    found = list(look(seen))

    assert not_well(found) == []
    assert [d.step for d in found] == sorted((d.step for d in found), key=list(STEPS).index)
    assert {d.step for d in found} == set(STEPS)
    called = {name for name, count in cloud.state.calls.items() if count != before.get(name, 0)}
    assert all(name.partition(".")[2].startswith(READS) for name in called), called
    asked = {entry.action for entry in JOURNAL.entries()}
    assert asked
    assert all(action.partition(":")[2].startswith(READS) for action in asked), asked


def _take_away(cloud: Cloud) -> dict[str, Callable[[], None]]:
    """What the seeded organisation has already is taken away; by step, how it is given back."""
    people = _take_a_group(cloud)
    _tower(cloud, version="3.3", auto_enrol=False)
    _unregister(cloud)
    return {
        "landing-zone": lambda: _tower(cloud, version="4.0", auto_enrol=True),
        "ous": lambda: _register(cloud),
        "people": people,
    }


def _take_away_without_tower(cloud: Cloud) -> dict[str, Callable[[], None]]:
    """The same, where the company looks after its own trail."""
    cloudtrail, organizations = cloud.client("cloudtrail"), cloud.client("organizations")
    dev = organization().unit_named("Dev").id
    cloudtrail.stop_logging(Name=TRAIL)
    organizations.update_organizational_unit(OrganizationalUnitId=dev, Name="Development")
    return {
        "landing-zone": lambda: cloudtrail.start_logging(Name=TRAIL) and None,
        "ous": lambda: organizations.update_organizational_unit(OrganizationalUnitId=dev, Name="Dev") and None,
        "people": _take_a_group(cloud),
    }


def _take_a_group(cloud: Cloud) -> Callable[[], None]:
    """How it is given back."""
    people = cloud.client("identitystore")
    store = cloud.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    group = next(g for g in people.list_groups(IdentityStoreId=store)["Groups"] if g["DisplayName"] == "team-mobile")
    people.delete_group(IdentityStoreId=store, GroupId=group["GroupId"])
    return lambda: people.create_group(IdentityStoreId=store, DisplayName="team-mobile") and None


def _register(cloud: Cloud) -> None:
    tower = cloud.client("controltower")
    names_of = {one["arn"]: one["name"] for one in tower.list_baselines()["baselines"]}
    enabled = {
        names_of.get(one["baselineIdentifier"]): one for one in tower.list_enabled_baselines()["enabledBaselines"]
    }
    tower.enable_baseline(
        baselineIdentifier=BASELINE,
        baselineVersion="5.0",
        targetIdentifier=unit_arn("Dev"),
        parameters=[{"key": "IdentityCenterEnabledBaselineArn", "value": enabled["IdentityCenterBaseline"]["arn"]}],
    )
    cloud.clock.advance(LONGEST_UNIT)
    cloud.state.settle()


def test_every_check_belongs_to_a_step_of_the_guide_in_its_order() -> None:
    assert list(dict.fromkeys(check.step for check in CHECKS)) == list(STEPS)


def _tower(cloud: Cloud, **setup: Any) -> None:
    tower = controltower_backends[cloud.state.management_account_id]["eu-west-1"].tower
    tower.ground.setup = replace(tower.ground.setup, **setup)


def _unregister(cloud: Cloud) -> None:
    tower = cloud.client("controltower")
    dev = organization().unit_named("Dev").arn
    [enabled] = tower.list_enabled_baselines(filter={"targetIdentifiers": [dev]})["enabledBaselines"]
    tower.disable_baseline(enabledBaselineIdentifier=enabled["arn"])
    cloud.clock.advance(86_400)
    cloud.state.settle()


def _rename(cloud: Cloud) -> None:
    dev = organization().unit_named("Dev").id
    cloud.client("organizations").update_organizational_unit(OrganizationalUnitId=dev, Name="Development")


def _disable(cloud: Cloud) -> None:
    root = cloud.client("organizations").list_roots()["Roots"][0]["Id"]
    cloud.client("organizations").disable_policy_type(RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")


def _distrust(cloud: Cloud) -> None:
    cloud.client("organizations").disable_aws_service_access(ServicePrincipal="config.amazonaws.com")


def _leave_alone(cloud: Cloud) -> None:
    """As it is seeded: nothing of Freehold is there."""


def _fill(cloud: Cloud) -> None:
    cloud.limits.change("organizations.accounts", 3)


BROKEN: tuple[tuple[str, Callable[[Cloud], None], str, str], ...] = (
    ("landing-zone-version", lambda c: _tower(c, version="3.3"), "Landing zone 3.3 is outdated: 4.0", "Update it"),
    ("landing-zone-version", lambda c: _tower(c, version="3.0"), "enrols no account that is moved", "Update it to 4.0"),
    ("auto-enrolment", lambda c: _tower(c, auto_enrol=False), "Automatic enrolment is off", "Switch it on"),
    ("registered-ous", _unregister, "The OU Dev is not registered", "Register organizational unit"),
    ("registered-ous", _rename, "no OU named Dev", "ou_classes.dev"),
    ("accounts", _leave_alone, "no account 222222222222", "aws.platform_account"),
    ("account-quota", _fill, "3 of 3 accounts are used", "Service Quotas"),
    ("stacks-in-management", _leave_alone, "FreeholdOrganization is not deployed", "deploy --app cdk.out"),
    ("trusted-access", _distrust, "config.amazonaws.com has no trusted access", "Deploy FreeholdOrganization"),
    ("delegated-administrators", _leave_alone, "does not administer sso.amazonaws.com", "Deploy FreeholdOrganization"),
    ("policy-types", _disable, "RESOURCE_CONTROL_POLICY is not enabled", "Deploy FreeholdOrganization"),
    ("portal", _leave_alone, "Nothing answers", "FreeholdPortal"),
    ("root", _leave_alone, "not r-acme", "aws.organization_root"),
)


@pytest.mark.parametrize(
    ("check", "break_it", "what", "then"),
    BROKEN,
    ids=lambda given: given[:40] if isinstance(given, str) else given.__name__,
)
def test_what_is_missing_is_told_with_the_way_out(
    cloud: Cloud, check: str, break_it: Callable[[Cloud], None], what: str, then: str
) -> None:
    break_it(cloud)

    found = one(check, sight_of())

    assert any(what in d.what and then in d.next and d.state is Verdict.MISSING and d.where for d in found), found


@pytest.mark.parametrize(
    ("check", "company", "what"),
    [
        (
            "governed-regions",
            changed(landing_zone=acme().landing_zone.model_copy(update={"regions": ("eu-west-1", "eu-north-1")})),
            "eu-north-1 is a region of the company file, and Control Tower does not govern it",
        ),
        (
            "landing-zone",
            changed(landing_zone=acme().landing_zone.model_copy(update={"home_region": "us-east-1"})),
            "no landing zone in us-east-1",
        ),
        (
            "groups",
            changed(roles={**acme().roles, "operator": ("nobody-there",)}),
            "Identity Center has no group nobody-there",
        ),
        (
            "permission-sets",
            changed(
                templates={"x": acme().templates["sandbox"].model_copy(update={"access": "DatabaseAccess"})},
            ),
            "no permission set DatabaseAccess",
        ),
        (
            "credentials",
            changed(aws=deployed({"management_account": "999999999999"})),
            "is of account 123456789012; the management account is 999999999999",
        ),
        (
            "organization",
            changed(aws=deployed({"organization": "o-otherotherother"})),
            "This is the organisation o-exampleorgid",
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_the_company_file_says_otherwise_is_told(cloud: Cloud, check: str, company: Company, what: str) -> None:
    found = not_well(one(check, sight_of(company)))

    assert any(what in d.what and d.next for d in found), found


def test_who_may_not_ask_learns_that_it_is_unknown_and_which_right_is_missing(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])

    found = list(look(sight_of()))

    by_check = {d.check: d for d in found}
    assert by_check["policy-types"].state is Verdict.UNKNOWN
    assert "organizations:ListRoots" in by_check["policy-types"].next
    assert by_check["auto-enrolment"].state is Verdict.UNKNOWN
    assert not any(d.state is Verdict.OK for d in found if d.check not in ("credentials", "signing-in"))


def test_credentials_of_another_account_are_told_and_nobody_else_is_asked(cloud: Cloud) -> None:
    other = deployed({"management_account": "999999999999"})

    first, *others = look(sight_of(changed(aws=other)))

    assert first.state is Verdict.MISSING
    assert {d.state for d in others} == {Verdict.UNKNOWN}
    assert len(others) == len(checks_of(acme())) - 1


def test_where_nothing_records_is_told_account_by_account_and_region_by_region(cloud: Cloud, portal: str) -> None:
    seen = set_up(cloud, portal)
    archive = seen.deployment.log_archive_account
    config_backends[archive]["us-east-1"].recorders.clear()
    seen.platform("config").delete_configuration_aggregator(ConfigurationAggregatorName=seen.names.aggregator)

    blind = one("recorders", seen)
    cloud_again = {"RoleArn": "arn:aws:iam::222222222222:role/aggregator", "AwsRegions": ["eu-west-1", "us-east-1"]}
    seen.platform("config").put_configuration_aggregator(
        ConfigurationAggregatorName=seen.names.aggregator, OrganizationAggregationSource=cloud_again
    )

    assert [d.state for d in blind] == [Verdict.UNKNOWN]
    assert [(d.state, d.where) for d in one("recorders", seen) if archive in d.where] == [
        (Verdict.MISSING, f"{archive}, us-east-1")
    ]
    assert [d.what for d in one("aggregator", seen)] == ["The aggregator does not collect from eu-central-1."]


def test_an_account_that_may_run_few_functions_is_told(cloud: Cloud) -> None:
    settle(cloud)
    cloud.limits.change("lambda.concurrent_executions", 10)

    [found] = one("lambda-quota", sight_of())

    assert (found.state, "may run 10 functions at once" in found.what) == (Verdict.MISSING, True), found


def test_where_the_cdk_was_set_up_and_trusts_nobody_is_told_apart_from_where_nobody_may_look(cloud: Cloud) -> None:
    archive, platform = "333333333333", "222222222222"
    before = {d.where: d for d in one("bootstrap", sight_of())}
    settle(cloud)
    bootstrap(sight_of(), Place(platform, "eu-west-1"), f"123456789012,{archive}")
    bootstrap(sight_of(), Place(archive, "eu-west-1"), "")
    bootstrap(sight_of(), Place("123456789012", "eu-west-1"), "")
    after = {d.where: d for d in one("bootstrap", sight_of())}

    assert before[f"{platform}, eu-west-1"].state is Verdict.UNKNOWN
    assert before[f"{archive}, eu-west-1"].next.endswith(
        f"aws://{archive}/eu-west-1 --profile log-archive --trust 123456789012,{platform} "
        "--cloudformation-execution-policies arn:aws:iam::aws:policy/AdministratorAccess"
    )
    assert after[f"{platform}, eu-west-1"].state is after["123456789012, eu-west-1"].state is Verdict.OK
    assert (
        after[f"{archive}, eu-west-1"].what == f"The CDK there lets nobody of account 123456789012, {platform} deploy."
    )
    assert after["123456789012, us-east-1"].next == "npx --yes aws-cdk@2 bootstrap aws://123456789012/us-east-1"


def test_credentials_of_an_account_without_an_organisation_are_told(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(organization().targets, cloud.state.management_account_id)

    [found] = one("organization", sight_of())

    assert (found.state, "is in no organisation" in found.what) == (Verdict.MISSING, True), found
    assert "Create an organization" in found.next


def test_a_sandbox_is_told(cloud: Cloud) -> None:
    settle(cloud)
    shut_in(names().account)

    [found] = one("ses-sandbox", sight_of())

    assert (found.state, "SES is in its sandbox" in found.what) == (Verdict.MISSING, True), found


def test_a_connection_that_nobody_agreed_to_or_that_is_not_there_is_told(cloud: Cloud) -> None:
    pending = connect_code(settle(cloud), agree=False)
    delivery = Delivery(repository="acme/freehold", connection=pending)
    given = acme().aws
    assert given is not None, "the example says where it runs"
    waiting = changed(aws=given.model_copy(update={"delivery": delivery}))

    [waits], [absent] = one("code-connection", sight_of(waiting)), one("code-connection", sight_of())

    assert (waits.state, "is PENDING" in waits.what) == (Verdict.MISSING, True), waits
    assert (absent.state, bool(absent.next)) == (Verdict.MISSING, True), absent


@pytest.mark.parametrize(
    "check", ["certificate", "sender", "subscriptions", "stacks", "aggregator", "bootstrap", "forwarding"]
)
def test_what_the_platform_account_lacks_is_missing(cloud: Cloud, check: str) -> None:
    settle(cloud)

    found = one(check, sight_of())

    assert {d.state for d in found} == {Verdict.MISSING}, found
    assert all(d.next for d in found)
