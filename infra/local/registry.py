"""The services that are ours: one line each. What is not here is answered by moto.

A service is a package `infra/local/<service>` with moto's three modules: `models` (with a BackendDict named
`<moto name>_backends`), `responses` and `urls` (`url_bases`, `url_paths`).
"""

import os
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import moto.backends as moto_backends
from moto.core import responses
from moto.core.base_backend import BackendDict
from moto.core.errors import COMMON_ERROR_CODES
from moto.core.utils import method_names_from_class

from infra.local.aws_time import follow_the_clock


@dataclass(frozen=True, slots=True)
class Service:
    """One service of ours."""

    name: str
    """botocore's name: `controltower`, `sso-admin`."""

    package: str
    """Where its models, responses and urls are."""

    @property
    def backends_name(self) -> str:
        """What its BackendDict is called in `models`: `ssoadmin_backends` for `sso-admin`."""
        return f"{self.name.replace('-', '')}_backends"

    def backends(self) -> "BackendDict[Any]":
        """Its state, by account and region."""
        found: BackendDict[Any] = getattr(import_module(f"{self.package}.models"), self.backends_name)
        return found


SERVICES: tuple[Service, ...] = (
    Service("accessanalyzer", "infra.local.accessanalyzer"),
    Service("codeconnections", "infra.local.codeconnections"),
    Service("config", "infra.local.config"),
    Service("controlcatalog", "infra.local.controlcatalog"),
    Service("controltower", "infra.local.controltower"),
    Service("sso", "infra.local.sso"),
    Service("sso-admin", "infra.local.ssoadmin"),
    Service("organizations", "infra.local.organizations"),
    Service("account", "infra.local.account"),
    Service("s3", "infra.local.s3"),
)

EXTENDED = (
    "awslambda",
    "cloudformation",
    "dynamodb",
    "ec2",
    "events",
    "iam",
    "kms",
    "s3control",
    "servicequotas",
    "ses",
    "sesv2",
    "sns",
    "ssm",
    "sts",
)
"""Packages that add to moto's own services what those lack."""

OURS = {service.name: service for service in SERVICES}

_moto_backend = moto_backends.get_backend


def _backend(name: Any) -> "BackendDict[Any]":
    return OURS[name].backends() if name in OURS else _moto_backend(name)


_find_or_make = BackendDict._create_account_specific_backend


def _find_first(backends: "BackendDict[Any]", account_id: str) -> None:
    """moto lists all accounts whenever one is asked for: with ten thousand of them that is most of a call's time."""
    if account_id not in backends:
        _find_or_make(backends, account_id)


_operations_of = cache(method_names_from_class)
"""moto goes through all members of a class for each call."""


OF_EVERY_SERVICE = ("AccessDenied", "AccessDeniedException", "SerializationException", "UnknownOperationException")
"""Codes that AWS's services answer though their models lack them; moto's serialisers warn of codes they do not know."""


def register() -> None:
    """Make moto look here first. moto's server builds a service's routes from what this answers.

    Every service of ours is loaded before there is any state: Config and S3 put their own classes into moto's
    dictionaries, as the extended ones do, and what a seed makes has to be made by those.

    moto's machine images stay away: with them EC2 takes 150 ms and 3 MB for each account and region.
    """
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    follow_the_clock()
    for service in SERVICES:
        service.backends()
    for name in EXTENDED:
        import_module(f"infra.local.{name}.models")
    moto_backends.get_backend = _backend
    setattr(BackendDict, "_create_account_specific_backend", _find_first)  # noqa: B010 - moto offers no other way in
    setattr(responses, "method_names_from_class", _operations_of)  # noqa: B010 - moto offers no other way in
    COMMON_ERROR_CODES.extend(code for code in OF_EVERY_SERVICE if code not in COMMON_ERROR_CODES)
