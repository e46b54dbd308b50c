"""What Lambda hands to an entry point: an environment, a context, and AWS behind it."""

from dataclasses import dataclass
from typing import Any

import pytest

from infra.runtime.lambdas import dispatcher, portal, workflow
from tests.cloud import ACME, Cloud
from tests.vending.parts import TABLE, connect, make_table
from vending.core.signing import SIGNING_KEY
from vending.core.table import Table

BUCKET = "freehold-findings"
EVIDENCE = "freehold-evidence"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:freehold-workflow:live"


@dataclass(frozen=True)
class Context:
    """As the Python runtime passes it."""

    function_name: str = "freehold"
    function_version: str = "1"
    invoked_function_arn: str = FUNCTION
    memory_limit_in_mb: int = 1024
    aws_request_id: str = "11111111-2222-4333-8444-555555555555"

    def get_remaining_time_in_millis(self) -> int:
        """As at the start of the longest call."""
        return 900_000


CONTEXT: Any = Context()


@pytest.fixture
def table(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Table:
    """The environment of a function, with its table there and nothing built before."""
    aws = connect(cloud, monkeypatch)
    secret = cloud.client("secretsmanager").create_secret(Name="SessionKey", SecretString="s" * 64)
    said = {
        "CONFIG": str(ACME),
        "TABLE": TABLE,
        "BUCKET": BUCKET,
        "EVIDENCE": EVIDENCE,
        "FUNCTION": FUNCTION,
        "SIGNING_KEY": SIGNING_KEY,
        "PORTAL": "https://freehold.acme.example",
        "ISSUER": f"{cloud.url}/_oidc",
        "SESSION_SECRET": secret["ARN"],
    }
    for name, value in said.items():
        monkeypatch.setenv(f"FREEHOLD_{name}", value)
    workflow.workflow.cache_clear()
    dispatcher.on_schedule.cache_clear()
    dispatcher.place.cache_clear()
    portal.portal.cache_clear()
    return make_table(cloud, aws)
