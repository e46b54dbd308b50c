"""What every stack stands on: one company, its names, its bundles, and the way a stack of ours is made."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Environment, Stack, Tags
from constructs import Construct

from infra.stacks.bundle import Contents
from infra.stacks.names import Names
from vending.core.company import Company
from vending.core.deployment import Deployment

LINT_IGNORED = ("W3005",)
"""CDK lets a function depend on its role by name too, where it refers to it anyway."""


@dataclass(frozen=True)
class Ground:
    """What is known before any resource is there."""

    company: Company
    deployment: Deployment
    names: Names
    bundles: Mapping[str, Contents]
    """Function -> what goes into its bundle."""


class FreeholdStack(Stack):
    """A stack in one account, tagged, protected from being deleted by mistake."""

    def __init__(
        self, scope: Construct, part: str, ground: Ground, about: str, *, account: str = "", region: str = ""
    ) -> None:
        super().__init__(
            scope,
            f"Freehold{part}",
            description=f"Freehold: {about}",
            env=Environment(account=account or ground.names.account, region=region or ground.names.region),
            termination_protection=True,
        )
        self.ground = ground
        self.names = ground.names
        self.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": list(LINT_IGNORED)}}}
        Tags.of(self).add("freehold:stack", part.lower())
        Tags.of(self).add("freehold:company", ground.company.name)
