from typing import Any

import pytest

from audit.service import SELF
from infra.local.provision import make_bucket
from infra.runtime.lambdas import listener
from infra.runtime.lambdas.environment import Environment
from tests.audit.told import change, queued
from tests.cloud import Cloud
from tests.infra.runtime.lambdas.conftest import BUCKET, CONTEXT
from tests.vending.parts import acme
from vending.core.errors import AwsFailed
from vending.core.table import Table


@pytest.fixture
def s3(cloud: Cloud, table: Table) -> Any:
    cloud.limits.enforced = False
    listener.listener.cache_clear()
    environment = Environment.read()
    make_bucket(environment.place(environment.company()).aws, BUCKET)
    return cloud.client("s3")


def test_a_change_of_compliance_is_a_finding_and_a_line_for_athena(cloud: Cloud, s3: Any) -> None:
    archive = acme().aws.log_archive_account  # type: ignore[union-attr]
    told = change("NON_COMPLIANT", archive, cloud.clock.now())

    answer = listener.handler(queued(told), CONTEXT)

    assert answer == {"told": 1, "looked": 0, "refused": 0}
    reader = listener.listener().audit.reader
    found = reader.ask(SELF, ("findings",), "SELECT status, resource_id FROM findings")
    assert [(row["status"], row["resource_id"]) for row in found] == [("fail", "shop")]
    assert s3.get_object(Bucket=BUCKET, Key="links/findings/files.txt")["Body"].read()


def test_drift_of_control_tower_and_changed_policies_are_looked_at(s3: Any) -> None:
    answer = listener.handler(queued({"source": "aws.controltower"}, {"source": "aws.organizations"}), CONTEXT)

    assert answer == {"told": 0, "looked": 2, "refused": 0}


def test_what_is_not_believed_is_passed_over_and_nothing_is_written(s3: Any) -> None:
    answer = listener.handler(queued({"source": "aws.health", "detail-type": "News"}), CONTEXT)

    assert answer == {"told": 0, "looked": 0, "refused": 1}
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)


def test_what_cannot_be_written_is_delivered_again(s3: Any) -> None:
    s3.delete_bucket(Bucket=BUCKET)

    with pytest.raises(AwsFailed):
        listener.handler(queued({"source": "aws.organizations"}), CONTEXT)
