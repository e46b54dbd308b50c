"""What the stacks switch on in the organisation.

Which services of AWS work for the whole organisation, which of them the platform account administers, and which types
of policies are on.
"""

from collections.abc import Mapping

TRUSTED: Mapping[str, str] = {
    "account.amazonaws.com": "alternate contacts and opt-in regions of member accounts",
    "config.amazonaws.com": "the aggregator over all accounts",
    "config-multiaccountsetup.amazonaws.com": "conformance packs for the organisation",
    "member.org.stacksets.cloudformation.amazonaws.com": "stack sets in every account",
    "sso.amazonaws.com": "access of a team's group",
    "access-analyzer.amazonaws.com": "an analyzer over the organisation",
}
"""Service principal -> what Freehold needs it for."""

DELEGATED: Mapping[str, str] = TRUSTED
"""The platform account administers every one of them."""

POLICY_TYPES: Mapping[str, str] = {
    "SERVICE_CONTROL_POLICY": "guardrails on what accounts may call",
    "RESOURCE_CONTROL_POLICY": "guardrails on who may reach their resources",
    "DECLARATIVE_POLICY_EC2": "settings of EC2 that stay",
    "S3_POLICY": "settings of S3 that stay",
    "TAG_POLICY": "what tags may say",
    "AISERVICES_OPT_OUT_POLICY": "what AWS may learn from",
}
"""Type of policy -> what Freehold needs it for."""
