"""What Freehold costs a month, computed from unit prices and from what its stacks hold.

List prices of us-east-1 without free allowances, in dollars. None was checked with a bill. What the accounts
themselves cost is not here, but for AWS Config: the detective guardrails ask it to record and to judge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import prod

READ = date(2026, 11, 25)
"""When the prices were looked up, in public copies of the pages named as their source."""
MONTH_MINUTES = 30 * 24 * 60
SOON_MINUTES = 5
"""How often the collector looks whether somebody asked for a run."""


@dataclass(frozen=True)
class Price:
    """What AWS asks for a number of units."""

    usd: float
    per: int
    unit: str
    source: str


ARM = Price(0.0000133334, 1, "GB-seconds", "aws.amazon.com/lambda/pricing")
INVOCATION = Price(0.20, 1_000_000, "invocations", "aws.amazon.com/lambda/pricing")
DURABLE = Price(8.00, 1_000_000, "durable operations", "aws.amazon.com/lambda/pricing")
KEY = Price(1.00, 1, "keys", "aws.amazon.com/kms/pricing")
KEY_REQUEST = Price(0.03, 10_000, "requests to keys", "aws.amazon.com/kms/pricing")
FIREWALL = Price(5.00, 1, "web ACLs", "aws.amazon.com/waf/pricing")
FIREWALL_RULE = Price(1.00, 1, "rules", "aws.amazon.com/waf/pricing")
FIREWALL_REQUEST = Price(0.60, 1_000_000, "requests", "aws.amazon.com/waf/pricing")
GATEWAY = Price(3.50, 1_000_000, "requests", "aws.amazon.com/api-gateway/pricing")
PERSON = Price(0.015, 1, "people", "aws.amazon.com/cognito/pricing")
SECRET = Price(0.40, 1, "secrets", "aws.amazon.com/secrets-manager/pricing")
ALARM = Price(0.10, 1, "alarms", "aws.amazon.com/cloudwatch/pricing")
METRIC = Price(0.30, 1, "metrics", "aws.amazon.com/cloudwatch/pricing")
DASHBOARD = Price(3.00, 1, "dashboards", "aws.amazon.com/cloudwatch/pricing")
LOG = Price(0.50, 1, "GB of logs", "aws.amazon.com/cloudwatch/pricing")
ITEM_WRITE = Price(0.625, 1_000_000, "writes", "aws.amazon.com/dynamodb/pricing/on-demand")
ITEM_READ = Price(0.125, 1_000_000, "reads", "aws.amazon.com/dynamodb/pricing/on-demand")
OBJECT = Price(0.023, 1, "GB in S3", "aws.amazon.com/s3/pricing")
RECORDED = Price(0.003, 1, "configuration items", "aws.amazon.com/config/pricing")
JUDGED = Price(0.001, 1, "evaluations", "aws.amazon.com/config/pricing")


@dataclass(frozen=True)
class Holdings:
    """What the stacks hold; a test counts them in the templates."""

    keys: int = 4
    firewall_rules: int = 3
    secrets: int = 1
    alarms: int = 15
    dashboards: int = 1
    metrics: int = 6
    dispatcher_gb: float = 0.5
    workflow_gb: float = 1.0
    collector_gb: float = 3008 / 1024
    portal_gb: float = 2.0


@dataclass(frozen=True)
class Habits:
    """What is assumed of a company; change it, and the arithmetic follows."""

    people_per_account: float = 2
    pages_per_person: float = 100
    page_seconds: float = 0.3
    asked_per_account: float = 0.1
    """Requests a month for each account that is there."""
    operations_per_request: float = 150
    working_seconds_per_request: float = 60
    """Of the workflow's function: while it waits, it does not run."""
    writes_per_request: float = 200
    round_seconds: float = 2
    reads_per_round: float = 20
    look_seconds: float = 3
    run_seconds: float = 60
    run_seconds_per_account: float = 0.5
    log_gb: float = 2
    log_gb_per_account: float = 0.01
    stored_gb: float = 1
    stored_gb_per_account: float = 0.05
    changes_per_account: float = 500
    """Configuration items that Config records in an account, in all its regions."""
    rules_per_change: float = 3


Factor = tuple[float, str]
"""A number and what it counts; the words may say how it comes about."""


@dataclass(frozen=True)
class Line:
    """One position, as it would be on a bill."""

    title: str
    price: Price
    factors: tuple[Factor, ...]

    @property
    def count(self) -> float:
        """How many units."""
        return prod(number for number, _ in self.factors)

    @property
    def arithmetic(self) -> str:
        """How that comes about, on paper."""
        return " x ".join(f"{number:,.6g} {what}" for number, what in self.factors)

    @property
    def usd(self) -> float:
        """What it costs a month."""
        return self.count * self.price.usd / self.price.per


