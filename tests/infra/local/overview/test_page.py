from html.parser import HTMLParser

import httpx2
import pytest
from botocore.exceptions import ClientError

from infra.local.overview.modelled import coverage
from infra.local.overview.page import BEHAVIOURS
from tests.cloud import Cloud
from tests.infra.local import behaviour


class Reader(HTMLParser):
    """Follows the page as a screen reader would: tables need captions and headers, links a text."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[str] = []
        self.attributes: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.started.append(tag)
        self.attributes.append(dict(attrs))


def page(cloud: Cloud) -> str:
    answer = httpx2.get(f"{cloud.url}/_cloud/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


def test_the_table_of_behaviours_is_the_tests() -> None:
    assert BEHAVIOURS.read_text(encoding="utf-8") == behaviour.written(), (
        "run `python -m tests.infra.local.behaviour` and commit infra/local/overview/behaviours.json"
    )


def test_every_behaviour_cites_the_documentation_of_aws() -> None:
    rows = behaviour.collect()

    assert len(rows) > 100
    assert all(row.documentation.startswith("https://docs.aws.amazon.com/") for row in rows)


def test_the_page_shows_behaviours_limits_and_what_is_not_modelled(cloud: Cloud) -> None:
    text = page(cloud)

    assert "an email once used fails the creation" in text
    assert "DescribeHandshake" in text
    assert "orgs_reference_limits.html" in text
    assert "Nobody has called anything" in text


def test_the_page_counts_what_is_called(cloud: Cloud) -> None:
    cloud.client("organizations").list_roots()
    with pytest.raises(ClientError):
        cloud.client("organizations").describe_resource_policy()

    text = page(cloud)

    assert "Calls since the seed: 2" in text
    assert "organizations.DescribeResourcePolicy" in text


def test_the_page_can_be_read_without_eyes_scripts_or_network(cloud: Cloud) -> None:
    reader = Reader()

    reader.feed(page(cloud))

    assert reader.started.count("caption") == reader.started.count("table")
    assert reader.started.count("h1") == reader.started.count("main") == 1
    assert not {"script", "link", "img", "iframe"} & set(reader.started)
    headers = [attributes for tag, attributes in zip(reader.started, reader.attributes, strict=True) if tag == "th"]
    assert all(attributes.get("scope") in ("row", "col") for attributes in headers)


def test_what_is_called_refused_is_refused(cloud: Cloud) -> None:
    (organizations,) = [one for one in coverage() if one.service == "organizations"]
    (config,) = [one for one in coverage() if one.service == "config"]

    assert "CreateAccount" in organizations.answered
    assert "DescribeResourcePolicy" in organizations.refused
    assert "SelectResourceConfig" in config.refused
    with pytest.raises(ClientError) as refused:
        cloud.client("organizations").describe_resource_policy()
    assert refused.value.response["Error"]["Code"] == "NotImplemented"
