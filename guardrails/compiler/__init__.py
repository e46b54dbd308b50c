"""From guardrails to policy documents: minified, packed whole statement by whole statement, named by content."""

from guardrails.compiler.packs import Document, compile_packs
from guardrails.compiler.policy_files import pack_files
from guardrails.compiler.quota import PolicyKind, Quota

__all__ = ["Document", "PolicyKind", "Quota", "compile_packs", "pack_files"]
