"""What every service of ours does alike: limits, checks against botocore's model, paging, refusals."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, ClassVar, TypeVar

from botocore.model import OperationNotFoundError
from moto.core.base_backend import BaseBackend
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model

from infra.local.cloud import LocalCloud, current

Item = TypeVar("Item")


class Refusal(ServiceException):
    """An error AWS would answer: its code, its sentence, and the members its shape has beside them."""

    def __init__(self, code: str, message: str, **members: Any) -> None:
        super().__init__(code, message)
        for name, value in members.items():
            setattr(self, name, value)


@dataclass(frozen=True, slots=True)
class Violation:
    """A parameter that does not fit botocore's model."""

    path: str
    """Such as `Tags.3.Key`; empty for the request as a whole."""

    rule: str
    """REQUIRED, TYPE, ENUM, PATTERN, MIN_LENGTH, MAX_LENGTH, MIN_VALUE or MAX_VALUE."""

    sentence: str


class ServiceBackend(BaseBackend):
    """State of one service in one account and region."""

    @property
    def cloud(self) -> LocalCloud:
        """The cloud this state is part of."""
        return current()

    def now(self) -> datetime:
        """AWS time."""
        return self.cloud.clock.now()


class ServiceResponse(BaseResponse):
    """Answers one call. A subclass names its service and has one method per operation, in snake case."""

    service: ClassVar[str]
    """botocore's name of the service."""

    throttled: ClassVar[tuple[str, str]] = ("ThrottlingException", "Rate exceeded")
    """Code and message where a token bucket is empty."""

    def __init__(self) -> None:
        super().__init__(service_name=self.service)
        self.automated_parameter_parsing = True

    @property
    def cloud(self) -> LocalCloud:
        """The cloud of this process."""
        return current()

    def invalid(self, violation: Violation) -> ServiceException:
        """The error this service answers where a parameter does not fit its model."""
        return Refusal("ValidationException", f"1 validation error detected: {violation.sentence}")

    def parse_parameters(self, request: Any) -> None:
        """Parse as the model says; what cannot be parsed is refused when the call is admitted."""
        self.params: dict[str, Any] = {}
        self._unparsed: ServiceException | None = None
        try:
            super().parse_parameters(request)
            self.params = self.params if isinstance(self.params, dict) else {}
        except OperationNotFoundError:
            self._unparsed = Refusal("UnknownOperationException", f"There is no operation {self._get_action()}.")
        except (ValueError, TypeError, KeyError, AttributeError):
            self._unparsed = Refusal("SerializationException", "The body of the request cannot be parsed.")

    def call_action(self) -> Any:
        """Refuse what AWS refuses before it looks at its state, then answer."""
        try:
            self.admit()
        except ServiceException as refusal:
            return self._refuse(refusal)
        return super().call_action()

    @property
    def operation(self) -> str:
        """The API's name of what is called; empty where the request matches none."""
        return self._get_action() or ""

    def admit(self) -> None:
        """Raise the error AWS answers to this call whatever its state: throttled, malformed."""
        if not self.operation:
            return
        if self._unparsed is not None:
            raise self._unparsed
        name = f"{self.service}.{self.operation}"
        if not self.cloud.limits.take(name, self.current_account, self.cloud.clock.now()):
            raise Refusal(*self.throttled)
        shape = get_service_model(self.service).operation_model(self._get_action()).input_shape
        if shape is not None and (found := find_violation(shape, self.params)):
            raise self.invalid(found)

    def _refuse(self, refusal: ServiceException) -> Any:
        status, headers, body = self.serialized(ActionResult(refusal))
        headers["status"] = str(status)
        headers, body = self._enrich_response(headers, body)
        return status, headers, body


def page(items: Iterable[Item], token: str | None, size: int | None, most: int) -> tuple[list[Item], str | None]:
    """One page and the token of the next, if there is one; ValueError for a token that is not ours.

    What lies behind the page is not looked at.
    """
    start = _position(token)
    end = start + min(size or most, most)
    found = list(islice(items, end + 1))
    if start > len(found):
        raise ValueError("the token lies beyond the end")
    return found[start:end], (f"page-{end}" if end < len(found) else None)


