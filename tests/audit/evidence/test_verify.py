"""Evidence of a run, checked as somebody does who trusts nothing but a public key."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from audit.evidence.archive import Buckets, Folder, save
from audit.evidence.check import Fault, check_seal
from audit.evidence.manifest import DamagedManifest, Manifest, Sealed
from audit.evidence.replay import kept_account
from audit.evidence.verify import Verdict, verify
from audit.ledger.store import Store
from audit.run import Run, RunKind
from audit.service import Audit
from tests.audit.ground import BUCKET, EVIDENCE, Book, account_of, acme, connect_again, make_audit, person
from tests.audit.test_collector import open_bucket
from tests.cloud import Cloud
from tests.guardrails.ground import root_id, unit_id
from tests.infra.local.config.ground import enrol, join
from vending.core.signing import KmsSigner


@dataclass
class Court:
    """Two runs of an audit, the second after a bucket was opened, and who checks them."""

    cloud: Cloud
    audit: Audit
    runs: list[Run]
    cache: Path

    @property
    def archive(self) -> Buckets:
        aws = connect_again(self.cloud)
        return Buckets(Store(aws, EVIDENCE, self.cache / "e"), Store(aws, BUCKET, self.cache / "f"))

    def verify(self, number: int = 1) -> Verdict:
        key = KmsSigner(connect_again(self.cloud)).public_key
        return verify(self.archive, self.runs[number].id, key, acme(), self.runs[number].manifest)

    def manifest(self, number: int = 1) -> Manifest:
        key = str(self.runs[number].manifest)
        return Sealed.read(self.archive.read(key) or b"", key).manifest

    def get(self, key: str) -> bytes:
        return bytes(self.cloud.client("s3").get_object(Bucket=EVIDENCE, Key=key)["Body"].read())

    def put(self, key: str, body: bytes) -> None:
        self.cloud.client("s3").put_object(Bucket=EVIDENCE, Key=key, Body=body)


@pytest.fixture(scope="module")
def _held(running_cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Court:
    """Two runs cost seconds: the tests of this file share them, and each puts back what it altered."""
    cloud, folder = running_cloud, tmp_path_factory.mktemp("court")
    cloud.reset()
    cloud.limits.enforced = False
    payments = enrol(cloud, "eu-west-1", "us-east-1", "eu-central-1", name="payments-dev")
    search = join(cloud, "search-dev")
    cloud.client("organizations").move_account(
        AccountId=search, SourceParentId=root_id(cloud), DestinationParentId=unit_id(cloud, "Dev")
    )
    audit = make_audit(cloud, folder / "audit", Book(cloud, {payments: "payments", search: "search"}, furnished=True))
    court = Court(cloud, audit, [], folder)
    court.runs.append(_run(audit, RunKind.FULL))
    cloud.clock.advance(600)
    open_bucket(cloud, payments)
    court.runs.append(_run(audit, RunKind.INCREMENTAL))
    return court


@pytest.fixture
def court(_held: Court) -> Any:
    kept = {key: _held.get(key) for key in _held.archive.keys("runs/")}
    yield _held
    for key, body in kept.items():
        _held.put(key, body)


def _run(audit: Audit, kind: RunKind) -> Run:
    return audit.auditor.execute(audit.auditor.start(person("grace"), kind).id)


@pytest.mark.parametrize("number", [0, 1])
def test_the_numbers_of_a_run_follow_from_its_pages(court: Court, number: int) -> None:
    verdict = court.verify(number)

    assert verdict.flaws == ()
    assert verdict.doubt == ""
    assert verdict.holds
    assert verdict.recomputed is not None
    assert verdict.recomputed.counts == court.runs[number].counts
    assert verdict.pages > 20


def test_a_flipped_bit_in_any_page_is_named(court: Court) -> None:
    packs = court.manifest().packs
    for pack in packs:
        whole = court.get(pack.key)
        for number, page in enumerate(pack.pages, 1):
            if number % 7 != 1:
                continue
            altered = bytearray(whole)
            altered[page.offset + page.length // 2] ^= 1
            court.put(pack.key, bytes(altered))

            (flaw,) = court.verify().flaws

            assert (flaw.fault, flaw.what) == (Fault.ALTERED, f"{pack.key}#{number}")
            assert page.operation in flaw.detail
            assert "Version" in flaw.detail
        court.put(pack.key, whole)
    assert court.verify().holds


def test_no_object_of_a_run_can_be_altered_unnoticed(court: Court) -> None:
    for key in list(court.archive.keys(f"runs/{court.runs[1].id}/")):
        whole = court.get(key)
        altered = bytearray(whole)
        altered[len(altered) // 3] ^= 2
        court.put(key, bytes(altered))

        assert any(key in words for words in said(court)), key
        court.put(key, whole)


@pytest.mark.parametrize(
    ("told", "turned", "fault"),
    [
        (
            '"public_key":"-----BEGIN PUBLIC KEY-----\\nMCow',
            '"public_key":"-----BEGIN PUBLIC KEY-----\\nMCov',
            Fault.FORGED,
        ),
        ('"value":"', '"value":"A', Fault.FORGED),
        ('"format":1', '"gormat":1', Fault.ALTERED),
        ('"algorithm":', '"alforithm":', Fault.ALTERED),
    ],
)
def test_a_bit_of_the_seal_itself_is_not_altered_unnoticed(court: Court, told: str, turned: str, fault: Fault) -> None:
    key = str(court.runs[1].manifest)
    body = court.get(key).decode()
    assert told in body

    public_key = KmsSigner(connect_again(court.cloud)).public_key
    flaws = list(check_seal(body.replace(told, turned, 1).encode(), key, public_key))

    assert [(flaw.fault, flaw.what) for flaw in flaws] == [(fault, key)]


def said(court: Court) -> list[str]:
    """What the check says of the second run, whether it comes to its end or not."""
    try:
        return [flaw.words for flaw in court.verify().flaws]
    except DamagedManifest as damaged:
        return [str(damaged)]


def test_a_page_that_is_cut_off_and_an_object_that_is_gone_are_missing(court: Court) -> None:
    pack = max(court.manifest().packs, key=lambda one: len(one.pages))
    court.put(pack.key, court.get(pack.key)[: pack.pages[-1].offset])

    (cut,) = court.verify().flaws
    assert (cut.fault, cut.what) == (Fault.MISSING, f"{pack.key}#{len(pack.pages)}")

    court.cloud.client("s3").delete_object(Bucket=EVIDENCE, Key=pack.key)
    (gone,) = court.verify().flaws
    assert (gone.fault, gone.what) == (Fault.MISSING, pack.key)


def test_what_nobody_sealed_is_named_as_added(court: Court, tmp_path: Path) -> None:
    save(court.archive, court.runs[1].id, tmp_path)
    extra = tmp_path / "runs" / court.runs[1].id / "pages" / "config-00009.pack.gz"
    extra.write_bytes(b"more")

    verdict = verify(Folder(tmp_path), court.runs[1].id, KmsSigner(connect_again(court.cloud)).public_key, acme())

    assert [(one.fault, one.what.endswith("config-00009.pack.gz")) for one in verdict.flaws] == [(Fault.ADDED, True)]


def test_a_saved_run_is_checked_without_aws(court: Court, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(court.archive, court.runs[1].id, tmp_path)
    key = KmsSigner(connect_again(court.cloud)).public_key
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    verdict = verify(Folder(tmp_path), Folder(tmp_path).run_id, key, acme())

    assert verdict.holds


def test_a_number_that_was_changed_in_the_manifest_is_not_what_was_signed(court: Court) -> None:
    key = str(court.runs[1].manifest)
    told = json.loads(court.get(key))
    told["manifest"]["run"]["counts"]["fail"] = 0
    court.put(key, json.dumps(told).encode())

    faults = {flaw.fault for flaw in court.verify().flaws}

    assert faults == {Fault.ALTERED, Fault.FORGED}


def test_numbers_that_do_not_follow_are_wrong_even_if_somebody_signs_them(court: Court) -> None:
    manifest = court.manifest()
    counts = {**manifest.run.counts, "fail": 0}
    false = manifest.model_copy(update={"run": manifest.run.model_copy(update={"counts": counts})})
    signature = court.audit.vault.signer.sign(false.content)
    court.put(false.key, Sealed(manifest=false, signature=signature).model_dump_json().encode())
    public_key = KmsSigner(connect_again(court.cloud)).public_key

    verdict = verify(court.archive, manifest.run.id, public_key, acme(), false.key)

    assert [(flaw.fault, flaw.what) for flaw in verdict.flaws] == [(Fault.WRONG, "run.counts")]
    court.cloud.client("s3").delete_object(Bucket=EVIDENCE, Key=false.key)


def test_nobody_deletes_evidence_before_its_time(court: Court) -> None:
    s3 = court.cloud.client("s3")
    key = court.manifest().packs[0].key
    version = s3.head_object(Bucket=EVIDENCE, Key=key)["VersionId"]

    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=EVIDENCE, Key=key, VersionId=version)


def test_a_run_that_was_kept_before_accounts_carried_their_class_is_read_with_the_class_of_their_ou() -> None:
    kept = account_of("111111111111", "payments-dev", "payments", "Dev").model_dump(mode="json")
    older = {name: value for name, value in kept.items() if name != "ou_class"}

    read = [kept_account(one, acme()).ou_class for one in (older, kept, kept | {"ou_class": None})]

    assert read == ["dev", "dev", None]
