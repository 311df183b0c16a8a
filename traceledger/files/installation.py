"""The identity of the installed program: its distribution and a digest of its files.

Anyone may publish a distribution named `traceledger`; the digest identifies the program. The list
of files is the same for a wheel, an installation of it and a checkout of the same release.
`python -m traceledger.files.installation` prints the list.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from traceledger.errors import StorageError

__all__ = [
    "DISTRIBUTION",
    "Installation",
    "find_installation",
    "find_intruders",
    "find_version",
    "list_files",
]

DISTRIBUTION = "traceledger-bonded"

_PACKAGES = ("traceledger", "traceledger_api", "traceledger_cli")


class Installation(NamedTuple):
    """The distribution that is running; `digest` is the SHA-256 of `list_files()`, in hex.

    `version` is "unknown" for a program that was never installed.
    """

    distribution: str
    version: str
    folder: Path
    digest: str


def find_version() -> str:
    """The version of the distribution, "unknown" if it was never installed."""
    # Importing it takes a tenth of a command's start.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"


def find_installation() -> Installation:
    """Identifies the running program; raises StorageError `file.read`."""
    folder = _folder(_PACKAGES[0]).parent
    return Installation(DISTRIBUTION, find_version(), folder, sha256(list_files()).hexdigest())


def find_intruders() -> list[str]:
    """Names other distributions that install files into this program's packages."""
    from importlib.metadata import packages_distributions  # noqa: PLC0415 - as above

    distributions = packages_distributions()
    found = {name for package in _PACKAGES for name in distributions.get(package, ())}
    return sorted(found - {DISTRIBUTION})


def list_files() -> bytes:
    """Lists the SHA-256 and the path of every file, in the format of `sha256sum`, by path.

    Raises StorageError `file.read`.
    """
    lines = []
    for package in _PACKAGES:
        folder = _folder(package)
        for file in folder.rglob("*"):
            if "__pycache__" in file.parts or not file.is_file():
                continue
            path = file.relative_to(folder.parent).as_posix()
            try:
                lines.append((path, sha256(file.read_bytes()).hexdigest()))
            except OSError as error:
                raise StorageError("file.read", f"{file} cannot be read: {error}") from error
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(lines)).encode()


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise StorageError("file.read", f"the package {package} is not installed")
    return Path(spec.submodule_search_locations[0])


if __name__ == "__main__":
    sys.stdout.buffer.write(list_files())
