"""How many calls the evaluator judges in a second, on the example company's own guardrails."""

import time

from guardrails.catalog import load_catalogue
from guardrails.compiler.packs import compile_packs
from guardrails.compiler.quota import PolicyKind
from guardrails.evaluator import Call, evaluate, parse_policy
from tests.bench.measure import Figures, figure
from tests.cloud import ACME
from vending.core.company import load_company

PER_SECOND = 60_000
CALLS = 30_000
FULL_ACCESS = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
ACTIONS = ("s3:GetObject", "ec2:RunInstances", "iam:CreateUser", "organizations:LeaveOrganization", "kms:Decrypt")


def figures() -> Figures:
    """Evaluations per second of processor time, over root, OU and account."""
    documents = compile_packs(load_catalogue(load_company(ACME)))
    ours = [parse_policy(d.content) for d in documents if d.ou_class == "prod" and d.kind is PolicyKind.SCP]
    full = parse_policy(FULL_ACCESS)
    levels = [[full], [full, *ours], [full]]
    context = {"aws:RequestedRegion": "eu-west-1"}
    calls = [Call("arn:aws:iam::111122223333:role/team/app", a, "arn:aws:s3:::b/k", context) for a in ACTIONS]
    start = time.process_time()
    for n in range(CALLS):
        evaluate(levels, (), calls[n % len(calls)])
    per_second = CALLS / (time.process_time() - start)
    yield figure("evaluations of the prod tree", per_second, "1/s", PER_SECOND, CALLS)
