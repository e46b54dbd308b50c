"""What every account is born with: vending's `Baseline` port, out of the same catalogue that is compiled."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import sleep

from guardrails.catalog import find_guardrail, load_catalogue
from guardrails.compiler.packs import Document, compile_packs
from guardrails.compiler.quota import PolicyKind
from guardrails.enforcement.fitting import Fitting
from guardrails.enforcement.live import Live, LivePolicy, read_named, read_path
from guardrails.enforcement.organizations import Organizations
from guardrails.enforcement.plan import free_name, intact
from guardrails.guardrail import QUARANTINE, Control, Guardrail, Place, Setting, describe
from guardrails.shared_reading import SharedReading, SharedReadings
from guardrails.watch import Watch
from vending.core.aws import Aws
from vending.core.clock import Clock
from vending.core.company import Company
from vending.core.errors import AwsFailed, Conflict, NotFound
from vending.ports import Holds, NewAccount, Promise, Reading


class AccountBaseline:
    """Applies and reads back settings and guardrails of single accounts."""

    def __init__(self, aws: Aws, company: Company, clock: Clock, pause: Callable[[float], None] = sleep) -> None:
        self._aws = aws
        self._company = company
        self._clock = clock
        self._organizations = Organizations(aws, pause)
        self._pause = pause
        self._paths: SharedReadings[_Path] = SharedReadings(clock)

    @cached_property
    def _catalogue(self) -> tuple[Guardrail, ...]:
        return load_catalogue(self._company)

    @cached_property
    def _documents(self) -> tuple[Document, ...]:
        return compile_packs(self._catalogue, self._company.ou_classes)

    @cached_property
    def _fitting(self) -> Fitting:
        return Fitting(self._catalogue)

    @cached_property
    def _watch(self) -> Watch:
        return Watch(self._aws, self._company, self._catalogue, self._clock, self._pause)

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits of the catalogue and its documents."""
        content = json.dumps([[describe(g) for g in self._catalogue], [d.name for d in self._documents]])
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    def isolate(self, account_id: str) -> None:
        """Attach the quarantine documents straight to the account, wherever it stands."""
        for document in self._quarantine:
            live = read_named(self._organizations, document)
            found = intact(document, live)
            policy = found.id if found else self._organizations.create(document, free_name(document, live))
            self._organizations.attach(policy, account_id)

    def release(self, account_id: str) -> None:
        """Detach every quarantine document from the account, those of earlier catalogues included."""
        stems = {document.stem for document in self._quarantine}
        for policy in self._attached_to(account_id):
            if policy.ours and policy.stem in stems:
                self._organizations.detach(policy.id, account_id)

    def isolated(self, account_id: str) -> bool:
        """Whether every quarantine document is attached to the account with its content unchanged."""
        attached = self._attached_to(account_id)
        return all(any(p.ours and p.says(document.content) for p in attached) for document in self._quarantine)

    def describe(self, account: NewAccount) -> Sequence[Promise]:
        """The settings, region by region, then the policies, rules and controls that the OU brings along."""
        mine = [guardrail for guardrail in self._catalogue if account.ou_class in guardrail.ou_classes]
        settings = [promise for guardrail in mine if guardrail.setting for promise in _of_setting(guardrail)]
        return settings + [Promise(g.id, g.title, g.id, None, applied=False) for g in mine if not g.setting]

    def apply(self, account: NewAccount, promise_id: str) -> None:
        """Make a setting so, unless it is: what a policy of the organisation keeps, nobody in the account may set.

        Raises:
            Conflict: for a guardrail, which comes with the OU; or when a setting cannot be made so as things stand.
        """
        promise, guardrail = self._promised(account, promise_id)
        if guardrail.setting is None:
            raise Conflict(
                f"{guardrail.id} is not applied in account {account.account_id}: it comes with its OU.",
                "`freehold guardrails apply` attaches it to the OU.",
            )
        place = Place(self._aws, account.account_id, promise.region)
        if not guardrail.setting.holds(guardrail.setting.read(place)):
            guardrail.setting.apply(place)

    def verify(self, account: NewAccount, promise_id: str) -> Reading:
        """Read a promise back. What AWS does not answer is unknown, with AWS's reason."""
        promise, guardrail = self._promised(account, promise_id)
        try:
            if guardrail.setting:
                return self._verify_setting(account, promise, guardrail.setting)
            if guardrail.rules:
                return self._watch.read_rules(account, guardrail)
            if guardrail.control:
                return self._verify_control(account, guardrail, guardrail.control)
            return self._verify_policy(account, promise)
        except AwsFailed as error:
            expected = guardrail.setting.expected if guardrail.setting else guardrail.title
            return Reading(promise_id, Holds.UNKNOWN, expected, error.sentence, self._clock.now())

    @cached_property
    def _quarantine(self) -> tuple[Document, ...]:
        return tuple(document for document in self._documents if document.ou_class == QUARANTINE)

    @cached_property
    def _kinds(self) -> tuple[PolicyKind, ...]:
        return tuple(sorted({document.kind for document in self._documents}))

    def _attached_to(self, account_id: str) -> tuple[LivePolicy, ...]:
        return tuple(
            read_path(self._organizations, [account_id], (PolicyKind.SCP,), every_content=False).policies.values()
        )

    def _promised(self, account: NewAccount, promise_id: str) -> tuple[Promise, Guardrail]:
        for promise in self.describe(account):
            if promise.id == promise_id:
                return promise, find_guardrail(self._catalogue, promise.guardrail)
        raise NotFound(
            f"Accounts of the class {account.ou_class} are not promised {promise_id}.",
            "The baseline has changed since; describe it again.",
        )

    def _verify_setting(self, account: NewAccount, promise: Promise, setting: Setting) -> Reading:
        observed = setting.read(Place(self._aws, account.account_id, promise.region))
        holds = Holds.YES if setting.holds(observed) else Holds.NO
        return Reading(promise.id, holds, setting.expected, setting.tell(observed), self._clock.now())

    def _verify_policy(self, account: NewAccount, promise: Promise) -> Reading:
        """Every document that carries the guardrail hangs on the account's path, its content unchanged."""
        reading = self._path(account.account_id, promise.id)
        path = reading.found
        compiled = self._fitting.at(account.ou_class, path.unit(self._ou_of(account)), path.live)
        wanted = [document for document in compiled if promise.guardrail in document.guardrails]
        places = [path.place_of(document) for document in wanted]
        expected = f"{', '.join(d.name for d in wanted)} on the account's path"
        if wanted and all(places):
            found = "; ".join(place for place in places if place)
            return Reading(promise.id, Holds.YES, expected, found, reading.read_at)
        return Reading(promise.id, Holds.NO, expected, path.tell(), reading.read_at)

    def _verify_control(self, account: NewAccount, guardrail: Guardrail, control: Control) -> Reading:
        """The control is in effect on the OU of the class, and the account stands below it."""
        reading = self._path(account.account_id, guardrail.id)
        name = self._ou_of(account)
        unit = reading.found.unit(name)
        if not unit:
            expected = f"control {control.alias} enabled on OU {name}"
            return Reading(guardrail.id, Holds.NO, expected, f"not below OU {name}", reading.read_at)
        return self._watch.read_control(guardrail, control, name, self._organizations.arn_of(unit))

    def _ou_of(self, account: NewAccount) -> str:
        return self._company.ou_classes[account.ou_class]

    def _path(self, account_id: str, promise_id: str) -> SharedReading["_Path"]:
        """What hangs on the account's path."""
        return self._paths.get(account_id, promise_id, lambda: self._read_path(account_id))

    def _read_path(self, account_id: str) -> "_Path":
        targets = self._organizations.path_of(account_id)
        names = {target: self._organizations.name_of(target) for target in targets}
        return _Path(read_path(self._organizations, targets, self._kinds, every_content=False), names)


