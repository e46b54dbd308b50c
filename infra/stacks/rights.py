"""What each function may do on AWS: exactly what its code calls, as policy statements, with who calls it.

No action has a wildcard. A resource has one only where AWS lets nobody say it more narrowly, and `wide` says why; the
resource types of each action are those of the Service Authorization Reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guardrails.enforcement.organizations import TAG
from infra.stacks.names import Names
from vending.core.table import INDEXES
from vending.workflow.steps.create_account import REQUEST_TAG

KINDS = ("service_control_policy", "resource_control_policy")
NO_RESOURCE = "AWS has no resource for these actions"
MADE_LATER = "the accounts, OUs and policies are made while it runs; the ARN is bound to this organisation"
EXECUTIONS = "an execution's ARN ends with the version and an id that Lambda draws"
NAMED_LATER = "the names within are drawn while it runs"
CENTRE = "Identity Center draws these ids when it is set up, and synthesis asks AWS nothing"


@dataclass(frozen=True)
class Right:
    """One statement of a role's policy."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    caller: str
    """The code that makes these calls."""
    wide: str = ""
    """Why the resource holds a wildcard."""
    conditions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def statement(self) -> dict[str, Any]:
        """As a policy document has it."""
        said: dict[str, Any] = {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources)}
        return said | ({"Condition": dict(self.conditions)} if self.conditions else {})


def workflow_rights(names: Names) -> tuple[Right, ...]:
    """The durable function: makes accounts, furnishes them, reads them back."""
    return (
        _checkpoints(names),
        _callbacks(names, "vending.workflow.vend, when a request moved on before it slept"),
        _items(names, "vending.core.table, for requests, accounts and the log"),
        *_creation(),
        *_organization_reads(names, "vending.workflow.steps, vending.core.organization, guardrails.baseline"),
        _move(names),
        *_policy_writes(names, "guardrails.baseline, to isolate and release an account"),
        _enrolment(),
        *_budget(names),
        *_assignment(),
        *_contacts(names, write=True),
        _member(names, "vending.workflow.steps.reach_account, guardrails.baseline"),
    )


def dispatcher_rights(names: Names) -> tuple[Right, ...]:
    """The scheduled function: reads the open requests, starts and wakes executions."""
    return (
        _start(names),
        _callbacks(names, "vending.requests.dispatcher"),
        _items(names, "vending.core.table, for requests and the log"),
        _lists(names, ("open",), "vending.requests.record.Records.open"),
    )


def portal_rights(names: Names, secret: str) -> tuple[Right, ...]:
    """The portal and the API: what people ask for, decide, read and verify; and applying the guardrails."""
    reader = "vending.lifecycle.accounts, guardrails.service"
    return (
        _start(names),
        _callbacks(names, "vending.requests.desk"),
        _items(names, "vending.requests.desk, vending.lifecycle.accounts", "dynamodb:DeleteItem", "dynamodb:Query"),
        _lists(names, INDEXES, "vending.requests.desk, vending.lifecycle.accounts"),
        *_organization_reads(names, reader),
        Right(
            ("organizations:ListAccountsForParent",),
            (names.organizations("ou"), names.organizations("root")),
            "vending.core.organization.read_organization",
            MADE_LATER,
        ),
        Right(
            ("organizations:ListTargetsForPolicy",),
            _policies(names),
            "guardrails.enforcement.live.read_live",
            MADE_LATER,
        ),
        *_policy_writes(names, "guardrails.enforcement.application"),
        Right(
            ("organizations:DeletePolicy",),
            _policies(names),
            "guardrails.enforcement.application",
            MADE_LATER,
            {"Null": {f"aws:ResourceTag/{TAG}": "false"}},
        ),
        _view_budget(names),
        *_assignment_reads(),
        *_contacts(names, write=False),
        _member(names, "vending.lifecycle.accounts.Accounts.verify"),
        *_ledger(names),
        Right(("secretsmanager:GetSecretValue",), (secret,), "infra.runtime.lambdas.portal"),
    )


