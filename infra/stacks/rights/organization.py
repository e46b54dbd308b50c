"""The organisation: reading it, making and moving accounts, and the policies that hang in it."""

from guardrails.compiler.quota import PolicyKind
from guardrails.enforcement.organizations import TAG
from infra.stacks.names import Names
from infra.stacks.rights.right import MADE_LATER, NO_RESOURCE, Right
from vending.workflow.steps.create_account import REQUEST_TAG

KINDS = tuple(kind.aws_type.lower() for kind in PolicyKind)
"""As the ARN of a policy names its kind."""


def creation() -> tuple[Right, ...]:
    """An account is made, with the tag of its request."""
    ours = {"Null": {f"aws:RequestTag/{REQUEST_TAG}": "false"}}
    step = "vending.workflow.steps.create_account"
    return (
        Right(
            ("organizations:CreateAccount", "organizations:TagResource"),
            ("*",),
            step,
            "the account that is made and tagged has no ARN yet; only calls with the request's tag are allowed",
            ours,
        ),
        Right(
            ("organizations:DescribeCreateAccountStatus", "organizations:ListCreateAccountStatus"),
            ("*",),
            f"{step}, await_account",
            NO_RESOURCE,
        ),
    )


def organization_reads(names: Names, caller: str) -> tuple[Right, ...]:
    """The tree, its accounts and the policies on them."""
    account, ou, root = (names.organizations(kind) for kind in ("account", "ou", "root"))
    return (
        Right(
            ("organizations:DescribeOrganization", "organizations:ListPolicies", "organizations:ListRoots"),
            ("*",),
            caller,
            NO_RESOURCE,
        ),
        Right(("organizations:DescribeAccount",), (account,), caller, MADE_LATER),
        Right(("organizations:DescribeOrganizationalUnit",), (ou,), caller, MADE_LATER),
        Right(("organizations:ListOrganizationalUnitsForParent",), (ou, root), caller, MADE_LATER),
        Right(("organizations:ListParents",), (account, ou), caller, MADE_LATER),
        Right(("organizations:ListPoliciesForTarget",), (account, ou, root), caller, MADE_LATER),
        Right(("organizations:DescribePolicy",), seen_policies(names), caller, MADE_LATER),
        Right(
            ("organizations:ListTagsForResource",),
            (account, *seen_policies(names)),
            caller,
            MADE_LATER,
        ),
    )


def policies(names: Names) -> tuple[str, ...]:
    """The organisation's own policies, of the kinds that are compiled."""
    return tuple(f"arn:aws:organizations::{names.account}:policy/{names.organization}/{kind}/*" for kind in KINDS)


def seen_policies(names: Names) -> tuple[str, ...]:
    """Those, and AWS's own that hang beside them."""
    return (*policies(names), *(f"arn:aws:organizations::aws:policy/{kind}/*" for kind in KINDS))


def move(names: Names) -> Right:
    """An account moves into its OU."""
    kinds = ("account", "ou", "root")
    resources = tuple(names.organizations(kind) for kind in kinds)
    return Right(("organizations:MoveAccount",), resources, "vending.workflow.steps.move_to_ou", MADE_LATER)


def policy_writes(names: Names, caller: str) -> tuple[Right, ...]:
    """Attaching asks for the policy and for its target: the policy must be one of ours."""
    actions = ("organizations:AttachPolicy", "organizations:DetachPolicy")
    targets = tuple(names.organizations(kind) for kind in ("account", "ou", "root"))
    return (
        Right(
            ("organizations:CreatePolicy", "organizations:TagResource"),
            ("*",),
            caller,
            "the policy that is made and tagged has no ARN yet; only calls with our tag are allowed",
            {"Null": {f"aws:RequestTag/{TAG}": "false"}},
        ),
        Right(actions, policies(names), caller, MADE_LATER, {"Null": {f"aws:ResourceTag/{TAG}": "false"}}),
        Right(actions, targets, caller, MADE_LATER),
    )


def enrolment() -> Right:
    """Whether Control Tower has enrolled an account."""
    caller = "vending.workflow.steps.await_enrolment"
    return Right(("controltower:ListEnabledBaselines",), ("*",), caller, NO_RESOURCE)


def outlook(names: Names) -> tuple[Right, ...]:
    """What AWS would say to a request, before it is asked for the account."""
    caller = "vending.requests.outlook"
    return (
        Right(("organizations:DescribeEffectivePolicy",), (names.organizations("account"),), caller, MADE_LATER),
        Right(("controltower:ListBaselines", "controltower:ListEnabledBaselines"), ("*",), caller, NO_RESOURCE),
        Right(
            ("servicequotas:GetServiceQuota",),
            (f"arn:aws:servicequotas:us-east-1:{names.account}:organizations/L-E619E033",),
            caller,
        ),
    )
