"""The one DynamoDB table: documents under a key with a version, and a log that nobody can rewrite unnoticed.

A document is JSON under `pk` and `sk`. Every write names the version it replaces, so two writers never undo each
other. `commit` writes documents and appends one entry to the log in a single transaction; each entry carries the
hash of the one before.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vending.core.aws import Aws, Client
from vending.core.clock import Clock, to_text
from vending.core.errors import AwsConflict, Stale

INDEXES = ("all", "team", "open", "turn", "state")
"""Each lists documents that name it in `lists`, in the order of `order`."""
DEFINITION: Mapping[str, Any] = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "order", *INDEXES)],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": f"by-{name}",
            "KeySchema": [
                {"AttributeName": name, "KeyType": "HASH"},
                {"AttributeName": "order", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
        for name in INDEXES
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
LOG = "LOG"
HEAD = "HEAD"
GENESIS = "0" * 64
"""The hash that the first entry of the log names as its predecessor."""
ATTEMPTS = 50
"""How often an append is tried again when another writer took the log's next place."""


@dataclass(frozen=True)
class Document:
    """One item of the table."""

    pk: str
    sk: str
    body: Mapping[str, Any]
    version: int = 0
    """The version this write replaces, 0 when there must be none yet; as read, the version found."""
    lists: Mapping[str, str] = field(default_factory=dict)
    """Index name -> the list it stands in there."""
    order: str = ""
    """Its place within those lists."""


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    at: str
    actor: str
    what: str
    subject: str
    detail: Mapping[str, Any]
    seq: int = 0
    previous: str = GENESIS

    @property
    def hash(self) -> str:
        """SHA-256 over everything else, the predecessor's hash included."""
        text = json.dumps([self.seq, self.at, self.actor, self.what, self.subject, self.detail, self.previous])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Listing:
    """A page of documents and where the next one starts, None at the end."""

    documents: tuple[Document, ...]
    next: tuple[str, str, str] | None


