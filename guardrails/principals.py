"""Who is exempt from guardrails, written once; and the principals that the cases of the catalogue speak of.

A role name in an exemption is a key to the account, so every pattern here is protected by the guardrail
`plat.roles`: nobody but an exempt role can make, change, pass or assume a role that fits one. The gate in
`guardrails.gates.closure` proves it for every compiled document.
"""

import re
from fnmatch import fnmatchcase

ACCESS_ROLE = "arn:*:iam::*:role/OrganizationAccountAccessRole"
"""Made by CreateAccount, trusts the management account: the baseline is applied through it."""
CONTROL_TOWER_ROLE = "arn:*:iam::*:role/AWSControlTowerExecution"
"""Control Tower enrols and governs the account through it."""
STACKSETS_ROLES = "arn:*:iam::*:role/stacksets-exec-*"
"""Service-managed StackSets deploy through a role of this name."""
FREEHOLD_ROLES = "arn:*:iam::*:role/freehold/*"
"""The platform's own roles, break-glass among them."""

PLATFORM_ROLES = (ACCESS_ROLE, CONTROL_TOWER_ROLE, STACKSETS_ROLES, FREEHOLD_ROLES)
"""Every role that guardrails exempt."""

RECORDER_ROLE = "arn:*:iam::*:role/aws-controltower-ConfigRecorderRole"
"""AWS Config records with it; a quarantined account must stay visible."""

CONTROL_TOWER_ROLES = "arn:*:iam::*:role/aws-controltower-*"
"""Control Tower's working roles: protected, but exempt from nothing except quarantine (the recorder's)."""

PROTECTED_ROLES = (*PLATFORM_ROLES, CONTROL_TOWER_ROLES)
"""What `plat.roles` keeps teams from touching."""

PROTECTED_POLICIES = ("arn:*:iam::*:policy/freehold/*",)
"""Managed policies of the platform's own roles: whoever edits one edits the role."""

ROLE_ACTIONS = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PassRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
    "sts:AssumeRole",
)
"""Everything that makes, changes or borrows a role. PassRole is among them because whoever passes an exempt role to
a service runs code that no guardrail binds."""

EXEMPTION = {"ArnNotLike": {"aws:PrincipalArn": list(PLATFORM_ROLES)}}
"""The condition of a Deny that platform roles are exempt from."""

ACCOUNT = "111122223333"
"""The account of the cases; AWS's own documentation uses it."""
TEAM_ADMIN = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/"
    "AWSReservedSSO_AdministratorAccess_0123456789abcdef"
)
"""A team's administrators, as Identity Center makes their role."""
TEAM_WORKLOAD = f"arn:aws:iam::{ACCOUNT}:role/payments-api"
"""A role that the team made for its workload."""
LOOKALIKE = f"arn:aws:iam::{ACCOUNT}:role/team/OrganizationAccountAccessRole"
"""A team's role whose name, but not whose path, is a platform role's."""
OUTSIDE = "999999999999"
"""An account of nobody's whom the company knows."""
ROOT_USER = f"arn:aws:iam::{ACCOUNT}:root"
PLATFORM = f"arn:aws:iam::{ACCOUNT}:role/OrganizationAccountAccessRole"
CONTROL_TOWER = f"arn:aws:iam::{ACCOUNT}:role/AWSControlTowerExecution"
STACKSETS = f"arn:aws:iam::{ACCOUNT}:role/stacksets-exec-1f2e3d4c5b6a79880706050403020100"
BREAK_GLASS = f"arn:aws:iam::{ACCOUNT}:role/freehold/break-glass"
RECORDER = f"arn:aws:iam::{ACCOUNT}:role/aws-controltower-ConfigRecorderRole"
SELF_MANAGED_STACKSETS = f"arn:aws:iam::{ACCOUNT}:role/AWSCloudFormationStackSetExecutionRole"
"""Stack sets with self-managed permissions deploy through a role of this name, which is exempt from nothing."""
CDK_DEPLOY, CDK_FILES, CDK_IMAGES, CDK_LOOKUP, CDK_EXECUTION = (
    f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-{purpose}-role-{ACCOUNT}-eu-west-1"
    for purpose in ("deploy", "file-publishing", "image-publishing", "lookup", "cfn-exec")
)
"""The roles that `cdk bootstrap` makes, by the names of its default qualifier
(https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html)."""
MANAGEMENT = "arn:aws:iam::210987654321:role/freehold/organization"
"""A role of the management account: no SCP binds it, but RCPs bind what it does in other accounts."""
IDENTITY_CENTER_SIGN_IN = f"arn:aws:iam::{ACCOUNT}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"
"""The identity provider by which people come from Identity Center into the roles of their permission sets."""
IDENTITY_CENTER = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO"
"""The service-linked role through which Identity Center keeps permission sets; no SCP binds it."""


def kind_of(principal: str) -> str:
    """What kind of caller an ARN of a case or an exemption stands for, in words."""
    partition_free = re.sub(r"^arn:[^:]*:", "arn:*:", principal)
    account, _, name = partition_free.partition("::")[2].partition(":")
    kinds = (
        ("anybody", principal == "*"),
        ("a caller from outside", account == OUTSIDE),
        ("the management account", account == MANAGEMENT.split(":")[4]),
        (f"account {account}", account != ACCOUNT),
        ("the root user", name == "root"),
        ("a platform role", any(fnmatchcase(f"arn:*:iam::*:{name}", pattern) for pattern in PLATFORM_ROLES)),
        ("Control Tower", name.startswith("role/aws-controltower-")),
        ("an AWS service's role", name.startswith("role/aws-service-role/")),
        ("a person of the team", name.startswith("role/aws-reserved/")),
        ("a stack of the team", name.startswith("role/cdk-")),
    )
    return next((kind for kind, fits in kinds if fits), "a role of the team")
