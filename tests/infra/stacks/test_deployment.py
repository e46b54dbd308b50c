import json
from typing import Any

import pytest

from infra.stacks.deployment import CDK_JSON, read_deployment
from vending.core.errors import BadInput

EXAMPLE: dict[str, Any] = json.loads(CDK_JSON.read_text())["context"]


def test_the_example_of_cdk_json_is_a_deployment() -> None:
    deployment = read_deployment(EXAMPLE)

    assert deployment.management_account == "123456789012"
    assert deployment.requests_per_five_minutes == 2000


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"freehold:management_account": "12345"}, "freehold:management_account"),
        ({"freehold:organization": "acme"}, "freehold:organization"),
        ({"freehold:portal_domain": "https://accounts.acme.example"}, "freehold:portal_domain"),
        ({"freehold:issuer": "http://issuer.example"}, "freehold:issuer"),
        ({"freehold:organisation": "o-exampleorgid"}, "freehold:organisation"),
        ({"freehold:requests_per_five_minutes": "1"}, "freehold:requests_per_five_minutes"),
    ],
)
def test_a_wrong_value_is_named_with_the_way_out(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(BadInput) as raised:
        read_deployment(EXAMPLE | changes)

    assert raised.value.errors[0].field == key
    assert f"-c {key}=VALUE" in raised.value.errors[0].remedy


def test_a_missing_value_is_named() -> None:
    with pytest.raises(BadInput) as raised:
        read_deployment({name: value for name, value in EXAMPLE.items() if name != "freehold:certificate"})

    assert raised.value.errors[0].field == "freehold:certificate"
