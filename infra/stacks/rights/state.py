"""The product's own state: its table, its durable executions, its ledger."""

from infra.stacks.names import Names
from infra.stacks.rights.right import EXECUTIONS, NAMED_LATER, Right


def checkpoints(names: Names) -> Right:
    """What the durable SDK does for every step."""
    return Right(
        ("lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"),
        (f"{names.function_arn('workflow')}:*",),
        "aws_durable_execution_sdk_python",
        EXECUTIONS,
    )


def callbacks(names: Names, caller: str) -> Right:
    """A waiting execution goes on."""
    return Right(
        ("lambda:SendDurableExecutionCallbackSuccess",),
        (f"{names.function_arn('workflow')}:*",),
        f"vending.requests.engine, called by {caller}",
        EXECUTIONS,
    )


def start(names: Names) -> Right:
    """An execution begins."""
    return Right(("lambda:InvokeFunction",), (names.workflow_alias,), "vending.requests.engine")


def broken(names: Names) -> Right:
    """What became of executions, of every version of the function."""
    return Right(
        ("lambda:ListDurableExecutionsByFunction",), (names.function_arn("workflow"),), "vending.requests.engine"
    )


def table(names: Names) -> str:
    """ARN of the table."""
    return f"arn:aws:dynamodb:{names.region}:{names.account}:table/{names.table}"


def items(names: Names, caller: str, *more: str) -> Right:
    """A transaction is allowed by the actions that it is made of."""
    return Right(("dynamodb:GetItem", "dynamodb:PutItem", *more), (table(names),), caller)


def lists(names: Names, indexes: tuple[str, ...], caller: str) -> Right:
    """The lists of requests and accounts."""
    return Right(("dynamodb:Query",), tuple(f"{table(names)}/index/by-{index}" for index in indexes), caller)


def ledger(names: Names) -> tuple[Right, ...]:
    """Reads findings, and writes down that a run was asked for. Without the listing, S3 denies what is not there."""
    bucket = f"arn:aws:s3:::{names.bucket}"
    return (
        Right(("s3:ListBucket",), (bucket,), "audit.ledger.store"),
        Right(("s3:GetObject",), (f"{bucket}/*",), "audit.ledger.store", NAMED_LATER),
        Right(("s3:PutObject",), (f"{bucket}/runs-open/*",), "audit.collector.Auditor.start", NAMED_LATER),
    )


def evidence(names: Names, *actions: str) -> tuple[Right, ...]:
    """The audit's evidence, in the log archive; its key is used through S3 alone, on the caller's behalf."""
    bucket = f"arn:aws:s3:::{names.evidence}"
    via = {"StringEquals": {"kms:ViaService": f"s3.{names.region}.amazonaws.com"}}
    writes = "s3:PutObject" in actions
    return (
        *((Right(("s3:ListBucket",), (bucket,), "audit.evidence.vault"),) if writes else ()),
        Right(actions, (f"{bucket}/*",), "audit.evidence.vault", NAMED_LATER),
        Right(
            ("kms:Decrypt", *(("kms:GenerateDataKey",) if writes else ())),
            (f"arn:aws:kms:{names.region}:{names.log_archive}:key/*",),
            "s3, with the caller's rights",
            "KMS draws a key's id; the key's own policy lets these roles in, and only through S3",
            via,
        ),
    )


def signing(names: Names) -> Right:
    """Signs evidence. A policy cannot name a key by its alias: the condition does."""
    return Right(
        ("kms:GetPublicKey", "kms:Sign"),
        (f"arn:aws:kms:{names.region}:{names.account}:key/*",),
        "vending.core.signing",
        "KMS draws a key's id; the condition binds the call to the signing key's alias",
        {"StringEquals": {"kms:RequestAlias": names.signing_key}},
    )


def emails(names: Names) -> Right:
    """E-mails from an identity of this account."""
    return Right(
        ("ses:SendEmail",),
        (f"arn:aws:ses:{names.region}:{names.account}:identity/*",),
        "vending.notices.email",
        "SES judges by the sender's identity or its domain's, whichever is verified",
    )
