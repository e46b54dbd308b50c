"""The local cloud as the child of a process: it ends when its parent does, even when that is killed."""

import os
import signal
import sys
import threading

from infra.local.commands import cloud
from vending.core.settings import Settings


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = Settings()
    cloud(port=settings.cloud_port, speed=settings.speed, config=settings.config)