def runtime_rights(names: Names, name: str, key: str, *services: str) -> tuple[Right, ...]:
    """What Lambda does with a function's role: its log, its trace, and the key below what it reads and writes."""
    return (
        Right(
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (f"arn:aws:logs:{names.region}:{names.account}:log-group:{names.log_group(name)}:*",),
            "the Lambda runtime",
            "Lambda draws the names of log streams",
        ),
        Right(
            ("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
            ("*",),
            "the Lambda runtime",
            NO_RESOURCE,
        ),
        *(_key(names, key, service) for service in services),
    )


def _key(names: Names, key: str, service: str) -> Right:
    """DynamoDB and Secrets Manager only decrypt on a caller's behalf; S3 also draws a data key for each object."""
    actions = ("kms:Decrypt", "kms:GenerateDataKey") if service == "s3" else ("kms:Decrypt",)
    via = {"StringEquals": {"kms:ViaService": f"{service}.{names.region}.amazonaws.com"}}
    return Right(actions, (key,), f"{service}, with the caller's rights", conditions=via)


def _checkpoints(names: Names) -> Right:
    return Right(
        ("lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"),
        (f"{names.function_arn('workflow')}:*",),
        "aws_durable_execution_sdk_python",
        EXECUTIONS,
    )


def _callbacks(names: Names, caller: str) -> Right:
    return Right(
        ("lambda:SendDurableExecutionCallbackSuccess",),
        (f"{names.function_arn('workflow')}:*",),
        f"vending.requests.engine, called by {caller}",
        EXECUTIONS,
    )


def _start(names: Names) -> Right:
    return Right(("lambda:InvokeFunction",), (names.workflow_alias,), "vending.requests.engine")


def _table(names: Names) -> str:
    return f"arn:aws:dynamodb:{names.region}:{names.account}:table/{names.table}"


def _items(names: Names, caller: str, *more: str) -> Right:
    """A transaction is allowed by the actions that it is made of."""
    return Right(("dynamodb:GetItem", "dynamodb:PutItem", *more), (_table(names),), caller)


def _lists(names: Names, indexes: tuple[str, ...], caller: str) -> Right:
    return Right(("dynamodb:Query",), tuple(f"{_table(names)}/index/by-{index}" for index in indexes), caller)


def _creation() -> tuple[Right, ...]:
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


def _organization_reads(names: Names, caller: str) -> tuple[Right, ...]:
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
        Right(("organizations:DescribePolicy",), _seen_policies(names), caller, MADE_LATER),
        Right(
            ("organizations:ListTagsForResource",),
            (account, *_seen_policies(names)),
            caller,
            MADE_LATER,
        ),
    )


def _policies(names: Names) -> tuple[str, ...]:
    """The organisation's own SCPs and RCPs."""
    return tuple(f"arn:aws:organizations::{names.account}:policy/{names.organization}/{kind}/*" for kind in KINDS)


def _seen_policies(names: Names) -> tuple[str, ...]:
    """Those, and AWS's own that hang beside them."""
    return (*_policies(names), *(f"arn:aws:organizations::aws:policy/{kind}/*" for kind in KINDS))


def _move(names: Names) -> Right:
    kinds = ("account", "ou", "root")
    resources = tuple(names.organizations(kind) for kind in kinds)
    return Right(("organizations:MoveAccount",), resources, "vending.workflow.steps.move_to_ou", MADE_LATER)


def _policy_writes(names: Names, caller: str) -> tuple[Right, ...]:
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
        Right(actions, _policies(names), caller, MADE_LATER, {"Null": {f"aws:ResourceTag/{TAG}": "false"}}),
        Right(actions, targets, caller, MADE_LATER),
    )


def _enrolment() -> Right:
    caller = "vending.workflow.steps.await_enrolment"
    return Right(("controltower:ListEnabledBaselines",), ("*",), caller, NO_RESOURCE)


def _budget(names: Names) -> tuple[Right, ...]:
    return (
        Right(
            ("budgets:ModifyBudget",),
            (f"arn:aws:budgets::{names.account}:budget/freehold-*",),
            "vending.workflow.steps.set_budget",
            "a budget is named after its account, which is made while it runs",
        ),
        _view_budget(names),
    )


def _view_budget(names: Names) -> Right:
    return Right(
        ("budgets:ViewBudget",),
        (f"arn:aws:budgets::{names.account}:budget/freehold-*",),
        "vending.workflow.steps.set_budget",
        "a budget is named after its account, which is made while it runs",
    )


def _assignment() -> tuple[Right, ...]:
    caller = "vending.workflow.steps.grant_access"
    resources = ("arn:aws:sso:::account/*", "arn:aws:sso:::instance/*", "arn:aws:sso:::permissionSet/*")
    reads = ("sso:DescribeAccountAssignmentCreationStatus", "sso:ListAccountAssignmentCreationStatus")
    return (
        Right(("sso:CreateAccountAssignment",), resources, caller, CENTRE),
        Right(reads, ("arn:aws:sso:::instance/*",), caller, CENTRE),
        *_assignment_reads(),
    )


def _assignment_reads() -> tuple[Right, ...]:
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


def _contacts(names: Names, *, write: bool) -> tuple[Right, ...]:
    accounts = f"arn:aws:account::{names.account}:account/{names.organization}/*"
    actions = ("account:GetAlternateContact", *(("account:PutAlternateContact",) if write else ()))
    return (Right(actions, (accounts,), "guardrails.catalog.acct_contacts", MADE_LATER),)


def _member(names: Names, caller: str) -> Right:
    return Right(
        ("sts:AssumeRole",),
        (names.member_role,),
        f"vending.core.aws, called by {caller}",
        "the accounts are made while it runs; the condition binds the role to this organisation",
        {"StringEquals": {"aws:ResourceOrgID": names.organization}},
    )


def _ledger(names: Names) -> tuple[Right, ...]:
    """Reads findings, and writes down that a run was asked for. Without the listing, S3 denies what is not there."""
    bucket = f"arn:aws:s3:::{names.bucket}"
    return (
        Right(("s3:ListBucket",), (bucket,), "audit.ledger.store"),
        Right(("s3:GetObject",), (f"{bucket}/*",), "audit.ledger.store", NAMED_LATER),
        Right(("s3:PutObject",), (f"{bucket}/runs-open/*",), "audit.collector.Auditor.start", NAMED_LATER),
    )
