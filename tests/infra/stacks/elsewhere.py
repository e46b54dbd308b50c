"""The rights that the local cloud cannot record, each with the page of AWS that demands it."""

from collections.abc import Mapping

AWS = "https://docs.aws.amazon.com"
LAMBDA = f"{AWS}/lambda/latest/dg"

ELSEWHERE: Mapping[str, str] = {
    "kms:Decrypt": f"{AWS}/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service",
    "kms:GenerateDataKey": f"{AWS}/AmazonS3/latest/userguide/UsingKMSEncryption.html",
    "lambda:CheckpointDurableExecution": f"{LAMBDA}/durable-security.html",
    "lambda:GetDurableExecutionState": f"{LAMBDA}/durable-security.html",
    "lambda:InvokeFunction": f"{LAMBDA}/durable-security.html",
    "lambda:ListDurableExecutionsByFunction": f"{LAMBDA}/durable-security.html",
    "lambda:SendDurableExecutionCallbackSuccess": f"{LAMBDA}/durable-security.html",
    "logs:CreateLogStream": f"{LAMBDA}/monitoring-cloudwatchlogs.html",
    "logs:PutLogEvents": f"{LAMBDA}/monitoring-cloudwatchlogs.html",
    "organizations:ListDelegatedAdministrators": (
        f"{AWS}/config/latest/APIReference/API_PutOrganizationConformancePack.html"
    ),
    "sqs:DeleteMessage": f"{LAMBDA}/services-sqs-configure.html",
    "sqs:GetQueueAttributes": f"{LAMBDA}/services-sqs-configure.html",
    "sqs:ReceiveMessage": f"{LAMBDA}/services-sqs-configure.html",
    "sqs:SendMessage": f"{LAMBDA}/invocation-async-retain-records.html",
    "xray:PutTelemetryRecords": f"{LAMBDA}/services-xray.html",
    "xray:PutTraceSegments": f"{LAMBDA}/services-xray.html",
}
"""Action -> page. Executions are run by the official local runner, which has its own store and asks nobody; Lambda
itself writes logs and traces, reads the queue of events and fills that of dead letters; services use keys on a caller's
behalf; and Config looks who administers it in the caller's name."""
