from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud
from vending.core.table import DEFINITION

TABLE = "lists"


@pytest.fixture
def dynamodb(cloud: Cloud) -> Any:
    client = cloud.client("dynamodb")
    client.create_table(TableName=TABLE, **DEFINITION)
    return client


def item(pk: str, order: str = "", **lists: str) -> dict[str, Any]:
    named = {"pk": pk, "sk": "ITEM", **({"order": order} if order else {}), **lists}
    return {name: {"S": value} for name, value in named.items()}


def put(dynamodb: Any, *items: dict[str, Any]) -> None:
    for one in items:
        dynamodb.put_item(TableName=TABLE, Item=one)


def listed(dynamodb: Any, name: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = dynamodb.query(
        TableName=TABLE,
        IndexName="by-all",
        KeyConditionExpression="#list = :list",
        ExpressionAttributeNames={"#list": "all"},
        ExpressionAttributeValues={":list": {"S": name}},
        **more,
    )
    return answer


def keys(answer: dict[str, Any]) -> list[str]:
    return [found["pk"]["S"] for found in answer["Items"]]


def test_a_list_of_an_index_is_in_its_order_and_holds_only_what_names_it(dynamodb: Any) -> None:
    put(dynamodb, item("c", "2", all="x"), item("b", "1", all="x"), item("a", "3", all="y"), item("d", all="x"))

    assert keys(listed(dynamodb, "x")) == ["b", "c"]
    assert keys(listed(dynamodb, "x", ScanIndexForward=False)) == ["c", "b"]
    assert keys(listed(dynamodb, "nothing")) == []


@pytest.mark.parametrize("up", [True, False])
def test_pages_come_one_after_the_other_and_end(dynamodb: Any, up: bool) -> None:
    put(dynamodb, *(item(f"k{n}", f"{n // 2}", all="x") for n in range(7)))

    seen: list[list[str]] = []
    more: dict[str, Any] = {}
    while True:
        page = listed(dynamodb, "x", Limit=3, ScanIndexForward=up, **more)
        seen.append(keys(page))
        if "LastEvaluatedKey" not in page:
            break
        more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    flat = [key for page in seen for key in page]
    assert flat == sorted(flat, reverse=not up)
    assert [len(page) for page in seen] == [3, 3, 1]


def test_an_item_leaves_its_list_when_it_is_written_over_changed_or_deleted(dynamodb: Any) -> None:
    put(dynamodb, *(item(key, key, all="x") for key in "abcd"))

    put(dynamodb, item("a"))
    dynamodb.update_item(
        TableName=TABLE,
        Key={"pk": {"S": "b"}, "sk": {"S": "ITEM"}},
        UpdateExpression="SET #list = :other",
        ExpressionAttributeNames={"#list": "all"},
        ExpressionAttributeValues={":other": {"S": "y"}},
    )
    dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": "c"}, "sk": {"S": "ITEM"}})

    assert keys(listed(dynamodb, "x")) == ["d"]
    assert keys(listed(dynamodb, "y")) == ["b"]


def test_a_transaction_that_is_cancelled_leaves_everything_as_it_was(dynamodb: Any) -> None:
    put(dynamodb, item("a", "1", all="x"), item("b", "2", all="x"))
    before = [dynamodb.get_item(TableName=TABLE, Key={"pk": {"S": k}, "sk": {"S": "ITEM"}}).get("Item") for k in "abc"]

    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": TABLE, "Item": item("a", "9", all="y")}},
                {"Put": {"TableName": TABLE, "Item": item("c", "3", all="x")}},
                {"Delete": {"TableName": TABLE, "Key": {"pk": {"S": "b"}, "sk": {"S": "ITEM"}}}},
                {
                    "Put": {
                        "TableName": TABLE,
                        "Item": item("d", "4", all="x"),
                        "ConditionExpression": "attribute_exists(pk)",
                    }
                },
            ]
        )

    after = [dynamodb.get_item(TableName=TABLE, Key={"pk": {"S": k}, "sk": {"S": "ITEM"}}).get("Item") for k in "abc"]
    assert after == before
    assert keys(listed(dynamodb, "x")) == ["a", "b"]
    assert keys(listed(dynamodb, "y")) == []


def test_a_transaction_takes_place_as_a_whole(dynamodb: Any) -> None:
    put(dynamodb, item("a", "1", all="x"))

    dynamodb.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": TABLE, "Item": item("b", "2", all="x")}},
            {"Delete": {"TableName": TABLE, "Key": {"pk": {"S": "a"}, "sk": {"S": "ITEM"}}}},
        ]
    )

    assert keys(listed(dynamodb, "x")) == ["b"]