@dataclass(frozen=True)
class Bill:
    """A month of a company."""

    accounts: int
    own: tuple[Line, ...]
    """What Freehold itself costs."""
    config: tuple[Line, ...]
    """What AWS Config costs, which recording everything and the detective guardrails cause."""

    @property
    def own_usd(self) -> float:
        """A month of Freehold."""
        return sum(line.usd for line in self.own)

    @property
    def config_usd(self) -> float:
        """A month of Config."""
        return sum(line.usd for line in self.config)


def bill(accounts: int, held: Holdings = Holdings(), habits: Habits = Habits()) -> Bill:
    """What a company with so many accounts pays a month."""
    changed = ((accounts, "accounts"), (habits.changes_per_account, "changes"))
    config = (
        Line("Config records changes", RECORDED, changed),
        Line("Config judges them", JUDGED, (*changed, (habits.rules_per_change, "rules"))),
    )
    own = (
        *_standing(held),
        *_scheduled(accounts, held, habits),
        *_requested(accounts, held, habits),
        *_kept(accounts, habits),
        *_looked_at(accounts, held, habits),
    )
    return Bill(accounts, own, config)


def _standing(held: Holdings) -> Iterator[Line]:
    """What stands there, whether anybody does anything or not."""
    yield Line("Customer-managed keys", KEY, ((held.keys, "in the stacks"),))
    yield Line("The portal's firewall", FIREWALL, ((1, "in the stacks"),))
    yield Line("Its rules", FIREWALL_RULE, ((held.firewall_rules, "in the stacks"),))
    yield Line("The key of the portal's sessions", SECRET, ((held.secrets, "in the stacks"),))
    yield Line("Alarms", ALARM, ((held.alarms, "in the stacks"),))
    yield Line("Metrics of the business", METRIC, ((held.metrics, "written by the functions"),))
    yield Line("Dashboard", DASHBOARD, ((held.dashboards, "in the stacks"),))


def _scheduled(accounts: int, held: Holdings, habits: Habits) -> Iterator[Line]:
    """What runs by the clock."""
    rounds: Factor = (MONTH_MINUTES, "minutes")
    looks: Factor = (MONTH_MINUTES / SOON_MINUTES, "looks")
    run = habits.run_seconds + accounts * habits.run_seconds_per_account
    said = f"s ({habits.run_seconds:g} + {habits.run_seconds_per_account:g} for each account)"
    yield Line("The dispatcher's rounds", ARM, (rounds, (habits.round_seconds, "s"), (held.dispatcher_gb, "GB")))
    yield Line("The collector's looks", ARM, (looks, (habits.look_seconds, "s"), (held.collector_gb, "GB")))
    yield Line("The collector's daily runs", ARM, ((30, "runs"), (run, said), (held.collector_gb, "GB")))
    called = rounds[0] + looks[0] + 30
    yield Line("Invocations", INVOCATION, ((called, "minutes, looks and runs"),))
    yield Line("Reading from the table", ITEM_READ, (rounds, (habits.reads_per_round, "reads")))
    yield Line("Requests to keys", KEY_REQUEST, ((called, "invocations"), (2, "requests")))


def _requested(accounts: int, held: Holdings, habits: Habits) -> Iterator[Line]:
    """What each request for an account sets off."""
    asked = ((accounts, "accounts"), (habits.asked_per_account, "requests"))
    seconds = (habits.working_seconds_per_request, "s")
    yield Line("The workflow at work", ARM, (*asked, seconds, (held.workflow_gb, "GB")))
    yield Line("Its checkpoints", DURABLE, (*asked, (habits.operations_per_request, "operations")))
    yield Line("Writing to the table", ITEM_WRITE, (*asked, (habits.writes_per_request, "writes")))


def _kept(accounts: int, habits: Habits) -> Iterator[Line]:
    """What is written down and stays."""
    logs = habits.log_gb + accounts * habits.log_gb_per_account
    yield Line("Logs", LOG, ((logs, f"GB ({habits.log_gb:g} + {habits.log_gb_per_account:g} for each account)"),))
    stored = habits.stored_gb + accounts * habits.stored_gb_per_account
    said = f"GB ({habits.stored_gb:g} + {habits.stored_gb_per_account:g} for each account)"
    yield Line("Findings and evidence", OBJECT, ((stored, said),))


def _looked_at(accounts: int, held: Holdings, habits: Habits) -> Iterator[Line]:
    """What people cause who look at pages."""
    people = ((accounts, "accounts"), (habits.people_per_account, "people"))
    pages = (*people, (habits.pages_per_person, "pages"))
    yield Line("Signing in", PERSON, people)
    yield Line("Pages through the API", GATEWAY, pages)
    yield Line("Pages through the firewall", FIREWALL_REQUEST, pages)
    yield Line("Making pages", ARM, (*pages, (habits.page_seconds, "s"), (held.portal_gb, "GB")))
