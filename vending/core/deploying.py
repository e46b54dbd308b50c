"""The way from an AWS organisation to a portal that answers, step by step.

The portal shows it under `/help/guides/deploy`; `freehold doctor --aws` goes through the same steps and says at each
what is still missing.
"""

from collections.abc import Mapping

STEPS: Mapping[str, str] = {
    "organization": "Write the company file",
    "landing-zone": "Bring Control Tower up to date",
    "ous": "Register the OUs",
    "accounts": "Have the two accounts, and room for more",
    "settings": "Deploy what has to be in the management account",
    "people": "Let people in",
    "door": "Give the portal its name",
    "stacks": "Deploy the rest",
    "config": "See that Config records everywhere",
    "notices": "Let messages out",
    "portal": "Sign in, and ask for the first account",
}
"""Step's id -> its title, in their order."""


def number_of(step: str) -> int:
    """The place of a step in the guide, from 1."""
    return list(STEPS).index(step) + 1