@dataclass(frozen=True)
class _Path:
    """What hung on an account's path at a moment."""

    live: Live
    names: Mapping[str, str]

    def unit(self, name: str) -> str:
        """The OU of that name on the path, by id; empty where the account does not stand in it."""
        return next((target for target, known in self.names.items() if known == f"OU {name}"), "")

    def place_of(self, document: Document) -> str | None:
        """Where the document is attached, in words; None where it is not, or no longer as compiled."""
        for target, name in self.names.items():
            for policy in self.live.on(target, document.kind):
                if policy.ours and policy.says(document.content):
                    return f"{policy.name} attached to {name}, content as compiled"
        return None

    def tell(self) -> str:
        """What is there instead."""
        policies = self.live.policies.values()
        there = ", ".join(sorted(policy.name for policy in policies)) or "nothing"
        changed = [policy.name for policy in policies if policy.tampered]
        return f"not there: its path holds {there}" + (f"; somebody changed {', '.join(changed)}" if changed else "")


def _of_setting(guardrail: Guardrail) -> Iterator[Promise]:
    assert guardrail.setting is not None, "only settings are applied in an account"
    if not guardrail.setting.regions:
        yield Promise(guardrail.id, guardrail.title, guardrail.id, None, applied=True)
    for region in guardrail.setting.regions:
        title = f"{guardrail.title} in {region}"
        yield Promise(f"{guardrail.id}/{region}", title, guardrail.id, region, applied=True)
