from pathlib import Path
from typing import Any

from infra.stacks.names import ALIAS
from tests.infra.stacks.conftest import Synthesised
from vending.core.signing import KEY_SPEC
from vending.core.table import DEFINITION


def test_the_workflow_is_a_durable_function_that_may_wait_a_year(synthesised: Synthesised) -> None:
    vending = synthesised["Vending"]
    workflow = vending.function("workflow")

    assert workflow["DurableConfig"] == {"ExecutionTimeout": 31_622_400, "RetentionPeriodInDays": 90}
    assert workflow["Runtime"] == "python3.13"
    assert workflow["Timeout"] == 900
    assert "DurableConfig" not in vending.function("dispatcher")


def test_requests_begin_in_the_alias_and_old_versions_stay_for_those_under_way(synthesised: Synthesised) -> None:
    vending = synthesised["Vending"]
    alias = vending.one("AWS::Lambda::Alias")
    [(name, version)] = vending.of("AWS::Lambda::Version").items()

    assert alias["Name"] == ALIAS
    assert alias["FunctionVersion"] == {"Fn::GetAtt": [name, "Version"]}
    assert version["DeletionPolicy"] == version["UpdateReplacePolicy"] == "Retain"


def test_the_table_is_the_one_that_the_code_defines(synthesised: Synthesised) -> None:
    [table] = synthesised["Vending"].of("AWS::DynamoDB::Table").values()

    properties: dict[str, Any] = table["Properties"]
    assert {name: properties[name] for name in DEFINITION} == dict(DEFINITION)
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert properties["SSESpecification"]["SSEType"] == "KMS"
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert "TimeToLiveSpecification" not in properties
    assert table["DeletionPolicy"] == "Retain"


def test_the_dispatcher_runs_every_minute_and_is_not_repeated(synthesised: Synthesised) -> None:
    rule = synthesised["Vending"].one("AWS::Events::Rule")
    calls = synthesised["Vending"].one("AWS::Lambda::EventInvokeConfig")

    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert rule["Targets"][0]["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert calls["MaximumRetryAttempts"] == 0


def test_executions_that_failed_for_good_leave_a_letter(synthesised: Synthesised) -> None:
    [queue] = synthesised["Vending"].of("AWS::SQS::Queue")

    target = synthesised["Vending"].function("workflow")["DeadLetterConfig"]["TargetArn"]
    assert target == {"Fn::GetAtt": [queue, "Arn"]}


def test_evidence_is_signed_by_a_key_of_its_own_that_outlives_the_stack(synthesised: Synthesised) -> None:
    keys = synthesised["Vending"].of("AWS::KMS::Key").values()

    [signing] = [key for key in keys if key["Properties"].get("KeyUsage") == "SIGN_VERIFY"]
    assert (signing["Properties"]["KeySpec"], signing["DeletionPolicy"]) == (KEY_SPEC, "Retain")
    aliases = [alias["Properties"]["AliasName"] for alias in synthesised["Vending"].of("AWS::KMS::Alias").values()]
    for part, name in (("Vending", "workflow"), ("Portal", "portal")):
        assert synthesised[part].function(name)["Environment"]["Variables"]["FREEHOLD_SIGNING_KEY"] in aliases


def test_alarms_of_this_account_and_the_rule_that_tells_of_runs_may_use_the_key_of_their_topics(
    synthesised: Synthesised,
) -> None:
    keys = [key["Properties"]["KeyPolicy"] for key in synthesised["Vending"].of("AWS::KMS::Key").values()]
    bound = {said["Principal"].get("Service"): said for key in keys for said in key["Statement"]}

    alarms, reports = bound["cloudwatch.amazonaws.com"], bound["events.amazonaws.com"]
    assert alarms["Action"] == reports["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert alarms["Condition"] == {"StringEquals": {"aws:SourceAccount": "222222222222"}}
    told = {"kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:eu-west-1:222222222222:freehold-reports"}
    assert reports["Condition"] == {"StringEquals": told}


def test_bundles_are_named_by_their_contents_and_made_by_whoever_publishes(synthesised: Synthesised) -> None:
    vending = synthesised["Vending"]
    assets = _assets(vending.path)

    commands = {key: file["source"]["executable"][-1] for key, file in assets.items() if "executable" in file["source"]}
    assert sorted(commands.values()) == ["dispatcher", "workflow"]
    for key, name in commands.items():
        assert vending.function(name)["Code"]["S3Key"] == key
    assert not list(synthesised.out.glob("asset.*"))


def _assets(template: Path) -> dict[str, Any]:
    import json

    found: dict[str, Any] = json.loads(template.with_name(template.name.replace(".template", ".assets")).read_text())
    files: dict[str, Any] = found["files"]
    return files
