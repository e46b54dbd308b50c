"""`make synth`: the CloudFormation of every stack, in cdk.out, with no call to AWS and none to the network."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.stacks.audit import AuditStack
from infra.stacks.bundle import ENTRIES, Contents, collect
from infra.stacks.delivery import DeliveryStack
from infra.stacks.evidence import EvidenceStack
from infra.stacks.ground import FreeholdStack, Ground
from infra.stacks.guardrails import GuardrailsStack
from infra.stacks.names import Names
from infra.stacks.observability import ObservabilityStack
from infra.stacks.organization import ForwardingStack, OrganizationStack
from infra.stacks.portal import PortalStack
from infra.stacks.vending import VendingStack
from vending.core.aws import GLOBAL_REGION
from vending.core.company import load_company
from vending.core.errors import FreeholdError
from vending.core.output import say, say_error
from vending.core.settings import Settings

OUT = "cdk.out"
CHECK = "--check"
CDK_JSON = Path(__file__).resolve().parents[2] / "cdk.json"


def make_app(
    company_file: Path, out: str, contents: Callable[[str, Path], Contents] = collect, *, check: bool = False
) -> tuple[App, tuple[FreeholdStack, ...]]:
    """Every stack, not yet synthesised.

    With `check` synthesis judges them too, and stops at what is wrong: CDK validates each template, and cdk-nag's
    findings each need a reason. That takes as long as all the rest, so the tests ask for it and `make synth` does not.

    Raises:
        BadInput: when the company file is wrong, or says nothing about AWS.
    """
    ground = read_ground(company_file, contents)
    app = App(outdir=out, context=_context(), analytics_reporting=False, builtin_cloud_formation_validation=check)
    stacks = tuple(make_stacks(app, ground))
    if check:
        have_judged(app, stacks)
    return app, stacks


def read_ground(company_file: Path, contents: Callable[[str, Path], Contents] = collect) -> Ground:
    """What the company file says, and what each function is made of.

    Raises:
        BadInput: when the company file is wrong, or says nothing about AWS.
    """
    company = load_company(company_file)
    deployment = company.deployed(company_file)
    bundles = {name: contents(entry, company_file.resolve()) for name, entry in ENTRIES.items()}
    return Ground(company, deployment, Names.of(company, deployment), bundles)


def make_stacks(app: App, ground: Ground) -> list[FreeholdStack]:
    """In the order in which they are deployed for the first time."""
    vending = VendingStack(app, ground)
    guardrails = GuardrailsStack(app, ground, vending.key)
    stacks: list[FreeholdStack] = [
        OrganizationStack(app, ground),
        EvidenceStack(app, ground),
        vending,
        guardrails,
        AuditStack(app, ground, vending.key),
        PortalStack(app, ground, vending.key),
        ObservabilityStack(app, ground, vending.key),
    ]
    if ground.names.region != GLOBAL_REGION:
        stacks.append(ForwardingStack(app, ground))
    if ground.deployment.delivery is not None:
        role = guardrails.pipeline_role.attr_arn
        stacks.append(DeliveryStack(app, ground, ground.deployment.delivery, vending.key, role))
    return stacks


def have_judged(app: App, stacks: Iterable[FreeholdStack]) -> None:
    """Have cdk-nag look at the stacks when they are synthesised: it is loaded only then, for it takes its time."""
    from infra.stacks.nag import judge

    judge(app, stacks)


def _context() -> dict[str, Any]:
    """The feature flags of `cdk.json`."""
    context: dict[str, Any] = json.loads(CDK_JSON.read_text())["context"]
    return context


def main(arguments: Sequence[str] = ()) -> int:
    """Synthesise, and judge with `--check`; what is wrong with the input is said in a sentence."""
    out = os.environ.get("CDK_OUTDIR", OUT)
    try:
        app, stacks = make_app(Settings().config, out, check=CHECK in arguments)
    except FreeholdError as error:
        say_error(error)
        return error.exit_code
    app.synth()
    say(f"{len(stacks)} stacks are in {out}: {', '.join(stack.stack_name for stack in stacks)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
