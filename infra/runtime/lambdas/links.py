"""Which of the ledger's files Athena reads: one list a table, written after each run.

The ledger's files are immutable and those of earlier runs stay beside them, so a folder is no table.
"""

from typing import TYPE_CHECKING

from vending.core.aws import Aws

if TYPE_CHECKING:
    from audit.ledger.head import Head

LINKS = "links"
"""The folder of the lists."""
KINDS = ("findings", "transitions", "coverage", "runs", "summary")


def write_links(aws: Aws, bucket: str, head: "Head") -> None:
    """Make Athena's tables those of `head`. Raises AwsFailed."""
    for kind in KINDS:
        files = "".join(f"s3://{bucket}/{file.key}\n" for file in getattr(head, kind))
        aws.client("s3").put_object(Bucket=bucket, Key=f"{LINKS}/{kind}/files.txt", Body=files.encode())
