"""The company file: every decision a company makes about its accounts, checked before anything starts."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from vending.core.deployment import AccountId, Deployment, Part
from vending.core.errors import BadInput, FieldError, why_unreadable
from vending.core.identity import Caller, Role
from vending.core.landing_zone import LandingZone
from vending.core.yaml_file import YamlFile

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
Email = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s]+@[A-Za-z0-9.-]+\.[A-Za-z]+$", max_length=64),
    Field(title="e-mail address", examples=["team@example.com"]),
]
Webhook = Annotated[str, StringConstraints(pattern=r"^https://[^\s/?#@]+/\S+$", max_length=2000)]
"""Takes Slack's incoming-webhook payload: `{"text": ...}`."""
RoleName = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]{1,64}$")]
TagKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 _./=+@-]{1,128}$")]
OidcIssuer = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+(/[A-Za-z0-9._~/-]+)?$")]
"""As AWS names its condition keys: without `https://`."""
SubjectPattern = Annotated[str, StringConstraints(pattern=r"^\S{1,200}$")]
EMAIL_PLACEHOLDERS = frozenset({"id", "name", "team"})


class Template(Part):
    """A kind of account that a team can ask for."""

    title: str
    ou_class: str
    access: str
    """Name of the permission set that the team's group gets."""
    max_monthly_budget_usd: int = Field(gt=0)
    days: int | None = Field(default=None, gt=0)
    """How long such an account lives; without it, until it is given back."""


class Recipients(Part):
    """Where some people are told things."""

    emails: tuple[Email, ...] = ()
    webhooks: tuple[Webhook, ...] = ()


class Notifications(Part):
    """Who is told what happens to requests, and where."""

    sender: Email | None = None
    """Whose name is on the e-mails, an identity verified in SES; the operations contact if absent."""
    person_email: str | None = None
    """Pattern of a person's e-mail, `{username}` filled in; those under `people` have their own."""
    approvers: Recipients = Recipients()
    operators: Recipients = Recipients()
    """The operations contact if none is named."""
    security: Recipients = Recipients()
    """The security contact if none is named."""
    escalation: Recipients = Recipients()
    """Who is told when approvers do not answer, and of every break-glass approval."""


class Team(Part):
    """A team that owns accounts."""

    title: str
    group: str
    """The group of the identity provider whose members are the team."""
    lead: str
    email: Email
    webhook: Webhook | None = None
    """Where the team's channel is told what happens to its requests, besides the e-mail."""
    monthly_budget_usd: int = Field(gt=0)


class ApprovalRule(Part):
    """Who must agree to which requests."""

    name: str
    templates: tuple[str, ...] = ()
    """Empty: any."""
    ou_classes: tuple[str, ...] = ()
    """Empty: any."""
    data_classes: tuple[str, ...] = ()
    """Empty: any."""
    up_to_usd: int | None = Field(default=None, gt=0)
    """The rule fits only requests for no more than this a month."""
    within_team_budget: bool = False
    """Whether the rule fits only requests that the team's budget still covers."""
    up_to_accounts: int | None = Field(default=None, gt=0)
    """The rule fits only while the team has no more accounts than this, the one asked for included."""
    approvers: int = Field(ge=0, le=2)
    """0: approved automatically."""

    @property
    def fits_everything(self) -> bool:
        """Whether the rule has no condition."""
        lists = self.templates or self.ou_classes or self.data_classes
        return not (lists or self.up_to_usd or self.within_team_budget or self.up_to_accounts)


class Decisions(Part):
    """How long decisions may take, and how long they hold."""

    lapse_after_days: int = Field(default=14, gt=0)
    """An approval that AWS was not asked on by then is one no more."""
    remind_after_hours: int = Field(default=24, gt=0)
    """The approvers are told again after each of these that a request waits."""
    escalate_after_hours: int = Field(default=72, gt=0)
    """When those named under `notifications`, `escalation`, are told that nobody decides."""
    end_after_days: int = Field(default=30, gt=0)
    """When a request on which nobody decided all the same is rejected, and gives its name back."""


class Contact(Part):
    """Whom AWS calls about an account."""

    name: str
    title: str
    email: Email
    phone: str


class Contacts(Part):
    """The three alternate contacts of every account."""

    security: Contact
    operations: Contact
    billing: Contact


class Person(Part):
    """Somebody who can sign in at the laptop's own issuer."""

    name: str
    email: Email
    groups: tuple[str, ...]


class Identity(Part):
    """How people sign in."""

    issuer: str | None = None
    """The OIDC issuer's address; on a laptop the local issuer is used when it is absent."""
    portal_client: str
    cli_client: str


