"""Our own policy evaluator: pure, typed, explains itself, and knows what it does not know.

`parse_policy` compiles a document once; `evaluate` asks the organisation's guardrails (SCPs and RCPs),
`authorize` asks everything AWS asks. Both answer Allowed, Denied(because) or Unknown(because, missing).
Nothing here reads or writes anything, but `answer_lines`, which is given its streams.
"""

from guardrails.evaluator.authorization import Grants, authorize
from guardrails.evaluator.call import Call
from guardrails.evaluator.decision import Allowed, Because, Decision, Denied, Kind, Unknown
from guardrails.evaluator.document import parse_policy
from guardrails.evaluator.evaluation import evaluate
from guardrails.evaluator.hierarchy import RCP_SERVICES, Hierarchy, hierarchy_of
from guardrails.evaluator.lines import answer, answer_lines
from guardrails.evaluator.principal import Principal, PrincipalKind, read_principal
from guardrails.evaluator.statement import Effect, Policy, Statement

__all__ = [
    "RCP_SERVICES",
    "Allowed",
    "Because",
    "Call",
    "Decision",
    "Denied",
    "Effect",
    "Grants",
    "Hierarchy",
    "Kind",
    "Policy",
    "Principal",
    "PrincipalKind",
    "Statement",
    "Unknown",
    "answer",
    "answer_lines",
    "authorize",
    "evaluate",
    "hierarchy_of",
    "parse_policy",
    "read_principal",
]
