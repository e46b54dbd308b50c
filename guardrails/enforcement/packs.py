"""The conformance packs that are wanted beside those that are deployed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from guardrails.compiler.conformance import MOST_EXCLUDED, ConformancePack
from guardrails.enforcement.conformance_packs import DeployedPack
from guardrails.enforcement.drift_kind import DriftKind
from guardrails.enforcement.step import Act, DeployedKind, PackStep
from guardrails.gates.objection import Gate, Objection

_BEHIND = "the accounts that it leaves out are not those of the other OUs"


@dataclass(frozen=True)
class WantedPack:
    """A pack, and the accounts that are none of its business."""

    pack: ConformancePack
    excluded: frozenset[str]


def wanted_packs(packs: Sequence[ConformancePack], classes: Mapping[str, str]) -> tuple[WantedPack, ...]:
    """Every pack with the accounts it leaves out; `classes` says which account is of which class."""
    return tuple(
        WantedPack(pack, frozenset(account for account, c in classes.items() if c not in pack.ou_classes))
        for pack in packs
    )


def check_packs(wanted: Sequence[WantedPack]) -> Iterator[Objection]:
    """An objection for each pack that would leave out more accounts than AWS lets it."""
    for each in wanted:
        if len(each.excluded) > MOST_EXCLUDED:
            yield Objection(
                Gate.SIZE,
                f"{each.pack.name} in {each.pack.region} leaves out {len(each.excluded)} accounts; AWS takes "
                f"{MOST_EXCLUDED} exclusions. Give its guardrails ({', '.join(each.pack.guardrails)}) more OU classes.",
            )


def following_steps(wanted: Sequence[WantedPack], deployed: Sequence[DeployedPack]) -> Iterator[PackStep]:
    """Only what brings the exclusions of packs that are there in step with where accounts are.

    A pack that AWS is still at is left, and so is one that would leave out more accounts than AWS lets it: so there is
    at most one write for a pack and region, however often accounts move, and none to what another one is under way for.
    """
    there = {(found.name, found.region): found for found in deployed if found.settled}
    for each in wanted:
        found = there.get((each.pack.name, each.pack.region))
        if found and found.excluded != each.excluded and len(each.excluded) <= MOST_EXCLUDED:
            yield _put(each, DriftKind.OUTDATED, _BEHIND)


def pack_steps(wanted: Sequence[WantedPack], deployed: Sequence[DeployedPack]) -> Iterator[PackStep]:
    """New packs before old ones go. A pack that is in progress is left until it is over."""
    there = {(found.name, found.region): found for found in deployed}
    for each in wanted:
        found = there.pop((each.pack.name, each.pack.region), None)
        if why := _why_put(each, found):
            yield _put(each, *why)
    for found in there.values():
        if not found.status.startswith("DELETE_IN"):
            reason, kind = "it is out of date", DeployedKind.PACK
            yield PackStep(Act.DELETE, found.name, kind, reason, found.region, found.region, drift=DriftKind.OUTDATED)


def _put(want: WantedPack, drift: DriftKind, reason: str) -> PackStep:
    return PackStep(
        Act.PUT,
        want.pack.name,
        DeployedKind.PACK,
        reason,
        want.pack.region,
        want.pack.region,
        pack=want.pack,
        excluded=tuple(sorted(want.excluded)),
        drift=drift,
    )


def _why_put(want: WantedPack, found: DeployedPack | None) -> tuple[DriftKind, str] | None:
    if found is None or found.status.startswith("DELETE"):
        return DriftKind.MISSING, "it does not exist yet"
    if found.failed:
        return DriftKind.FAILED, f"AWS could not deploy it: {found.reason or found.status}"
    if found.excluded != want.excluded:
        return DriftKind.OUTDATED, _BEHIND
    return None
