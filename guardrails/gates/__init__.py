"""What must hold before anything is attached, and at every moment in between."""

from guardrails.gates.closure import check_closure
from guardrails.gates.documents import check_documents, check_fit
from guardrails.gates.ghosts import check_ghosts
from guardrails.gates.lockout import check_lockout
from guardrails.gates.objection import Gate, Objection

__all__ = ["Gate", "Objection", "check_closure", "check_documents", "check_fit", "check_ghosts", "check_lockout"]
