"""The lists of a table's indexes, each kept in its order, so that a page costs what is on it."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

Place: TypeAlias = tuple[Any, ...]
"""Where an item stands in a list: by the index's range key, then by the table's own keys."""
Keys: TypeAlias = tuple[DynamoType, DynamoType | None]


@dataclass(frozen=True, slots=True)
class Index:
    """The attributes that make an index."""

    name: str
    hash: str
    order: tuple[str, ...]
    """What its lists are sorted by."""


@dataclass(slots=True)
class Shelves:
    """Every list of every index that has one hash key."""

    indexes: Mapping[str, Index]
    _lists: defaultdict[tuple[str, DynamoType], list[Place]] = field(default_factory=lambda: defaultdict(list))
    _items: dict[tuple[str, Place], Item] = field(default_factory=dict)
    _places: dict[Keys, list[tuple[str, DynamoType, Place]]] = field(default_factory=dict)

    @classmethod
    def of(cls, table: Table) -> "Shelves":
        """The empty shelves of a new table."""
        own = tuple(name for name in (table.hash_key_attr, table.range_key_attr) if name)
        made = (_index(index.name, index.schema, own) for index in table.all_indexes())
        return cls({index.name: index for index in made if index})

    def put(self, item: Item) -> None:
        """Onto every list that the item names now, and off those it named before."""
        self.drop(item)
        places = []
        for index in self.indexes.values():
            if index.hash in item.attrs and all(name in item.attrs for name in index.order):
                place = _place(index, item.attrs)
                insort(self._lists[index.name, item.attrs[index.hash]], place)
                self._items[index.name, place] = item
                places.append((index.name, item.attrs[index.hash], place))
        if places:
            self._places[item.hash_key, item.range_key] = places

    def drop(self, item: Item) -> None:
        """Off every list."""
        self.forget(item.hash_key, item.range_key)

    def forget(self, hash_key: DynamoType, range_key: DynamoType | None) -> None:
        """Off every list, by the table's own keys."""
        for name, of_list, place in self._places.pop((hash_key, range_key), ()):
            places = self._lists[name, of_list]
            del places[bisect_left(places, place)]
            del self._items[name, place]

    def stretch(
        self, name: str, of_list: Mapping[str, DynamoType], start: Mapping[str, Any] | None, most: int | None, up: bool
    ) -> list[Item] | None:
        """The items of a list from `start` on, `most` and one more of them; None for an index without lists."""
        index = self.indexes.get(name)
        if index is None or index.hash not in of_list:
            return None
        places = self._lists.get((name, of_list[index.hash]), [])
        if start is not None:
            at = _place(index, {attribute: DynamoType(start[attribute]) for attribute in index.order})
            places = places[bisect_right(places, at) :] if up else places[: bisect_left(places, at)]
        if most is not None:
            places = places[: most + 1] if up else places[-most - 1 :]
        return [self._items[name, place] for place in places]


def _index(name: str, schema: list[dict[str, str]], own: tuple[str, ...]) -> Index | None:
    hashes = [key["AttributeName"] for key in schema if key["KeyType"] == "HASH"]
    ranges = [key["AttributeName"] for key in schema if key["KeyType"] == "RANGE"]
    return Index(name, hashes[0], (*ranges, *own)) if len(hashes) == 1 else None


def _place(index: Index, attributes: Mapping[str, DynamoType]) -> Place:
    return tuple(attributes[name].cast_value for name in index.order)
