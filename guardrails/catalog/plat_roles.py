"""plat.roles: the roles that guardrails exempt belong to the platform alone."""

from guardrails.guardrail import EVERY_TEAM_CLASS, Call, Deny, Guardrail, Mechanism
from guardrails.principals import (
    ACCOUNT,
    BREAK_GLASS,
    CONTROL_TOWER,
    EXEMPTION,
    LOOKALIKE,
    PLATFORM,
    PLATFORM_ROLES,
    PROTECTED_POLICIES,
    PROTECTED_ROLES,
    RECORDER,
    ROLE_ACTIONS,
    STACKSETS,
    TEAM_ADMIN,
    TEAM_WORKLOAD,
)
from vending.core.company import Company

POLICY_ACTIONS = (
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
)


def build(company: Company) -> Guardrail:  # noqa: ARG001
    """Every exempt pattern of `guardrails.principals`, and Control Tower's working roles."""
    planted = f"arn:aws:iam::{ACCOUNT}:role/stacksets-exec-planted"
    policy = f"arn:aws:iam::{ACCOUNT}:policy/freehold/break-glass"
    own_role = f"arn:aws:iam::{ACCOUNT}:role/payments-worker"
    return Guardrail(
        id="plat.roles",
        title="Platform and break-glass roles cannot be touched",
        intent="Guardrails exempt these roles by name, so whoever could make or change one would be free of all.",
        mechanism=Mechanism.SCP,
        ou_classes=EVERY_TEAM_CLASS,
        frameworks=("≈NIST 800-53 AC-6",),
        parameters={"roles": list(PROTECTED_ROLES), "exempt": list(PLATFORM_ROLES)},
        seen_as="Making, changing, passing or assuming such a role answers AccessDenied; under other names it works.",
        exemption="There is no exemption. Choose another role name; these and all under /freehold/ are taken.",
        exemptible=False,
        statements=(
            Deny("PlatRoles", actions=ROLE_ACTIONS, resources=PROTECTED_ROLES, condition=EXEMPTION),
            Deny("PlatPolicies", actions=POLICY_ACTIONS, resources=PROTECTED_POLICIES, condition=EXEMPTION),
        ),
        allows=(
            Call("a team makes a role of its own", TEAM_ADMIN, "iam:CreateRole", own_role),
            Call("a team passes a role of its own", TEAM_ADMIN, "iam:PassRole", own_role),
            Call("a team looks at a platform role", TEAM_ADMIN, "iam:GetRole", PLATFORM),
            Call("a role that only looks like the platform's is the team's", TEAM_ADMIN, "iam:CreateRole", LOOKALIKE),
            Call("the platform keeps the break-glass role", PLATFORM, "iam:UpdateAssumeRolePolicy", BREAK_GLASS),
            Call("Control Tower keeps its roles", CONTROL_TOWER, "iam:PutRolePolicy", RECORDER),
            Call("a stack set makes a platform role", STACKSETS, "iam:CreateRole", BREAK_GLASS),
        ),
        denies=(
            Call("a team makes the exempt access role", TEAM_ADMIN, "iam:CreateRole", PLATFORM),
            Call("a team opens Control Tower's role", TEAM_ADMIN, "iam:UpdateAssumeRolePolicy", CONTROL_TOWER),
            Call("a workload plants a stack-set role", TEAM_WORKLOAD, "iam:CreateRole", planted),
            Call("a lookalike role opens break-glass", LOOKALIKE, "iam:UpdateAssumeRolePolicy", BREAK_GLASS),
            Call("a team passes a platform role to a service", TEAM_ADMIN, "iam:PassRole", BREAK_GLASS),
            Call("a team weakens break-glass", TEAM_ADMIN, "iam:DetachRolePolicy", BREAK_GLASS),
            Call("a team deletes the recorder's role", TEAM_ADMIN, "iam:DeleteRole", RECORDER),
            Call("a team borrows a stack-set role", TEAM_ADMIN, "sts:AssumeRole", STACKSETS),
            Call("a team rewrites the platform's policy", TEAM_ADMIN, "iam:CreatePolicyVersion", policy),
        ),
    )
