"""The bundles of the Lambda functions: what each entry point imports, as a zip for Lambda's platform.

Synthesis only needs a bundle's name, which is a hash of what goes into it: the modules that the entry point reaches
through imports, the locked distributions that these come from, and the company file. Building it takes the wheels of
those distributions from the package index, so that is left to publishing: the cloud assembly says which command makes
the file, and whoever publishes the assembly (`cdk deploy`) runs it. The same inputs give the same bytes.
"""

import hashlib
import re
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution, distributions
from pathlib import Path

import grimp
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.stacks import trimming
from infra.stacks.trimming import services_of, trim
from vending.core.errors import FreeholdError
from vending.core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
TRIMMING = Path(trimming.__file__)
CACHE = ROOT / ".cache" / "bundles"
PACKAGES = ("vending", "guardrails", "audit", "infra")
ENTRIES: Mapping[str, str] = {
    name: f"infra.runtime.lambdas.{name}"
    for name in ("workflow", "dispatcher", "portal", "groups", "guardrails", "collector", "listener", "settings")
}
BY_NAME: Mapping[str, tuple[str, ...]] = {
    "guardrails.catalog": ("guardrails.catalog.*",),
    "audit.query.sandbox": ("audit.query.child",),
}
"""Modules that another one loads by name, where no import statement shows it."""
PYTHON = "3.13"
MACHINE = "aarch64"
GLIBC = range(17, 35)
"""Minor versions of glibc whose wheels run on Amazon Linux 2023, the system below the Python 3.13 runtime."""
TARGET: Mapping[str, str] = {
    "implementation_name": "cpython",
    "implementation_version": f"{PYTHON}.0",
    "os_name": "posix",
    "platform_machine": MACHINE,
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": f"{PYTHON}.0",
    "python_version": PYTHON,
    "sys_platform": "linux",
}
"""What environment markers see on Lambda."""
COMPANY_FILE = "company.yaml"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a zip: none is the time of building."""
_ABOUT = re.compile(r"^([^/]+)-[^-/]+\.dist-info/")
_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==[^\s;\\]+")


class WheelsMissing(FreeholdError):
    """The wheels of a bundle cannot be had."""

    code = "wheels-missing"


@dataclass(frozen=True)
class Contents:
    """What goes into a bundle."""

    files: Mapping[str, Path]
    """Path in the bundle -> our own file: modules, and the templates and static files beside them."""
    pins: tuple[str, ...]
    """Lines of the lock, hashes included, of the distributions that the modules import."""
    services: frozenset[str] = frozenset()
    """Those of AWS whose models are taken along."""

    @property
    def digest(self) -> str:
        """SHA-256 of everything that decides about the bytes of the bundle."""
        found = hashlib.sha256(f"{PYTHON} {MACHINE} {sorted(self.services)}\n".encode())
        found.update(TRIMMING.read_bytes())
        for pin in self.pins:
            found.update(pin.encode())
        for name, path in sorted(self.files.items()):
            found.update(f"{name}\n{path.stat().st_size}\n".encode())
            found.update(path.read_bytes())
        return found.hexdigest()


def collect(entry: str, company_file: Path) -> Contents:
    """What the module `entry` needs at run time.

    Raises:
        FreeholdError: when a distribution that is imported is not in the lock.
    """
    modules, foreign = _reach(entry)
    files = {str(path.relative_to(ROOT)): path for module in modules for path in _files_of(module)}
    pins = tuple(_pins(foreign))
    return Contents(files | {COMPANY_FILE: company_file}, pins, services_of(files.values()))


def build(contents: Contents, folder: Path = CACHE) -> Path:
    """The zip of a bundle, made unless it was made before.

    Raises:
        WheelsMissing: when the package index does not give a wheel.
    """
    target = folder / f"{contents.digest}.zip"
    if not target.exists():
        wheels = _download(
            contents.pins, folder / "wheels" / hashlib.sha256("".join(contents.pins).encode()).hexdigest()
        )
        part = target.with_suffix(".part")
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, content in sorted({**_unpacked(wheels, contents.services), **_own(contents.files)}.items()):
                bundle.writestr(_plain(name), content)
        part.replace(target)
    return target


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        *PACKAGES, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )


def _reach(entry: str) -> tuple[frozenset[str], frozenset[str]]:
    """Our modules that importing `entry` can load, and the foreign top-level modules among their imports."""
    graph = _graph()
    ours: set[str] = set()
    foreign: set[str] = set()
    waiting = {entry}
    while waiting:
        module = waiting.pop()
        if module.partition(".")[0] not in PACKAGES:
            foreign.add(module)
        elif module not in ours:
            ours.add(module)
            waiting |= graph.find_modules_directly_imported_by(module) | set(_parents(module)) | _named(graph, module)
    return frozenset(ours), frozenset(foreign)


def _parents(module: str) -> Iterator[str]:
    while module := module.rpartition(".")[0]:
        yield module


def _named(graph: grimp.ImportGraph, module: str) -> set[str]:
    named = BY_NAME.get(module, ())
    return {found for name in named for found in (graph.find_matching_modules(name) if "*" in name else {name})}


def _files_of(module: str) -> Iterator[Path]:
    """A module's own file; for a package also what it brings along: templates, styles, pictures."""
    path = ROOT / Path(*module.split("."))
    if not path.is_dir():
        yield path.with_suffix(".py")
        return
    yield path / "__init__.py"
    for folder in (path / "templates", path / "static"):
        yield from (found for found in folder.rglob("*") if found.is_file())


