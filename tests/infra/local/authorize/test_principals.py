"""Who signed a call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.iam.models import iam_backends
from moto.iam.utils import generate_access_key_id_from_account_id

from infra.local.authorize.denials import NotSignedIn
from infra.local.authorize.principals import Credentials, NotSignedInError, account_in, find_role
from tests.cloud import Cloud
from tests.infra.local.authorize.ground import make_account, make_role

MANAGEMENT = "123456789012"


@given(st.integers(0, 10**12 - 1), st.sampled_from(["AKIA", "ASIA"]))
def test_account_is_read_from_an_access_key(number: int, prefix: str) -> None:
    account = f"{number:012d}"
    key = generate_access_key_id_from_account_id(account, prefix)
    known = account in iam_backends

    assert account_in(key) == (account if known else None)


def test_account_of_a_real_key_is_found(cloud: Cloud) -> None:
    account = make_account(cloud)

    assert account_in(cloud.session(account).credentials.access_key) == account


@pytest.mark.parametrize("key", ["test", "", "AKIA", "AKIAIOSFODNN7EXAMPLE", "AKIA" + "A" * 16, "AKIA" + "1" * 16])
def test_other_key_is_the_administrators(cloud: Cloud, key: str) -> None:
    assert Credentials(MANAGEMENT).principal(key, None).account == MANAGEMENT


def test_session_is_known_by_its_role_with_path(cloud: Cloud) -> None:
    account = make_account(cloud)
    role = make_role(cloud, account, "deep", Path="/a/b/")
    signed = cloud.assume(role, "ada")

    principal = Credentials(MANAGEMENT).principal(signed.access_key, signed.token)

    assert principal.arn == f"arn:aws:sts::{account}:assumed-role/deep/ada"
    assert principal.principal_arn == f"arn:aws:iam::{account}:role/a/b/deep"


def test_session_that_is_over_is_expired(cloud: Cloud) -> None:
    signed = cloud.session(make_account(cloud)).credentials
    credentials = Credentials(MANAGEMENT)
    session = credentials.principal(signed.access_key, signed.token).session
    assert session is not None
    session.expiration = session.expiration.replace(year=2020)

    with pytest.raises(NotSignedInError) as error:
        credentials.principal(signed.access_key, signed.token)

    assert error.value.why is NotSignedIn.EXPIRED


def test_role_is_found_by_its_whole_arn_only(cloud: Cloud) -> None:
    account = make_account(cloud)
    role = make_role(cloud, account, "deep", Path="/a/")

    assert find_role(role) is not None
    assert find_role(f"arn:aws:iam::{account}:role/deep") is None
    assert find_role("arn:aws:iam::999999999999:role/deep") is None
    assert find_role("nonsense") is None
