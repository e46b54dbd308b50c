"""The whole check of a run: its seal, every page, and its numbers computed again from the pages alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from audit.evidence.archive import Archive, find_manifests
from audit.evidence.check import Fault, Flaw, check_pages, check_seal
from audit.evidence.manifest import Manifest, Sealed
from audit.evidence.replay import NotReplayable, replay
from audit.run import Run
from vending.core.company import Company
from vending.core.errors import FreeholdError

NUMBERS = ("counts", "expected_cells", "observed_cells", "coverage")
Recompute = Callable[[Archive, Manifest], Run]


@dataclass(frozen=True)
class Verdict:
    """What came of the check of one run."""

    run_id: str
    manifest: str
    """The key of the manifest that was checked."""
    pages: int
    flaws: tuple[Flaw, ...]
    recorded: Run
    """With the numbers that were reported."""
    recomputed: Run | None
    """With the numbers that follow from the pages; None where they could not be computed."""
    doubt: str
    """Why they could not be."""

    @property
    def holds(self) -> bool:
        """Whether the evidence is whole, and the numbers follow from it."""
        return not self.flaws and self.recomputed is not None


def verify(
    archive: Archive, run_id: str, public_key: str, company: Company, manifest_key: str | None = None
) -> Verdict:
    """Check a run offline.

    Args:
        archive: where its evidence is.
        run_id: which run.
        public_key: PEM of the key that must have signed it.
        company: the company file, as it was.
        manifest_key: as the ledger names it; the only one there is where it is None.

    Raises:
        NotFound: when no evidence of that run is kept.
        DamagedManifest: when its manifest cannot be read.
    """
    key = manifest_key or find_manifests(archive, run_id)[-1]
    body = archive.read(key)
    if body is None:
        raise NotReplayable(f"The manifest {key} is missing.", "A version of it may be left in the bucket.")
    manifest = Sealed.read(body, key).manifest
    flaws = (*check_seal(body, key, public_key), *check_pages(archive, manifest))
    recomputed, doubt = None, "the pages are not all as they were kept."
    if all(flaw.fault is Fault.ADDED for flaw in flaws):
        recomputed, doubt = _again(archive, manifest, company)
    wrong = tuple(_compare(manifest, recomputed)) if recomputed else ()
    pages = sum(len(pack.pages) for pack in manifest.packs)
    return Verdict(run_id, key, pages, (*flaws, *wrong), manifest.run, recomputed, doubt)


def _again(archive: Archive, manifest: Manifest, company: Company) -> tuple[Run | None, str]:
    with TemporaryDirectory(prefix="freehold-verify-") as cache:
        try:
            return replay(archive, manifest, company, Path(cache)), ""
        except FreeholdError as error:
            return None, error.sentence


def _compare(manifest: Manifest, recomputed: Run) -> Iterator[Flaw]:
    for name in NUMBERS:
        said, found = getattr(manifest.run, name), getattr(recomputed, name)
        if said != found:
            yield Flaw(Fault.WRONG, f"run.{name}", f"the record says {said}, the pages give {found}.")
