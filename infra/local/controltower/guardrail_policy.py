"""The service control policies that Control Tower writes itself: `aws-guardrails-<6 letters>` on each OU.

Each takes a real slot of the OU's policy quota. Nobody else may touch them; somebody who can, and does,
makes their controls drift.
"""

import string
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from infra.local.controltower.ground import Ground, compact
from infra.local.organizations.entities import Policy
from infra.local.service import Refusal

SCP = "SERVICE_CONTROL_POLICY"
LARGEST = 5120
"""Characters of one policy. Control Tower still keeps to the quota of before 2025 (it documents 5 SCPs per OU)."""

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GuardrailPolicy:
    """One policy as Control Tower left it."""

    policy_id: str
    ou_id: str
    content: str
    sids: frozenset[str]


class GuardrailPolicies:
    """Keeps the policies of every OU in step with the controls enabled there."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._written: dict[str, list[GuardrailPolicy]] = {}

    def of(self, ou_id: str) -> tuple[GuardrailPolicy, ...]:
        """The policies of an OU, as Control Tower left them."""
        return tuple(self._written.get(ou_id, ()))

    def write(self, ou_id: str, statements: Iterable[Statement]) -> None:
        """Make the OU's policies say exactly these statements, undoing whatever else was done to them.

        Raises:
            Refusal: Organizations refused, because the OU has no slot left for another policy.
        """
        documents = _pack(statements)
        before = self._written.get(ou_id, [])
        after = [
            self._put(before[number] if number < len(before) else None, ou_id, document)
            for number, document in enumerate(documents)
        ]
        for policy in before[len(documents) :]:
            self._drop(policy)
        self._written[ou_id] = after

    def has_drifted(self, ou_id: str, sids: Iterable[str]) -> bool:
        """Whether a policy with one of these statements was edited, detached or deleted."""
        wanted = set(sids)
        return any(policy.sids & wanted and not self._is_intact(policy) for policy in self.of(ou_id))

    def _is_intact(self, policy: GuardrailPolicy) -> bool:
        live = self._live(policy)
        return live is not None and live.content == policy.content and _is_attached(live, policy.ou_id)

    def _live(self, policy: GuardrailPolicy) -> Policy | None:
        return self._ground.organization.policies.get(policy.policy_id)

    def _put(self, old: GuardrailPolicy | None, ou_id: str, statements: list[Statement]) -> GuardrailPolicy:
        book, content = self._ground.policies, _document(statements)
        live = self._live(old) if old else None
        if live is None:
            live = self._create(content)
        elif live.content != content:
            book.update(live.id, None, None, content)
        if not _is_attached(live, ou_id):
            self._attach(live, ou_id)
        return GuardrailPolicy(live.id, ou_id, content, frozenset(one["Sid"] for one in statements))

    def _create(self, content: str) -> Policy:
        name = f"aws-guardrails-{self._ground.cloud.dice.letters(6, string.ascii_letters)}"
        return self._ground.policies.create(SCP, name, "SCP for AWS Control Tower controls", content, {})

    def _attach(self, live: Policy, ou_id: str) -> None:
        try:
            self._ground.policies.attach(live.id, ou_id)
        except Refusal:
            if not live.targets:
                self._ground.policies.delete(live.id)
            raise

    def _drop(self, policy: GuardrailPolicy) -> None:
        live = self._live(policy)
        if live is None:
            return
        for target in tuple(live.targets):
            self._ground.policies.detach(live.id, target.id)
        self._ground.policies.delete(live.id)


def _is_attached(policy: Policy, ou_id: str) -> bool:
    return any(target.id == ou_id for target in policy.targets)


def fill(statement: Statement, parameters: dict[str, Any]) -> Statement:
    """A statement with the values of its parameters in the place of `{{Name}}`; without the conditions left empty."""
    filled: Statement = _fill(statement, parameters)
    condition = {
        operator: {key: value for key, value in keys.items() if value}
        for operator, keys in filled.get("Condition", {}).items()
    }
    kept = {operator: keys for operator, keys in condition.items() if keys}
    rest = {key: value for key, value in filled.items() if key != "Condition"}
    return rest | ({"Condition": kept} if kept else {})


def _fill(value: Any, parameters: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _fill(inner, parameters) for key, inner in value.items()}
    if isinstance(value, list):
        return [found for item in value for found in _values(item, parameters)]
    return value


def _values(item: Any, parameters: dict[str, Any]) -> list[Any]:
    if not (isinstance(item, str) and item.startswith("{{")):
        return [item]
    given = parameters.get(item.strip("{}"), ())
    return ["true"] if given is True else list(given)


def _pack(statements: Iterable[Statement]) -> list[list[Statement]]:
    """Whole statements into as few documents as first-fit finds; the same statement only once."""
    documents: list[list[Statement]] = []
    for statement in {compact(one): one for one in statements}.values():
        room = next((one for one in documents if len(_document([*one, statement])) <= LARGEST), None)
        if room is None:
            documents.append([statement])
        else:
            room.append(statement)
    return documents


def _document(statements: list[Statement]) -> str:
    return compact({"Version": "2012-10-17", "Statement": statements})
