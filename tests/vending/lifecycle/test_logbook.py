from tests.vending.web.ground import Portal, ask
from vending.core.verification import check
from vending.lifecycle.logbook import LogHead


def test_the_signed_head_is_checked_with_the_published_key(portal: Portal) -> None:
    ask(portal, "ada")
    api = portal.api("sam")

    head = LogHead(**api.get("/log/head").json())
    key = api.get("/signing-key").json()["public_key"]

    assert head.signature
    check(head.content, head.signature, key)


def test_the_log_is_read_in_pages(portal: Portal) -> None:
    for number in range(3):
        ask(portal, "ada", name=f"payments-{number}")
    api = portal.api("sam")

    first = api.get("/log?limit=2").json()
    second = api.get(f"/log?limit=2&cursor={first['next']}").json()

    assert [entry["seq"] for entry in (*first["items"], *second["items"])] == [1, 2, 3]
    assert second["next"] is None
    assert api.get("/log?cursor=bm8=").status_code == 422
    assert portal.api("ada").get("/log").status_code == 403
