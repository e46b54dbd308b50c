"""What a bundle leaves out of the wheels: half of what they bring is never read on Lambda.

The largest part is botocore's models of every service of AWS. A function keeps those whose names stand anywhere in its
own code: whatever it asks for a client of is written down there as text.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from botocore.session import get_session

ALWAYS = frozenset({"lambda", "sts"})
"""The durable SDK checkpoints with Lambda's client, and every role is taken through STS."""
UNREAD = ("bs4", "cffi", "charset_normalizer", "click", "pycparser", "requests", "schema", "soupsieve")
"""Packages that nobody imports on Lambda: policy_sentry's command line and its reader of AWS's pages, and the compiler
beside cryptography's binding."""
LEFT_OUT: Mapping[str, str] = {
    rf"^({'|'.join(UNREAD)})(/|\.py$)": "packages that nobody imports",
    r"^yaml/_yaml\.": "libyaml: company files are read by PyYAML's own loader",
    r"(^|/)examples-1\.json(\.gz)?$": "botocore's examples for its documentation",
    r"^boto3/(data|examples)/": "boto3's resources: only clients are used",
    r"^aws_lambda_powertools/event_handler/openapi/swagger_ui/": "pages of an API that is none of ours",
    r"\.(pyi|pyx|pxd|c|h)$": "what type checkers and compilers read",
    r"(^|/)tests?/": "tests of libraries",
    r"\.dist-info/RECORD$": "what pip uninstalls by",
}
"""Pattern of a path -> what it is."""
_DROPPED = re.compile("|".join(LEFT_OUT))
_TEXT = re.compile(r"[\"']([a-z0-9-]+)[\"']")
_MODEL = re.compile(r"^botocore/data/(?P<service>[^/]+)/")


def services_of(modules: Iterable[Path]) -> frozenset[str]:
    """Names of AWS's services that stand in these files as text."""
    return ALWAYS.union(*(_services_in(path) for path in modules))


def keeps(name: str, services: frozenset[str]) -> bool:
    """Whether a file of a wheel goes into the bundle of a function that calls these services."""
    model = _MODEL.match(name)
    return not _DROPPED.search(name) and (model is None or model["service"] in services)


@cache
def _services_in(path: Path) -> frozenset[str]:
    """Read without parsing: a text in a comment takes a model along that nobody needs, and harms nobody."""
    if path.suffix != ".py":
        return frozenset()
    return frozenset(_TEXT.findall(path.read_text(encoding="utf-8"))) & _every_service()


@cache
def _every_service() -> frozenset[str]:
    return frozenset(get_session().get_available_services())