class Audit(Part):
    """What the audit must reach."""

    coverage_threshold: float = Field(ge=0, le=1)
    """Share of the expected cells that a run must observe to count as complete."""
    late_after_hours: int = Field(default=26, gt=0)
    """How old the last run may be before security is alarmed."""
    digest_days: int = Field(default=7, gt=0)
    """How often each team is told how it stands."""
    waiver_max_days: int = Field(default=365, gt=0)
    """How long a waiver may last; then it has to be proposed and approved again."""
    waiver_warning_days: int = Field(default=14, gt=0)
    """How long before its end a waiver's owner and team are warned."""


class Exemption(Part):
    """A guardrail that lets some accounts off for a while; AWS itself ends it."""

    guardrail: str
    owner: Slug
    """Who answers for it, and is warned before it ends."""
    reason: Annotated[str, StringConstraints(min_length=10, max_length=500)]
    ticket: Annotated[str, StringConstraints(pattern=r"^\S{1,100}$")]
    """Where it was asked for and granted."""
    granted: date
    expires: date
    """From 00:00 UTC of this day on the guardrail holds again."""
    accounts: tuple[AccountId, ...] = Field(min_length=1)
    roles: tuple[RoleName, ...] = ()
    """Names with their paths, in each of the accounts; without any, the whole account is exempt."""

    @property
    def ends_at(self) -> datetime:
        """The moment from which AWS denies again."""
        return datetime.combine(self.expires, time.min, UTC)


class GuardrailChoices(Part):
    """What guardrails leave to the company."""

    exemptions: tuple[Exemption, ...] = ()
    exemptions_at_most: int = Field(default=20, ge=0, le=100)
    """Exemptions there may be at once, those that have ended but still stand here included."""
    exemption_max_days: int = Field(default=90, gt=0)
    """How long one may last; then it has to be asked for anew."""

    required_tags: tuple[TagKey, ...] = Field(default=("service",), min_length=1, max_length=6)
    """Keys that instances and databases carry from their making; AWS's rule REQUIRED_TAGS takes six at most."""
    partner_accounts: tuple[AccountId, ...] = ()
    """Accounts outside the organisation that resource policies may let in."""
    oidc_issuers: Mapping[OidcIssuer, SubjectPattern] = {}
    """Issuer without `https://` -> the subjects that are the company's own at it: `repo:acme/*`."""


