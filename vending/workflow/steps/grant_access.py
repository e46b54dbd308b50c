"""Give the team's group its permission set in the account; never a single user."""

from dataclasses import dataclass

from vending.core.aws import Client
from vending.core.errors import AwsMissing
from vending.ports import Holds, Reading
from vending.requests.model import Cause, State
from vending.requests.record import Record
from vending.workflow.causes import PLATFORM
from vending.workflow.services import Services
from vending.workflow.step import Done, Parked, Pending, Step

PROMISE = "access"


@dataclass(frozen=True)
class Assignment:
    """Who gets what, in Identity Center's own ids."""

    instance: str
    permission_set: str
    group_id: str


def run(services: Services, record: Record) -> Done | Pending:
    """Done once the assignment is there; Identity Center provisions it asynchronously."""
    wanted = _resolve(services, record)
    if _assigned(services, record, wanted):
        return Done(_sentence(services, record))
    if _under_way(services, record, wanted):
        return Pending("Identity Center to provision the access")
    _admin(services).create_account_assignment(
        InstanceArn=wanted.instance,
        TargetId=record.account_id,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=wanted.permission_set,
        PrincipalType="GROUP",
        PrincipalId=wanted.group_id,
    )
    return Pending("Identity Center to provision the access")


def read(services: Services, record: Record) -> Reading:
    """What Identity Center says of the team's access."""
    expected = _sentence(services, record)
    try:
        there = _assigned(services, record, _resolve(services, record))
        found = expected if there else "no such assignment"
    except Parked as lacking:
        there, found = False, lacking.sentence
    return Reading(PROMISE, Holds.YES if there else Holds.NO, expected, found, services.clock.now())


def _resolve(services: Services, record: Record) -> Assignment:
    instance = _admin(services).first("list_instances", "Instances")
    group = services.company.teams[record.asked.team].group
    permission_set = _permission_set(services, instance["InstanceArn"], _access(services, record))
    return Assignment(instance["InstanceArn"], permission_set, _group_id(services, instance["IdentityStoreId"], group))


def _permission_set(services: Services, instance: str, name: str) -> str:
    admin = _admin(services)
    for page in admin.pages("list_permission_sets", InstanceArn=instance):
        for arn in page["PermissionSets"]:
            found = admin.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)["PermissionSet"]
            if found["Name"] == name:
                return str(arn)
    raise Parked(_lacks(f"permission set {name}"))


def _group_id(services: Services, store: str, name: str) -> str:
    attribute = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": name}}
    try:
        found = services.aws.client("identitystore").get_group_id(IdentityStoreId=store, AlternateIdentifier=attribute)
    except AwsMissing as error:
        raise Parked(_lacks(f"group {name}")) from error
    return str(found["GroupId"])


def _assigned(services: Services, record: Record, wanted: Assignment) -> bool:
    pages = _admin(services).pages(
        "list_account_assignments",
        InstanceArn=wanted.instance,
        AccountId=record.account_id,
        PermissionSetArn=wanted.permission_set,
    )
    return any(found["PrincipalId"] == wanted.group_id for page in pages for found in page["AccountAssignments"])


def _under_way(services: Services, record: Record, wanted: Assignment) -> bool:
    admin = _admin(services)
    pages = admin.pages(
        "list_account_assignment_creation_status", InstanceArn=wanted.instance, Filter={"Status": "IN_PROGRESS"}
    )
    for page in pages:
        for listed in page["AccountAssignmentsCreationStatus"]:
            if _is_for(admin, wanted, listed["RequestId"], str(record.account_id)):
                return True
    return False


def _is_for(admin: Client, wanted: Assignment, request_id: str, account_id: str) -> bool:
    status = admin.describe_account_assignment_creation_status(
        InstanceArn=wanted.instance, AccountAssignmentCreationRequestId=request_id
    )["AccountAssignmentCreationStatus"]
    return bool(status.get("TargetId") == account_id and status.get("PrincipalId") == wanted.group_id)


def _admin(services: Services) -> Client:
    return services.aws.client("sso-admin")


def _access(services: Services, record: Record) -> str:
    return services.company.templates[record.asked.template].access


def _sentence(services: Services, record: Record) -> str:
    return f"group {services.company.teams[record.asked.team].group} has {_access(services, record)}"


def _lacks(what: str) -> Cause:
    return Cause(
        code="identity-center-lacks",
        sentence=f"Identity Center has no {what}.",
        remedy="Create it or mend the company file, then resume the request.",
        who=PLATFORM,
    )


STEP = Step(
    name="grant-access",
    title="Give the team's group access",
    state=State.BASELINING,
    calls=("sso-admin:CreateAccountAssignment",),
    seconds=20,
    run=run,
    every=15,
)
