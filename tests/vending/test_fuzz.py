"""Whatever is sent, nothing falls over, and what is refused leaves no trace."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from starlette.testclient import TestClient

from tests.cloud import Cloud
from tests.vending.parts import TABLE, person
from tests.vending.web.ground import PROD, REQUEST, Portal, ask, build_portal
from vending.requests.model import Cause, State

PEOPLE = ("ada", "grace", "omar", "sam")
QUICK = settings(
    max_examples=6,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def portal(running_cloud: Cloud) -> Iterator[Portal]:
    """A portal with a request that waits, one that is parked, and an account."""
    running_cloud.reset()
    portal = build_portal(running_cloud)
    ask(portal, **PROD)
    parked = ask(portal, name="payments-stuck")
    cause = Cause(code="INTERNAL_FAILURE", sentence="AWS failed.", remedy="Resume it.", who="operator")
    portal.change(parked.id, state=State.PARKED, parked=cause)
    portal.make_account(ask(portal, name="payments-made").id)
    yield portal
    running_cloud.limits.enforced = True


@pytest.fixture(scope="module")
def people(portal: Portal) -> dict[str, TestClient]:
    """A client for everybody."""
    return {name: portal.api(name) for name in PEOPLE}


@pytest.fixture(scope="module")
def api_schema(portal: Portal) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", portal.app)


def written(portal: Portal) -> set[tuple[str, str, str]]:
    """Everything in the table, with its version."""
    pages = portal.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
    return {(i["pk"]["S"], i["sk"]["S"], i["version"]["N"]) for page in pages for i in page["Items"]}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
def test_no_call_that_fits_or_breaks_the_description_is_a_fault_and_none_that_is_refused_writes(
    api_schema: Any, portal: Portal, people: dict[str, TestClient], mode: GenerationMode
) -> None:
    for operation in (result.ok() for result in api_schema.get_all_operations()):
        if operation.path.startswith("/api/"):
            _probe(operation, mode, portal, people)


def _probe(operation: Any, mode: GenerationMode, portal: Portal, people: dict[str, TestClient]) -> None:
    """So many calls of one operation, as somebody who may do much."""

    @QUICK
    @given(case=operation.as_strategy(generation_mode=mode), who=st.sampled_from(PEOPLE))
    def call(case: Any, who: str) -> None:
        before = written(portal)

        answer = case.call(headers={"Authorization": people[who].headers["Authorization"]})

        case.validate_response(answer, checks=[not_a_server_error])
        assert answer.status_code < 400 or written(portal) == before

    call()


def waiting(portal: Portal) -> str:
    """The id of a request that waits for its approval: an earlier call may have decided on the last one."""
    found = portal.desk.list(person("sam"), states=(State.AWAITING_APPROVAL,)).items
    return str(found[0].id if found else ask(portal, **{**PROD, "name": f"prod-{uuid.uuid4().hex[:8]}"}).id)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
"""Whatever JSON can say, and the numbers that it cannot."""


@settings(QUICK, max_examples=25)
@given(
    changes=st.dictionaries(st.sampled_from([*REQUEST, "colour", "__class__"]), ANYTHING, min_size=1, max_size=3),
    door=st.sampled_from(["", "/plan", "/edit"]),
)
def test_a_request_with_anything_in_its_fields_is_taken_or_refused_field_by_field(
    portal: Portal, people: dict[str, TestClient], changes: dict[str, Any], door: str
) -> None:
    id_, ada = waiting(portal), people["ada"]
    before = written(portal)
    body = json.dumps({**REQUEST, "name": f"lab-{len(before)}", **changes})

    if door == "/edit":
        headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
        answer = ada.patch(f"/account-requests/{id_}", content=json.dumps(changes), headers=headers)
    else:
        headers = {
            "Idempotency-Key": body[:255].encode("ascii", "replace").decode(),
            "Content-Type": "application/json",
        }
        answer = ada.post(f"/account-requests{door}", content=body, headers=headers)

    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert written(portal) == before
        assert answer.json()["detail"]


@settings(QUICK, max_examples=25)
@given(
    body=st.binary(max_size=200) | st.just(b"[" * 1000) | st.just(b'{"name":' * 1000) | st.just(b'{"a":1e999}'),
    path=st.sampled_from(["/account-requests", "/account-requests/plan", "/account-requests/{id}/approve"]),
    kind=st.sampled_from(["application/json", "text/plain", "application/x-www-form-urlencoded", "no kind at all"]),
)
def test_a_body_that_is_no_json_is_refused(
    portal: Portal, people: dict[str, TestClient], body: bytes, path: str, kind: str
) -> None:
    id_, grace = waiting(portal), people["grace"]
    before = written(portal)

    answer = grace.post(path.format(id=id_), content=body, headers={"Content-Type": kind, "Idempotency-Key": "fuzz"})

    assert answer.status_code < 500, answer.text
    assert answer.status_code < 400 or written(portal) == before
