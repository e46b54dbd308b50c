"""What a call to DynamoDB says of the items it is about: their partition keys, for `dynamodb:LeadingKeys`.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
A scan names none, there as here.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.local.authorize.state import state_of

_EQUALS = re.compile(r"(#?\w+)\s*=\s*(:\w+)")
_WRITES = ("Put", "Delete", "Update", "Get", "ConditionCheck", "PutRequest", "DeleteRequest")


def facts_of_items(resource: str, parameters: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """`dynamodb:LeadingKeys`, where the call names items of the table by key."""
    _, region, account, name = (resource.split(":", 5) + [""] * 6)[2:6]
    table = name.removeprefix("table/").partition("/")[0]
    state = state_of("dynamodb", account, region)
    known = state.tables.get(table) if state else None
    if known is None:
        return {}
    index = name.partition("/index/")[2]
    hash_key = _hash_key_of(known, index)
    values = [text for item in _items(parameters, table, resource) for text in _value(item.get(hash_key))]
    values += _conditions(parameters, hash_key)
    return {"dynamodb:LeadingKeys": list(dict.fromkeys(values))} if values else {}


def _hash_key_of(table: Any, index: str) -> str:
    if not index:
        return str(table.hash_key_attr)
    found = next((each for each in table.all_indexes() if each.name == index), table)
    return next((str(each["AttributeName"]) for each in found.schema if each["KeyType"] == "HASH"), "")


def _items(parameters: Mapping[str, Any], table: str, arn: str) -> Iterator[Mapping[str, Any]]:
    """The keys and items of one table in a call, alone, in a batch or in a transaction."""
    batch = parameters.get("RequestItems") or {}
    requests = batch.get(table) or batch.get(arn) or ()
    keys = requests.get("Keys") or () if isinstance(requests, Mapping) else ()
    writes = () if isinstance(requests, Mapping) else requests
    yield from keys
    for write in (parameters, *writes, *(parameters.get("TransactItems") or ())):
        for part in (write, *(write[name] for name in _WRITES if write.get(name))):
            if part.get("TableName") in (None, table, arn):
                yield from (part[name] for name in ("Key", "Item") if isinstance(part.get(name), Mapping))


def _conditions(parameters: Mapping[str, Any], hash_key: str) -> list[str]:
    """What a query compares the partition key with."""
    given = (parameters.get("KeyConditions") or {}).get(hash_key) or {}
    found = [text for value in given.get("AttributeValueList") or () for text in _value(value)]
    names = parameters.get("ExpressionAttributeNames") or {}
    values = parameters.get("ExpressionAttributeValues") or {}
    for name, value in _EQUALS.findall(str(parameters.get("KeyConditionExpression") or "")):
        if names.get(name, name) == hash_key:
            found += _value(values.get(value))
    return found


def _value(typed: Any) -> list[str]:
    return [str(value) for value in typed.values()] if isinstance(typed, Mapping) else []
