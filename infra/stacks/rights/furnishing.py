"""What an account is given and what is read back from it."""

from infra.stacks.names import Names
from infra.stacks.rights.right import CENTRE, MADE_LATER, NO_RESOURCE, Right


def budget(names: Names) -> tuple[Right, ...]:
    """The budget of an account, made or changed."""
    return (
        Right(
            ("budgets:ModifyBudget",),
            (f"arn:aws:budgets::{names.management}:budget/freehold-*",),
            "vending.workflow.steps.set_budget",
            "a budget is named after its account, which is made while it runs",
        ),
        view_budget(names),
    )


def view_budget(names: Names) -> Right:
    """The budget read back."""
    return Right(
        ("budgets:ViewBudget",),
        (f"arn:aws:budgets::{names.management}:budget/freehold-*",),
        "vending.workflow.steps.set_budget",
        "a budget is named after its account, which is made while it runs",
    )


def assignment() -> tuple[Right, ...]:
    """A team's group gets its permission set."""
    caller = "vending.workflow.steps.grant_access"
    resources = ("arn:aws:sso:::account/*", "arn:aws:sso:::instance/*", "arn:aws:sso:::permissionSet/*")
    reads = ("sso:DescribeAccountAssignmentCreationStatus", "sso:ListAccountAssignmentCreationStatus")
    return (
        Right(("sso:CreateAccountAssignment",), resources, caller, CENTRE),
        Right(reads, ("arn:aws:sso:::instance/*",), caller, CENTRE),
        *assignment_reads(),
    )


def assignment_reads() -> tuple[Right, ...]:
    """A team's access read back."""
    caller = "vending.workflow.steps.grant_access, to read the team's access back"
    instance, permission_set = "arn:aws:sso:::instance/*", "arn:aws:sso:::permissionSet/*"
    return (
        Right(("sso:ListInstances",), ("*",), caller, NO_RESOURCE),
        Right(("sso:ListPermissionSets",), (instance,), caller, CENTRE),
        Right(("sso:DescribePermissionSet",), (instance, permission_set), caller, CENTRE),
        Right(("sso:ListAccountAssignments",), ("arn:aws:sso:::account/*", instance, permission_set), caller, CENTRE),
        Right(
            ("identitystore:GetGroupId",),
            ("arn:aws:identitystore:::group/*", "arn:aws:identitystore::*:identitystore/*"),
            caller,
            CENTRE,
        ),
    )


def contacts(names: Names, *, write: bool) -> tuple[Right, ...]:
    """The alternate contacts of a member account."""
    accounts = f"arn:aws:account::{names.management}:account/{names.organization}/*"
    actions = ("account:GetAlternateContact", *(("account:PutAlternateContact",) if write else ()))
    return (Right(actions, (accounts,), "guardrails.catalog.acct_contacts", MADE_LATER),)


def member(names: Names, caller: str) -> Right:
    """Into a member account, of this organisation alone."""
    return Right(
        ("sts:AssumeRole",),
        (names.member_role,),
        f"vending.core.aws, called by {caller}",
        "the accounts are made while it runs; the condition binds the role to this organisation",
        {"StringEquals": {"aws:ResourceOrgID": names.organization}},
    )
