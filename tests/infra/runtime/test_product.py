from pathlib import Path

import pytest
from starlette.testclient import TestClient

from infra.local.provision import provision
from infra.runtime.product import Place, Product
from tests.audit.ground import EVIDENCE
from tests.cloud import Cloud
from tests.vending.ground import Sleepers
from tests.vending.parts import acme, asked, person
from tests.vending.web.ground import Session
from tests.vending.web.ground import token as token_of
from vending.core.aws import Aws
from vending.lifecycle.pages import WayIn

PORTAL = "https://portal.acme.example"


@pytest.fixture
def product(cloud: Cloud, tmp_path: Path) -> Product:
    """Everything plugged together, nothing provisioned."""
    cloud.limits.enforced = False
    place = Place(
        aws=Aws(Session(cloud), "eu-west-1"),
        clock=cloud.clock,
        engine=Sleepers(),
        table="freehold",
        bucket="freehold-findings-123456789012",
        cache=tmp_path,
        evidence=EVIDENCE,
        pause=lambda seconds: None,
    )
    return Product(acme(), place)


def client(product: Product, cloud: Cloud, username: str) -> TestClient:
    app = product.portal(f"{cloud.url}/_oidc", "a key for tests", WayIn(environment={}))
    headers = {"Authorization": f"Bearer {token_of(cloud, username)}"}
    return TestClient(app, base_url=PORTAL, headers=headers, raise_server_exceptions=False)


def test_putting_it_together_asks_aws_nothing(product: Product, cloud: Cloud) -> None:
    assert callable(product.workflow())
    assert cloud.client("dynamodb").list_tables()["TableNames"] == []


def test_the_portal_is_healthy_only_with_its_table(product: Product, cloud: Cloud) -> None:
    browser = client(product, cloud, "sam")

    without = browser.get("/healthz").status_code
    provision(product, product.services.aws, "freehold", "freehold-findings-123456789012", EVIDENCE)

    assert without == 503
    assert browser.get("/healthz").status_code == 200


def test_every_package_is_in_the_portal(product: Product, cloud: Cloud) -> None:
    provision(product, product.services.aws, "freehold", "freehold-findings-123456789012", EVIDENCE)
    api = client(product, cloud, "sam")

    answers = {path: api.get(f"/api/v1/{path}") for path in ("account-requests", "accounts", "guardrails", "findings")}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    assert answers["guardrails"].json()["items"]
    assert len(answers["accounts"].json()["items"]) == 3


def test_the_desk_is_the_one_of_the_portal(product: Product, cloud: Cloud) -> None:
    provision(product, product.services.aws, "freehold", "freehold-findings-123456789012", EVIDENCE)
    request = product.desk.submit(person("ada"), asked(), "k")

    shown = client(product, cloud, "ada").get(f"/api/v1/account-requests/{request.id}")

    assert shown.json()["hash"] == request.hash
    assert product.dispatcher.tick() == 1


def test_provisioning_attaches_the_guardrails_and_may_be_repeated(product: Product, cloud: Cloud) -> None:
    for _ in range(2):
        provision(product, product.services.aws, "freehold", "freehold-findings-123456789012", EVIDENCE)

    listed = cloud.client("organizations").list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    assert [policy for policy in listed if policy["Name"].startswith("freehold-")]
