"""`GET /healthz`: whether everything that the portal needs answers."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from vending.core.errors import FreeholdError

Check = Callable[[], None]
"""Returns when all is well, raises `FreeholdError` when not."""


def routes(checks: Mapping[str, Check]) -> APIRouter:
    """200 with every check `ok`, or 503 with the sentence of each that is not."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="Whether the portal is ready")
    def healthz() -> JSONResponse:
        answers = {name: _answer(check) for name, check in checks.items()}
        well = all(answer == "ok" for answer in answers.values())
        return JSONResponse({"status": "ok" if well else "failing", "checks": answers}, 200 if well else 503)

    return router


def _answer(check: Check) -> str:
    try:
        check()
    except FreeholdError as error:
        return error.sentence
    return "ok"
