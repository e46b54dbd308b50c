"""Where a run's evidence is read from: the buckets, or a folder that it was saved to."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from audit.evidence.manifest import Manifest, Sealed, folder_of
from audit.ledger.store import Object, Store, StoredFile
from vending.core.errors import BadInput, NotFound


class Archive(Protocol):
    """Reads evidence and the ledger's files; writes nothing."""

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys of the evidence below a prefix."""
        ...

    def read(self, key: str) -> bytes | None:
        """An object of the evidence as it is now, None where there is none."""
        ...

    def whole(self, key: str, sha256: str) -> str | None:
        """Names an earlier version of an object that still has a hash, None where none is known."""
        ...

    def ledger(self, file: StoredFile) -> bytes | None:
        """A file of the ledger, None where there is none."""
        ...


@dataclass(frozen=True)
class Buckets:
    """The bucket of the evidence and that of the ledger."""

    evidence: Store
    findings: Store

    def keys(self, prefix: str) -> Iterator[str]:
        """As S3 lists them."""
        return self.evidence.keys(prefix)

    def read(self, key: str) -> bytes | None:
        """The latest version."""
        return _body(self.evidence.read(key))

    def whole(self, key: str, sha256: str) -> str | None:
        """Under Object Lock an altered object is a new version beside the locked one."""
        return self.evidence.version_with(key, sha256)

    def ledger(self, file: StoredFile) -> bytes | None:
        """By its key."""
        return _body(self.findings.read(file.key))


@dataclass(frozen=True)
class Folder:
    """What `save` wrote: the evidence under its keys, and the ledger's files in `ledger/`."""

    path: Path

    def keys(self, prefix: str) -> Iterator[str]:
        """Every file below the prefix."""
        found = (one.relative_to(self.path).as_posix() for one in sorted(self.path.rglob("*")) if one.is_file())
        return (key for key in found if key.startswith(prefix))

    def read(self, key: str) -> bytes | None:
        """The file."""
        path = self.path / key
        return path.read_bytes() if path.is_file() else None

    def whole(self, key: str, sha256: str) -> str | None:  # noqa: ARG002 - the interface's
        """A folder has no versions."""
        return None

    def ledger(self, file: StoredFile) -> bytes | None:
        """By its key."""
        return self.read(f"ledger/{file.key}")

    @property
    def run_id(self) -> str:
        """The run that it holds.

        Raises:
            BadInput: when it holds none, or several.
        """
        runs = sorted(one.name for one in (self.path / "runs").glob("*")) if (self.path / "runs").is_dir() else []
        if len(runs) != 1:
            raise BadInput(f"{self.path} holds {len(runs)} runs, not one.", "Save one run with `--save` first.")
        return runs[0]


def find_manifests(archive: Archive, run_id: str) -> list[str]:
    """The keys of a run's manifests: one, or several where runs raced for the ledger and one had to merge again.

    Raises:
        NotFound: when there is none.
    """
    keys = [key for key in archive.keys(folder_of(run_id)) if key.startswith(f"{folder_of(run_id)}manifest-")]
    if not keys:
        raise NotFound(
            f"There is no sealed evidence of a run {run_id}.",
            "`freehold audit runs` lists the runs; one that failed or is under way is not sealed.",
        )
    return keys


def save(archive: Archive, run_id: str, target: Path) -> None:
    """Copy a run's evidence and the findings it was merged into to a folder.

    Raises:
        NotFound: when there is no such evidence.
        BadInput: when the folder cannot be written.
    """
    for manifest in find_manifests(archive, run_id):
        body = archive.read(manifest)
        if body is not None:
            _save_ledger(archive, Sealed.read(body, manifest).manifest, target)
    for key in archive.keys(folder_of(run_id)):
        _write(target / key, archive.read(key) or b"")


def _save_ledger(archive: Archive, manifest: Manifest, target: Path) -> None:
    for file in (*manifest.before.findings, *manifest.before.runs):
        content = archive.ledger(file)
        if content is not None:
            _write(target / "ledger" / file.key, content)


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.", "Choose another folder.") from error


def _body(found: Object | None) -> bytes | None:
    return found.body if found else None
