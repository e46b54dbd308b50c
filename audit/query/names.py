"""What a control may be called: people know a rule by the name they gave it, not by the one it was deployed under."""

PATTERNS = (
    "^OrgConfigRule-(.+)-[a-z0-9]{8}$",
    "^AWSControlTower_AWS-GR_(.+)$",
    "^securityhub-(.+)-[a-z0-9]{6,8}$",
    "^(.+)-conformance-pack-[a-z0-9]+$",
)
"""How the services that deploy rules decorate their names (`audit.catalogue` knows the same)."""


def names_of(column: str) -> str:
    """SQL for every name of a control: its id, the last part of its ARN, the name it was given."""
    given = ", ".join(f"regexp_extract({column}, '{pattern}', 1)" for pattern in PATTERNS)
    return f"[{column}, string_split({column}, '/')[-1], {given}]"


def framework_of(reference: str) -> str:
    """SQL for the framework that a reference is to: `NIST 800-53 AC-6`, or `≈NIST 800-53 AC-6`, to NIST 800-53."""
    return f"regexp_replace(ltrim({reference}, '≈'), ' [^ ]+$', '')"
