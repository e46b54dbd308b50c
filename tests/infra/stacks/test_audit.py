import json
from pathlib import Path

from cfnlint.api import ManualArgs, lint_file

from infra.stacks.audit import SCAN_LIMIT_BYTES
from infra.stacks.tables import TABLES
from tests.infra.stacks.conftest import Synthesised
from tests.infra.stacks.roles import names


def test_the_collector_runs_daily_soon_after_being_asked_and_when_control_tower_reports(
    synthesised: Synthesised,
) -> None:
    rules = [rule["Properties"] for rule in synthesised["Audit"].of("AWS::Events::Rule").values()]
    asked = {
        rule.get("ScheduleExpression", "event"): rule for rule in rules if "collector" in str(rule["Targets"]).lower()
    }

    assert set(asked) == {"cron(17 4 * * ? *)", "rate(5 minutes)", "event"}
    assert asked["rate(5 minutes)"]["Targets"][0]["Input"] == '{"do":"resume"}'
    assert asked["event"]["EventPattern"]["source"] == ["aws.controltower"]
    assert synthesised["Audit"].function("collector")["ReservedConcurrentExecutions"] == 1


def test_only_the_management_account_and_the_accounts_own_forwarding_roles_may_send_events(
    synthesised: Synthesised,
) -> None:
    policies = synthesised["Audit"].of("AWS::Events::EventBusPolicy").values()
    said = {each["Properties"]["StatementId"]: each["Properties"]["Statement"] for each in policies}

    assert said["FromTheManagementAccount"]["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert {str(one["Condition"]["StringEquals"]) for one in said.values()} == {
        "{'aws:PrincipalOrgID': 'o-exampleorgid'}"
    }
    sending = {"aws:PrincipalArn": "arn:aws:iam::*:role/freehold-forwarding-*"}
    assert said["FromTheAccounts"]["Condition"]["ArnLike"] == sending
    for part in ("Organization", "Forwarding"):
        for rule in synthesised[part].of("AWS::Events::Rule").values():
            [target] = rule["Properties"]["Targets"]
            assert target["Arn"] == "arn:aws:events:eu-west-1:222222222222:event-bus/freehold-organization"


def test_what_is_told_between_runs_waits_in_a_queue_for_the_listener_and_what_fails_for_a_person(
    synthesised: Synthesised,
) -> None:
    audit = synthesised["Audit"]
    rules = [rule["Properties"] for rule in audit.of("AWS::Events::Rule").values()]
    heard = [rule["EventPattern"]["source"] for rule in rules if rule["Targets"][0]["Id"] == "queue"]
    queues = {each["Properties"]["QueueName"]: each["Properties"] for each in audit.of("AWS::SQS::Queue").values()}
    [feed] = audit.of("AWS::Lambda::EventSourceMapping").values()

    assert heard == [["aws.config"], ["aws.controltower"], ["aws.organizations"]]
    assert queues["freehold-events"]["RedrivePolicy"]["maxReceiveCount"] == 5
    assert queues["freehold-events"]["VisibilityTimeout"] >= 6 * audit.function("listener")["Timeout"]
    assert set(queues) == {"freehold-events", "freehold-unheard-events"}
    assert feed["Properties"]["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_every_account_that_is_there_or_comes_sends_what_config_says_of_it_and_nothing_else(
    synthesised: Synthesised, tmp_path: Path
) -> None:
    stack_set = synthesised["Audit"].one("AWS::CloudFormation::StackSet")
    template = tmp_path / "accounts.json"
    template.write_text(stack_set["TemplateBody"])

    [instances] = stack_set["StackInstancesGroup"]
    body = json.loads(stack_set["TemplateBody"])["Resources"]
    assert instances["DeploymentTargets"] == {"OrganizationalUnitIds": ["r-acme"]}
    assert instances["Regions"] == ["eu-west-1", "us-east-1", "eu-central-1"]
    assert stack_set["AutoDeployment"]["Enabled"] is True
    assert body["Rule"]["Properties"]["EventPattern"] == {
        "source": ["aws.config"],
        "detail-type": ["Config Rules Compliance Change"],
    }
    [may] = body["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert (may["Action"], may["Resource"]) == ("events:PutEvents", names().bus_arn)
    assert lint_file(template, config=ManualArgs(regions=["eu-west-1"])) == []


def test_athena_reads_the_ledger_s_columns_and_no_more_than_its_limit(synthesised: Synthesised) -> None:
    audit = synthesised["Audit"]
    tables = [table["Properties"]["TableInput"] for table in audit.of("AWS::Glue::Table").values()]
    work = audit.one("AWS::Athena::WorkGroup")["WorkGroupConfiguration"]

    read = {t["Name"]: {c["Name"]: c["Type"] for c in t["StorageDescriptor"]["Columns"]} for t in tables}
    assert read == dict(TABLES)
    assert read["findings"]["first_seen"] == "timestamp"
    assert work["EnforceWorkGroupConfiguration"] is True
    assert work["BytesScannedCutoffPerQuery"] == SCAN_LIMIT_BYTES


def test_evidence_lies_in_the_log_archive_where_nobody_deletes_it_and_the_platform_only_adds(
    synthesised: Synthesised,
) -> None:
    evidence = synthesised["Evidence"]
    bucket = evidence.one("AWS::S3::Bucket")
    said = evidence.one("AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]

    rule = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert rule == {"Mode": "COMPLIANCE", "Days": 400}
    allowed = {one["Action"] for one in said if one["Effect"] == "Allow"}
    assert allowed == {"s3:PutObject", "s3:GetObject", "s3:ListBucket"}
    assert all(
        one["Condition"]["StringEquals"] == {"aws:PrincipalOrgID": "o-exampleorgid"}
        for one in said
        if one["Effect"] == "Allow"
    )


def test_each_run_is_told_to_security(synthesised: Synthesised) -> None:
    audit = synthesised["Audit"]

    assert audit.one("AWS::SNS::Subscription")["Endpoint"] == "security@acme.example"
    patterns = [rule["Properties"].get("EventPattern") for rule in audit.of("AWS::Events::Rule").values()]
    assert {"source": ["freehold"], "detail-type": ["Audit Run Ended"]} in patterns