class Table:
    """Reads and conditional writes. Raises `AwsFailed` and its kinds, and `Stale` for a lost race."""

    def __init__(self, aws: Aws, name: str, clock: Clock) -> None:
        self._aws = aws
        self._name = name
        self._clock = clock
        self._head: Document | None = None
        """Of the log, as this process last wrote it; others may have written since."""

    @property
    def _dynamodb(self) -> Client:
        return self._aws.client("dynamodb")

    def get(self, pk: str, sk: str) -> Document | None:
        """The document under that key, as last written."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        found = self._dynamodb.get_item(TableName=self._name, Key=key, ConsistentRead=True).get("Item")
        return _document(found) if found else None

    def under(self, pk: str, prefix: str = "") -> Iterator[Document]:
        """Every document of a partition whose `sk` starts with `prefix`, in order of `sk`."""
        pages = self._dynamodb.pages(
            "query",
            TableName=self._name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": {"S": pk}, ":prefix": {"S": prefix}},
            ConsistentRead=True,
        )
        return (_document(item) for page in pages for item in page["Items"])

    def listed(
        self,
        index: str,
        name: str,
        *,
        limit: int | None = None,
        start: tuple[str, str, str] | None = None,
        newest_first: bool = False,
        also_in: tuple[str, str] | None = None,
    ) -> Listing:
        """Documents of the list `name` of an index; `start` is what the page before gave as `next`.

        `also_in` names an index and a list of it in which they have to stand, too: of `limit` that are looked at, those
        are answered.
        """
        params: dict[str, Any] = {
            "TableName": self._name,
            "IndexName": f"by-{index}",
            "KeyConditionExpression": "#list = :list",
            "ExpressionAttributeNames": {"#list": index},
            "ExpressionAttributeValues": {":list": {"S": name}},
            "ScanIndexForward": not newest_first,
        }
        if also_in:
            other, wanted = also_in
            params["FilterExpression"] = "#other = :other"
            params["ExpressionAttributeNames"]["#other"] = other
            params["ExpressionAttributeValues"][":other"] = {"S": wanted}
        if start:
            pk, sk, order = start
            params["ExclusiveStartKey"] = _strings({"pk": pk, "sk": sk, "order": order, index: name})
        if limit:
            page = self._dynamodb.query(Limit=limit, **params)
            return Listing(tuple(map(_document, page["Items"])), _place(page.get("LastEvaluatedKey")))
        items = [item for page in self._dynamodb.pages("query", **params) for item in page["Items"]]
        return Listing(tuple(map(_document, items)), None)

    def count(self, index: str, name: str) -> int:
        """How many documents the list `name` of an index has."""
        pages = self._dynamodb.pages(
            "query",
            TableName=self._name,
            IndexName=f"by-{index}",
            KeyConditionExpression="#list = :list",
            ExpressionAttributeNames={"#list": index},
            ExpressionAttributeValues={":list": {"S": name}},
            Select="COUNT",
        )
        return sum(page["Count"] for page in pages)

    def put(self, *documents: Document) -> None:
        """Write documents, all or none, without a trace in the log.

        Raises:
            Stale: when one of them has another version by now.
        """
        self._transact([self._put(document) for document in documents])

    def overwrite(self, document: Document) -> None:
        """Write a document over whatever is there: for what the last one to write it knows best."""
        put = self._put(document)["Put"]
        self._dynamodb.put_item(TableName=self._name, Item=put["Item"])

    def commit(
        self,
        actor: str,
        what: str,
        subject: str,
        detail: Mapping[str, Any],
        *documents: Document,
        drop: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Write documents, drop others by key and append to the log, all or none.

        Raises:
            Stale: when one of the documents has another version by now.
        """
        changes = [self._put(document) for document in documents]
        changes += [{"Delete": {"TableName": self._name, "Key": _strings({"pk": pk, "sk": sk})}} for pk, sk in drop]
        head = self._head or self.get(LOG, HEAD)
        for _ in range(ATTEMPTS):
            entry = Entry(to_text(self._clock.now()), actor, what, subject, dict(detail))
            line, mark = self._append(head, entry)
            try:
                self._transact([*changes, self._put(line), self._put(mark)])
            except Stale:
                found = self.get(LOG, HEAD)
                if found == head:
                    raise
                head = found
            else:
                self._head = replace(mark, version=mark.version + 1)
                return
        raise Stale("The log is written to so often that this change found no place in it.", "Try again.")

    def log(self, after: int = 0) -> Iterator[Entry]:
        """The log from the entry behind `after`, oldest first."""
        pages = self._dynamodb.pages(
            "query",
            TableName=self._name,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=_strings({":pk": LOG, ":first": f"E#{after + 1:012d}", ":last": "E#9"}),
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield Entry(**_document(item).body)

    def log_before(self, moment: str) -> int:
        """The number of the last entry that was written before a moment (as `to_text` writes it), 0 for none.

        The log is in the order of time, so about twenty reads find it among a million entries.
        """
        low, high = 0, self.head()[0]
        while low < high:
            middle = (low + high + 1) // 2
            entry = self.get(LOG, f"E#{middle:012d}")
            if entry is not None and entry.body["at"] < moment:
                low = middle
            else:
                high = middle - 1
        return low

    def head(self) -> tuple[int, str]:
        """Number and hash of the log's last entry; 0 and `GENESIS` for a log without any."""
        found = self.get(LOG, HEAD)
        return (int(found.body["seq"]), str(found.body["hash"])) if found else (0, GENESIS)

    def _append(self, head: Document | None, entry: Entry) -> tuple[Document, Document]:
        """The log's next line and its new head."""
        seq = head.body["seq"] + 1 if head else 1
        previous = head.body["hash"] if head else GENESIS
        placed = Entry(entry.at, entry.actor, entry.what, entry.subject, entry.detail, seq, previous)
        line = Document(LOG, f"E#{seq:012d}", vars(placed))
        mark = Document(LOG, HEAD, {"seq": seq, "hash": placed.hash}, head.version if head else 0)
        return line, mark

    def _put(self, document: Document) -> dict[str, Any]:
        item = _strings({"pk": document.pk, "sk": document.sk, "body": json.dumps(document.body), **document.lists})
        item["version"] = {"N": str(document.version + 1)}
        if document.order:
            item["order"] = {"S": document.order}
        put: dict[str, Any] = {"TableName": self._name, "Item": item}
        if document.version:
            put |= {
                "ConditionExpression": "version = :version",
                "ExpressionAttributeValues": {":version": {"N": str(document.version)}},
            }
        else:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        return {"Put": put}

    def _transact(self, changes: list[dict[str, Any]]) -> None:
        try:
            if len(changes) == 1 and "Put" in changes[0]:
                self._dynamodb.put_item(**changes[0]["Put"])
            else:
                self._dynamodb.transact_write_items(TransactItems=changes)
        except AwsConflict as error:
            raise Stale(
                "Somebody else changed this in the meantime.", "Read it again and repeat the change."
            ) from error


def _document(item: Mapping[str, Any]) -> Document:
    lists = {name: item[name]["S"] for name in INDEXES if name in item}
    return Document(
        item["pk"]["S"],
        item["sk"]["S"],
        json.loads(item["body"]["S"]),
        int(item["version"]["N"]),
        lists,
        item.get("order", {}).get("S", ""),
    )


def _strings(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: {"S": value} for name, value in values.items()}


def _place(key: Mapping[str, Any] | None) -> tuple[str, str, str] | None:
    return (key["pk"]["S"], key["sk"]["S"], key["order"]["S"]) if key else None
