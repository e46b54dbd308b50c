"""What holds for all stacks alike."""

import json
from collections.abc import Mapping

from audit.gauge import Reading
from infra.runtime.lambdas.metrics import Measure
from infra.stacks.names import AT_HOME
from infra.stacks.rights.roles import RIGHTS, rights_of
from tests.infra.stacks.conftest import Synthesised
from tests.infra.stacks.roles import names, synthesised_roles
from vending.core.costs import Holdings

KEPT = ("DynamoDB::Table", "S3::Bucket", "KMS::Key", "SecretsManager::Secret", "Logs::LogGroup", "Cognito::UserPool")
HOMES: Mapping[str, str] = {
    "workflow": "Vending",
    "dispatcher": "Vending",
    "portal": "Portal",
    "groups": "Portal",
    "guardrails": "Guardrails",
    "collector": "Audit",
    "listener": "Audit",
    "settings": "Organization",
}


def test_what_cannot_be_made_again_stays_when_its_stack_goes(synthesised: Synthesised) -> None:
    for kind in KEPT:
        found = list(synthesised.of(f"AWS::{kind}"))

        assert found
        for part, name, resource in found:
            assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain", (part, name)


def test_every_function_is_somewhere_traced_and_logs_json_for_a_year_under_a_key(synthesised: Synthesised) -> None:
    assert set(HOMES) == set(RIGHTS)
    for name, part in HOMES.items():
        function = synthesised[part].function(name)
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert function["LoggingConfig"]["LogFormat"] == "JSON"
        assert function["Architectures"] == ["arm64"]
    for part, name, group in synthesised.of("AWS::Logs::LogGroup"):
        assert group["Properties"]["RetentionInDays"] == 365, (part, name)
        assert group["Properties"]["KmsKeyId"]


def test_every_function_is_told_where_it_works_and_how_it_gets_into_the_management_account(
    synthesised: Synthesised,
) -> None:
    for name, part in HOMES.items():
        told = synthesised[part].function(name)["Environment"]["Variables"]

        assert told["FREEHOLD_FUNCTION"] == "arn:aws:lambda:eu-west-1:222222222222:function:freehold-workflow:live"
        assert told["FREEHOLD_PORTAL"] == "https://accounts.acme.example"
        needs_it = bool(rights_of(name, names()).management) and name not in AT_HOME
        assert told.get("FREEHOLD_MANAGEMENT_ROLE") == (names().management_role(name) if needs_it else None)


def test_every_key_of_a_company_rotates_unless_it_signs(synthesised: Synthesised) -> None:
    for part, name, key in synthesised.of("AWS::KMS::Key"):
        signs = key["Properties"].get("KeyUsage") == "SIGN_VERIFY"
        assert signs or key["Properties"]["EnableKeyRotation"] is True, (part, name)


def test_every_bucket_is_private_encrypted_by_a_key_of_the_company_and_reached_by_tls_alone(
    synthesised: Synthesised,
) -> None:
    policies = list(synthesised.of("AWS::S3::BucketPolicy"))
    for part, name, bucket in synthesised.of("AWS::S3::Bucket"):
        properties = bucket["Properties"]
        assert all(properties["PublicAccessBlockConfiguration"].values()), (part, name)
        [rule] = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
        said = [
            p["Properties"]["PolicyDocument"] for of, _, p in policies if p["Properties"]["Bucket"] == {"Ref": name}
        ]
        assert any("aws:SecureTransport" in str(document) for document in said), (part, name)


def test_everything_that_takes_tags_says_whose_it_is(synthesised: Synthesised) -> None:
    for name, part in HOMES.items():
        tags = {tag["Key"]: tag["Value"] for tag in synthesised[part].function(name)["Tags"]}

        assert tags == {"freehold:company": "acme", "freehold:stack": part.lower()}


def test_the_guide_about_costs_counts_what_the_stacks_hold(synthesised: Synthesised) -> None:
    def count(kind: str) -> int:
        return len(list(synthesised.of(f"AWS::{kind}")))

    def memory(name: str) -> float:
        return float(synthesised[HOMES[name]].function(name)["MemorySize"]) / 1024

    metrics = {watch.metric for watch in synthesised["Observability"].stack.watches if "AWS/" not in watch.namespace}  # type: ignore[attr-defined]
    held = Holdings()
    assert (held.keys, held.secrets, held.alarms) == tuple(
        map(count, ("KMS::Key", "SecretsManager::Secret", "CloudWatch::Alarm"))
    )
    assert (held.dashboards, held.firewall_rules) == (
        count("CloudWatch::Dashboard"),
        len(synthesised["Portal"].one("AWS::WAFv2::WebACL")["Rules"]),
    )
    assert metrics < {*Measure, *Reading}
    assert held.metrics == len({*Measure, *Reading})
    functions = ("dispatcher", "workflow", "collector", "portal")
    assert (held.dispatcher_gb, held.workflow_gb, held.collector_gb, held.portal_gb) == tuple(map(memory, functions))


def test_whatever_is_known_by_name_alone_is_made_before_what_names_it(synthesised: Synthesised) -> None:
    """CloudFormation makes what does not refer to each other at the same time."""
    named = {"EventBusName": "AWS::Events::EventBus", "DatabaseName": "AWS::Glue::Database"}
    for part, name, resource in synthesised.resources():
        for kind in (kind for key, kind in named.items() if isinstance(resource["Properties"].get(key), str)):
            before = set(synthesised[part].of(kind))
            assert not before or before & set(resource.get("DependsOn", [])), (part, name)


def test_eventbridge_publishes_to_a_topic_without_a_condition_which_could_never_hold(
    synthesised: Synthesised,
) -> None:
    policies = [policy["Properties"]["PolicyDocument"] for _, _, policy in synthesised.of("AWS::SNS::TopicPolicy")]
    publishing = [
        said
        for policy in policies
        for said in policy["Statement"]
        if said["Principal"] == {"Service": "events.amazonaws.com"}
    ]

    assert publishing
    assert not any("Condition" in said for said in publishing)


def test_the_inline_policies_of_a_role_fit_into_what_iam_takes(synthesised: Synthesised) -> None:
    """10,240 characters without white space (IAM user guide, "IAM and AWS STS quotas")."""
    for role in synthesised_roles(synthesised):
        said = "".join(json.dumps(statement, separators=(",", ":")) for statement in role.statements)
        assert len(said) < 10_240, role.arn


def test_no_stack_is_deleted_by_mistake(synthesised: Synthesised) -> None:
    assert all(template.stack.termination_protection for template in synthesised.templates.values())
