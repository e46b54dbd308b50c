"""Keeps evidence in a bucket under Object Lock, and seals a run with a signed manifest.

A pack is several pages one after the other, each compressed on its own: what is altered in one leaves the others
readable. Its index lies beside it until the manifest takes it over.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from pydantic import TypeAdapter

from audit.calls import Answered
from audit.evidence.manifest import Manifest, Pack, Sealed, packs_of
from audit.evidence.page import Page, write_page
from audit.ledger.head import Head
from audit.ledger.store import Store
from audit.run import Run
from vending.core.clock import Clock
from vending.core.signing import Signer

_PAGES = TypeAdapter(tuple[Page, ...])
PACK, INDEX = ".pack.gz", ".index.json"


def index_of(pages: tuple[Page, ...]) -> bytes:
    """What lies beside a pack until its run is sealed."""
    return _PAGES.dump_json(pages)


@dataclass
class PackKeeper:
    """Takes down the answers of one part of a run. Used by several threads; nothing is kept before `close`."""

    store: Store
    run_id: str
    part: str
    _pages: list[Page] = field(default_factory=list)
    _content: bytearray = field(default_factory=bytearray)
    _lock: Lock = field(default_factory=Lock)

    def keep(self, answered: Answered) -> None:
        """One more page."""
        with self._lock:
            written = write_page(answered, len(self._content))
            self._content += written.content
            self._pages.append(written.page)

    def close(self) -> None:
        """Keep the pack under the hash of what it holds; a part without answers keeps none.

        Raises:
            AwsFailed: as S3 answers; then the part is not done.
        """
        if not self._pages:
            return
        content = bytes(self._content)
        stem = f"{packs_of(self.run_id)}{self.part}-{hashlib.sha256(content).hexdigest()}"
        self.store.write(f"{stem}{INDEX}", index_of(tuple(self._pages)))
        self.store.write(f"{stem}{PACK}", content)


@dataclass(frozen=True)
class Vault:
    """The evidence of every run of a company."""

    store: Store
    signer: Signer
    clock: Clock
    company: str
    versions: Mapping[str, str]

    def keeper(self, run_id: str, part: str) -> PackKeeper:
        """Who keeps the answers of a part."""
        return PackKeeper(self.store, run_id, part)

    def seal(self, run: Run, before: Head, after: Head) -> str:
        """Sign what the run was made of and what came of it; answers the manifest's key.

        Raises:
            AwsFailed: when S3 does not keep it or KMS does not sign it: then the run is not sealed, and not visible.
        """
        manifest = Manifest(
            company=self.company,
            run=run,
            sealed_at=self.clock.now(),
            versions=self.versions,
            packs=tuple(self._packs(run.id)),
            before=before,
            after=after,
        )
        sealed = Sealed(manifest=manifest, signature=self.signer.sign(manifest.content))
        self.store.write(manifest.key, sealed.model_dump_json().encode())
        return manifest.key

    def sealed(self, key: str) -> bytes | None:
        """A manifest with its signature, as it is kept."""
        found = self.store.read(key)
        return found.body if found else None

    def _packs(self, run_id: str) -> list[Pack]:
        """Every pack of the run with its index; one whose index is missing was never finished."""
        keys = sorted(self.store.keys(packs_of(run_id)))
        return [self._pack(key, run_id) for key in keys if key.endswith(PACK)]

    def _pack(self, key: str, run_id: str) -> Pack:
        stem = key.removesuffix(PACK)
        index = self.store.read(f"{stem}{INDEX}")
        pages = _PAGES.validate_json(index.body) if index else ()
        part, _, digest = stem.removeprefix(packs_of(run_id)).rpartition("-")
        return Pack(key=key, part=part, sha256=digest, size=sum(one.length for one in pages), pages=pages)
