"""Whether a run's evidence is whole: every page as it was kept, none missing, none added, all of it signed."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from audit.evidence.archive import Archive
from audit.evidence.manifest import Manifest, Pack, Sealed, folder_of
from audit.evidence.vault import INDEX, PACK, index_of
from vending.core.verification import NotGenuine, check


class Fault(StrEnum):
    """What is wrong with a piece of the evidence."""

    ALTERED = "altered"
    MISSING = "missing"
    ADDED = "added"
    FORGED = "forged"
    """The manifest is not what was signed, or another key signed it."""
    WRONG = "wrong"
    """The evidence is whole, but the report's numbers do not follow from it."""


@dataclass(frozen=True)
class Flaw:
    """One thing that does not fit."""

    fault: Fault
    what: str
    """The object's key; for a page with `#` and its number in the pack."""
    detail: str

    @property
    def words(self) -> str:
        """In one sentence."""
        return f"{self.what} is {self.fault.value}: {self.detail}"


def check_seal(body: bytes, key: str, public_key: str) -> Iterator[Flaw]:
    """Whether a manifest is as it was written, under its own hash, and signed with the key.

    Of the signature only the name of the key in KMS proves nothing and is not judged.

    Raises:
        DamagedManifest: when it cannot be read at all.
        BadInput: when `public_key` is none.
    """
    sealed = Sealed.read(body, key)
    if sealed.manifest.key != key:
        yield Flaw(Fault.ALTERED, key, "its content has another SHA-256 than its name.")
    elif body != sealed.model_dump_json().encode():
        yield Flaw(Fault.ALTERED, key, "it says the same, but is not written as Freehold writes it.")
    if sealed.signature.public_key.split() != public_key.split():
        yield Flaw(Fault.FORGED, key, "the public key beside its signature is not the one to trust.")
    try:
        check(sealed.manifest.content, sealed.signature, public_key)
    except NotGenuine as error:
        yield Flaw(Fault.FORGED, key, error.sentence)


def check_pages(archive: Archive, manifest: Manifest) -> Iterator[Flaw]:
    """Every page of every pack, what is missing, and what nobody sealed."""
    listed = set(archive.keys(folder_of(manifest.run.id)))
    known = {pack.key for pack in manifest.packs}
    for pack in manifest.packs:
        yield from _check_pack(archive, pack)
        yield from _check_index(archive, pack)
    beside = {key.removesuffix(PACK) + INDEX for key in known}
    for key in sorted(listed - known - beside):
        if not key.startswith(f"{folder_of(manifest.run.id)}manifest-"):
            yield Flaw(Fault.ADDED, key, "the manifest does not know it.")


def page_of(pack: Pack, number: int) -> str:
    """How a page is named: the object, and which page in it, from 1."""
    return f"{pack.key}#{number}"


def _check_pack(archive: Archive, pack: Pack) -> Iterator[Flaw]:
    content = archive.read(pack.key)
    if content is None:
        yield Flaw(Fault.MISSING, pack.key, f"it held {len(pack.pages)} pages.")
        return
    if len(content) == pack.size and hashlib.sha256(content).hexdigest() == pack.sha256:
        return
    rest = _rest(archive, pack)
    found = list(_altered(content, pack, rest))
    yield from found or [Flaw(Fault.ALTERED, pack.key, f"its pages are whole, but there is more in it.{rest}")]


def _check_index(archive: Archive, pack: Pack) -> Iterator[Flaw]:
    """The manifest took it over; what is left of it must say the same."""
    key = pack.key.removesuffix(PACK) + INDEX
    if (archive.read(key) or b"") != index_of(pack.pages):
        yield Flaw(Fault.ALTERED, key, "it does not say what the manifest says of the pages.")


def _altered(content: bytes, pack: Pack, rest: str) -> Iterator[Flaw]:
    for number, page in enumerate(pack.pages, 1):
        piece = content[page.offset : page.offset + page.length]
        if len(piece) < page.length:
            yield Flaw(Fault.MISSING, page_of(pack, number), f"{page.words} is cut off.{rest}")
        elif hashlib.sha256(piece).hexdigest() != page.packed_sha256:
            yield Flaw(Fault.ALTERED, page_of(pack, number), f"{page.words} has another SHA-256.{rest}")


def _rest(archive: Archive, pack: Pack) -> str:
    version = archive.whole(pack.key, pack.sha256)
    return f" Version {version} of the object is whole." if version else ""
