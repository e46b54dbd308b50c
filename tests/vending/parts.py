"""Builders for tests of vending: the real parts on the local cloud."""

from functools import cache
from typing import Any

import pytest

from tests.cloud import ACME, Cloud, address
from vending.core.aws import Aws
from vending.core.company import Company, load_company
from vending.core.identity import Caller
from vending.core.table import DEFINITION, Table

TABLE = "freehold"


def connect(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, endpoint: str = "") -> Aws:
    """AWS as the product sees it, with the cloud behind it."""
    address(endpoint or cloud.url, monkeypatch)
    return Aws.connect("eu-west-1")


def make_table(cloud: Cloud, aws: Aws) -> Table:
    """The product's table, empty."""
    aws.client("dynamodb").create_table(TableName=TABLE, **DEFINITION)
    return Table(aws, TABLE, cloud.clock)


@cache
def acme() -> Company:
    return load_company(ACME)


@cache
def without_tower() -> Company:
    """The example company, had it no Control Tower and one region less."""
    kind = {"kind": "organizations", "log_bucket": "acme-config-logs", "regions": ("eu-west-1", "us-east-1")}
    return acme().model_copy(update={"landing_zone": acme().landing_zone.model_copy(update=kind)})


def person(name: str) -> Caller:
    company = acme()
    return company.caller(name, company.people[name].groups)


def asked(**changes: Any) -> dict[str, Any]:
    """The body of a request that is fine."""
    return {
        "team": "payments",
        "name": "payments-sandbox",
        "template": "sandbox",
        "purpose": "try a gateway",
        "monthly_budget_usd": 100,
        "data_class": "internal",
        "regions": ["eu-west-1"],
        "tags": {"service": "gateway"},
        **changes,
    }
