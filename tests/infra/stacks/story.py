"""What a company does with the product, once and whole, on a local cloud in which every stack was deployed.

Every function has its own synthesised role alone. Somebody asks for accounts, of which one is in doubt; guardrails are
changed and changed back; the audit listens and collects; people are told, and look at the portal.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.sources import config
from guardrails.guardrail import Mechanism
from guardrails.service import Guardrails
from infra.local.authorize.journal import JOURNAL, Entry
from infra.local.faults.fault import FailLater, LoseAnswer
from infra.local.provision import make_sender
from infra.runtime.collecting import make_collector
from infra.runtime.hearing import make_listener
from infra.runtime.lambdas.groups import Directory
from infra.runtime.lambdas.portal import read_session_key
from infra.runtime.product import Product
from infra.runtime.round import make_round
from infra.runtime.services import make_services
from infra.runtime.telling import aws_channels, make_book
from tests.audit.told import change, queued
from tests.cloud import Cloud
from tests.guardrails.ground import make_account
from tests.guardrails.mechanisms import EXEMPT, LATER, WithEvery, control
from tests.guardrails.mechanisms import Later as EveryLater
from tests.infra.stacks.conftest import Synthesised
from tests.infra.stacks.platform import Platform, deploy
from tests.infra.stacks.roles import Role, as_function, fewer_regions, names
from tests.vending.line import Line
from tests.vending.parts import TABLE, asked, person
from vending.core.company import Company
from vending.core.errors import Partial
from vending.core.table import Table
from vending.ports import Audience, Holds, NewAccount, Notice
from vending.requests.model import Request, State


class EveryChanged(WithEvery):
    """The catalogue after a release that changed a control's parameters alone."""

    choice = (*LATER[:-1], control("AWS-GR_DISALLOW_VPC_INTERNET_ACCESS", ExemptedPrincipalArns=[EXEMPT[0] + "x"]))


class EveryWatched(WithEvery):
    """The catalogue after one that added a control of Config's, which is reset where it fails."""

    choice = (*EveryChanged.choice, control("AWS-GR_EBS_OPTIMIZED_INSTANCE"))


@dataclass(frozen=True)
class Told:
    """What was done, by the roles that did it."""

    tower: bool
    """Whether the company has a Control Tower."""

    roles: tuple[Role, ...]
    entries: tuple[Entry, ...]
    states: tuple[State, ...]


def tell(cloud: Cloud, company: Company, synthesised: Synthesised, folder: Path) -> Told:
    """The whole product once, every function under its own role."""
    stood = deploy(cloud, company, synthesised, folder, lambda: _disable(cloud, "TAG_POLICY"))
    vault = stood.aws.client("secretsmanager")
    secret = vault.create_secret(Name=names().session_key, SecretString="s" * 64)
    _govern(stood)
    line = stood.line()
    try:
        ready = line.until_over(line.ask().id)
        _put_in_doubt(cloud)
        doubtful = line.until_over(_ask_for_regulated(line).id)
        cloud.clock.advance(60)
        assert read_session_key(as_function(cloud, "portal"), secret["ARN"])
        _hear(stood, str(ready.account_id))
        _use_the_portal(stood, line, str(ready.account_id))
        _collect(stood, line)
        _tell(stood, line)
        _sign_in(cloud)
    finally:
        line.stop()
    return Told(
        company.landing_zone.control_tower, stood.roles, tuple(JOURNAL.entries()), (ready.state, doubtful.state)
    )


def _ask_for_regulated(line: Line) -> Request:
    """What two people have to agree to."""
    waiting = line.ask(name="payments-second", template="regulated")
    for who in ("grace", "rosa"):
        line.desk.approve(person(who), waiting.id)
    return waiting


def _put_in_doubt(cloud: Cloud) -> None:
    """Somebody deleted the quarantine's policy, and no answer will come to the first CreateAccount."""
    organizations = cloud.client("organizations")
    policies = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    for policy in policies:
        if "quarantine" in policy["Name"]:
            for target in organizations.list_targets_for_policy(PolicyId=policy["Id"])["Targets"]:
                organizations.detach_policy(PolicyId=policy["Id"], TargetId=target["TargetId"])
            organizations.delete_policy(PolicyId=policy["Id"])
    lost = LoseAnswer(kind="lose_answer", calls="organizations.CreateAccount", count=1)
    failed = FailLater(kind="fail_later", calls="organizations.MoveAccount", count=1)
    cloud.state.faults.add([lost, failed])


def _disable(cloud: Cloud, kind: str) -> None:
    """A type of policy as in an organisation that never had it, or where somebody switched it off."""
    root = cloud.client("organizations").list_roots()["Roots"][0]["Id"]
    cloud.client("organizations").disable_policy_type(RootId=root, PolicyType=kind)


