"""What the synthesised roles say, read without running anything."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from guardrails.gates.ghosts import exists
from infra.stacks.names import AT_HOME, Names
from infra.stacks.rights.right import Right
from infra.stacks.rights.roles import RIGHTS, rights_of
from infra.stacks.rights.runtime import runtime_rights
from tests.infra.stacks.conftest import Synthesised
from tests.infra.stacks.roles import KEY, names, synthesised_roles

EVERY = (
    *(right for name in RIGHTS for right in RIGHTS[name](names())),
    *runtime_rights(names(), "portal", KEY, "dynamodb", "s3", "secretsmanager"),
)
ROLE_POLICY_LIMIT = 10_240
"""Characters of all inline policies of a role, white space aside (IAM user guide, quotas)."""
ORGANIZATION = {"aws:PrincipalOrgID": "o-exampleorgid"}
OF_ITS_UNITS = {"organizations:DescribeOrganizationalUnit"}
"""What the collector asks about the OUs that Control Tower's controls are on."""
POLICY_WRITES = {"organizations:AttachPolicy", "organizations:DetachPolicy", "organizations:DeletePolicy"}


@pytest.mark.parametrize("right", EVERY, ids=lambda right: right.actions[0])
def test_every_action_is_one_that_aws_has_without_a_wildcard(right: Right) -> None:
    assert all(exists(action) for action in right.actions)
    assert not any("*" in action for action in right.actions)


@pytest.mark.parametrize("right", EVERY, ids=lambda right: right.actions[0])
def test_every_right_says_who_calls_and_why_a_resource_has_a_wildcard(right: Right) -> None:
    assert right.caller
    assert bool(right.wide) == any(set("*?") & set(resource) for resource in right.resources)


def test_member_accounts_are_entered_in_this_organisation_alone_and_from_the_management_account() -> None:
    for name in ("workflow", "portal", "collector"):
        entering = [right for right in rights_of(name, names()).management if right.actions == ("sts:AssumeRole",)]

        assert [right.resources for right in entering] == [("arn:aws:iam::*:role/OrganizationAccountAccessRole",)]
        assert entering[0].conditions == {"StringEquals": {"aws:ResourceOrgID": "o-exampleorgid"}}


def test_roles_in_the_management_account_trust_their_own_function_of_this_organisation_alone(
    synthesised: Synthesised,
) -> None:
    there = [r for r in synthesised_roles(synthesised) if r.account == names().management and r.name in _of_functions()]

    for role in there:
        if role.name.removeprefix("freehold-") in AT_HOME:
            continue
        [trust] = role.trust["Statement"]
        assert trust["Principal"] == {"AWS": "arn:aws:iam::222222222222:root"}
        caller = {"aws:PrincipalArn": f"arn:aws:iam::222222222222:role/{role.name}"}
        assert trust["Condition"] == {"ArnEquals": caller, "StringEquals": ORGANIZATION}
    assert {role.name for role in there} == {
        "freehold-collector",
        "freehold-dispatcher",
        "freehold-guardrails",
        "freehold-listener",
        "freehold-portal",
        "freehold-settings",
        "freehold-workflow",
    }


def test_roles_for_services_say_whose_service_may_take_them(synthesised: Synthesised) -> None:
    for role in synthesised_roles(synthesised):
        [trust] = role.trust["Statement"]
        service = trust["Principal"].get("Service")
        if service not in (None, "lambda.amazonaws.com"):
            assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": role.account}}, role.arn


def test_only_policies_with_our_tag_are_attached_detached_or_deleted() -> None:
    for right in EVERY:
        if POLICY_WRITES & set(right.actions) and any(":policy/" in resource for resource in right.resources):
            assert right.conditions == {"Null": {"aws:ResourceTag/freehold:guardrails": "false"}}


def test_the_dispatcher_changes_nothing_but_the_table_the_workflow_and_the_post() -> None:
    held = rights_of("dispatcher", names())
    own = {action for right in held.own for action in right.actions} - {"sts:AssumeRole"}
    there = {action for right in held.management for action in right.actions}

    assert {action.partition(":")[0] for action in own} == {"dynamodb", "lambda", "ses"}
    assert there == {"organizations:ListCreateAccountStatus", "controltower:ListEnabledBaselines"}


def test_who_reads_cannot_make_or_move_accounts() -> None:
    for name in ("portal", "collector", "groups", "guardrails"):
        allowed = {action for right in RIGHTS[name](names()) for action in right.actions}

        assert not allowed & {"organizations:CreateAccount", "organizations:MoveAccount", "sso:CreateAccountAssignment"}


