"""The conformance packs that are wanted beside those that are deployed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from guardrails.compiler.conformance import MOST_EXCLUDED, ConformancePack
from guardrails.enforcement.conformance_packs import DeployedPack
from guardrails.enforcement.drift_kind import DriftKind
from guardrails.enforcement.step import Act, DeployedKind, PackStep
from guardrails.gates.objection import Gate, Objection


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


def pack_steps(wanted: Sequence[WantedPack], deployed: Sequence[DeployedPack]) -> Iterator[PackStep]:
    """New packs before old ones go. A pack that is in progress is left until it is over."""
    there = {(found.name, found.region): found for found in deployed}
    for each in wanted:
        found = there.pop((each.pack.name, each.pack.region), None)
        if why := _why_put(each, found):
            drift, reason = why
            yield PackStep(
                Act.PUT,
                each.pack.name,
                DeployedKind.PACK,
                reason,
                each.pack.region,
                each.pack.region,
                pack=each.pack,
                excluded=tuple(sorted(each.excluded)),
                drift=drift,
            )
    for found in there.values():
        if not found.status.startswith("DELETE_IN"):
            reason, kind = "it is out of date", DeployedKind.PACK
            yield PackStep(Act.DELETE, found.name, kind, reason, found.region, found.region, drift=DriftKind.OUTDATED)


def _why_put(want: WantedPack, found: DeployedPack | None) -> tuple[DriftKind, str] | None:
    if found is None or found.status.startswith("DELETE"):
        return DriftKind.MISSING, "it does not exist yet"
    if found.failed:
        return DriftKind.FAILED, f"AWS could not deploy it: {found.reason or found.status}"
    if found.excluded != want.excluded:
        return DriftKind.OUTDATED, "the accounts that it leaves out are not those of the other OUs"
    return None
