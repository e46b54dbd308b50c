import shutil
import subprocess
from pathlib import Path

import pytest

from vending.lifecycle.pages import WayIn

AWS = """#!/bin/sh
echo "$AWS_ENDPOINT_URL $*" >> "$(dirname "$0")/asked"
printf 'AKIA\\tsecret/with+signs\\ttoken==\\n'
"""


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


@pytest.mark.skipif(
    shutil.which("bash") is None, reason="the commands are written for bash and zsh, and neither is here"
)
def test_the_commands_leave_a_shell_with_credentials(tmp_path: Path) -> None:
    program(tmp_path, "aws", AWS)
    program(tmp_path, "freehold", "#!/bin/sh\necho jwt-of-$3\n")
    way_in = WayIn(environment={"AWS_ENDPOINT_URL": "http://127.0.0.1:8081"})

    commands = way_in.commands("eu-west-1", "ada", "111122223333", "PowerUserAccess")
    shown = subprocess.run(
        ["bash", "-eu", "-c", f"{commands}\nprintenv AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout.split() == ["AKIA", "secret/with+signs", "token=="]
    assert (tmp_path / "asked").read_text().split("--query")[0] == (
        "http://127.0.0.1:8081 sso get-role-credentials --region eu-west-1 --account-id 111122223333 "
        "--role-name PowerUserAccess --access-token jwt-of-ada "
    )
