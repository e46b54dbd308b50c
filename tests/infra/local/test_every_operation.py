"""Each operation that is ours, one after the other: called by some test, and never an error of the cloud's own."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from moto.core.utils import get_service_model

from infra.local.overview.modelled import coverage
from infra.local.registry import register
from tests.cloud import Cloud

HERE = Path(__file__).parent
CLOUDS_OWN = {"InternalFailure", "500"}


def operations() -> Iterator[tuple[str, str]]:
    register()
    for service in coverage():
        for operation in service.answered:
            yield service.service, operation


def sample(shape: Any, depth: int = 0) -> Any:
    """Something of that shape that names nothing there is."""
    if shape.type_name == "structure":
        return {name: sample(member, depth + 1) for name, member in shape.members.items() if depth < 4}
    if shape.type_name == "list":
        return [sample(shape.member, depth + 1)]
    if shape.type_name == "map":
        return {"key": sample(shape.value, depth + 1)}
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "nonsense".ljust(shape.metadata.get("min") or 0, "x")
    return {"boolean": True, "timestamp": "2026-01-01T00:00:00Z", "blob": b"x"}.get(shape.type_name, 1)


def is_in_the_path(shape: Any) -> bool:
    """Whether a request cannot even be written without it."""
    return bool(shape.serialization.get("location") == "uri")


def test_every_operation_is_called_by_a_test_that_holds_its_answer_against_botocores_model() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(HERE.rglob("*.py")))

    missing = [name for name in operations() if not re.search(rf'[."]{xform_name(name[1])}[("]', text)]

    assert missing == []


@pytest.mark.parametrize("given", ["nothing", "nonsense"])
def test_no_operation_falls_over_what_it_is_given(cloud: Cloud, given: str) -> None:
    cloud.limits.enforced = False
    fallen = []

    for service, operation in operations():
        shape = get_service_model(service).operation_model(operation).input_shape
        parameters = sample(shape) if shape is not None else {}
        if given == "nothing":
            parameters = {name: parameters[name] for name in parameters if is_in_the_path(shape.members[name])}
        try:
            getattr(cloud.client(service), xform_name(operation))(**parameters)
        except ClientError as refused:
            code, status = refused.response["Error"]["Code"], refused.response["ResponseMetadata"]["HTTPStatusCode"]
            fallen += [(service, operation, code)] if status == 500 or code in CLOUDS_OWN else []

    assert fallen == []
