"""Says of a test which documented behaviour of AWS it holds the local cloud to.

The table of behaviours on the cloud's own page is made of these; the sentence in it is the test's name. After a test
with a behaviour was added, changed or renamed: `python -m tests.infra.local.behaviour`.
"""

import ast
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., None])
HERE = Path(__file__).parent
ROOT = HERE.parents[2]
FILE = ROOT / "infra/local/overview/behaviours.json"

_REFERENCE = "https://docs.aws.amazon.com/"
_PAGES = {
    "accessanalyzer": "access-analyzer/latest/APIReference/API_{}.html",
    "account": "accounts/latest/reference/API_{}.html",
    "cloudformation": "AWSCloudFormation/latest/APIReference/API_{}.html",
    "config": "config/latest/APIReference/API_{}.html",
    "codeconnections": "codeconnections/latest/APIReference/API_{}.html",
    "controlcatalog": "controlcatalog/latest/APIReference/API_{}.html",
    "controltower": "controltower/latest/APIReference/API_{}.html",
    "ec2": "AWSEC2/latest/APIReference/API_{}.html",
    "iam": "IAM/latest/APIReference/API_{}.html",
    "organizations": "organizations/latest/APIReference/API_{}.html",
    "s3": "AmazonS3/latest/API/API_{}.html",
    "s3control": "AmazonS3/latest/API/API_control_{}.html",
    "lambda": "lambda/latest/api/API_{}.html",
    "sesv2": "ses/latest/APIReference-V2/API_{}.html",
    "ssm": "systems-manager/latest/APIReference/API_{}.html",
    "sso": "singlesignon/latest/PortalAPIReference/API_{}.html",
    "sso-admin": "singlesignon/latest/APIReference/API_{}.html",
    "sts": "STS/latest/APIReference/API_{}.html",
}
"""Where each service's API reference is, for behaviours that name no other page."""


@dataclass(frozen=True, order=True)
class Behaviour:
    """One row of the table."""

    operation: str
    behaviour: str
    documentation: str
    test: str


def behaviour(operation: str, page: str | None = None) -> Callable[[Test], Test]:
    """Mark a test: the `service.Operation` it is about, and the documentation's page where not the API reference's."""
    documentation_of(operation, page)
    return lambda test: test


def documentation_of(operation: str, page: str | None) -> str:
    """The page that says so."""
    service, _, name = operation.partition(".")
    return _REFERENCE + (page or _PAGES[service].format(name))


def collect() -> list[Behaviour]:
    """Every behaviour of every test, in order of service and operation, read from the tests' text."""
    return sorted(row for file in sorted(HERE.rglob("test_*.py")) for row in _read(file))


def _read(file: Path) -> Iterator[Behaviour]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            for marked in (one for one in node.decorator_list if isinstance(one, ast.Call)):
                if isinstance(marked.func, ast.Name) and marked.func.id == behaviour.__name__:
                    yield _row(file, node.name, [ast.literal_eval(argument) for argument in marked.args])


def _row(file: Path, test: str, arguments: list[str]) -> Behaviour:
    operation, page = [*arguments, None][:2]
    sentence = test.removeprefix("test_").replace("_", " ")
    where = f"{file.relative_to(ROOT)}::{test}"
    return Behaviour(str(operation), sentence, documentation_of(str(operation), page), where)


def written() -> str:
    """The data file as it has to be."""
    return json.dumps([asdict(row) for row in collect()], indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
