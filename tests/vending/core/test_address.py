import pytest

from vending.core.address import is_loopback, is_private


@pytest.mark.parametrize(
    ("url", "loopback", "private"),
    [
        ("http://127.0.0.1:8080", True, True),
        ("http://localhost:8080/x", True, True),
        ("http://[::1]:8080", True, True),
        ("https://accounts.acme.example", False, True),
        ("http://accounts.acme.example", False, False),
        ("http://127.0.0.1.evil.example", False, False),
        ("http://127.0.0.1@evil.example", False, False),
        ("https://", False, False),
        ("ftp://127.0.0.1", True, False),
        ("http://[", False, False),
    ],
)
def test_an_address_is_this_machine_s_or_closed_to_others_or_neither(url: str, loopback: bool, private: bool) -> None:
    assert (is_loopback(url), is_private(url)) == (loopback, private)
