"""`make synth`: the CloudFormation of every stack, in cdk.out, with no call to AWS and none to the network."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.stacks.bundle import ENTRIES, Contents, collect
from infra.stacks.deployment import read_context, read_deployment
from infra.stacks.nag import acknowledge
from infra.stacks.vending import VendingStack
from vending.core.company import load_company
from vending.core.errors import FreeholdError
from vending.core.output import say, say_error
from vending.core.settings import Settings

OUT = "cdk.out"


def make_app(
    company_file: Path,
    context: Mapping[str, Any],
    out: str,
    contents: Callable[[str, Path], Contents] = collect,
) -> tuple[App, VendingStack]:
    """Every stack, not yet synthesised.

    Raises:
        BadInput: when the company file or the context is wrong.
    """
    company = load_company(company_file)
    deployment = read_deployment(context)
    bundles = {name: contents(entry, company_file.resolve()) for name, entry in ENTRIES.items()}
    app = App(outdir=out, context=dict(context), analytics_reporting=False)
    stack = VendingStack(app, company=company, deployment=deployment, bundles=bundles)
    acknowledge(stack)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app, stack


def main() -> int:
    """Synthesise; what is wrong with the input is said in a sentence."""
    out = os.environ.get("CDK_OUTDIR", OUT)
    try:
        app, _ = make_app(Settings().config, read_context(), out)
    except FreeholdError as error:
        say_error(error)
        return error.exit_code
    app.synth()
    say(f"The stacks are in {out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
