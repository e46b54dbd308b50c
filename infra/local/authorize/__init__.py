"""Authorisation of the local cloud: every call is judged by our own evaluator, not by moto's check.

Identity policies, permissions boundaries, session policies, trust policies, bucket policies, and the SCPs and RCPs
on the accounts' paths through the organisation all count, with their conditions.
"""

from infra.local.authorize.gate import middleware
from infra.local.authorize.journal import JOURNAL, Entry, Journal

__all__ = ["JOURNAL", "Entry", "Journal", "middleware"]
