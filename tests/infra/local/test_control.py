from typing import Any

import httpx2
import pytest
from joserfc.jwk import KeySet

from tests.cloud import Cloud, Credentials
from tests.infra.local.organizations.test_creation import vend
from tests.infra.local.sts.ground import KEY, centralise


def test_the_cloud_is_healthy_once_it_is_seeded(cloud: Cloud) -> None:
    healthy = httpx2.get(f"{cloud.url}/_cloud/healthz").status_code
    cloud.state.ready = False
    being_seeded = httpx2.get(f"{cloud.url}/_cloud/healthz").status_code

    assert (healthy, being_seeded) == (200, 503)


def test_the_clock_can_be_read_and_advanced_from_outside(cloud: Cloud) -> None:
    advanced = httpx2.post(f"{cloud.url}/_cloud/clock/advance", json={"seconds": 60}).json()

    clock = httpx2.get(f"{cloud.url}/_cloud/clock").json()
    assert set(clock) == {"mode", "speed", "real_origin", "aws_origin", "now"}
    assert clock["mode"] == "manual"
    assert clock["now"] == advanced["now"] == "2026-01-05T09:01:00+00:00"


NO_SECONDS = ['"ten"', "-1", "true", "1e999", "NaN", "1" + "0" * 400, "1e12", "[" * 5000]


@pytest.mark.parametrize("body", ["", "[]", "{}", *(f'{{"seconds": {one}}}' for one in NO_SECONDS), "[" * 5000])
def test_a_clock_advanced_by_nonsense_says_what_it_needs(cloud: Cloud, body: str) -> None:
    answer = httpx2.post(f"{cloud.url}/_cloud/clock/advance", content=body)

    assert answer.status_code == 400
    assert answer.json()["error"]
    assert httpx2.get(f"{cloud.url}/_cloud/clock").json()["now"] == "2026-01-05T09:00:00+00:00"


def test_a_path_that_is_not_there_and_a_method_that_is_not_allowed_are_told_apart(cloud: Cloud) -> None:
    assert httpx2.get(f"{cloud.url}/_cloud/nothing").status_code == 404
    assert httpx2.post(f"{cloud.url}/_cloud/healthz").status_code == 405


def test_limits_are_shown_with_their_sources(cloud: Cloud) -> None:
    cloud.limits.change("organizations.accounts", 7)

    shown = httpx2.get(f"{cloud.url}/_cloud/limits").json()["organizations.accounts"]

    assert (shown["value"], shown["in_force"]) == (10, 7)
    assert shown["source"].startswith("https://docs.aws.amazon.com/")


def test_a_reset_forgets_what_was_made(cloud: Cloud) -> None:
    cloud.client("s3").create_bucket(Bucket="ours", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    httpx2.post(f"{cloud.url}/_cloud/reset")

    assert cloud.client("s3").list_buckets()["Buckets"] == []
    assert httpx2.get(f"{cloud.url}/_cloud/calls").json() == {"s3.ListBuckets": 1}


def test_the_issuer_is_on_the_same_port(cloud: Cloud) -> None:
    configuration = httpx2.get(f"{cloud.url}/_oidc/.well-known/openid-configuration").json()

    assert configuration["issuer"] == f"{cloud.url}/_oidc"


def test_a_root_user_gets_a_key_as_if_its_owner_had_made_it_in_the_console(cloud: Cloud) -> None:
    account = vend(cloud)

    key = httpx2.post(f"{cloud.url}/_cloud/root-keys", json={"account": account}).json()

    sts = cloud.client("sts", credentials=Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{account}:root"


def test_there_is_no_key_for_a_stranger_nor_for_a_root_user_without_a_password_nor_a_third(cloud: Cloud) -> None:
    centralise(cloud)
    account = vend(cloud)

    def ask(who: object) -> int:
        return httpx2.post(f"{cloud.url}/_cloud/root-keys", json={"account": who}).status_code

    assert [ask(who) for who in (None, "111122223333", account)] == [400, 400, 409]
    assert [ask("123456789012") for _ in range(3)] == [200, 200, 409]


def test_the_keys_of_an_issuer_elsewhere_are_published_until_the_cloud_is_reset(cloud: Cloud) -> None:
    body = {"issuer": "https://gitlab.example", "jwks": KeySet([KEY]).as_dict(private=False)}
    bad: list[dict[str, Any]] = [
        {"issuer": "http://x.example"},
        {"issuer": 1},
        {"jwks": None},
        {"jwks": {"keys": [{}]}},
    ]

    known = httpx2.post(f"{cloud.url}/_cloud/issuers", json=body).json()["items"]
    refused = [httpx2.post(f"{cloud.url}/_cloud/issuers", json=body | wrong).status_code for wrong in bad]
    cloud.reset()

    assert known == sorted(["gitlab.example", f"{cloud.url.removeprefix('http://')}/_oidc"])
    assert refused == [400] * 4
    assert list(cloud.state.issuer_keys) == [f"{cloud.url.removeprefix('http://')}/_oidc"]
