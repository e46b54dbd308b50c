"""What every service of ours does alike: limits, checks against botocore's model, paging, refusals."""

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar, TypeVar

from moto.core.base_backend import BaseBackend
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model

from infra.local.cloud import LocalCloud, current
from infra.local.shape import Violation, find_violation

Item = TypeVar("Item")


class Refusal(ServiceException):
    """An error AWS would answer: its code, its sentence, and the members its shape has beside them."""

    def __init__(self, code: str, message: str, **members: Any) -> None:
        super().__init__(code, message)
        for name, value in members.items():
            setattr(self, name, value)


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
        """Parse as the model says; what cannot be parsed was refused at the door."""
        self.params: dict[str, Any] = {}
        super().parse_parameters(request)

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
