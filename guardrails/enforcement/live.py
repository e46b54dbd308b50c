"""What is attached right now, as AWS Organizations answers."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from guardrails.compiler.packs import PREFIX, Document, content_hash
from guardrails.compiler.quota import STATEMENT_KINDS, PolicyKind
from guardrails.enforcement.organizations import Organizations, Summary

_OURS = re.compile(rf"(?P<stem>{PREFIX}-[a-z0-9-]+)@(?P<hash>[0-9a-f]{{8}})(\.\d+)?")
"""`.2` follows where an object of that name exists, but its content is not what the name says."""
_CONTROL_TOWER = "aws-guardrails-"


@dataclass(frozen=True)
class LivePolicy:
    """A policy object of the organisation."""

    id: str
    name: str
    kind: PolicyKind
    aws_managed: bool
    tagged: bool
    """Whether it carries our tag."""
    content: str
    """Empty for a policy that is neither ours nor attached where we look."""

    @property
    def ours(self) -> bool:
        """Whether we made it: by name and by tag, so that nobody else's policy is ever deleted."""
        return self.tagged and _OURS.fullmatch(self.name) is not None

    @property
    def stem(self) -> str:
        """The name of ours without hash."""
        match = _OURS.fullmatch(self.name)
        return match["stem"] if match else self.name

    @property
    def tampered(self) -> bool:
        """Whether the content of one of ours is not the one its name was made from, white space aside."""
        match = _OURS.fullmatch(self.name)
        return self.ours and match is not None and content_hash(_tight(self.content)) != match["hash"]

    @property
    def from_control_tower(self) -> bool:
        """Whether Control Tower attached it for a control."""
        return self.name.startswith(_CONTROL_TOWER)

    def says(self, content: str) -> bool:
        """Whether its content means the same document, white space aside."""
        return bool(self.content) and json.loads(self.content) == json.loads(content)


def _tight(content: str) -> str:
    return json.dumps(json.loads(content), separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Live:
    """The policies of the organisation and where they are attached."""

    policies: Mapping[str, LivePolicy]
    """By id."""
    attached: Mapping[str, tuple[str, ...]]
    """Target -> ids of the policies attached to it, in AWS's order; every target that was asked for, and every
    other one that holds a policy of ours."""
    kinds: frozenset[PolicyKind] = frozenset(PolicyKind)
    """The kinds that the root has enabled."""

    def on(self, target: str, kind: PolicyKind) -> tuple[LivePolicy, ...]:
        """What is attached to a target."""
        found = (self.policies[policy] for policy in self.attached.get(target, ()))
        return tuple(policy for policy in found if policy.kind is kind)

    @property
    def ours(self) -> tuple[LivePolicy, ...]:
        """Every policy object of ours, attached or not."""
        return tuple(policy for policy in self.policies.values() if policy.ours)


def read_live(organizations: Organizations, targets: Iterable[str]) -> Live:
    """All policy objects, the contents of ours and of what hangs on `targets`, and every place where ours hang.

    Raises:
        AwsFailed: as Organizations answers.
    """
    kinds = organizations.enabled_kinds()
    attached = {t: tuple(found.id for found in organizations.policies_on(t, sorted(kinds))) for t in targets}
    wanted = {policy for policies in attached.values() for policy in policies}
    summaries = [summary for kind in sorted(kinds) for summary in organizations.policies(kind)]
    policies = {s.id: _policy(organizations, s, with_content=s.id in wanted) for s in summaries}
    ours = (policy.id for policy in policies.values() if policy.ours)
    elsewhere = ((t, policy) for policy in ours for t in organizations.targets_of(policy) if t not in attached)
    return Live(policies, {**attached, **_gathered(elsewhere)}, kinds)


def read_path(
    organizations: Organizations,
    targets: Iterable[str],
    kinds: Iterable[PolicyKind] = STATEMENT_KINDS,
    *,
    every_content: bool = True,
) -> Live:
    """What hangs on `targets`, of `kinds`, and nothing else: fewer calls than `read_live`.

    Ours are always read with their contents, the others only with `every_content`.

    Raises:
        AwsFailed: as Organizations answers.
    """
    wanted = tuple(kinds)
    found = {target: tuple(organizations.policies_on(target, wanted)) for target in targets}
    summaries = {summary.id: summary for there in found.values() for summary in there}
    policies = {s.id: _policy(organizations, s, with_content=every_content) for s in summaries.values()}
    return Live(policies, {target: tuple(summary.id for summary in there) for target, there in found.items()})


def read_named(organizations: Organizations, document: Document) -> Live:
    """The policy objects that are named after a document, attached or not: what it takes to find it or to make it.

    Raises:
        AwsFailed: as Organizations answers.
    """
    summaries = (s for s in organizations.policies(document.kind) if s.name.startswith(f"{document.stem}@"))
    return Live({summary.id: _policy(organizations, summary, with_content=True) for summary in summaries}, {})


def _policy(organizations: Organizations, summary: Summary, *, with_content: bool) -> LivePolicy:
    like_ours = _OURS.fullmatch(summary.name) is not None
    content = organizations.content(summary.id) if with_content or like_ours else ""
    tagged = like_ours and organizations.is_tagged(summary.id)
    return LivePolicy(summary.id, summary.name, summary.kind, summary.aws_managed, tagged, content)


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    gathered: dict[str, tuple[str, ...]] = {}
    for target, policy in pairs:
        gathered[target] = (*gathered.get(target, ()), policy)
    return gathered