def _pins(modules: Iterable[str]) -> Iterator[str]:
    """The lock's lines for the distributions of these modules and all they require on Lambda."""
    lock = _locked()
    homes = _homes()
    waiting = [(name, "") for module in modules for name in homes.get(module, ())]
    seen: set[tuple[str, str]] = set()
    while waiting:
        name, extra = waiting.pop()
        key = (canonicalize_name(name), extra)
        if key not in seen:
            seen.add(key)
            waiting += _required(name, extra)
    for name in sorted({name for name, _ in seen}):
        if name not in lock:
            raise FreeholdError(f"{name} is imported by a Lambda function, but not locked.", f"Add it to {LOCK.name}.")
        yield lock[name]


@cache
def _required(name: str, extra: str) -> tuple[tuple[str, str], ...]:
    return tuple(_requirements(name, extra))


def _requirements(name: str, extra: str) -> Iterator[tuple[str, str]]:
    for line in distribution(name).requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({**TARGET, "extra": extra}):
            yield from ((requirement.name, each) for each in ("", *requirement.extras))


@cache
def _homes() -> Mapping[str, set[str]]:
    """Top-level module -> the distributions that bring it: `packages_distributions`, in a tenth of its time."""
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for found in distributions():
        lines = (found.read_text("RECORD") or "").splitlines()
        name = next((match[1] for line in lines if (match := _ABOUT.match(line))), None)
        for line in lines if name else ():
            homes[re.split(r"[/.,]", line, maxsplit=1)[0]].add(str(name))
    return homes


@cache
def _locked() -> dict[str, str]:
    """Name -> pin with hashes, without the marker, which has been judged for Lambda instead of this machine."""
    blocks = re.split(r"\n(?=\S)", LOCK.read_text(encoding="utf-8"))
    pins: dict[str, str] = {}
    for block in blocks:
        match = _PINNED.match(block)
        if match and _fits(block):
            pins[canonicalize_name(match["name"])] = re.sub(r" ;[^\\\n]*", "", block, count=1).strip() + "\n"
    return pins


def _fits(block: str) -> bool:
    _, semicolon, marker = block.splitlines()[0].rstrip(" \\").partition(" ;")
    return not semicolon or Marker(marker.strip()).evaluate(dict(TARGET))


def _download(pins: Iterable[str], folder: Path) -> tuple[Path, ...]:
    """The wheels of the pins for Lambda, with their hashes checked."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / "requirements.txt"
    wanted.write_text("".join(pins), encoding="utf-8")
    platforms = [f"manylinux_2_{minor}_{MACHINE}" for minor in GLIBC] + [f"manylinux2014_{MACHINE}"]
    options = [f"--platform={platform}" for platform in platforms]
    options += [f"--python-version={PYTHON}", "--implementation=cp", "--only-binary=:all:", "--no-deps"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", *options]
    done = subprocess.run(  # noqa: S603 (pip, with arguments of ours)
        [*command, f"--dest={folder}", f"--requirement={wanted}"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise WheelsMissing(
            f"The wheels for Python {PYTHON} on {MACHINE} cannot be downloaded: {last}",
            "They come from the package index that pip is set to: check it and the network, then publish again.",
        )
    return tuple(sorted(folder.glob("*.whl")))


def _unpacked(wheels: Iterable[Path], services: frozenset[str]) -> dict[str, bytes]:
    """The files of wheels as they lie once installed, without scripts and headers and what Lambda never reads."""
    files = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as packed:
            for name in packed.namelist():
                place = re.sub(r"^[^/]+\.data/(purelib|platlib)/", "", name)
                is_file = not place.endswith("/") and ".data/" not in place.partition("/")[0] + "/"
                if is_file:
                    files[place] = packed.read(name)
    return trim(files, services)


def _own(files: Mapping[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in files.items()}


def _plain(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def main(arguments: list[str]) -> None:
    """`python -m infra.stacks.bundle NAME` builds a bundle and prints its path, as cdk-assets wants it."""
    sys.stdout.write(str(build(collect(ENTRIES[arguments[0]], Settings().config.resolve()))))


if __name__ == "__main__":
    main(sys.argv[1:])
