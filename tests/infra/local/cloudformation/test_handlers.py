"""The table of handlers, held against AWS's own schemas, botocore's models and what moto makes."""

from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from moto.cloudformation.parsing import get_model_map
from moto.core.utils import get_service_model

from infra.local.authorize.actions import actions_of
from infra.local.call import Call
from infra.local.cloudformation.asks import PHYSICAL_ID, Ask, Handler
from infra.local.cloudformation.handlers import HANDLERS

WITHOUT_HANDLERS = ("AWS::IAM::AccessKey",)
"""Types older than the registry's handlers: their schemas name no permission."""


def schema_of(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return found


def asks_of(handler: Handler) -> Iterator[tuple[str, Ask]]:
    made = [handler.create, *handler.settings.values(), *handler.changes.values()]
    yield from (("create", one) for one in made if one)
    yield from (("delete", one) for one in (handler.delete,) if one)


def test_every_type_of_the_table_is_one_that_moto_makes() -> None:
    assert set(HANDLERS) <= set(get_model_map())


@pytest.mark.parametrize("kind", sorted(HANDLERS))
def test_a_handler_asks_for_nothing_that_its_schema_does_not_list(kind: str) -> None:
    handlers = schema_of(kind).get("handlers", {})
    listed = {
        step: {action.lower() for name in names for action in handlers.get(name, {}).get("permissions", ())}
        for step, names in {"create": ("create", "update"), "delete": ("delete",)}.items()
    }

    asked = [
        (step, actions_of(Call(a.service, a.operation, "eu-west-1", None), {})) for step, a in asks_of(HANDLERS[kind])
    ]

    assert (kind in WITHOUT_HANDLERS) is (not handlers)
    if handlers:
        assert [
            (step, action) for step, actions in asked for action in actions if action.lower() not in listed[step]
        ] == []


@pytest.mark.parametrize("kind", sorted(HANDLERS))
def test_a_handler_takes_its_parameters_from_properties_that_the_type_has(kind: str) -> None:
    properties = set(schema_of(kind)["properties"]) | {PHYSICAL_ID}
    handler = HANDLERS[kind]
    named = [source for _, one in asks_of(handler) for source in one.sources.values() if isinstance(source, str)]
    listed = [one.each[1] for _, one in asks_of(handler) if one.each]

    assert {*named, *listed, *handler.settings, *handler.changes} - properties == set()
    for _, one in asks_of(handler):
        assert one.operation in get_service_model(one.service).operation_names
