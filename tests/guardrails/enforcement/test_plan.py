from dataclasses import replace

import pytest

from guardrails.catalog import find_guardrail
from guardrails.compiler import Document, PolicyKind, compile_packs
from guardrails.compiler.packs import content_hash
from guardrails.enforcement.live import Live, LivePolicy
from guardrails.enforcement.node import Node
from guardrails.enforcement.plan import Plan, make_plan
from guardrails.enforcement.step import Act, Step
from guardrails.gates.objection import Gate
from guardrails.guardrail import Deny
from guardrails.trial import FULL_ACCESS_TEXT
from tests.guardrails.ground import deny, first_ten, policy, small_pack

NODES = tuple(Node(f"ou-{c}", c.title(), c, ("r-1", f"ou-{c}")) for c in sorted({d.ou_class for d in small_pack()}))
NAMES = {"r-1": "Root", "111122223333": "account 111122223333", **{node.id: node.name for node in NODES}}
SANDBOX = "ou-sandbox"
FULL = LivePolicy("p-FullAWSAccess", "FullAWSAccess", PolicyKind.SCP, True, False, FULL_ACCESS_TEXT)
QUARANTINED = "111122223333"


def live(*policies: tuple[LivePolicy, tuple[str, ...]]) -> Live:
    """FullAWSAccess everywhere, and these policies at these targets."""
    attached = {target: (FULL.id,) for target in NAMES if target != QUARANTINED}
    for each, targets in policies:
        for target in targets:
            attached[target] = (*attached.get(target, ()), each.id)
    return Live({FULL.id: FULL, **{each.id: each for each, _ in policies}}, attached)


def of(document: Document, **changed: str) -> LivePolicy:
    """The object that was made from a document."""
    made = LivePolicy(f"p-{document.name}", document.name, document.kind, False, True, document.content)
    return replace(made, **changed)  # type: ignore[arg-type]


def applied(compiled: tuple[Document, ...] = small_pack()) -> Live:
    return live(*((of(document), (f"ou-{document.ou_class}",)) for document in compiled))


def plan(found: Live, compiled: tuple[Document, ...] = small_pack()) -> Plan:
    return make_plan(compiled, NODES, found, NAMES)


def told(steps: tuple[Step, ...]) -> list[str]:
    return [f"{step.act} {step.policy}{' at ' + step.target_name if step.target else ''}" for step in steps]


def sandbox(compiled: tuple[Document, ...] = small_pack()) -> Document:
    return next(document for document in compiled if document.ou_class == "sandbox")


def changed_first_ten() -> tuple[Document, ...]:
    """The catalogue of tomorrow: one guardrail of the sandbox says something else."""
    leave = find_guardrail(first_ten(), "org.leave")
    other = replace(leave, ou_classes=("sandbox",), statements=(Deny("OrgLeave", actions=("organizations:Leave*",)),))
    kept = [guardrail for guardrail in first_ten() if guardrail.id != "org.leave"]
    same = replace(leave, ou_classes=("dev", "prod", "regulated"))
    return compile_packs([*kept, other, same])


def test_an_empty_organisation_gets_each_document_made_and_attached() -> None:
    found = plan(live())

    assert [step.act for step in found.steps] == [Act.CREATE] * len(small_pack()) + [Act.ATTACH] * len(small_pack())
    assert found.objections == ()


def test_what_is_attached_as_compiled_needs_nothing() -> None:
    assert plan(applied()) == Plan((), ())


def test_a_changed_document_is_attached_before_the_old_one_is_detached_and_deleted() -> None:
    tomorrow = changed_first_ten()
    old, new = sandbox().name, sandbox(tomorrow).name

    found = plan(applied(), tomorrow)

    assert told(found.steps) == [
        f"create {new}",
        f"attach {new} at Sandbox",
        f"detach {old} at Sandbox",
        f"delete {old}",
    ]


def test_an_interrupted_plan_goes_on_where_it_stopped() -> None:
    tomorrow = changed_first_ten()
    old, new = of(sandbox()), of(sandbox(tomorrow))
    others = [(of(d), (f"ou-{d.ou_class}",)) for d in small_pack() if d.ou_class != "sandbox"]

    halfway = live(*others, (old, (SANDBOX,)), (new, (SANDBOX,)))

    assert told(plan(halfway, tomorrow).steps) == [f"detach {old.name} at Sandbox", f"delete {old.name}"]


