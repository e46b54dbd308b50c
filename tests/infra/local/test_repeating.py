"""One client's run, twice, against two processes: every byte is the same."""

import signal
import subprocess
import sys
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.cloud import ACME, ONE_ATTEMPT

CLOUD = "from infra.local.commands import app; app()"
OPTIONS = ["--port", "0", "--config", str(ACME), "--manual-clock", "--seed", "7"]
ACCOUNT = {"AccountName": "repeat", "Email": "aws+repeat@acme.example"}
TABLE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
CALLS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("organizations", "create_account", ACCOUNT),
    ("organizations", "list_create_account_status", {}),
    ("organizations", "list_accounts", {}),
    ("organizations", "describe_account", {"AccountId": "999999999999"}),
    ("controltower", "list_enabled_baselines", {}),
    ("sso-admin", "list_instances", {}),
    ("iam", "create_user", {"UserName": "somebody"}),
    ("iam", "create_access_key", {"UserName": "somebody"}),
    ("iam", "get_role", {"RoleName": "nobody"}),
    ("ec2", "create_volume", {"AvailabilityZone": "eu-west-1a", "Size": 1}),
    ("ec2", "describe_vpcs", {}),
    ("s3", "create_bucket", {"Bucket": "b-1", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
    ("s3", "put_object", {"Bucket": "b-1", "Key": "k", "Body": b"said"}),
    ("s3", "list_objects_v2", {"Bucket": "b-1"}),
    ("dynamodb", "create_table", TABLE),
    ("kms", "create_key", {"KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"}),
    ("accessanalyzer", "create_analyzer", {"analyzerName": "outside", "type": "ACCOUNT"}),
)


def run() -> list[tuple[str, int, bytes, dict[str, str]]]:
    """What one client hears from a fresh process: operation, status, body, headers but the time of the server."""
    heard: list[tuple[str, int, bytes, dict[str, str]]] = []

    def hear(http_response: Any, model: Any, **_: Any) -> None:
        headers = {name.lower(): value for name, value in http_response.headers.items()}
        headers.pop("date", None)
        heard.append((model.name, http_response.status_code, http_response.content, headers))

    with subprocess.Popen([sys.executable, "-c", CLOUD, *OPTIONS], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        session = boto3.Session("any", "any", region_name="eu-west-1")
        for service, operation, parameters in CALLS:
            client = session.client(service, endpoint_url=url, config=ONE_ATTEMPT)
            client.meta.events.register("after-call", hear)
            try:
                getattr(client, operation)(**parameters)
            except ClientError as refused:
                heard.append((operation, 0, str(refused).encode(), {}))
        process.send_signal(signal.SIGTERM)
    return heard


def test_a_run_with_a_seed_and_a_standing_clock_repeats_byte_for_byte_in_another_process() -> None:
    first, again = run(), run()

    assert first == again
    assert {status for _, status, _, _ in first} >= {200, 400, 404}
