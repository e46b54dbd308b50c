"""The parts of declarative policies, joined into one document a class."""

import json
from typing import Any

import pytest

from guardrails.catalog import find_guardrail
from guardrails.compiler import PolicyKind, compile_packs
from guardrails.compiler.packs import compile_pack
from guardrails.gates import check_fit
from guardrails.guardrail import Guardrail, Mechanism, Part, State
from tests.guardrails.ground import catalogue
from vending.core.errors import BadInput


def part(name: str, content: dict[str, Any], mechanism: Mechanism = Mechanism.EC2) -> Guardrail:
    return Guardrail(
        id=name,
        title=name,
        intent="A test.",
        mechanism=mechanism,
        ou_classes=("prod",),
        frameworks=(),
        seen_as="-",
        exemption="-",
        allows=(State("kept", {"on": False}),),
        denies=(State("broken", {"on": True}),),
        part=Part(content, "off", lambda observed: not observed["on"]),
    )


SERIAL = part("ec2.serial", {"ec2_attributes": {"serial_console_access": {"status": {"@@assign": "disabled"}}}})
IMAGES = part("ec2.ami", {"ec2_attributes": {"image_block_public_access": {"state": {"@@assign": "block"}}}})


def test_the_parts_of_a_class_are_one_document_whatever_order_they_come_in() -> None:
    [document] = compile_packs([SERIAL, IMAGES])

    assert json.loads(document.content) == {
        "ec2_attributes": {
            "serial_console_access": {"status": {"@@assign": "disabled"}},
            "image_block_public_access": {"state": {"@@assign": "block"}},
        }
    }
    assert document.name.startswith("freehold-prod-ec2-1@")
    assert document.guardrails == ("ec2.ami", "ec2.serial")
    assert compile_packs([IMAGES, SERIAL]) == (document,)


def test_each_kind_has_its_own_document() -> None:
    public = part("s3.bpa", {"s3_attributes": {"public_access_block_configuration": {"@@assign": "all"}}}, Mechanism.S3)
    tags = part("tag.owner", {"tags": {"owner": {"tag_key": {"@@assign": "owner"}}}}, Mechanism.TAG)

    documents = compile_packs([SERIAL, public, tags])

    assert [document.kind for document in documents] == [PolicyKind.EC2, PolicyKind.S3, PolicyKind.TAG]


def test_two_guardrails_that_contradict_each_other_are_named() -> None:
    other = part("ec2.loud", {"ec2_attributes": {"serial_console_access": {"status": {"@@assign": "enabled"}}}})

    with pytest.raises(BadInput, match=r"ec2.loud and ec2.serial write different things at .*status.@@assign"):
        compile_packs([SERIAL, other])


def test_a_part_under_another_types_key_is_refused() -> None:
    with pytest.raises(BadInput, match="the one top-level key of a declarative EC2 policy is ec2_attributes"):
        compile_packs([part("ec2.odd", {"tags": {}})])


def test_parts_that_are_too_long_together_are_refused_with_their_size() -> None:
    long = {"ec2_attributes": {"exception_message": {"@@assign": "x" * 10_000}}}

    [refused] = check_fit(compile_packs([part("ec2.long", long)]))

    assert refused.sentence.endswith(
        "of ec2.long, has 10056 characters; AWS takes 10000 in one declarative EC2 policy."
    )


def test_statements_stay_out_of_the_declarative_documents() -> None:
    leave = find_guardrail(catalogue(), "org.leave")

    assert compile_pack([leave, SERIAL], "sandbox", PolicyKind.EC2) == ()
