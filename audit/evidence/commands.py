"""`freehold audit verify`: checks a run against its evidence. Needs no portal; with a saved folder, no network."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from audit.evidence.archive import Archive, Buckets, Folder, find_manifests, save
from audit.evidence.manifest import Sealed
from audit.evidence.verify import Verdict, verify
from audit.ledger.ledger import Ledger
from audit.ledger.store import Store
from vending.core.aws import Aws
from vending.core.clock import SystemClock
from vending.core.company import Company, load_company
from vending.core.errors import BadInput, NotFound
from vending.core.output import Output, print_items, print_json, say
from vending.core.settings import Settings
from vending.core.signing import KmsSigner

COLUMNS = ("fault", "what", "detail")


@dataclass(frozen=True)
class Evidence:
    """Where a run is checked, which one, and who must have signed it."""

    archive: Archive
    run_id: str
    manifest: str | None
    """As the ledger names it."""
    public_key: str


def verify_run(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or a folder that --save wrote.")],
    key: Annotated[Path | None, typer.Option(help="The public key (PEM) to trust; else the one in KMS.")] = None,
    save_to: Annotated[
        Path | None, typer.Option("--save", help="Copy the evidence to this folder, to be checked without AWS.")
    ] = None,
    output: Annotated[Output, typer.Option("--output", "-o", help="How data is printed.")] = Output.TABLE,
) -> None:
    """Compute a run's numbers again from the pages it was made of; names each page that was altered, missing or added.

    Exit code 0: it holds; 1: something does not; 6: all that is there is whole, but not enough to compute from.
    """
    settings = Settings()
    company = load_company(settings.config)
    with TemporaryDirectory(prefix="freehold-") as cache:
        found = _saved(Path(run), key) if Path(run).is_dir() else _in_buckets(run, key, settings, company, Path(cache))
        if save_to:
            save(found.archive, found.run_id, save_to)
            say(f"Saved to {save_to}: freehold audit verify {save_to} checks it without AWS.")
        verdict = verify(found.archive, found.run_id, found.public_key, company, found.manifest)
    _print(verdict, output)
    if verdict.flaws:
        raise typer.Exit(1)
    if not verdict.holds:
        raise typer.Exit(6)


def _saved(folder: Path, key: Path | None) -> Evidence:
    archive = Folder(folder)
    run_id = archive.run_id
    manifest = find_manifests(archive, run_id)[-1]
    if key is None:
        say("The signature is checked with the key beside it, which proves little: --key FILE names one to trust.")
    trusted = _read(key) if key else Sealed.read(archive.read(manifest) or b"", manifest).signature.public_key
    return Evidence(archive, run_id, None, trusted)


def _in_buckets(run_id: str, key: Path | None, settings: Settings, company: Company, cache: Path) -> Evidence:
    _point_at_laptop(settings)
    aws = Aws.connect(company.landing_zone.home_region)
    findings = Store(aws, _bucket(aws, settings.findings_bucket), cache / "findings")
    evidence = Store(aws, _bucket(aws, settings.evidence_bucket), cache / "evidence")
    trusted = _read(key) if key else KmsSigner(aws).public_key
    recorded = next((one for one in Ledger(findings, SystemClock()).runs() if one.id == run_id), None)
    return Evidence(Buckets(evidence, findings), run_id, recorded.manifest if recorded else None, trusted)


def _point_at_laptop(settings: Settings) -> None:
    """While `freehold up` runs here and nothing else is said, the run is one of its cloud."""
    told = settings.state / str(settings.port) / "endpoint"
    if "AWS_ENDPOINT_URL" in os.environ or not told.is_file():
        return
    os.environ["AWS_ENDPOINT_URL"] = told.read_text().strip()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ.setdefault(name, "laptop")
    say(f"Reads the local cloud at {os.environ['AWS_ENDPOINT_URL']}.")


def _bucket(aws: Aws, prefix: str) -> str:
    names = [one["Name"] for one in aws.client("s3").list_buckets()["Buckets"] if one["Name"].startswith(f"{prefix}-")]
    if len(names) != 1:
        raise NotFound(
            f"{len(names)} buckets of this account are named {prefix}-…; one is expected.",
            "Sign in to the account where Freehold runs, or check a folder that `--save` wrote.",
        )
    return str(names[0])


def _read(key: Path) -> str:
    try:
        return key.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{key} cannot be read as a key in PEM.", "Give the file that holds the public key.") from error


def _print(verdict: Verdict, output: Output) -> None:
    if output is Output.JSON:
        print_json(_document(verdict))
    else:
        rows = ({"fault": one.fault.value, "what": one.what, "detail": one.detail} for one in verdict.flaws)
        if verdict.flaws or output is Output.CSV:
            print_items(rows, COLUMNS, output)
    say(_sentence(verdict))


def _sentence(verdict: Verdict) -> str:
    if verdict.holds:
        counts = ", ".join(f"{count} {status}" for status, count in sorted(verdict.recorded.counts.items()))
        return (
            f"Run {verdict.run_id} holds: {verdict.pages} pages are as they were kept, and give {counts or 'nothing'}."
        )
    if verdict.flaws:
        return f"Run {verdict.run_id} does not hold: {len(verdict.flaws)} of its pieces or numbers do not fit."
    return f"Run {verdict.run_id} is whole, but its numbers were not computed: {verdict.doubt}"


def _document(verdict: Verdict) -> Mapping[str, Any]:
    return {
        "run": verdict.run_id,
        "holds": verdict.holds,
        "manifest": verdict.manifest,
        "pages": verdict.pages,
        "flaws": [{"fault": one.fault.value, "what": one.what, "detail": one.detail} for one in verdict.flaws],
        "recorded": _numbers(verdict.recorded),
        "recomputed": _numbers(verdict.recomputed) if verdict.recomputed else None,
        "doubt": verdict.doubt,
    }


def _numbers(run: Any) -> Mapping[str, Any]:
    return {
        "counts": dict(run.counts),
        "expected_cells": run.expected_cells,
        "observed_cells": run.observed_cells,
        "coverage": run.coverage,
    }
