"""What AWS tells, as EventBridge and SQS deliver it."""

import json
from datetime import datetime
from typing import Any

from audit.news import COMPLIANCE
from vending.core.clock import to_text


def change(state: str, account_id: str, at: datetime, rule: str = "encrypted-volumes") -> dict[str, Any]:
    """A compliance change of one resource."""
    detail = {
        "awsAccountId": account_id,
        "awsRegion": "eu-west-1",
        "configRuleName": rule,
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": {"complianceType": state, "resultRecordedTime": to_text(at)},
        "resourceId": "shop",
        "resourceType": "AWS::S3::Bucket",
    }
    return {"source": "aws.config", "detail-type": COMPLIANCE, "account": account_id, "detail": detail}


def queued(*events: dict[str, Any]) -> dict[str, Any]:
    """A batch of SQS."""
    return {"Records": [{"messageId": str(n), "body": json.dumps(event)} for n, event in enumerate(events)]}
