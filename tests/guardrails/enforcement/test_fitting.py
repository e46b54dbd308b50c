"""What others have attached steers how our statements are packed."""

from dataclasses import replace

from guardrails.compiler.packs import compile_pack
from guardrails.compiler.quota import PolicyKind
from guardrails.enforcement.fitting import Fitting, slots_for_us
from guardrails.enforcement.live import Live, LivePolicy
from guardrails.guardrail import Deny, Guardrail
from tests.guardrails.ground import catalogue


def foreign(count: int) -> Live:
    """An OU that holds so many SCPs of others, FullAWSAccess among them."""
    theirs = [LivePolicy(f"p-{n}", f"theirs-{n}", PolicyKind.SCP, n == 0, False, "{}") for n in range(count)]
    return Live({each.id: each for each in theirs}, {"ou-1": tuple(each.id for each in theirs)})


def long_ones() -> list[Guardrail]:
    """Guardrails whose statements make three documents spread, and two squeezed."""
    leave = next(guardrail for guardrail in catalogue() if guardrail.id == "org.leave")
    actions = tuple(f"s3:Action{n}" for n in range(180))
    return [replace(leave, id=f"long.{n}", statements=(Deny(f"Long{n}", actions=actions),)) for n in range(6)]


def test_control_tower_and_others_take_slots_of_ours() -> None:
    assert slots_for_us(foreign(3), "ou-1", PolicyKind.SCP) == 7
    assert slots_for_us(foreign(3), "ou-2", PolicyKind.SCP) == 10
    assert slots_for_us(foreign(3), "ou-1", PolicyKind.RCP) == 5


def test_where_few_slots_are_left_statements_are_squeezed() -> None:
    fitting = Fitting(long_ones())

    roomy, scarce = (fitting.at("sandbox", "ou-1", foreign(count)) for count in (1, 8))

    assert (len(roomy), len(scarce)) == (3, 2)
    assert scarce == compile_pack(long_ones(), "sandbox", PolicyKind.SCP, 2)
