"""Immutable files in an S3 bucket, named by what they hold, with copies of them on disk."""

import hashlib
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from vending.core.aws import Aws
from vending.core.errors import AwsMissing, FreeholdError

CHUNK = 1 << 20
UNUSED = 86_400
"""Seconds after which a copy on disk that nobody asked for goes: what wants it again fetches or makes it again."""
_OFTEN = 3_600


class DamagedFile(FreeholdError):
    """A file of the ledger is not what its name says: it was cut off or altered."""

    code = "damaged-file"


class StoredFile(BaseModel):
    """A file of the ledger: `key` ends with the SHA-256 of its content."""

    model_config = ConfigDict(frozen=True)

    key: str
    rows: int
    size: int
    part: str = ""
    """Which part of its kind it holds: `bucket/buckets` of the findings, the month (`2026-03`) of the transitions."""

    @property
    def digest(self) -> str:
        """The SHA-256 that the key promises, in hex."""
        return self.key.rsplit("/", 1)[-1].split(".", 1)[0]


@dataclass(frozen=True)
class Object:
    """An object with the tag that says which version of it was read."""

    body: bytes
    etag: str


class Store:
    """A bucket and a folder of copies."""

    def __init__(self, aws: Aws, bucket: str, cache: Path) -> None:
        self._s3 = aws.client("s3")
        self._bucket = bucket
        self._cache = cache

    @property
    def cache(self) -> Path:
        """The folder of copies, which exists once this is asked."""
        self._cache.mkdir(parents=True, exist_ok=True)
        return self._cache

    def read(self, key: str) -> Object | None:
        """An object, None where there is none.

        Raises:
            AwsFailed: as S3 answers; a missing bucket too.
        """
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        except AwsMissing as missing:
            if missing.aws_code == "NoSuchBucket":
                raise
            return None
        return Object(answer["Body"].read(), answer["ETag"])

    def write(self, key: str, body: bytes) -> None:
        """Put an object, whatever was there."""
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body)

    def swap(self, key: str, body: bytes, over: Object | None) -> None:
        """Put an object only if it is still the version that was read, or still absent.

        Raises:
            AwsConflict: when somebody was faster.
        """
        condition: dict[str, Any] = {"IfMatch": over.etag} if over else {"IfNoneMatch": "*"}
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, **condition)

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys below a prefix."""
        for page in self._s3.pages("list_objects_v2", Bucket=self._bucket, Prefix=prefix):
            yield from (found["Key"] for found in page.get("Contents", ()))

    def remove(self, key: str) -> None:
        """Delete an object; that there is none is fine."""
        self._s3.delete_object(Bucket=self._bucket, Key=key)

    def version_with(self, key: str, sha256: str) -> str | None:
        """The id of a version of an object whose content has that hash, the newest first; None where none has."""
        for page in self._s3.pages("list_object_versions", Bucket=self._bucket, Prefix=key):
            for version in page.get("Versions", ()):
                got = self._s3.get_object(Bucket=self._bucket, Key=key, VersionId=version["VersionId"])
                if version["Key"] == key and hashlib.sha256(got["Body"].read()).hexdigest() == sha256:
                    return str(version["VersionId"])
        return None

    def keep(self, kind: str, path: Path, rows: int, part: str = "") -> StoredFile:
        """Upload a file under its hash and move it into the cache. The same content is the same file."""
        digest = digest_of(path)
        stored = StoredFile(key=f"{kind}/{digest}{path.suffix}", rows=rows, size=path.stat().st_size, part=part)
        with path.open("rb") as content:
            self._s3.put_object(Bucket=self._bucket, Key=stored.key, Body=content)
        path.replace(self._copy_of(stored))
        return stored

    def fetch(self, files: Sequence[StoredFile]) -> list[Path]:
        """Copies of files on disk, fetched where they are not there yet.

        Raises:
            DamagedFile: when what S3 holds has another hash than its name.
        """
        missing = [one for one in files if not self._has(one)]
        for one in missing:
            self._download(one, self._copy_of(one))
        if missing:
            self.sweep()
        return [self._copy_of(one) for one in files]

    def sweep(self) -> None:
        """Remove from the folder what nobody used for a day: copies of files that others have replaced, above all."""
        oldest = time.time() - UNUSED
        for path in self.cache.rglob("*"):
            try:
                about = path.stat()
                if path.is_file() and max(about.st_atime, about.st_mtime) < oldest:
                    path.unlink()
            except FileNotFoundError:  # another process sweeps too
                continue

    def _has(self, stored: StoredFile) -> bool:
        path = self._copy_of(stored)
        return is_there(path) and path.stat().st_size == stored.size

    def _copy_of(self, stored: StoredFile) -> Path:
        return self.cache / Path(stored.key).name

    def _download(self, stored: StoredFile, path: Path) -> None:
        answer = self._s3.get_object(Bucket=self._bucket, Key=stored.key)
        part = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
        with part.open("wb") as out:
            for chunk in iter(lambda: answer["Body"].read(CHUNK), b""):
                out.write(chunk)
        if (found := digest_of(part)) != stored.digest:
            part.unlink()
            raise DamagedFile(
                f"The ledger's file {stored.key} is damaged: its content has the hash {found[:12]}….",
                "Restore that version of the object from the bucket's history; nothing was changed.",
            )
        part.replace(path)


def is_there(path: Path) -> bool:
    """Whether there is a copy; it counts as used. When it was written stays as it is: DuckDB knows files by that."""
    try:
        about = path.stat()
    except FileNotFoundError:
        return False
    now = time.time_ns()
    if now - about.st_atime_ns > _OFTEN * 1_000_000_000:
        os.utime(path, ns=(now, about.st_mtime_ns))
    return True


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
