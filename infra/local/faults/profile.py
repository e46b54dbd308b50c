"""Profiles of faults: TOML files, some of them here under a name."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.local.faults.fault import Fault
from vending.core.errors import BadInput, FieldError

FOLDER = Path(__file__).with_name("profiles")


class Profile(BaseModel):
    """A set of faults that belong together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    seed: int | None = None
    fault: tuple[Fault, ...] = Field(min_length=1)


def profile_names() -> list[str]:
    """The profiles that come with the cloud."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_profile(name: str) -> Profile:
    """A profile by its name, or the one in the file of that path; BadInput where it is neither or has an error."""
    path = FOLDER / f"{name}.toml" if name in profile_names() else Path(name)
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _bad(f"there is no profile or file {name!r}.", f"Take one of {', '.join(profile_names())}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(f"{path} is not TOML: {error}.", "Correct the file.") from error
    return check_profile(given, str(path))


def check_profile(given: dict[str, Any], where: str) -> Profile:
    """A profile out of plain data; BadInput names what is wrong."""
    try:
        return Profile.model_validate(given)
    except ValidationError as error:
        raise BadInput.of(*_field_errors(error, where)) from error


def _field_errors(error: ValidationError, where: str) -> list[FieldError]:
    return [
        FieldError(
            ".".join(str(part) for part in one["loc"]) or "-",
            f"{one['msg']} in {where}.",
            "The kinds of faults and what each may say are in infra/local/faults/fault.py.",
        )
        for one in error.errors()
    ]


def _bad(reason: str, remedy: str) -> BadInput:
    return BadInput.of(FieldError("faults", reason, remedy))
