import re
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from botocore.model import OperationModel, ServiceModel
from botocore.session import get_session

from vending.core.aws import translate
from vending.core.errors import AwsDenied, AwsFailed, AwsUnanswered
from vending.workflow.causes import (
    AWS,
    MEANINGS,
    OPERATOR,
    PLATFORM,
    REQUESTER,
    Meaning,
    cancelled,
    explain,
    explain_failure,
    unexpected,
    waited_too_long,
    withdrawn,
)

CALLS = {
    "organizations": (
        "CreateAccount",
        "DescribeCreateAccountStatus",
        "ListCreateAccountStatus",
        "DescribeAccount",
        "DescribeOrganization",
        "DescribeOrganizationalUnit",
        "ListParents",
        "ListRoots",
        "ListOrganizationalUnitsForParent",
        "ListTagsForResource",
        "MoveAccount",
        "AttachPolicy",
        "DetachPolicy",
    ),
    "controltower": ("ListEnabledBaselines",),
    "sso-admin": (
        "ListInstances",
        "ListPermissionSets",
        "DescribePermissionSet",
        "CreateAccountAssignment",
        "ListAccountAssignments",
        "ListAccountAssignmentCreationStatus",
        "DescribeAccountAssignmentCreationStatus",
    ),
    "identitystore": ("GetGroupId",),
    "budgets": ("DescribeBudget", "CreateBudget", "UpdateBudget"),
    "sts": ("AssumeRole", "GetCallerIdentity"),
}
"""What the steps of the workflow call."""
NOT_OURS = re.compile(
    "OU_|POLICY_NUMBER|POLICY_CONTENT|POLICY_TYPE_ENABLED|LEAVE|MEMBER_ACCOUNT_PAYMENT|CREATE_ORGANIZATION|DELEGATED"
    "|CANNOT_CLOSE|CLOSE_ACCOUNT_QUOTA|MIGRATION|RESPONSIBILITY_TRANSFER|TRANSFER_RESPONSIBILITY"
)
"""Reasons of calls that no step makes: to make policies or OUs, to close or transfer accounts, to let them leave."""
NEVER_SENT = frozenset({"ConstraintViolationException", "MalformedPolicyDocument", "PackedPolicyTooLarge"})
"""Told by its Reason; and what only a session policy, which no step sends, can bring about."""


def service(name: str) -> ServiceModel:
    return get_session().get_service_model(name)


def refusal(code: str, reason: str = "", status: int = 400) -> AwsFailed:
    """What our client raises when AWS answers so."""
    answer = {
        "Error": {"Code": code, "Message": "AWS's words"},
        "Reason": reason,
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "id-of-aws"},
    }
    return translate(ClientError(answer, "CreateAccount"), "organizations")


def documented() -> Iterator[tuple[str, int]]:
    """Every error that the calls of the steps are documented to raise, with its HTTP status."""
    for name, operations in CALLS.items():
        for operation in operations:
            yield from _errors(service(name).operation_model(operation))


def _errors(operation: OperationModel) -> Iterator[tuple[str, int]]:
    for shape in operation.error_shapes:
        told = shape.metadata.get("error", {})
        server = shape.metadata.get("fault") or "Internal" in shape.name
        yield told.get("code", shape.name), 500 if server else told.get("httpStatusCode", 400)


def is_foreseen(error: AwsFailed) -> bool:
    """Whether it is waited for, or told in words of our own."""
    return error.retryable or isinstance(error, AwsDenied) or bool({error.aws_reason, error.aws_code} & set(MEANINGS))


@pytest.mark.parametrize("code", MEANINGS)
def test_every_row_says_what_is_so_who_can_mend_it_and_how(code: str) -> None:
    row = MEANINGS[code]

    for sentence in (row.sentence, row.remedy):
        assert sentence[0].isupper() or sentence[0] == "`"
        assert sentence.endswith(".")
    assert row.who in (REQUESTER, OPERATOR, PLATFORM, AWS)
    assert row.field in (None, "name", "tags")


def test_every_documented_failure_of_a_creation_has_a_row() -> None:
    reasons = service("organizations").shape_for("CreateAccountFailureReason").enum

    assert [reason for reason in reasons if reason not in MEANINGS] == []


def test_every_documented_violation_that_the_calls_can_meet_is_foreseen() -> None:
    reasons = service("organizations").shape_for("ConstraintViolationExceptionReason").enum

    ours = [reason for reason in reasons if not NOT_OURS.search(reason)]

    assert [r for r in ours if not is_foreseen(refusal("ConstraintViolationException", r))] == []
    assert len(ours) > 15


def test_every_documented_error_of_the_calls_is_foreseen() -> None:
    errors = {(code, status) for code, status in documented() if code not in NEVER_SENT}

    assert sorted(code for code, status in errors if not is_foreseen(refusal(code, status=status))) == []


@pytest.mark.parametrize(
    ("code", "reason", "row"),
    [
        ("ConstraintViolationException", "TAG_POLICY_VIOLATION", "TAG_POLICY_VIOLATION"),
        ("FinalizingOrganizationException", "", "FinalizingOrganizationException"),
        ("InvalidInputException", "INVALID_EMAIL", "INVALID_EMAIL"),
        ("InvalidInputException", "MAX_LENGTH_EXCEEDED", "InvalidInputException"),
    ],
)
def test_a_refusal_is_told_by_its_reason_and_else_by_its_code(code: str, reason: str, row: str) -> None:
    cause = explain(refusal(code, reason))

    assert cause.code == (reason or code)
    assert cause.sentence.startswith(MEANINGS[row].sentence)
    assert "AWS's words" in cause.sentence
    assert (cause.remedy, cause.who, cause.field) == (MEANINGS[row].remedy, MEANINGS[row].who, MEANINGS[row].field)
    assert cause.aws_request_id == "id-of-aws"


def test_what_is_not_in_the_table_is_said_to_be_unknown_and_goes_to_an_operator() -> None:
    cause = explain(refusal("BrandNewException"))

    assert cause.code == "BrandNewException"
    assert "not in our table" in cause.sentence
    assert cause.who == OPERATOR


def test_a_denial_names_the_command_that_explains_it() -> None:
    cause = explain(refusal("AccessDeniedException"))

    assert "freehold guardrails why" in cause.remedy
    assert cause.who == PLATFORM


def test_an_error_without_a_code_is_told_by_our_own() -> None:
    assert explain(AwsUnanswered("No answer.")).code == "aws-unanswered"


def test_a_failure_that_aws_invents_is_named() -> None:
    cause = explain_failure("MOON_IN_WRONG_PHASE")

    assert "MOON_IN_WRONG_PHASE" in cause.sentence
    assert cause.who == OPERATOR


def test_the_other_causes_say_who_acts_next() -> None:
    late = waited_too_long("Move it into its OU", 21600, "a busy OU")

    assert late.sentence == "Move it into its OU is not done after 360 minutes. Last seen: a busy OU"
    assert "quarantine" in cancelled("ada").sentence
    assert "no account" in withdrawn("ada").sentence
    assert "KeyError: 'team'" in unexpected(KeyError("team")).sentence
    assert all(isinstance(row, Meaning) for row in MEANINGS.values())
