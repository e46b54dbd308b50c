"""Where Freehold runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from vending.core.aws import Aws
from vending.core.clock import Clock
from vending.core.signing import SIGNING_KEY
from vending.requests.engine import Engine


@dataclass(frozen=True)
class Place:
    """Where Freehold runs: what differs between AWS and a laptop."""

    aws: Aws
    clock: Clock
    engine: Engine
    table: str
    bucket: str
    cache: Path
    """A folder for copies of the findings' files."""
    pause: Callable[[float], None] = sleep
    """Waits so many seconds of AWS time between calls that AWS throttles."""
    signing_key: str = SIGNING_KEY
    """Id, ARN or alias of the KMS key that signs evidence."""
    evidence: str = ""
    """The bucket of the audit's evidence, under Object Lock."""
    portal: str = ""
    """The portal's address as people reach it, for links in what they are told."""
