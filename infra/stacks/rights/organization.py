"""The organisation: reading it, making and moving accounts, and the policies that hang in it."""

from guardrails.compiler.quota import STATEMENT_KINDS, PolicyKind
from guardrails.enforcement.organizations import TAG
from infra.stacks.names import Names
from infra.stacks.rights.right import MADE_LATER, NO_RESOURCE, Right
from vending.workflow.steps.create_account import REQUEST_TAG

SCP, RCP = (kind.aws_type.lower() for kind in STATEMENT_KINDS)
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


def tree(names: Names, caller: str) -> tuple[Right, ...]:
    """The whole tree with its accounts."""
    ou, root = (names.organizations(kind) for kind in ("ou", "root"))
    return (*units(names, caller), Right(("organizations:ListAccountsForParent",), (ou, root), caller, MADE_LATER))


def units(names: Names, caller: str) -> tuple[Right, ...]:
    """The root and its OUs."""
    below = (names.organizations("ou"), names.organizations("root"))
    return (
        Right(("organizations:DescribeOrganization", "organizations:ListRoots"), ("*",), caller, NO_RESOURCE),
        Right(("organizations:ListOrganizationalUnitsForParent",), below, caller, MADE_LATER),
    )


def one_account(names: Names, caller: str) -> tuple[Right, ...]:
    """One account, and the OUs above it."""
    account, ou = (names.organizations(kind) for kind in ("account", "ou"))
    return (
        Right(("organizations:DescribeAccount", "organizations:ListTagsForResource"), (account,), caller, MADE_LATER),
        Right(("organizations:ListParents",), (account, ou), caller, MADE_LATER),
        Right(("organizations:DescribeOrganizationalUnit",), (ou,), caller, MADE_LATER),
    )


def quarantine(names: Names, caller: str) -> tuple[Right, ...]:
    """What hangs above one account, and our quarantine hung on it and taken off."""
    account = (names.organizations("account"),)
    path = (*account, names.organizations("ou"), names.organizations("root"))
    return (
        Right(("organizations:ListPolicies",), ("*",), caller, NO_RESOURCE),
        Right(("organizations:ListPoliciesForTarget",), path, caller, MADE_LATER),
        Right(
            ("organizations:DescribePolicy", "organizations:ListTagsForResource"), policies(names), caller, MADE_LATER
        ),
        *policy_writes(names, caller, (SCP,), account),
    )


def isolation_reads(names: Names, caller: str) -> tuple[Right, ...]:
    """What hangs on one account."""
    return (Right(("organizations:ListPoliciesForTarget",), (names.organizations("account"),), caller, MADE_LATER),)


def attachments(names: Names, caller: str) -> tuple[Right, ...]:
    """Every policy, and everything that hangs in the tree."""
    targets = (names.organizations("ou"), names.organizations("root"))
    return (
        Right(("organizations:ListPolicies",), ("*",), caller, NO_RESOURCE),
        Right(("organizations:ListPoliciesForTarget",), targets, caller, MADE_LATER),
        Right(("organizations:DescribePolicy",), seen_policies(names), caller, MADE_LATER),
        Right(("organizations:ListTagsForResource",), policies(names), caller, MADE_LATER),
        Right(("organizations:ListTargetsForPolicy",), policies(names), caller, MADE_LATER),
    )


def enforcement(names: Names) -> tuple[Right, ...]:
    """Guardrails planned and applied: what hangs in the tree, and changes to what is ours on OUs."""
    caller = "guardrails.enforcement"
    return (
        *attachments(names, caller),
        Right(("organizations:EnablePolicyType",), (names.organizations("root"),), caller, MADE_LATER),
        *policy_writes(names, caller, KINDS, (names.organizations("ou"),)),
        Right(
            ("organizations:DeletePolicy",),
            policies(names),
            caller,
            MADE_LATER,
            {"Null": {f"aws:ResourceTag/{TAG}": "false"}},
        ),
    )


