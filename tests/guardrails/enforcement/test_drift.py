from dataclasses import replace

from guardrails.compiler import PolicyKind
from guardrails.enforcement.drift import find_drift
from guardrails.enforcement.drift_kind import DriftKind
from guardrails.enforcement.live import Live, LivePolicy
from tests.guardrails.enforcement.test_plan import FULL, NAMES, NODES, SANDBOX, applied, live, of, sandbox
from tests.guardrails.ground import deny, policy, small_pack


def drift(found: Live) -> list[tuple[DriftKind, str, str]]:
    return [(d.kind, d.policy, d.target_name) for d in find_drift(small_pack(), NODES, found, NAMES)]


def others() -> list[tuple[LivePolicy, tuple[str, ...]]]:
    return [(of(d), (f"ou-{d.ou_class}",)) for d in small_pack() if d.ou_class != "sandbox"]


def test_nothing_drifts_after_applying() -> None:
    assert drift(applied()) == []


def test_what_is_not_attached_is_missing() -> None:
    assert drift(live(*others())) == [(DriftKind.MISSING, sandbox().name, "Sandbox")]


def test_a_changed_content_is_tampering_and_what_it_replaced_is_missing() -> None:
    tampered = of(sandbox(), content=policy(deny("Nothing", "s3:GetObject")))

    assert drift(live(*others(), (tampered, (SANDBOX,)))) == [
        (DriftKind.MISSING, sandbox().name, "Sandbox"),
        (DriftKind.TAMPERED, sandbox().name, "Sandbox"),
    ]


def test_white_space_is_no_tampering() -> None:
    loose = replace(of(sandbox()), content=sandbox().content.replace('":', '": '))

    assert (DriftKind.MISSING, sandbox().name, "Sandbox") not in drift(live(*others(), (loose, (SANDBOX,))))


def test_ours_at_a_wrong_place_is_outdated() -> None:
    assert drift(live(*others(), (of(sandbox()), (SANDBOX, "ou-prod")))) == [
        (DriftKind.OUTDATED, sandbox().name, "Prod")
    ]


def test_somebody_elses_policy_is_foreign_and_control_towers_is_not() -> None:
    theirs = LivePolicy("p-t", "their-scp", PolicyKind.SCP, False, False, policy(deny("X", "polly:*")))
    towers = LivePolicy("p-c", "aws-guardrails-abc", PolicyKind.SCP, False, False, policy(deny("X", "polly:*")))

    found = live(*others(), (of(sandbox()), (SANDBOX,)), (theirs, (SANDBOX,)), (towers, (SANDBOX,)))

    assert drift(found) == [(DriftKind.FOREIGN, "their-scp", "Sandbox")]


def test_a_level_without_full_access_is_closed() -> None:
    found = applied()
    bare = Live(found.policies, {**found.attached, "r-1": ()})

    assert drift(bare) == [(DriftKind.CLOSED, FULL.name, "Root")]
