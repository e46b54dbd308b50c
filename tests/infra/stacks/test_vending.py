from pathlib import Path
from typing import Any

from tests.infra.stacks.conftest import Synthesised
from vending.core.signing import KEY_SPEC
from vending.core.table import DEFINITION


def test_the_workflow_is_a_durable_function_that_may_wait_a_year(synthesised: Synthesised) -> None:
    workflow = synthesised.function("workflow")

    assert workflow["DurableConfig"] == {"ExecutionTimeout": 31_622_400, "RetentionPeriodInDays": 90}
    assert workflow["Runtime"] == "python3.13"
    assert workflow["Timeout"] == 900
    assert all("DurableConfig" not in synthesised.function(name) for name in ("dispatcher", "portal"))


def test_requests_begin_in_the_alias_and_old_versions_stay_for_those_under_way(synthesised: Synthesised) -> None:
    alias = synthesised.one("AWS::Lambda::Alias")["Properties"]
    [(name, version)] = synthesised.of("AWS::Lambda::Version").items()

    assert alias["Name"] == "live"
    assert alias["FunctionVersion"] == {"Fn::GetAtt": [name, "Version"]}
    assert version["DeletionPolicy"] == version["UpdateReplacePolicy"] == "Retain"
    for function in ("workflow", "dispatcher", "portal"):
        environment = synthesised.function(function)["Environment"]["Variables"]
        arn = "arn:aws:lambda:eu-west-1:123456789012:function:freehold-workflow:live"
        assert environment["FREEHOLD_FUNCTION"] == arn


def test_the_table_is_the_one_that_the_code_defines(synthesised: Synthesised) -> None:
    table = synthesised.one("AWS::DynamoDB::Table")

    properties: dict[str, Any] = table["Properties"]
    assert {name: properties[name] for name in DEFINITION} == dict(DEFINITION)
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert properties["SSESpecification"]["SSEType"] == "KMS"
    assert "TimeToLiveSpecification" not in properties
    assert table["DeletionPolicy"] == "Retain"


def test_what_cannot_be_made_again_stays_when_the_stack_goes(synthesised: Synthesised) -> None:
    kinds = ("DynamoDB::Table", "S3::Bucket", "KMS::Key", "SecretsManager::Secret", "Logs::LogGroup")

    for kind in kinds:
        for resource in synthesised.of(f"AWS::{kind}").values():
            assert resource["DeletionPolicy"] == "Retain", kind


def test_the_dispatcher_runs_every_minute_and_is_not_repeated(synthesised: Synthesised) -> None:
    rule = synthesised.one("AWS::Events::Rule")["Properties"]
    calls = synthesised.one("AWS::Lambda::EventInvokeConfig")["Properties"]

    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert rule["Targets"][0]["RetryPolicy"]["MaximumRetryAttempts"] == 0
    assert calls["MaximumRetryAttempts"] == 0


def test_executions_that_failed_for_good_leave_a_letter_and_an_alarm(synthesised: Synthesised) -> None:
    [queue] = synthesised.of("AWS::SQS::Queue")
    alarms = [alarm["Properties"] for alarm in synthesised.of("AWS::CloudWatch::Alarm").values()]
    subscription = synthesised.one("AWS::SNS::Subscription")["Properties"]

    assert synthesised.function("workflow")["DeadLetterConfig"]["TargetArn"] == {"Fn::GetAtt": [queue, "Arn"]}
    watched = {alarm["MetricName"] for alarm in alarms}
    assert {"DurableExecutionFailed", "ApproximateNumberOfMessagesVisible", "Errors"} <= watched
    assert all(alarm["AlarmActions"] and alarm["AlarmDescription"] for alarm in alarms)
    assert subscription["Endpoint"] == "platform@acme.example"


def test_alarms_may_publish_to_their_topic_and_use_its_key(synthesised: Synthesised) -> None:
    policy = synthesised.one("AWS::SNS::TopicPolicy")["Properties"]["PolicyDocument"]
    keys = [key["Properties"]["KeyPolicy"] for key in synthesised.of("AWS::KMS::Key").values()]

    alarms = {"Service": "cloudwatch.amazonaws.com"}
    own = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    [publishing] = [one for one in policy["Statement"] if one["Effect"] == "Allow"]
    assert (publishing["Principal"], publishing["Action"], publishing["Condition"]) == (alarms, "sns:Publish", own)
    [using] = [one for key in keys for one in key["Statement"] if one["Principal"] == alarms]
    assert (using["Action"], using["Condition"]) == (["kms:Decrypt", "kms:GenerateDataKey"], own)


def test_evidence_is_signed_by_a_key_of_its_own_that_outlives_the_stack(synthesised: Synthesised) -> None:
    keys = synthesised.of("AWS::KMS::Key").values()

    [signing] = [key for key in keys if key["Properties"].get("KeyUsage") == "SIGN_VERIFY"]
    assert (signing["Properties"]["KeySpec"], signing["DeletionPolicy"]) == (KEY_SPEC, "Retain")
    aliases = [alias["Properties"]["AliasName"] for alias in synthesised.of("AWS::KMS::Alias").values()]
    for name in ("workflow", "portal"):
        assert synthesised.function(name)["Environment"]["Variables"]["FREEHOLD_SIGNING_KEY"] in aliases


def test_a_dispatcher_that_stops_running_is_noticed(synthesised: Synthesised) -> None:
    alarms = [alarm["Properties"] for alarm in synthesised.of("AWS::CloudWatch::Alarm").values()]

    [silent] = [alarm for alarm in alarms if alarm["MetricName"] == "Invocations"]
    assert (silent["ComparisonOperator"], silent["Threshold"]) == ("LessThanThreshold", 1)
    assert silent["TreatMissingData"] == "breaching"


def test_logs_are_kept_a_year_under_the_company_s_key(synthesised: Synthesised) -> None:
    for group in synthesised.of("AWS::Logs::LogGroup").values():
        assert group["Properties"]["RetentionInDays"] == 365
        assert group["Properties"]["KmsKeyId"]


def test_the_portal_is_reached_by_its_own_name_behind_a_firewall_alone(synthesised: Synthesised) -> None:
    api = synthesised.one("AWS::ApiGateway::RestApi")["Properties"]
    domain = synthesised.one("AWS::ApiGateway::DomainName")["Properties"]
    association = synthesised.one("AWS::WAFv2::WebACLAssociation")["Properties"]

    assert api["DisableExecuteApiEndpoint"] is True
    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert (domain["DomainName"], domain["SecurityPolicy"]) == ("accounts.acme.example", "TLS_1_2")
    assert association["WebACLArn"]


def test_every_function_is_traced_and_logs_json(synthesised: Synthesised) -> None:
    for name in ("workflow", "dispatcher", "portal"):
        function = synthesised.function(name)
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert function["LoggingConfig"]["LogFormat"] == "JSON"


def test_bundles_are_named_by_their_contents_and_made_by_whoever_publishes(synthesised: Synthesised) -> None:
    commands = {
        key: file["source"]["executable"][-1]
        for key, file in synthesised.assets["files"].items()
        if "executable" in file["source"]
    }

    assert sorted(commands.values()) == ["dispatcher", "portal", "workflow"]
    for key, name in commands.items():
        assert synthesised.function(name)["Code"]["S3Key"] == key
    assert not list(Path(synthesised.path.parent).glob("asset.*"))


def test_everything_that_takes_tags_says_whose_it_is(synthesised: Synthesised) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in synthesised.function("workflow")["Tags"]}

    assert tags == {"freehold:company": "acme", "freehold:stack": "vending"}
