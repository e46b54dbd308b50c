"""State of Lambda: moto's, in an account that may run as many functions at once as the cloud's limits say."""

from typing import Any

from moto.awslambda.models import LambdaBackend, lambda_backends

from infra.local.cloud import current

CODE_BYTES = 80_530_636_800
UNZIPPED_BYTES = 262_144_000
ZIPPED_BYTES = 52_428_800
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read 2026-11-25."""


class LocalLambdaBackend(LambdaBackend):
    """Lambda of one account and region."""

    def account_settings(self) -> dict[str, Any]:
        """What the account may use, and what its functions do."""
        together = int(current().limits.value("lambda.concurrent_executions"))
        functions = list(self.list_functions())
        kept = sum(int(function.reserved_concurrency or 0) for function in functions)
        return {
            "AccountLimit": {
                "TotalCodeSize": CODE_BYTES,
                "CodeSizeUnzipped": UNZIPPED_BYTES,
                "CodeSizeZipped": ZIPPED_BYTES,
                "ConcurrentExecutions": together,
                "UnreservedConcurrentExecutions": together - kept,
            },
            "AccountUsage": {
                "TotalCodeSize": sum(int(function.code_size) for function in functions),
                "FunctionCount": len({function.function_name for function in functions}),
            },
        }


__all__ = ["LocalLambdaBackend", "lambda_backends"]

lambda_backends.backend = LocalLambdaBackend
