import json
from collections.abc import Iterator
from typing import Any

import pytest

from guardrails.gates.ghosts import exists
from infra.stacks.names import Names
from infra.stacks.rights.dispatcher import dispatcher_rights
from infra.stacks.rights.portal import portal_rights
from infra.stacks.rights.right import Right
from infra.stacks.rights.runtime import runtime_rights
from infra.stacks.rights.workflow import workflow_rights
from tests.infra.stacks.conftest import Synthesised

NAMES = Names("123456789012", "eu-west-1", "o-exampleorgid")
KEY = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000000"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:SessionKey-abcdef"
RIGHTS = (
    *workflow_rights(NAMES),
    *dispatcher_rights(NAMES),
    *portal_rights(NAMES, SECRET),
    *runtime_rights(NAMES, "portal", KEY, "dynamodb", "s3", "secretsmanager"),
)
ROLE_POLICY_LIMIT = 10_240
"""Characters of all inline policies of a role, white space aside (IAM user guide, quotas)."""


@pytest.mark.parametrize("right", RIGHTS, ids=lambda right: right.actions[0])
def test_every_action_is_one_that_aws_has_without_a_wildcard(right: Right) -> None:
    assert all(exists(action) for action in right.actions)
    assert not any("*" in action for action in right.actions)


@pytest.mark.parametrize("right", RIGHTS, ids=lambda right: right.actions[0])
def test_every_right_says_who_calls_and_why_a_resource_has_a_wildcard(right: Right) -> None:
    assert right.caller
    assert bool(right.wide) == any("*" in resource for resource in right.resources)


def test_member_accounts_are_entered_in_this_organisation_alone() -> None:
    [entering] = [right for right in workflow_rights(NAMES) if right.actions == ("sts:AssumeRole",)]

    assert entering.resources == ("arn:aws:iam::*:role/OrganizationAccountAccessRole",)
    assert entering.conditions == {"StringEquals": {"aws:ResourceOrgID": "o-exampleorgid"}}


def test_only_policies_with_our_tag_are_attached_detached_or_deleted() -> None:
    writes = {"organizations:AttachPolicy", "organizations:DetachPolicy", "organizations:DeletePolicy"}

    for right in (*workflow_rights(NAMES), *portal_rights(NAMES, SECRET)):
        if writes & set(right.actions) and any(":policy/" in resource for resource in right.resources):
            assert right.conditions == {"Null": {"aws:ResourceTag/freehold:guardrails": "false"}}


def test_the_dispatcher_touches_nothing_but_the_table_the_workflow_and_the_post() -> None:
    services = {action.partition(":")[0] for right in dispatcher_rights(NAMES) for action in right.actions}

    assert services == {"dynamodb", "lambda", "ses"}


def test_the_portal_cannot_make_or_move_accounts() -> None:
    allowed = {action for right in portal_rights(NAMES, SECRET) for action in right.actions}

    assert not allowed & {"organizations:CreateAccount", "organizations:MoveAccount", "sso:CreateAccountAssignment"}


def test_the_synthesised_roles_hold_these_rights_and_no_others(synthesised: Synthesised) -> None:
    resolved = {function.node.id.lower(): function for function in synthesised.stack.functions}

    for name in ("workflow", "dispatcher", "portal"):
        statements = _statements(synthesised, name)
        assert [_as_list(s["Action"]) for s in statements] == [list(r.actions) for r in resolved[name].rights]
        assert "ManagedPolicyArns" not in _role(synthesised, name)


def test_the_policies_fit_into_their_roles(synthesised: Synthesised) -> None:
    for name in ("workflow", "dispatcher", "portal"):
        said = json.dumps(_role(synthesised, name)["Policies"], separators=(",", ":"))

        assert len(said) < ROLE_POLICY_LIMIT


def test_no_statement_of_the_stack_allows_an_action_by_wildcard_but_the_keys_to_their_own_account(
    synthesised: Synthesised,
) -> None:
    allowed = [
        (name, action)
        for name, statement in _every_statement(synthesised)
        if statement["Effect"] == "Allow"
        for action in _as_list(statement["Action"])
        if "*" in action
    ]

    why = "without it nobody could administer a key (KMS developer guide, default key policy)"
    assert {action for _, action in allowed} == {"kms:*"}, why
    assert sorted(name for name, _ in allowed) == sorted(synthesised.of("AWS::KMS::Key"))


def _role(synthesised: Synthesised, name: str) -> dict[str, Any]:
    logical = synthesised.function(name)["Role"]["Fn::GetAtt"][0]
    properties: dict[str, Any] = synthesised.template["Resources"][logical]["Properties"]
    return properties


def _statements(synthesised: Synthesised, name: str) -> list[dict[str, Any]]:
    [policy] = _role(synthesised, name)["Policies"]
    statements: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return statements


def _every_statement(synthesised: Synthesised) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in synthesised.template["Resources"].items():
        properties = resource.get("Properties", {})
        documents = [properties.get("KeyPolicy"), properties.get("PolicyDocument")]
        documents += [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
        yield from ((name, statement) for document in documents if document for statement in document["Statement"])


def _as_list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]
