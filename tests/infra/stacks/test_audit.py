from infra.stacks.audit import SCAN_LIMIT_BYTES
from infra.stacks.tables import TABLES
from tests.infra.stacks.conftest import Synthesised


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


def test_only_the_management_account_may_send_events(synthesised: Synthesised) -> None:
    said = synthesised["Audit"].one("AWS::Events::EventBusPolicy")["Statement"]

    assert said["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert said["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}
    for part in ("Organization", "Forwarding"):
        for rule in synthesised[part].of("AWS::Events::Rule").values():
            [target] = rule["Properties"]["Targets"]
            assert target["Arn"] == "arn:aws:events:eu-west-1:222222222222:event-bus/freehold-organization"


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
