import json

from tests.infra.stacks.conftest import Synthesised
from vending.core.runbooks import RUNBOOKS


def test_every_alarm_names_a_runbook_that_exists_and_every_runbook_has_an_alarm(synthesised: Synthesised) -> None:
    alarms = [alarm["Properties"] for alarm in synthesised["Observability"].of("AWS::CloudWatch::Alarm").values()]

    named = {alarm["AlarmDescription"].rpartition("/help/runbooks/")[2] for alarm in alarms}
    assert named == set(RUNBOOKS)
    assert all("https://accounts.acme.example/help/runbooks/" in alarm["AlarmDescription"] for alarm in alarms)
    assert all(alarm["AlarmActions"] for alarm in alarms)


def test_the_operations_desk_is_written_to(synthesised: Synthesised) -> None:
    stack = synthesised["Observability"]

    assert stack.one("AWS::SNS::Subscription")["Endpoint"] == "platform@acme.example"
    said = stack.one("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    [publishing] = [one for one in said if one["Effect"] == "Allow"]
    assert publishing["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert publishing["Condition"] == {"StringEquals": {"aws:SourceAccount": "222222222222"}}


def test_silence_of_the_dispatcher_and_of_the_audit_is_noticed(synthesised: Synthesised) -> None:
    alarms = [alarm["Properties"] for alarm in synthesised["Observability"].of("AWS::CloudWatch::Alarm").values()]

    silent = {alarm["AlarmName"] for alarm in alarms if alarm["TreatMissingData"] == "breaching"}
    assert silent == {"freehold-no-rounds", "freehold-audit-late"}


def test_how_old_and_how_blind_the_audit_may_be_stands_in_the_company_file(synthesised: Synthesised) -> None:
    alarms = [alarm["Properties"] for alarm in synthesised["Observability"].of("AWS::CloudWatch::Alarm").values()]

    judged = {
        alarm["AlarmName"]: (alarm["MetricName"], alarm["ComparisonOperator"], alarm["Threshold"]) for alarm in alarms
    }
    assert judged["freehold-audit-late"] == ("AuditAgeHours", "GreaterThanOrEqualToThreshold", 26)
    assert judged["freehold-audit-blind"] == ("AuditCoverage", "LessThanThreshold", 95)


def test_the_dashboard_shows_the_business_first(synthesised: Synthesised) -> None:
    body = json.loads(synthesised["Observability"].one("AWS::CloudWatch::Dashboard")["DashboardBody"])

    metrics = [metric[1] for widget in body["widgets"] for metric in widget["properties"]["metrics"]]
    assert metrics[:5] == ["RequestsReady", "RequestsOpen", "RequestsParked", "OldestRequestHours", "AuditCoverage"]
