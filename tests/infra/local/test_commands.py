import os
import signal
import subprocess
import sys

import httpx2
import pytest

from infra.local.server import listening
from tests.cloud import ACME
from vending.core.errors import BadInput

CLOUD = [sys.executable, "-c", "from infra.local.commands import app; app()", "--port", "0", "--config", str(ACME)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_cloud_says_where_it_is_and_stops_cleanly(number: signal.Signals) -> None:
    with subprocess.Popen(CLOUD, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        healthy = httpx2.get(f"{url}/_cloud/healthz").status_code
        os.kill(process.pid, number)
        _, talk = process.communicate(timeout=20)

    assert healthy == 200
    assert process.returncode == 0
    assert "Traceback" not in talk


def test_a_port_in_use_says_which_and_how_to_choose_another() -> None:
    with listening(0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(BadInput) as refused:
            listening(port)

    assert str(port) in refused.value.sentence
    assert "FREEHOLD_CLOUD_PORT" in refused.value.remedy
    assert refused.value.exit_code == 2
