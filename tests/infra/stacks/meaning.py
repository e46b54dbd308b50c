"""What each template means, as a text that a person reviews: `python -m tests.infra.stacks.meaning` writes them anew.

Roles come as who may take them and what they allow, functions as how much they get, alarms as when they ring, rules as
when they fire; everything else as its properties, one a line. Hashes of bundles, drawn names and tags are left out.
"""

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.stacks.app import make_app
from infra.stacks.bundle import Contents
from tests.cloud import ACME

FOLDER = Path(__file__).with_name("meanings")
AGAIN = "python -m tests.infra.stacks.meaning"
LEFT_OUT = frozenset({"Tags", "Code", "DashboardBody", "AlarmDescription", "BuildSpec", "TemplateBody"})
"""What repeats itself, or is read better where it is written."""
DRAWN = re.compile(r"(?<=[A-Za-z])[0-9A-F]{8}([0-9a-f]{32})?(?![0-9a-z])|[0-9a-f]{64}")


def meaning(name: str, account: str, region: str, body: Mapping[str, Any]) -> str:
    """One stack."""
    lines = [f"{name} in account {account}, {region}", ""]
    listed = sorted(body["Resources"].items(), key=lambda each: (each[1]["Type"], _plain(each[0])))
    for logical, resource in listed:
        lines.append(f"{resource['Type'].removeprefix('AWS::')} {_plain(logical)}{_kept(resource)}")
        lines += [f"    {line}" for line in _told(resource)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _kept(resource: Mapping[str, Any]) -> str:
    return " (stays when the stack goes)" if resource.get("DeletionPolicy") == "Retain" else ""


def _told(resource: Mapping[str, Any]) -> Iterator[str]:
    properties = resource.get("Properties", {})
    if resource["Type"] == "AWS::IAM::Role":
        yield from _role(properties)
        return
    for name, value in sorted(properties.items()):
        if name in ("PolicyDocument", "KeyPolicy"):
            yield from _statements(value["Statement"])
        elif name not in LEFT_OUT:
            yield from _flat(name, value)


def _role(properties: Mapping[str, Any]) -> Iterator[str]:
    yield f"named {_shown(properties.get('RoleName', 'by CloudFormation'))}"
    yield from _statements(properties["AssumeRolePolicyDocument"]["Statement"])
    for policy in properties.get("Policies", ()):
        yield from _statements(policy["PolicyDocument"]["Statement"])
    for arn in properties.get("ManagedPolicyArns", ()):
        yield f"holds {_shown(arn)}"


def _statements(said: list[Mapping[str, Any]]) -> Iterator[str]:
    for statement in said:
        who = f" {_shown(statement['Principal'])}" if "Principal" in statement else ""
        yield f"{statement['Effect'].lower()}{who}"
        yield from (f"    {action}" for action in _listed(statement["Action"]))
        yield from (f"  on {_shown(resource)}" for resource in _listed(statement.get("Resource", [])))
        for operator, keys in statement.get("Condition", {}).items():
            yield from (f"  if {key} {operator} {_shown(value)}" for key, value in keys.items())


def _flat(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict) and not _is_reference(value):
        for key, below in sorted(value.items()):
            yield from _flat(f"{name}.{key}", below)
    elif isinstance(value, list) and any(isinstance(one, dict) and not _is_reference(one) for one in value):
        for number, below in enumerate(value):
            yield from _flat(f"{name}[{number}]", below)
    else:
        yield f"{name}: {_shown(value)}"


def _is_reference(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)) in ("Ref", "Fn::GetAtt", "Fn::Join", "Fn::ImportValue", "Fn::Sub")


def _shown(value: Any) -> str:
    """References by what they refer to."""
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value)
    if not isinstance(value, dict):
        return _plain(str(value))
    if "Ref" in value:
        return f"<{_plain(value['Ref'])}>"
    if "Fn::GetAtt" in value:
        return f"<{_plain('.'.join(value['Fn::GetAtt']))}>"
    if "Fn::ImportValue" in value:
        return f"<{_plain(value['Fn::ImportValue'])}>"
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(_shown(part) for part in parts)
    return _plain(json.dumps(value, sort_keys=True))


def _plain(text: str) -> str:
    return DRAWN.sub("", text)


def _listed(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]


def _slight(entry: str, company_file: Path) -> Contents:
    return Contents({f"{entry}.yaml": company_file}, ())


def main() -> None:
    """Write every text anew."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as out:
        app, stacks = make_app(ACME, out, _slight)
        app.synth()
        for stack in stacks:
            body = json.loads((Path(out) / f"{stack.stack_name}.template.json").read_text())
            text = meaning(stack.stack_name, stack.account, stack.region, body)
            (FOLDER / f"{stack.stack_name}.txt").write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(stacks)} texts are in {FOLDER}: look at what changed.\n")


if __name__ == "__main__":
    main()
