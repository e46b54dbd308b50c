"""The commands that guides and runbooks tell people to type."""

import html
import re
import shlex
from collections.abc import Iterator

import pytest
import typer
from botocore import xform_name
from botocore.session import get_session
from typer.core import TyperGroup

from infra.runtime.cli import ENTRIES
from tests.vending.web.ground import Portal
from vending.cli import build_shell
from vending.core.runbooks import RUNBOOKS
from vending.guides import GUIDES

SERVICES = {"s3api": "s3", "configservice": "config"}
"""What the AWS CLI calls some services."""
EVERYWHERE = {"--profile", "--region", "--help"}
OF_THE_CLI = {"put-configuration-recorder": {"--recording-group"}}
"""Options that it takes out of a parameter of the model (its reference, `configservice put-configuration-recorder`)."""
SETTINGS = "configure"
"""The AWS CLI's own command, which is no service."""


@pytest.fixture
def commands(portal: Portal) -> dict[str, list[list[str]]]:
    """The program -> every command line of its that a guide or a runbook shows."""
    browser = portal.signed_in("ada")
    pages = [f"/help/guides/{id_}" for id_ in GUIDES] + [f"/help/runbooks/{id_}" for id_ in RUNBOOKS]
    found: dict[str, list[list[str]]] = {"freehold": [], "aws": []}
    for words in (line for page in pages for line in _typed(browser.get(page).text)):
        found[words[0]].append(words[1:])
    return found


def _typed(page: str) -> Iterator[list[str]]:
    """Between tags `code`, or between backticks in a sentence."""
    shown = html.unescape(page).replace("\\\n", " ")
    for part in re.findall(r"<code>(.*?)</code>", shown, re.DOTALL) + re.findall(r"`([^`\n]*)`", shown):
        for line in part.splitlines():
            if begun := re.search(r"(?:^|\s)((?:freehold|aws) [a-z].*)", line):
                yield shlex.split(begun[1])


def test_every_command_of_freehold_that_a_guide_or_a_runbook_names_is_there(
    commands: dict[str, list[list[str]]],
) -> None:
    shell = build_shell(ENTRIES)

    for line in commands["freehold"]:
        group, words = shell, list(line)
        while words and not words[0].startswith("-"):
            word = words.pop(0)
            command = group.get_command(typer.Context(group), word)
            assert command, f"freehold has no {word}, of {line}"
            if not isinstance(command, TyperGroup):
                break
            group = command
    assert len(commands["freehold"]) > 8


def test_every_call_of_the_aws_cli_that_a_guide_names_is_one_with_such_options(
    commands: dict[str, list[list[str]]],
) -> None:
    session = get_session()

    for service, operation, *rest in (words for words in commands["aws"] if words[0] != SETTINGS):
        model = session.get_service_model(SERVICES.get(service, service))
        named = {xform_name(name, "-"): name for name in model.operation_names}
        assert operation in named, f"aws {service} has no {operation}"
        asked = model.operation_model(named[operation]).input_shape
        assert asked is not None
        options = {f"--{prefix}{xform_name(member, '-')}" for member in asked.members for prefix in ("", "no-")}
        options |= EVERYWHERE | OF_THE_CLI.get(operation, set())
        unknown = {word for word in rest if word.startswith("--")} - options
        assert unknown == set(), f"aws {service} {operation}: {unknown}"
    assert len(commands["aws"]) > 15