def empty_page_token(token: str | None) -> str:
    """The token of an empty page: it asks for the same page again, but is another one than that page's."""
    position, empty = _position(token), _TOKEN.fullmatch(token or "")
    return f"page-{position}-{int(empty[2] or 0) + 1 if empty else 1}"


_TOKEN = re.compile(r"page-(\d{1,9})(?:-(\d{1,3}))?")


def _position(token: str | None) -> int:
    if not token:
        return 0
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise ValueError("the token is not one of ours")
    return int(match[1])


def find_violation(shape: Any, value: Any, path: str = "") -> Violation | None:
    """The first way in which a value does not fit a shape of botocore's model."""
    if getattr(shape, "is_document_type", False):
        return None
    check = {"structure": _structure, "list": _list, "map": _map, "string": _string}.get(shape.type_name, _number)
    return check(shape, value, path)


def _structure(shape: Any, value: Any, path: str) -> Violation | None:
    if not isinstance(value, dict):
        return Violation(path, "TYPE", f"Value at '{path}' is not a structure")
    for name in shape.required_members:
        if value.get(name) is None:
            where = _join(path, name)
            return Violation(
                where, "REQUIRED", f"Value null at '{where}' failed to satisfy constraint: Member must not be null"
            )
    return _first(
        find_violation(member, value[name], _join(path, name))
        for name, member in shape.members.items()
        if value.get(name) is not None
    )


def _list(shape: Any, value: Any, path: str) -> Violation | None:
    if not isinstance(value, list):
        return Violation(path, "TYPE", f"Value at '{path}' is not a list")
    return _size(shape, value, path) or _first(
        find_violation(shape.member, item, _join(path, str(number))) for number, item in enumerate(value, 1)
    )


def _map(shape: Any, value: Any, path: str) -> Violation | None:
    if not isinstance(value, dict):
        return Violation(path, "TYPE", f"Value at '{path}' is not a map")
    return _size(shape, value, path) or _first(
        find_violation(shape.value, item, _join(path, key)) for key, item in value.items()
    )


def _string(shape: Any, value: Any, path: str) -> Violation | None:
    if not isinstance(value, str):
        return Violation(path, "TYPE", f"Value at '{path}' is not a string")
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        return Violation(path, "ENUM", _fails(path, f"Member must satisfy enum value set: [{', '.join(allowed)}]"))
    return _size(shape, value, path) or _pattern(shape, value, path)


def _pattern(shape: Any, value: str, path: str) -> Violation | None:
    pattern = _compiled(shape.metadata.get("pattern"))
    if pattern is None or pattern.fullmatch(value):
        return None
    return Violation(
        path, "PATTERN", _fails(path, f"Member must satisfy regular expression pattern: {pattern.pattern}")
    )


def _size(shape: Any, value: Any, path: str) -> Violation | None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        return Violation(path, "MIN_LENGTH", _fails(path, f"Member must have length greater than or equal to {low}"))
    if high is not None and len(value) > high:
        return Violation(path, "MAX_LENGTH", _fails(path, f"Member must have length less than or equal to {high}"))
    return None


def _number(shape: Any, value: Any, path: str) -> Violation | None:
    if shape.type_name not in ("integer", "long"):
        return None
    if not isinstance(value, int):
        return Violation(path, "TYPE", f"Value at '{path}' is not a number")
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        return Violation(path, "MIN_VALUE", _fails(path, f"Member must have value greater than or equal to {low}"))
    if high is not None and value > high:
        return Violation(path, "MAX_VALUE", _fails(path, f"Member must have value less than or equal to {high}"))
    return None


@cache
def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    """None where the model gives no pattern, or one that only Java understands."""
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None


def _fails(path: str, constraint: str) -> str:
    return f"Value at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _first(violations: Any) -> Violation | None:
    return next((violation for violation in violations if violation is not None), None)
