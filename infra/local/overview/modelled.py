"""Which operations of our services answer, and which are refused as not implemented."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, NoReturn

from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores, get_service_model

from infra.local.registry import SERVICES, Service


@dataclass(frozen=True, slots=True)
class Coverage:
    """One service of ours."""

    service: str
    answered: tuple[str, ...]
    refused: tuple[str, ...]
    """The operations AWS has and the cloud answers `NotImplemented` to."""


@cache
def coverage() -> tuple[Coverage, ...]:
    """Every service that is ours, by name; S3 is left out: moto finds its operations by path, not by name."""
    return tuple(_coverage(service) for service in sorted(SERVICES, key=lambda one: one.name) if service.name != "s3")


def _coverage(service: Service) -> Coverage:
    responses = _responses(service)
    names = get_service_model(service.name).operation_names
    answered = tuple(name for name in names if _answers(responses, camelcase_to_underscores(name)))
    return Coverage(service.name, answered, tuple(name for name in names if name not in answered))


def _answers(responses: type[Any], method_name: str) -> bool:
    """Whether there is a method, and one that may return."""
    method = getattr(responses, method_name, None)
    return method is not None and getattr(method, "__annotations__", {}).get("return") is not NoReturn


def _responses(service: Service) -> type[Any]:
    """The class that answers: the last of its module's, as a service's own comes after what it builds on."""
    module = import_module(f"{service.package}.responses")
    own = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, BaseResponse)]
    return next(one for one in own if not any(other is not one and issubclass(other, one) for other in own))
