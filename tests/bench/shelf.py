"""A ledger's bucket as a folder, so that what is measured is the ledger and not the local cloud."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from audit.ledger.store import Object, Store, StoredFile, digest_of
from vending.core.errors import AwsConflict


@dataclass
class Shelf(Store):
    """A `Store` without S3: files lie in the folder of copies, objects in a dictionary."""

    folder: Path

    @property
    def cache(self) -> Path:
        """The folder, which exists once this is asked."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder

    def read(self, key: str) -> Object | None:
        """As `Store.read`."""
        path = self._path(key)
        if not path.exists():
            return None
        body = path.read_bytes()
        return Object(body, sha256(body).hexdigest())

    def write(self, key: str, body: bytes) -> None:
        """As `Store.write`."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    def swap(self, key: str, body: bytes, over: Object | None) -> None:
        """As `Store.swap`, for one process."""
        found = self.read(key)
        if (found.etag if found else None) != (over.etag if over else None):
            raise AwsConflict("somebody was faster")
        self.write(key, body)

    def keys(self, prefix: str) -> Iterator[str]:
        """As `Store.keys`."""
        objects = self.cache / "objects"
        found = (str(path.relative_to(objects)) for path in objects.rglob("*") if path.is_file())
        return iter([key for key in found if key.startswith(prefix)])

    def remove(self, key: str) -> None:
        """As `Store.remove`."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.cache / "objects" / key

    def keep(self, kind: str, path: Path, rows: int, part: str = "") -> StoredFile:
        stored = StoredFile(key=f"{kind}/{digest_of(path)}.parquet", rows=rows, size=path.stat().st_size, part=part)
        shutil.move(path, self.cache / Path(stored.key).name)
        return stored

    def fetch(self, files: Sequence[StoredFile]) -> list[Path]:
        return [self.cache / Path(one.key).name for one in files]