def test_a_tampered_document_is_replaced_by_one_of_another_name() -> None:
    tampered = of(sandbox(), content=policy(deny("Nothing", "s3:GetObject")))
    others = [(of(d), (f"ou-{d.ou_class}",)) for d in small_pack() if d.ou_class != "sandbox"]

    found = plan(live(*others, (tampered, (SANDBOX,))))

    assert told(found.steps) == [
        f"create {sandbox().name}.2",
        f"attach {sandbox().name}.2 at Sandbox",
        f"detach {sandbox().name} at Sandbox",
        f"delete {sandbox().name}",
    ]
    assert {step.reason for step in found.steps[2:]} == {"its content was changed by somebody"}


def test_a_policy_of_somebody_else_is_never_touched_even_if_it_is_named_like_ours() -> None:
    foreign = of(sandbox(), id="p-foreign", content=policy(deny("Theirs", "s3:GetObject")))
    foreign = replace(foreign, tagged=False)
    others = [(of(d), (f"ou-{d.ou_class}",)) for d in small_pack() if d.ou_class != "sandbox"]

    found = plan(live(*others, (foreign, (SANDBOX,))))

    assert told(found.steps) == [f"create {sandbox().name}.2", f"attach {sandbox().name}.2 at Sandbox"]


def test_ours_at_a_wrong_place_is_detached_there_and_kept() -> None:
    stray = [(of(d), (f"ou-{d.ou_class}", *(("ou-prod",) if d.ou_class == "sandbox" else ()))) for d in small_pack()]

    assert told(plan(live(*stray)).steps) == [f"detach {sandbox().name} at Prod"]


def test_a_quarantined_account_gets_the_new_quarantine_before_it_loses_the_old() -> None:
    quarantine = next(d for d in small_pack() if d.ou_class == "quarantine")
    content = policy(deny("Quarantine", "*", Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:*:iam::*:role/old"}}))
    old = of(replace(quarantine, content=content), name=f"{quarantine.stem}@{content_hash(content)}")
    others = [(of(d), (f"ou-{d.ou_class}",)) for d in small_pack()]

    found = plan(live(*others, (old, (QUARANTINED,))))

    assert told(found.steps) == [
        f"attach {quarantine.name} at account 111122223333",
        f"detach {old.name} at account 111122223333",
        f"delete {old.name}",
    ]


def test_a_quarantined_account_keeps_its_quarantine() -> None:
    held = [
        (of(d), (f"ou-{d.ou_class}", *((QUARANTINED,) if d.ou_class == "quarantine" else ()))) for d in small_pack()
    ]

    assert plan(live(*held)).steps == ()


def test_a_plan_that_locks_the_platform_out_is_refused_with_call_role_and_statement() -> None:
    planted = replace(
        sandbox(), content=policy(deny("Oops", "iam:*", Condition={"Bool": {"aws:x": "false"}}), deny("Bad", "iam:*"))
    )
    compiled = tuple(planted if document.ou_class == "sandbox" else document for document in small_pack())

    sentences = [o.sentence for o in plan(applied(), compiled).objections if o.gate is Gate.LOCKOUT]

    assert any(
        "iam:CreateRole by role/AWSControlTowerExecution" in sentence
        and f"would be denied by statement Bad of {planted.name}" in sentence
        for sentence in sentences
    )


def test_a_lockout_that_somebody_else_attached_is_told_and_blocks() -> None:
    foreign = LivePolicy("p-f", "their-scp", PolicyKind.SCP, False, False, policy(deny("Theirs", "ec2:*")))
    others = [(of(d), (f"ou-{d.ou_class}",)) for d in small_pack()]

    sentences = [o.sentence for o in plan(live(*others, (foreign, ("r-1",)))).objections]

    assert any("OU Sandbox in the end" in s and "denied by statement Theirs of their-scp" in s for s in sentences)


def test_a_lockout_that_the_plan_itself_ends_does_not_block_it() -> None:
    tampered = of(sandbox(), content=policy(deny("Evil", "*")))
    others = [(of(d), (f"ou-{d.ou_class}",)) for d in small_pack() if d.ou_class != "sandbox"]

    assert plan(live(*others, (tampered, (SANDBOX,)))).objections == ()


@pytest.mark.parametrize(("foreign", "fits"), [(8, True), (9, False)])
def test_old_and_new_must_find_room_beside_what_others_attached(foreign: int, fits: bool) -> None:
    theirs = [
        (
            LivePolicy(f"p-{n}", f"aws-guardrails-{n}", PolicyKind.SCP, False, False, policy(deny("X", "polly:*"))),
            (SANDBOX,),
        )
        for n in range(foreign)
    ]

    slots = [o.sentence for o in plan(live(*theirs)).objections if o.gate is Gate.SLOTS]

    assert (slots == []) is fits
    if not fits:
        assert slots == ["Sandbox holds 10 of 10 SCPs (10 not ours) and 1 must be attached before any is detached."]
