"""A ledger's store that lies in a folder alone, and takes files it lacks from elsewhere."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from audit.ledger.store import Object, Store, StoredFile
from vending.core.errors import AwsConflict


class FolderStore(Store):
    """As `Store`, without S3; `fetch_file` gives the content of files that were written elsewhere."""

    def __init__(self, folder: Path, fetch_file: Callable[[StoredFile], bytes]) -> None:
        self._folder = folder
        self._cache = folder / "cache"
        self._fetch_file = fetch_file

    def read(self, key: str) -> Object | None:
        """The file of that key."""
        path = self._folder / key
        if not path.is_file():
            return None
        body = path.read_bytes()
        return Object(body, hashlib.sha256(body).hexdigest())

    def write(self, key: str, body: bytes) -> None:
        """Whatever was there."""
        path = self._folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    def swap(self, key: str, body: bytes, over: Object | None) -> None:
        """Nobody else writes here; a head that is not the one that was read is refused all the same."""
        now = self.read(key)
        if (now.etag if now else None) != (over.etag if over else None):
            raise AwsConflict("The head was changed.")
        self.write(key, body)

    def keys(self, prefix: str) -> Iterator[str]:
        """Below a prefix."""
        found = (one.relative_to(self._folder).as_posix() for one in sorted(self._folder.rglob("*")) if one.is_file())
        return (key for key in found if key.startswith(prefix))

    def remove(self, key: str) -> None:
        """That there is none is fine."""
        (self._folder / key).unlink(missing_ok=True)

    def keep(self, kind: str, path: Path, rows: int, part: str = "") -> StoredFile:
        """Into the folder of copies, where it is found again."""
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        stored = StoredFile(key=f"{kind}/{digest}{path.suffix}", rows=rows, size=path.stat().st_size, part=part)
        path.replace(self.cache / Path(stored.key).name)
        return stored

    def fetch(self, files: Sequence[StoredFile]) -> list[Path]:
        """Copies on disk."""
        return [self._copy(one) for one in files]

    def _copy(self, stored: StoredFile) -> Path:
        path = self.cache / Path(stored.key).name
        if not path.exists():
            path.write_bytes(self._fetch_file(stored))
        return path
