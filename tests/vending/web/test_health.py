from tests.vending.web.shell import shell
from vending.core.errors import AwsMissing

ISSUER = "http://127.0.0.1:1"


def fine() -> None:
    """A check that finds nothing wrong."""


def broken() -> None:
    raise AwsMissing("There is no table named freehold.")


def test_a_portal_whose_checks_pass_is_well() -> None:
    answer = shell(ISSUER, checks={"table": fine}).get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": {"table": "ok"}})


def test_a_check_that_fails_is_named_with_its_reason() -> None:
    answer = shell(ISSUER, checks={"clock": fine, "table": broken}).get("/healthz")

    assert answer.status_code == 503
    assert answer.json() == {
        "status": "failing",
        "checks": {"clock": "ok", "table": "There is no table named freehold."},
    }