def landing_zone_reads(names: Names) -> tuple[Right, ...]:
    """The landing zone, its baselines and controls; nothing without Control Tower."""
    reads = (
        "controltower:GetLandingZone",
        "controltower:ListBaselines",
        "controltower:ListEnabledBaselines",
        "controltower:ListEnabledControls",
        "controltower:ListLandingZones",
    )
    caller = "audit.sources.control_tower"
    return (Right(reads, ("*",), caller, NO_RESOURCE),) if names.control_tower else ()


def catalogue_reads() -> Right:
    """What controls are for."""
    reads = ("controlcatalog:ListControlMappings", "controlcatalog:ListControls")
    return Right(reads, ("*",), "audit.catalogue", NO_RESOURCE)


def policies(names: Names, *kinds: str) -> tuple[str, ...]:
    """The organisation's own policies; of all kinds that are compiled where none is named."""
    home = f"arn:aws:organizations::{names.management}:policy/{names.organization}"
    return tuple(f"{home}/{kind}/*" for kind in kinds or KINDS)


def seen_policies(names: Names) -> tuple[str, ...]:
    """Those, and AWS's own that hang beside them, which deny nothing; of the other kinds AWS has none."""
    return (*policies(names), *(f"arn:aws:organizations::aws:policy/{kind}/*" for kind in (SCP, RCP)))


def move(names: Names) -> Right:
    """An account moves into its OU."""
    kinds = ("account", "ou", "root")
    resources = tuple(names.organizations(kind) for kind in kinds)
    return Right(("organizations:MoveAccount",), resources, "vending.workflow.steps.move_to_ou", MADE_LATER)


def policy_writes(names: Names, caller: str, kinds: tuple[str, ...], targets: tuple[str, ...]) -> tuple[Right, ...]:
    """Attaching asks for the policy and for its target: the policy must be one of ours."""
    actions = ("organizations:AttachPolicy", "organizations:DetachPolicy")
    ours = {"Null": {f"aws:ResourceTag/{TAG}": "false"}}
    return (
        Right(
            ("organizations:CreatePolicy", "organizations:TagResource"),
            ("*",),
            caller,
            "the policy that is made and tagged has no ARN yet; only calls with our tag are allowed",
            {"Null": {f"aws:RequestTag/{TAG}": "false"}},
        ),
        Right(actions, policies(names, *kinds), caller, MADE_LATER, ours),
        Right(actions, targets, caller, MADE_LATER),
    )


def enrolment(names: Names) -> tuple[Right, ...]:
    """Whether Control Tower has enrolled an account, and another try where it failed."""
    if not names.control_tower:
        return ()
    caller = "vending.workflow.steps.await_enrolment"
    baselines = f"arn:aws:controltower:{names.region}:{names.management}:enabledbaseline/*"
    return (
        Right(("controltower:ListEnabledBaselines",), ("*",), caller, NO_RESOURCE),
        Right(
            ("controltower:GetEnabledBaseline", "controltower:ResetEnabledBaseline"),
            (baselines,),
            caller,
            "Control Tower draws the ids",
        ),
    )


def lookout(names: Names) -> Right:
    """Which accounts AWS has made and enrolled: one look for all requests."""
    enrolled = ("controltower:ListEnabledBaselines",) if names.control_tower else ()
    return Right((*enrolled, "organizations:ListCreateAccountStatus"), ("*",), "vending.requests.lookout", NO_RESOURCE)


def outlook(names: Names) -> tuple[Right, ...]:
    """What AWS would say to a request, before it is asked for the account."""
    caller = "vending.requests.outlook"
    registered = ("controltower:ListBaselines", "controltower:ListEnabledBaselines")
    return (
        Right(("organizations:ListHandshakesForOrganization",), ("*",), caller, NO_RESOURCE),
        Right(("organizations:DescribeEffectivePolicy",), (names.organizations("account"),), caller, MADE_LATER),
        *((Right(registered, ("*",), caller, NO_RESOURCE),) if names.control_tower else ()),
        Right(
            ("servicequotas:GetServiceQuota",),
            (f"arn:aws:servicequotas:us-east-1:{names.management}:organizations/L-E619E033",),
            caller,
        ),
    )
