"""The product in the platform account of the local cloud, each function under its own synthesised role alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from infra.local.provision import make_bucket, make_signing_key
from infra.runtime.lambdas.settings import Settings
from infra.runtime.place import Place
from infra.runtime.services import make_services
from infra.stacks.rights.roles import RIGHTS
from tests.cloud import Cloud
from tests.infra.stacks.conftest import Synthesised
from tests.infra.stacks.roles import Role, as_function, keep_evidence, names, put, settle, synthesised_roles
from tests.vending.line import Line
from tests.vending.parts import TABLE
from vending.core.aws import Aws
from vending.core.company import Company
from vending.core.trust import DELEGATED, POLICY_TYPES, TRUSTED
from vending.workflow.services import Services

NOBODY: Any = None
"""In the place of an engine where nothing is started."""


@dataclass(frozen=True)
class Platform:
    """What the stacks make, and the functions in it."""

    cloud: Cloud
    company: Company
    roles: tuple[Role, ...]
    aws: Aws
    """As the platform account's administrator sees it."""
    folder: Path

    def place(self, name: str, engine: Any = NOBODY) -> Place:
        """Where a function works, with its role's rights alone."""
        return Place(
            as_function(self.cloud, name),
            self.cloud.clock,
            engine,
            TABLE,
            names().bucket,
            self.folder / name,
            self._pause,
            signing_key=names().signing_key,
            evidence=names().evidence,
        )

    def line(self) -> Line:
        """A line whose worker and dispatcher have their roles' rights alone."""

        def restrict(services: Services) -> Services:
            return make_services(self.company, self.place("workflow", services.engine))

        line = Line(self.cloud, self.aws, self.folder, restrict, self.company)
        dispatching = make_services(self.company, self.place("dispatcher", line.engine))
        line.dispatcher = replace(line.dispatcher, records=dispatching.records, aws=dispatching.aws)
        return line

    def _pause(self, seconds: float) -> None:
        self.cloud.clock.advance(seconds)


def deploy(
    cloud: Cloud,
    company: Company,
    synthesised: Synthesised,
    folder: Path,
    before_settings: Callable[[], None] = lambda: None,
) -> Platform:
    """As if every stack had been deployed."""
    cloud.limits.enforced = False
    roles, platform = tuple(synthesised_roles(synthesised)), settle(cloud)
    for role in of_functions(roles):
        put(cloud, role)
    before_settings()
    Settings(as_function(cloud, "settings")).make(
        {
            "Trusted": list(TRUSTED),
            "Delegated": list(DELEGATED),
            "PolicyTypes": list(POLICY_TYPES),
            "PlatformAccount": names().account,
        }
    )
    make_bucket(platform, names().bucket)
    make_signing_key(platform, names().signing_key)
    keep_evidence(cloud, synthesised)
    _make_aggregator(platform, company)
    return Platform(cloud, company, roles, platform, folder)


def of_functions(roles: tuple[Role, ...]) -> Iterator[Role]:
    """Those that our code uses; those of the pipeline and of AWS's services are judged in `test_rights`."""
    ours = {names().role(name) for name in RIGHTS}
    yield from (role for role in roles if role.name in ours)


def _make_aggregator(platform: Aws, company: Company) -> None:
    """As the audit stack makes it."""
    source = {
        "RoleArn": f"arn:aws:iam::{names().account}:role/freehold-aggregator",
        "AwsRegions": list(company.landing_zone.regions),
    }
    platform.client("config").put_configuration_aggregator(
        ConfigurationAggregatorName=names().aggregator, OrganizationAggregationSource=source
    )
