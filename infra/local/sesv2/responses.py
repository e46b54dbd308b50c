"""SES's API where moto lacks it: the account, in its sandbox or out of it."""

import json
from typing import cast

from moto.sesv2.responses import SESV2Response

from infra.local.sesv2.models import LocalSESV2Backend

SANDBOX = {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 0.0}
PRODUCTION = {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 0.0}
"""https://docs.aws.amazon.com/ses/latest/dg/quotas.html, read 2026-11-25; nothing is counted here."""


class LocalSESV2Response(SESV2Response):
    """One call to SES."""

    def get_account(self) -> tuple[int, dict[str, str], str]:
        """Whether SES sends to everybody, and how much."""
        open_ = cast("LocalSESV2Backend", self.sesv2_backend).in_production
        said = {
            "DedicatedIpAutoWarmupEnabled": True,
            "EnforcementStatus": "HEALTHY",
            "ProductionAccessEnabled": open_,
            "SendQuota": PRODUCTION if open_ else SANDBOX,
            "SendingEnabled": True,
        }
        return 200, {}, json.dumps(said)
