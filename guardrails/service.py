"""Guardrails as the portal, the API and the command line use them: look, plan, apply, find drift, explain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from time import sleep
from typing import Any, ClassVar

from guardrails.catalog import find_guardrail, load_catalogue
from guardrails.compiler.conformance import ConformancePack, compile_conformance
from guardrails.compiler.packs import Document, compile_packs
from guardrails.enforcement.application import Tools, carry_out
from guardrails.enforcement.conformance_packs import ConformancePacks
from guardrails.enforcement.control_tower import ControlTower
from guardrails.enforcement.controls import NO_TOWER, check_controls, control_steps, read_tower, wanted_controls
from guardrails.enforcement.drift import Drift, find_deployment_drift, find_drift
from guardrails.enforcement.explanation import Explanation, explain
from guardrails.enforcement.fitting import Fitting
from guardrails.enforcement.live import Live, read_live, read_path
from guardrails.enforcement.meaning import Flip, find_flips
from guardrails.enforcement.node import Node, classes_of_accounts, nodes_of
from guardrails.enforcement.organizations import Organizations
from guardrails.enforcement.packs import WantedPack, check_packs, following_steps, pack_steps, wanted_packs
from guardrails.enforcement.plan import Plan, in_order, make_plan, wanted_at
from guardrails.enforcement.room import Room, find_room
from guardrails.enforcement.step import ControlStep, PackStep
from guardrails.evaluator import Call, read_principal
from guardrails.gates.ghosts import check_ghosts
from guardrails.gates.objection import Objection
from guardrails.guardrail import Guardrail
from vending.core.aws import Aws
from vending.core.clock import Clock, to_text
from vending.core.company import Company
from vending.core.errors import FreeholdError, Partial
from vending.core.organization import Organization, read_organization
from vending.core.progress import Progress, Silent
from vending.ports import Account, AccountBook


class GateClosed(FreeholdError):
    """A plan does not pass the gates; nothing was written."""

    code = "gate-closed"
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 409


@dataclass(frozen=True)
class Prospect:
    """A plan with what it changes in meaning."""

    plan: Plan
    flips: tuple[Flip, ...]
    room: tuple[Room, ...]


@dataclass(frozen=True)
class Attachments:
    """What hangs where, beside what should."""

    wanted: tuple[tuple[Document, str], ...]
    """Every document with each target that it belongs to."""
    drifts: tuple[Drift, ...]
    looked_at: tuple[str, ...]
    """Every root, OU and account whose policies were read."""
    names: Mapping[str, str]


class Guardrails:
    """The catalogue of one company, and its organisation. Calls to AWS raise AwsFailed."""

    def __init__(
        self,
        aws: Aws,
        company: Company,
        clock: Clock,
        accounts: AccountBook,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self.company = company
        self.clock = clock
        self.accounts = accounts
        self._aws = aws
        self._pause = pause
        self._organizations = Organizations(aws, pause)
        self._tools = Tools(self._organizations, ControlTower(aws, pause), ConformancePacks(aws, pause))

    @cached_property
    def catalogue(self) -> tuple[Guardrail, ...]:
        """Every guardrail, in the order of the ids."""
        return load_catalogue(self.company)

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """Every compiled document, as it is where nobody else has attached anything."""
        return compile_packs(self.catalogue, self.company.ou_classes)

    @cached_property
    def conformance(self) -> tuple[ConformancePack, ...]:
        """Every compiled conformance pack."""
        return compile_conformance(self.catalogue, self.company.landing_zone.regions, self.company.ou_classes)

    def get(self, guardrail_id: str) -> Guardrail:
        """One guardrail.

        Raises:
            NotFound: when the catalogue has no such guardrail.
        """
        return find_guardrail(self.catalogue, guardrail_id)

    def plan(self) -> Prospect:
        """What applying would do now. Reads only."""
        organization = read_organization(self._aws)
        nodes, live = self._look(organization)
        documents = self._fitting.for_nodes(nodes, live)
        policies = make_plan(documents, nodes, live, names_of(organization))
        deployed = self._deployments(organization, nodes)
        objections = (*self._ghosts, *policies.objections, *deployed.objections)
        plan = Plan(in_order((*policies.steps, *deployed.steps)), objections)
        return Prospect(plan, find_flips(plan.steps, nodes, live, self.catalogue), find_room(documents, nodes, live))

    def apply(self, progress: Progress | None = None, *, wait: bool = True) -> Prospect:
        """Make a plan and carry it out; answers what was done. What was interrupted goes on with the next call.

        Without `wait` what takes AWS minutes is begun and left to itself.

        Raises:
            GateClosed: naming the first objection; nothing is written then.
            Partial: naming what AWS began and could not finish.
        """
        prospect = self.plan()
        if prospect.plan.objections:
            first = prospect.plan.objections[0]
            raise GateClosed(
                f"Nothing is applied: {first.sentence}", "`freehold guardrails plan` shows every objection."
            )
        failed = carry_out(prospect.plan.steps, self._tools, progress or Silent(), wait=wait)
        if failed:
            raise Partial(
                f"AWS could not do {len(failed)} of {len(prospect.plan.steps)} steps: {failed[0]}",
                "`freehold guardrails drift` shows what is missing; apply again when the cause is mended.",
            )
        return prospect

    def follow(self) -> tuple[PackStep, ...]:
        """Bring the exclusions of the conformance packs in step with where accounts are, and change nothing else.

        Idempotent and cheap: the tree is read once and the packs once a region; what AWS is asked is not waited for.
        Answers what was asked.

        Raises:
            AwsFailed: as AWS answers; the next call goes on from there.
        """
        organization = read_organization(self._aws)
        wanted = self._wanted_packs(organization, nodes_of(self.company, organization))
        deployed = self._tools.packs.deployed(self.company.landing_zone.regions)
        steps = tuple(following_steps(wanted, deployed))
        carry_out(steps, self._tools, Silent(), wait=False)
        return steps

    def drift(self) -> tuple[Drift, ...]:
        """Every difference between what is compiled and what is in effect."""
        organization = read_organization(self._aws)
        nodes, live = self._look(organization)
        policies = self._attachments(organization, nodes, live).drifts
        return (*policies, *find_deployment_drift(self._deployments(organization, nodes).steps))

    def attachments(self) -> Attachments:
        """What is compiled beside what is attached: what is as it should be, and every difference among policies."""
        organization = read_organization(self._aws)
        nodes, live = self._look(organization)
        return self._attachments(organization, nodes, live)

    def _attachments(self, organization: Organization, nodes: tuple[Node, ...], live: Live) -> Attachments:
        names = names_of(organization)
        documents = self._fitting.for_nodes(nodes, live)
        wanted = tuple((document, at) for document in documents for at in wanted_at(document, nodes, live))
        drifts = find_drift(documents, nodes, live, names)
        return Attachments(wanted, drifts, tuple(live.attached), names)

    def on(self, aws: Aws) -> "Guardrails":
        """The same, asking through other clients."""
        return Guardrails(aws, self.company, self.clock, self.accounts, self._pause)

    def why(
        self, account_id: str, principal: str, action: str, resource: str, context: Mapping[str, Any]
    ) -> Explanation:
        """Who or what denies a call of a principal of this account, by what is really attached on its path.

        What the context does not say is filled in: TLS, the organisation, and the region of the resource's ARN or the
        home region.

        Raises:
            NotFound: when the organisation has no such account.
            BadInput: for a call that is none.
        """
        self.accounts.get(account_id)
        organization = read_organization(self._aws)
        caller = read_principal(principal).account
        usual = self._usual(resource, organization, caller)
        owner = account_id if caller != account_id else None
        call = Call(principal, action, resource, {**usual, **context}, owner)
        names = names_of(organization)
        path = self._organizations.path_of(account_id)
        live = read_path(self._organizations, path)
        named = [(target, names.get(target, target)) for target in path]
        return explain(call, named, live, self.catalogue, organization.management_account_id)

    def _usual(self, resource: str, organization: Organization, caller: str | None) -> dict[str, str]:
        """What a call's context holds where nobody says otherwise; strangers belong to no organisation."""
        ours = any(account.id == caller for account in organization.accounts)
        parts = resource.split(":")
        region = parts[3] if len(parts) > 5 and parts[3] else self.company.landing_zone.home_region
        return {
            "aws:CurrentTime": to_text(self.clock.now()),
            "aws:RequestedRegion": region,
            "aws:SecureTransport": "true",
            "aws:ResourceOrgID": organization.id,
            **({"aws:PrincipalOrgID": organization.id} if ours else {}),
        }

    def holding(self, account: Account) -> tuple[Guardrail, ...]:
        """The guardrails and settings of the account's OU class, which one in an OU below another has from there."""
        return tuple(guardrail for guardrail in self.catalogue if account.ou_class in guardrail.ou_classes)

    @cached_property
    def _fitting(self) -> Fitting:
        return Fitting(self.catalogue)

    @cached_property
    def _ghosts(self) -> tuple[Objection, ...]:
        return tuple(check_ghosts(self.catalogue))

    def _deployments(self, organization: Organization, nodes: tuple[Node, ...]) -> "_Deployments":
        """What controls and conformance packs need."""
        regions = self.company.landing_zone.regions
        controls = wanted_controls(self.catalogue, nodes)
        tower = read_tower(self._tools.tower, controls, nodes) if self.company.landing_zone.control_tower else NO_TOWER
        packs = self._wanted_packs(organization, nodes)
        return _Deployments(
            (*control_steps(controls, tower), *pack_steps(packs, self._tools.packs.deployed(regions))),
            (*check_controls(controls, tower), *check_packs(packs)),
        )

    def _wanted_packs(self, organization: Organization, nodes: tuple[Node, ...]) -> tuple[WantedPack, ...]:
        return wanted_packs(self.conformance, classes_of_accounts(organization, nodes))

    def _look(self, organization: Organization) -> tuple[tuple[Node, ...], Live]:
        nodes = nodes_of(self.company, organization)
        targets = dict.fromkeys(target for node in nodes for target in node.path)
        return nodes, read_live(self._organizations, targets)


@dataclass(frozen=True)
class _Deployments:
    """What is to be done in Control Tower and Config, and what speaks against it."""

    steps: tuple[ControlStep | PackStep, ...]
    objections: tuple[Objection, ...]


def names_of(organization: Organization) -> dict[str, str]:
    """Every root, OU and account by id, as a person calls it; accounts without their names, which not all may see."""
    units = {unit.id: unit.name for unit in (organization.root, *organization.units)}
    return {**units, **{account.id: f"account {account.id}" for account in organization.accounts}}
