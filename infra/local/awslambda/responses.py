"""Lambda's API where moto lacks it: the account's limits."""

import json
from typing import cast

from moto.awslambda.responses import LambdaResponse

from infra.local.awslambda.models import LocalLambdaBackend


class LocalLambdaResponse(LambdaResponse):
    """One call to Lambda."""

    def get_account_settings(self) -> tuple[int, dict[str, str], str]:
        """The account's limits and what of them is used."""
        return 200, {}, json.dumps(cast("LocalLambdaBackend", self.backend).account_settings())
