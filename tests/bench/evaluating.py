"""How many calls the evaluator judges in a second, on the example company's own guardrails, beside iam-simulate."""

import json
import time
from collections.abc import Sequence
from typing import Any

from guardrails.catalog import load_catalogue
from guardrails.compiler.packs import Document, compile_packs
from guardrails.compiler.quota import PolicyKind
from guardrails.evaluator import Call, Kind, evaluate, parse_policy
from guardrails.guardrail import Call as Case
from guardrails.guardrail import Guardrail
from guardrails.trial import FULL_ACCESS, evaluated
from tests.bench.measure import Figures, figure
from tests.cloud import ACME
from tests.guardrails.evaluator.second_opinion import NoSecondOpinion, seconds, simulation
from vending.core.company import load_company

PER_SECOND = 60_000
CALLS, THEIR_CALLS = 60_000, 2_000
PROD = "prod"


def figures() -> Figures:
    """Evaluations per second of processor time: every call of the catalogue's cases, over root, OU and account."""
    catalogue = load_catalogue(load_company(ACME))
    documents = [document for document in compile_packs(catalogue) if document.ou_class == PROD]
    calls = [evaluated(case) for case in _cases(catalogue)]
    ours = CALLS / _our_seconds(documents, calls)
    yield figure(f"evaluations of the prod tree, {len(calls)} different calls", ours, "1/s", PER_SECOND, CALLS)
    try:
        theirs = THEIR_CALLS / seconds([_simulation(documents, call) for call in calls], THEIR_CALLS)
    except (NoSecondOpinion, OSError) as error:
        what = f"evaluations of the prod tree, beside iam-simulate, which is not to be had here ({error})"
        yield figure(what, ours, "1/s", PER_SECOND, CALLS)
        return
    yield figure(
        "evaluations of the prod tree, beside iam-simulate on the same calls", ours, "1/s", theirs, THEIR_CALLS
    )


def _cases(catalogue: Sequence[Guardrail]) -> list[Case]:
    prod = (guardrail for guardrail in catalogue if PROD in guardrail.ou_classes)
    return [case for g in prod for case in g.allows + g.denies if isinstance(case, Case)]


def _our_seconds(documents: Sequence[Document], calls: Sequence[Call]) -> float:
    full = parse_policy(FULL_ACCESS)
    scps = [parse_policy(d.content) for d in documents if d.kind is PolicyKind.SCP]
    rcps = [parse_policy(d.content, Kind.RCP) for d in documents if d.kind is PolicyKind.RCP]
    levels, rcp_levels = [[full], [full, *scps], [full]], [[], rcps, []]
    start = time.process_time()
    for n in range(CALLS):
        evaluate(levels, rcp_levels, calls[n % len(calls)])
    return time.process_time() - start


def _simulation(documents: Sequence[Document], call: Call) -> dict[str, Any]:
    """The same call, for iam-simulate."""
    scps = [json.loads(d.content) for d in documents if d.kind is PolicyKind.SCP]
    rcps = [json.loads(d.content) for d in documents if d.kind is PolicyKind.RCP]
    account = "arn:aws:iam::111122223333:role/somebody"
    case = {
        "principal": account if call.principal == "*" else call.principal,
        "action": call.action,
        "resource": call.resource,
        "levels": [[FULL_ACCESS], [FULL_ACCESS, *scps], [FULL_ACCESS]],
        "rcp_levels": [[], rcps, []],
    }
    return dict(simulation(case, {**call.context, "aws:PrincipalArn": case["principal"]}))
