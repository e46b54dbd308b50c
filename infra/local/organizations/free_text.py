"""Free text that Organizations refuses: what looks like cross-site scripting, and reserved names of roles."""

import re

from infra.local.organizations.refusals import invalid_input

_SCRIPTING = re.compile(
    r"<\s*/?\s*(script|iframe|object|embed|svg|img|style|link|meta|body|form)\b"
    r"|\bjavascript\s*:|\bvbscript\s*:|\bon(error|load|click|focus|mouseover|toggle)\s*=|\bdata\s*:\s*text/html",
    re.IGNORECASE,
)
"""AWS says "common cross-site scripting (XSS) patterns" and does not list them: these are the common ones.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html, InvalidInputException
"""


def check_text(*texts: str | None) -> None:
    """InvalidInputException with the Reason INVALID_PATTERN for a name or description with a script in it."""
    if any(text and _SCRIPTING.search(text) for text in texts):
        raise invalid_input("INVALID_PATTERN", "You provided a value that doesn't match the required pattern.")


def check_role_name(name: str | None) -> None:
    """InvalidInputException with the Reason INVALID_ROLE_NAME for a name that service-linked roles have."""
    if name and name.startswith("AWSServiceRoleFor"):
        raise invalid_input(
            "INVALID_ROLE_NAME",
            "You provided a role name that isn't valid. A role name can't begin with the reserved prefix"
            " AWSServiceRoleFor.",
        )
