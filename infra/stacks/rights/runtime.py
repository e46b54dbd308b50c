"""What Lambda does with every function's role."""

from infra.stacks.names import Names
from infra.stacks.rights.right import NO_RESOURCE, Right


def runtime_rights(names: Names, name: str, key: str, *services: str) -> tuple[Right, ...]:
    """What Lambda does with a function's role: its log, its trace, and the key below what it reads and writes."""
    return (
        Right(
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (f"arn:aws:logs:{names.region}:{names.home(name)}:log-group:{names.log_group(name)}:*",),
            "the Lambda runtime",
            "Lambda draws the names of log streams",
        ),
        Right(
            ("xray:PutTelemetryRecords", "xray:PutTraceSegments"),
            ("*",),
            "the Lambda runtime",
            NO_RESOURCE,
        ),
        *(_key(names, key, service) for service in services),
    )


def _key(names: Names, key: str, service: str) -> Right:
    """DynamoDB and Secrets Manager only decrypt on a caller's behalf; S3 also draws a data key for each object."""
    actions = ("kms:Decrypt", "kms:GenerateDataKey") if service == "s3" else ("kms:Decrypt",)
    via = {"StringEquals": {"kms:ViaService": f"{service}.{names.region}.amazonaws.com"}}
    return Right(actions, (key,), f"{service}, with the caller's rights", conditions=via)