def _govern(stood: Platform) -> None:
    """From nothing to everything, a change that replaces policies, back to no RCPs and all of it again; then packs
    follow an account that came since."""
    cloud, place = stood.cloud, stood.place("guardrails")
    _disable(cloud, "AISERVICES_OPT_OUT_POLICY")
    guardrails = Product(stood.company, place).guardrails
    guardrails.apply()
    changed = Product(fewer_regions(stood.company), place).guardrails
    changed.drift()
    changed.apply()
    fewer = Product(stood.company, place).guardrails
    fewer.catalogue = tuple(one for one in fewer.catalogue if one.mechanism is not Mechanism.RCP)
    fewer.apply()
    for every in (WithEvery, EveryLater, EveryLater, EveryChanged):
        every(place.aws, stood.company, place.clock, fewer.accounts, place.pause).apply()
    if stood.company.landing_zone.control_tower:
        _fail_to_enable(EveryWatched(place.aws, stood.company, place.clock, fewer.accounts, place.pause), cloud)
    last = Product(stood.company, place).guardrails
    last.apply()
    apart = make_account(cloud, "Security", "guardrails-apart")
    assert last.follow()
    _look_at_one_left_out(stood, apart)


def _look_at_one_left_out(stood: Platform, account_id: str) -> None:
    """An account comes into a class whose conformance packs leave it out until they follow."""
    baseline = make_services(stood.company, stood.place("workflow")).baseline
    read = baseline.verify(NewAccount(account_id, "guardrails-apart", "payments", "regulated"), "d.s3")
    assert (read.holds, read.settling) == (Holds.NO, True)


def _fail_to_enable(guardrails: Guardrails, cloud: Cloud) -> None:
    """Control Tower takes a control on and cannot deploy it; the next one to apply has it done anew."""
    cloud.state.faults.add([FailLater(kind="fail_later", calls="controltower.EnableControl", count=1)])
    with pytest.raises(Partial):
        guardrails.apply()
    guardrails.apply()


def _use_the_portal(stood: Platform, line: Line, account_id: str) -> None:
    """One of everything that the portal does with AWS."""
    place = stood.place("portal", line.engine)
    product = Product(stood.company, place)
    ada, request = person("ada"), asked(name="payments-live", template="workload-prod")
    product.accounts.list(ada)
    product.accounts.verify(ada, account_id)
    product.accounts.evidence(ada, account_id)
    waiting = product.desk.submit(ada, request, "key")
    product.desk.list(ada, team="payments")
    product.desk.list(ada, states=["parked"])
    product.desk.cancel(ada, waiting.id)
    product.guardrails.why(account_id, f"arn:aws:iam::{account_id}:role/x", "s3:ListAllMyBuckets", "*", {})
    product.guardrails.apply()
    product.audit.auditor.start(person("grace"))
    product.audit.ledger.runs()


def _collect(stood: Platform, line: Line) -> None:
    """From the beginning, and the day after as where there is too much to read it all again."""
    place = stood.place("collector", line.engine)
    collector = make_collector(stood.company, place)
    [full] = collector.collect(start=True, seconds=600)
    stood.cloud.clock.advance(86_400)
    with pytest.MonkeyPatch.context() as large:
        large.setattr(config, "ALWAYS_IN_DETAIL", 0)
        collector.collect(start=True, seconds=600)
    reader = Product(stood.company, stood.place("portal", line.engine))
    reader.audit.ledger.fetch(reader.audit.ledger.head().findings)
    assert reader.audit.sealed(full.id)


def _hear(stood: Platform, account_id: str) -> None:
    """Config, Control Tower and Organizations tell what happened since the last run, also in an OU without a class."""
    listener = make_listener(stood.company, stood.place("listener"))
    changed = [change("NON_COMPLIANT", one, stood.cloud.clock.now()) for one in (account_id, names().log_archive)]
    tower = stood.company.landing_zone.control_tower
    sources = ("aws.controltower", "aws.organizations") if tower else ("aws.organizations",)
    heard = listener.hear(queued(*changed, *({"source": source} for source in sources)))
    assert (heard.told, len(heard.looked), heard.refused) == (2, len(sources), ())


def _tell(stood: Platform, line: Line) -> None:
    """A notice goes out by e-mail."""
    place = stood.place("dispatcher", line.engine)
    told = {"name": "payments-dev", "team": "payments", "account_id": "1", "ou": "Dev"}
    book = make_book(stood.company, place, Table(place.aws, TABLE, stood.cloud.clock))
    book.tell(Notice("request-ready", "once", (Audience("operators"),), told))
    make_sender(stood.aws, stood.company)
    make_round(stood.company, place, aws_channels(stood.company, place.aws)).run()


def _sign_in(cloud: Cloud) -> None:
    aws = as_function(cloud, "groups")
    store = aws.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    groups = cloud.client("identitystore").list_groups(IdentityStoreId=store)["Groups"]
    assert list(Directory(aws).names([groups[0]["GroupId"]])) == [groups[0]["DisplayName"]]