def test_with_its_own_rights_the_collector_changes_nothing_but_ledger_evidence_and_what_is_told() -> None:
    writes = {
        action
        for right in RIGHTS["collector"](names())
        for action in right.actions
        if not action.partition(":")[2].startswith(("Get", "List", "Describe", "Query", "Select", "BatchGet", "View"))
    }

    told = {"cloudwatch:PutMetricData", "dynamodb:PutItem", "events:PutEvents"}
    sealed = {"kms:Decrypt", "kms:GenerateDataKey", "kms:Sign"}
    assert writes == {"s3:PutObject", "s3:DeleteObject", "sts:AssumeRole", *told, *sealed}


def test_the_synthesised_roles_hold_these_rights_and_no_others(synthesised: Synthesised) -> None:
    roles = {role.arn: role for role in synthesised_roles(synthesised)}

    for part in ("Vending", "Portal", "Audit", "Guardrails", "Organization"):
        for function in synthesised[part].stack.functions:  # type: ignore[attr-defined]
            name = function.node.id.lower()
            said = roles[names().role_arn(name)].statements
            assert [_listed(s["Action"]) for s in said] == [list(right.actions) for right in function.rights]
    for name in set(RIGHTS) - AT_HOME:
        rights = rights_of(name, names()).management
        said = roles[names().management_role(name)].statements if rights else []
        assert said == [right.statement() for right in rights]


def test_the_policies_fit_into_their_roles(synthesised: Synthesised) -> None:
    for role in synthesised_roles(synthesised):
        said = json.dumps(list(role.policies.values()), separators=(",", ":"))

        assert len(said) < ROLE_POLICY_LIMIT, role.arn


def test_no_statement_allows_an_action_by_wildcard_but_the_keys_to_their_own_account(synthesised: Synthesised) -> None:
    allowed = [
        (part, name, action)
        for part, name, statement in _every_statement(synthesised)
        if statement["Effect"] == "Allow"
        for action in _listed(statement["Action"])
        if "*" in action
    ]

    why = "without it nobody could administer a key (KMS developer guide, default key policy)"
    assert {action for _, _, action in allowed} == {"kms:*"}, why
    keys = [(part, name) for part, name, _ in synthesised.of("AWS::KMS::Key")]
    assert sorted((part, name) for part, name, _ in allowed) == sorted(keys)


def test_nobody_is_let_in_by_everybody(synthesised: Synthesised) -> None:
    """Only denials speak of everybody, and the events' bus, of every account's forwarding role in the organisation."""
    everybody = [
        (name, statement)
        for _, name, statement in _every_statement(synthesised)
        if statement["Effect"] == "Allow" and statement.get("Principal") in ("*", {"AWS": "*"})
    ]

    [(name, statement)] = everybody
    assert name.startswith("ListeningAccountsPolicy")
    assert statement["Condition"]["StringEquals"] == ORGANIZATION
    assert statement["Condition"]["ArnLike"] == {"aws:PrincipalArn": "arn:aws:iam::*:role/freehold-forwarding-*"}


def _of_functions() -> set[str]:
    return {names().role(name) for name in RIGHTS}


def _every_statement(synthesised: Synthesised) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for part, name, resource in synthesised.resources():
        properties = resource.get("Properties", {})
        documents = [properties.get("KeyPolicy"), properties.get("PolicyDocument")]
        documents += [{"Statement": [properties["Statement"]]}] if "Statement" in properties else []
        roles = properties.get("Policies", ()) if resource["Type"] == "AWS::IAM::Role" else ()
        documents += [policy["PolicyDocument"] for policy in roles]
        yield from ((part, name, said) for document in documents if document for said in document["Statement"])


def _listed(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]


def test_without_control_tower_every_role_has_the_same_rights_but_for_those_on_control_tower() -> None:
    without = replace(names(), control_tower=False)
    for name in RIGHTS:
        all_of_them, kept = _allowed(name, names()), _allowed(name, without)

        gone = {action for action, _ in all_of_them - kept}
        assert kept <= all_of_them
        assert not [action for action, _ in kept if action.startswith("controltower:")]
        assert gone <= {one for one in gone if one.startswith(("controltower:", "controlcatalog:"))} | OF_ITS_UNITS


def _allowed(name: str, of: Names) -> set[tuple[str, str]]:
    return {(action, on) for right in RIGHTS[name](of) for action in right.actions for on in right.resources}
