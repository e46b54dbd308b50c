"""What compiling a big organisation costs, and how few documents the public samples' worth of policies fit into."""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from guardrails.catalog import load_catalogue
from guardrails.compiler import PolicyKind, pack_files
from guardrails.compiler.conformance import compile_conformance
from guardrails.enforcement.fitting import Fitting
from guardrails.enforcement.live import Live, LivePolicy
from guardrails.enforcement.meaning import find_flips
from guardrails.enforcement.node import classes_of_accounts, nodes_of
from guardrails.enforcement.packs import wanted_packs
from guardrails.enforcement.plan import make_plan
from guardrails.gates.ghosts import check_ghosts
from guardrails.guardrail import QUARANTINE, Guardrail
from guardrails.service import names_of
from guardrails.trial import FULL_ACCESS_TEXT
from tests.bench.measure import Figures, figure
from tests.cloud import ACME
from vending.core.company import Company, load_company
from vending.core.organization import MemberAccount, Organization, OrganizationalUnit

ACCOUNTS, UNITS = 10_000, 300
SECONDS, MEGABYTES = 10.0, 500.0
FILES, MINIFIED, DOCUMENTS = 68, 39_764, 4
"""The public sample set as it was measured: its files, and their characters without white space."""


def figures() -> Figures:
    """The organisation in a process of its own, so that its memory is its own; then the set of files."""
    done = subprocess.run([sys.executable, "-m", __name__], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    what = f"compiling {ACCOUNTS} accounts and {UNITS} OUs into {found['documents']} documents, gates and all"
    yield figure(f"{what}: processor time", found["seconds"], "s", SECONDS, 1)
    yield figure(f"{what}: memory", found["megabytes"], "MB", MEGABYTES, 1)
    with tempfile.TemporaryDirectory() as folder:
        files = list(_files(Path(folder)))
        characters = sum(len(json.dumps(json.loads(f.read_text()), separators=(",", ":"))) for f in files)
        packed = pack_files(files, PolicyKind.SCP)
    what = f"{FILES} invented files of the public samples' size ({characters} characters minified), in SCPs"
    yield figure(what, len(packed), "documents", DOCUMENTS, FILES)


def _files(folder: Path) -> Iterator[Path]:
    """As many files as AWS's samples of SCPs and data perimeters have, and as long; what they say is invented, of the
    catalogue's own actions. The samples themselves are somebody else's."""
    chance = random.Random(FILES)
    known = sorted({a for g in load_catalogue(load_company(ACME)) for deny in g.statements for a in deny.actions})
    weights = [chance.lognormvariate(0, 0.7) for _ in range(FILES)]
    for number, weight in enumerate(weights):
        size = MINIFIED * weight / sum(weights)
        content: dict[str, Any] = {"Version": "2012-10-17", "Statement": [_statement(number)]}
        while len(json.dumps(content, separators=(",", ":"))) < size - 25:
            content["Statement"][0]["Action"].append(chance.choice(known))
        path = folder / f"{number}.json"
        path.write_text(json.dumps(content, indent=4))
        yield path


def _statement(number: int) -> dict[str, Any]:
    """With a condition of its own, so that no two can be merged."""
    return {
        "Sid": f"DenyNobody{number}",
        "Effect": "Deny",
        "Action": [f"s3:GetObject{number}"],
        "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/exempt-{number}"}},
    }


def measure() -> dict[str, float]:
    """One compilation from the company file to a plan: every OU of a class of its own, nothing attached yet."""
    company, catalogue = _big(load_company(ACME))
    organization = _organization(company)
    began = time.process_time()
    nodes = nodes_of(company, organization)
    live = _untouched(organization)
    documents = Fitting(catalogue).for_nodes(nodes, live)
    plan = make_plan(documents, nodes, live, names_of(organization))
    packs = compile_conformance(catalogue, company.landing_zone.regions, company.ou_classes)
    excluding = wanted_packs(packs, classes_of_accounts(organization, nodes))
    flips = find_flips(plan.steps, nodes, live, catalogue)
    objections = (*plan.objections, *check_ghosts(catalogue))
    seconds = time.process_time() - began
    assert not objections
    assert excluding
    assert flips
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "megabytes": memory, "documents": len(documents)}


def _big(company: Company) -> tuple[Company, tuple[Guardrail, ...]]:
    """A company with a class for every OU; each is held by the guardrails of one of the example's classes."""
    models = [ou_class for ou_class in company.ou_classes if ou_class != QUARANTINE]
    of_model = {f"{models[n % len(models)]}-{n}": models[n % len(models)] for n in range(UNITS - 1)}
    classes = {**{name: name.title() for name in of_model}, QUARANTINE: company.ou_classes[QUARANTINE]}
    catalogue = tuple(
        replace(g, ou_classes=tuple(name for name in classes if of_model.get(name, name) in g.ou_classes))
        for g in load_catalogue(company)
    )
    return company.model_copy(update={"ou_classes": classes}), catalogue


def _organization(company: Company) -> Organization:
    root = OrganizationalUnit("r-big1", "arn:aws:organizations::210987654321:root/o-big/r-big1", "Root", None)
    units = tuple(
        OrganizationalUnit(
            f"ou-big1-{n:08}", f"arn:aws:organizations::210987654321:ou/o-big/ou-big1-{n}", name, root.id
        )
        for n, name in enumerate(company.ou_classes.values())
    )
    accounts = tuple(
        MemberAccount(f"{n:012}", "-", f"account-{n}", f"aws+{n}@acme.example", "ACTIVE", units[n % len(units)].id)
        for n in range(ACCOUNTS)
    )
    return Organization("o-big", "210987654321", root, units, accounts)


def _untouched(organization: Organization) -> Live:
    full = LivePolicy("p-FullAWSAccess", "FullAWSAccess", PolicyKind.SCP, True, False, FULL_ACCESS_TEXT)
    return Live({full.id: full}, {unit.id: (full.id,) for unit in (organization.root, *organization.units)})


if __name__ == "__main__":
    print(json.dumps(measure()))  # noqa: T201
