"""Requests as files: one request a file, YAML or JSON."""

from pathlib import Path
from typing import Any

from vending.core.errors import BadInput, FieldError, why_unreadable

SUFFIXES = (".yaml", ".yml", ".json")


def read_file(path: Path) -> dict[str, Any]:
    """A request file, YAML or JSON.

    Raises:
        BadInput: when it cannot be read or holds no mapping.
    """
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = str(error) if isinstance(error, yaml.YAMLError) else why_unreadable(error)
        raise BadInput.of(FieldError(str(path), f"it cannot be read: {why}", "Give a YAML or JSON file.")) from error
    if not isinstance(content, dict):
        raise BadInput.of(FieldError(str(path), "it holds no mapping of fields", "See examples/acme/requests."))
    return content


def request_files(folder: Path) -> tuple[Path, ...]:
    """The request files of a folder, by name.

    Raises:
        BadInput: when the folder has none.
    """
    found = tuple(sorted(p for p in folder.glob("*") if p.suffix in SUFFIXES))
    if not found:
        raise BadInput.of(
            FieldError(str(folder), "there is no request file in it", "Give a folder of YAML or JSON files.")
        )
    return found