class Company(Part):
    """The whole company file."""

    name: Slug
    landing_zone: LandingZone
    email: str
    """Pattern of an account's root e-mail; `{id}`, `{name}` and `{team}` are filled in."""
    ou_classes: Mapping[Slug, str]
    """Class -> name of the OU, registered where there is a Control Tower."""
    templates: Mapping[Slug, Template]
    approval: tuple[ApprovalRule, ...] = Field(min_length=1)
    decisions: Decisions = Decisions()
    data_classes: tuple[str, ...] = Field(min_length=1)
    teams: Mapping[Slug, Team]
    roles: Mapping[Role, tuple[str, ...]]
    contacts: Contacts
    identity: Identity
    audit: Audit
    guardrails: GuardrailChoices = GuardrailChoices()
    notifications: Notifications = Notifications()
    aws: Deployment | None = None
    """Where Freehold runs on AWS."""
    people: Mapping[Slug, Person] = {}

    def complaints(self) -> Iterator[tuple[tuple[int | str, ...], str, str]]:
        """What does not fit together: where, the reason, and the way out."""
        for name, template in self.templates.items():
            yield from _unknown(("templates", name, "ou_class"), (template.ou_class,), self.ou_classes)
        for number, rule in enumerate(self.approval):
            yield from _unknown(("approval", number, "templates"), rule.templates, self.templates)
            yield from _unknown(("approval", number, "ou_classes"), rule.ou_classes, self.ou_classes)
            yield from _unknown(("approval", number, "data_classes"), rule.data_classes, self.data_classes)
        last = self.approval[-1]
        if not last.fits_everything:
            where = ("approval", len(self.approval) - 1)
            yield where, f"the last rule, {last.name!r}, must fit every request", "Give it no conditions."
        if "quarantine" not in self.ou_classes:
            yield ("ou_classes",), "`quarantine`, where parked accounts wait, is missing", "Add it with its OU."
        yield from self._exemption_complaints()
        yield from self._shared_units()
        yield from _email_complaints(self.email)
        pattern = self.notifications.person_email
        if pattern is not None and not _names_people(pattern):
            place = ("notifications", "person_email")
            yield place, f"{pattern!r} is no pattern of an e-mail", "Write it like {username}@example.com."
        yield from self.landing_zone.complaints()
        if self.aws is not None:
            yield from self.aws.complaints(self.landing_zone.home_region)
            if self.aws.portal.saml_metadata is None and self.identity.issuer is None:
                way = "Give it `saml_metadata`, or set `identity.issuer`."
                yield ("aws", "portal"), "nobody signs people in", way

    def _shared_units(self) -> Iterator[tuple[tuple[int | str, ...], str, str]]:
        """The class of an account is known by its OU, so no two classes have the same."""
        for name, ou in self.ou_classes.items():
            if (first := self.class_of(ou)) != name:
                yield ("ou_classes", name), f"{ou} is the OU of {first} already", "Give each class an OU of its own."

    def _exemption_complaints(self) -> Iterator[tuple[tuple[int | str, ...], str, str]]:
        choices = self.guardrails
        if len(choices.exemptions) > choices.exemptions_at_most:
            many = f"there are {len(choices.exemptions)} exemptions; at most {choices.exemptions_at_most} are allowed"
            yield ("guardrails", "exemptions"), many, "Remove those that have ended, or change the guardrail."
        held: dict[tuple[str, str], str] = {}
        for number, exemption in enumerate(choices.exemptions):
            place = ("guardrails", "exemptions", number)
            days, most = (exemption.expires - exemption.granted).days, choices.exemption_max_days
            if not 0 < days <= most:
                yield (
                    (*place, "expires"),
                    f"it lasts {days} days; between 1 and {most} are allowed",
                    "Choose another day.",
                )
            for account in exemption.accounts:
                first = held.setdefault((exemption.guardrail, account), exemption.ticket)
                if first != exemption.ticket:
                    reason = f"account {account} is exempt from {exemption.guardrail} by {first} already"
                    yield (*place, "accounts"), reason, "Change that exemption instead."

    def deployed(self, path: Path) -> Deployment:
        """Where Freehold runs on AWS; `path` is the company file, for who reads the error.

        Raises:
            BadInput: when the file says nothing about AWS.
        """
        if self.aws is None:
            raise BadInput.of(FieldError(f"{path}: aws", "is missing", "Say there in which accounts Freehold runs."))
        return self.aws

    def ou_of(self, template: str) -> str:
        """Name of the OU where accounts of `template` live."""
        return self.ou_classes[self.templates[template].ou_class]

    def class_of(self, ou_name: str) -> str | None:
        """The class whose own OU this is; None for every other OU."""
        return next((c for c, name in self.ou_classes.items() if name == ou_name), None)

    def class_below(self, names: Sequence[str]) -> str | None:
        """The class of accounts in the last OU of `names`, which lead to it from the root.

        It is the class of the nearest OU that `ou_classes` names, that OU or one above it: what is attached there
        reaches every OU below. None where there is no such OU.
        """
        return next((found for name in reversed(names) if (found := self.class_of(name))), None)

    def caller(self, username: str, groups: tuple[str, ...]) -> Caller:
        """What a signed-in person with these groups may do."""
        teams = frozenset(name for name, team in self.teams.items() if team.group in groups)
        roles = frozenset(role for role, named in self.roles.items() if set(named) & set(groups))
        return Caller(username, roles | ({Role.REQUESTER} if teams else frozenset()), teams)


def _unknown(
    where: tuple[int | str, ...], given: Iterable[str], known: Iterable[str]
) -> Iterator[tuple[tuple[int | str, ...], str, str]]:
    names = list(known)
    for name in given:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names)}."
            yield where, f"there is no {name!r}", hint


def _email_complaints(pattern: str) -> Iterator[tuple[tuple[int | str, ...], str, str]]:
    try:
        used = {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
    except ValueError as error:
        yield ("email",), f"this is no pattern: {error}", "Write it like aws+{id}@example.com."
        return
    if unknown := used - EMAIL_PLACEHOLDERS:
        yield ("email",), f"there is no placeholder {{{unknown.pop()}}}", "Use {id}, {name} or {team}."
    elif not used & {"id", "name"}:
        yield ("email",), "two accounts would share this address", "Put {id} or {name} into it."


def _names_people(pattern: str) -> bool:
    """Whether the pattern gives every username an address."""
    try:
        return "{username}" in pattern and _EMAIL.validate_python(pattern.format(username="a")) is not None
    except (ValueError, KeyError, IndexError):
        return False


_EMAIL = TypeAdapter[str](Email)


def load_company(path: Path) -> Company:
    """Read and check a company file.

    Raises:
        BadInput: naming each wrong key with its line, the reason and the nearest right key.
    """
    file = YamlFile.read(path, _read(path))
    if not isinstance(file.content, dict):
        raise BadInput(
            f"{path}, line 1: a company file is a mapping of keys.", "Start from examples/acme/freehold.yaml."
        )
    try:
        company = Company.model_validate(file.content)
    except ValidationError as error:
        raise BadInput.of(*file.explained(error, Company)) from error
    if complaints := [FieldError(file.place(where), *words) for where, *words in company.complaints()]:
        raise BadInput.of(*complaints)
    return company


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"The company file {path} cannot be read: {why_unreadable(error)}.",
            "Set FREEHOLD_CONFIG to the right path.",
        ) from error
