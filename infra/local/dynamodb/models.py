"""State of DynamoDB: moto's, with tables whose queries read one list and whose transactions copy only what they touch.

moto reads and sorts the whole table for a query, and copies it for each action of a transaction: with the items of a
few hundred requests that is seconds a call. What is answered and refused stays moto's.
"""

import copy
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from inspect import signature
from typing import Any

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from infra.local.dynamodb.shelves import Shelves

_QUERY = signature(Table.query)


class ShelvedTable(Table):
    """A table that keeps each list of each index in order. `LocalDynamoDBBackend` makes it of moto's own."""

    shelves: Shelves
    _chosen: list[Item] | None = None
    """What a query looks at; None for everything."""
    _before: dict[tuple[DynamoType, DynamoType | None], Item | None] | None = None
    """What a transaction under way has touched, as it was; None outside of one."""

    def put_item(self, item_attrs: dict[str, Any], *args: Any, **kwargs: Any) -> Item:
        """Moto's, then onto its shelves."""
        self.remember(item_attrs)
        item = super().put_item(item_attrs, *args, **kwargs)
        self.shelves.put(item)
        return item

    def delete_item(self, hash_key: DynamoType, range_key: DynamoType | None) -> Item | None:
        """Moto's, then off its shelves."""
        item = super().delete_item(hash_key, range_key)
        if item is not None:
            self.shelves.drop(item)
            if self._before is not None:
                self._before.setdefault((hash_key, range_key), item)
        return item

    def all_items(self) -> list[Item]:
        """Everything; during a query, what can be its answer."""
        return super().all_items() if self._chosen is None else self._chosen

    def query(self, *args: Any, **kwargs: Any) -> tuple[list[Item], int, dict[str, Any] | None]:
        """Moto's, which looks at one partition or at one list of an index."""
        self._chosen = self._candidates(_QUERY.bind(self, *args, **kwargs).arguments)
        try:
            return super().query(*args, **kwargs)
        finally:
            self._chosen = None

    def _candidates(self, asked: Mapping[str, Any]) -> list[Item] | None:
        """Items among which the answer is; None where it may be anywhere."""
        index = asked.get("index_name")
        if index is None and self.has_range_key:
            return list(self.items.get(asked["hash_key"], {}).values())
        if index is None:
            found: Any = self.items.get(asked["hash_key"])  # without a sort key moto keeps the item itself
            return [found] if found else []
        narrowed = asked["range_comparison"] or asked.get("filter_kwargs")
        of_list = dict(asked.get("hash_key_conditions") or [])
        start, up = asked["exclusive_start_key"], asked["scan_index_forward"]
        return self.shelves.stretch(index, of_list, start, None if narrowed else asked["limit"], up)

    def remember(self, key: dict[str, Any]) -> None:
        """Keep an item as it is, where a transaction may have to put it back."""
        if self._before is None or self.hash_key_attr not in key:
            return
        hash_key = DynamoType(key[self.hash_key_attr])
        range_key = DynamoType(key[self.range_key_attr]) if self.range_key_attr in key else None
        if (hash_key, range_key) not in self._before:
            self._before[hash_key, range_key] = copy.deepcopy(self.get_item(hash_key, range_key))

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Put everything back that was touched if what is done inside raises."""
        self._before = {}
        try:
            yield
        except BaseException:
            for (hash_key, range_key), item in self._before.items():
                self._put_back(hash_key, range_key, item)
            raise
        finally:
            self._before = None

    def _put_back(self, hash_key: DynamoType, range_key: DynamoType | None, item: Item | None) -> None:
        super().delete_item(hash_key, range_key)
        if item is None:
            self.shelves.forget(hash_key, range_key)
            return
        if range_key is None:
            self.items[hash_key] = item  # type: ignore[assignment]
        else:
            self.items[hash_key][range_key] = item
        self.shelves.put(item)

    def __deepcopy__(self, memo: dict[int, Any]) -> "ShelvedTable":
        """Itself within a transaction: moto would copy everything to put it back, and it is put back here."""
        if self._before is not None:
            return self
        copied: ShelvedTable = object.__new__(type(self))
        memo[id(self)] = copied
        copied.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return copied


class LocalDynamoDBBackend(DynamoDBBackend):
    """DynamoDB of one account in one region."""

    def create_table(self, *args: Any, **kwargs: Any) -> Table:
        """A table with shelves."""
        table: Table = super().create_table(*args, **kwargs)
        table.__class__ = ShelvedTable  # type: ignore[type-abstract]
        setattr(table, "shelves", Shelves.of(table))  # noqa: B010 - moto makes the table
        return table

    def update_item(self, table_name: str, key: dict[str, Any], *args: Any, **kwargs: Any) -> Item:
        """Moto changes the item where it lies; then it is put onto its shelves anew."""
        table = self.get_table(table_name)
        if isinstance(table, ShelvedTable):
            table.remember(key)
        item: Item = super().update_item(table_name, key, *args, **kwargs)
        if isinstance(table, ShelvedTable):
            table.shelves.put(item)
        return item

    def transact_write_items(self, transact_items: list[dict[str, Any]]) -> None:
        """Moto's, in tables that put back what was touched."""
        names = {action.get("TableName") for item in transact_items for action in item.values()}
        touched = [table for name, table in self.tables.items() if name in names and isinstance(table, ShelvedTable)]
        with ExitStack() as stack:
            for table in touched:
                stack.enter_context(table.all_or_nothing())
            super().transact_write_items(transact_items)


__all__ = ["LocalDynamoDBBackend", "dynamodb_backends"]

dynamodb_backends.backend = LocalDynamoDBBackend
