"""Fetch the few browser files that come from npm, and prove that nobody changed them since.

``vendor.py`` packs every package of ``vendor.json``, compares its sha512 with the one written there,
extracts the listed files only, builds the icon sprite and writes ``static/vendor/vendor.lock``.
``vendor.py --check`` needs no network: it compares the files on disk with the lock.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = Path("scripts/vendor.json")
LOCK = Path("static/vendor/vendor.lock")
SVG = "http://www.w3.org/2000/svg"
# The manifest storage of Django follows these comments and fails on the map that we do not ship.
SOURCE_MAP = re.compile(rb"\s*(?:/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")


class VendorError(Exception):
    """A vendored file is not what was asked for."""


@dataclass(frozen=True)
class Package:
    """One npm package: which files of it go where."""

    name: str
    version: str
    integrity: str
    files: dict[str, str]
    icons: tuple[str, ...]
    icon_source: str
    icon_target: str

    @property
    def targets(self) -> list[str]:
        """Return the paths that this package writes, relative to the project."""
        return [*self.files.values(), *([self.icon_target] if self.icons else [])]


def packages(root: Path) -> list[Package]:
    """Read the manifest."""
    listed = json.loads((root / MANIFEST).read_text(encoding="utf-8"))["packages"]
    return [
        Package(
            name=each["name"],
            version=each["version"],
            integrity=each["integrity"],
            files=each.get("files", {}),
            icons=tuple(each.get("icons", {}).get("names", ())),
            icon_source=each.get("icons", {}).get("source", ""),
            icon_target=each.get("icons", {}).get("target", ""),
        )
        for each in listed
    ]


def integrity_of(content: bytes) -> str:
    """Return the sha512 in the form that npm publishes."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def packed(package: Package, folder: Path) -> Path:
    """Download the package's archive into the folder; raise VendorError on another checksum."""
    npm = shutil.which("npm")
    if npm is None:
        raise VendorError("npm is needed to fetch packages; --check works without it.")
    command = [npm, "pack", "--silent", f"{package.name}@{package.version}"]
    printed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    archive = folder / printed.strip().splitlines()[-1]
    found = integrity_of(archive.read_bytes())
    if found != package.integrity:
        raise VendorError(
            f"{package.name} {package.version}: expected {package.integrity}, got {found}"
        )
    return archive


def member(archive: tarfile.TarFile, path: str) -> bytes:
    """Return one file of an npm archive."""
    try:
        opened = archive.extractfile(f"package/{path}")
    except KeyError as missing:
        raise VendorError(f"The package has no file {path}.") from missing
    if opened is None:
        raise VendorError(f"{path} is not a file.")
    return opened.read()


def stripped(content: bytes) -> bytes:
    """Drop a trailing source map comment."""
    return SOURCE_MAP.sub(b"\n", content)


def symbol(name: str, drawing: bytes) -> str:
    """Turn one outline icon into a symbol of the sprite."""
    shapes = []
    for shape in ElementTree.fromstring(drawing):  # noqa: S314 - checked against its sha512
        if shape.get("d") == "M0 0h24v24H0z":
            continue
        attributes = "".join(f' {key}="{value}"' for key, value in shape.attrib.items())
        shapes.append(f"<{shape.tag.removeprefix(f'{{{SVG}}}')}{attributes}/>")
    pen = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{name}" viewBox="0 0 24 24" {pen}>{"".join(shapes)}</symbol>'


def sprite(package: Package, archive: tarfile.TarFile) -> bytes:
    """Return one SVG file that holds every icon used, each under its own name."""
    symbols = [
        symbol(name, member(archive, package.icon_source.format(name=name)))
        for name in package.icons
    ]
    return "\n".join([f'<svg xmlns="{SVG}">', *symbols, "</svg>", ""]).encode()


def contents(package: Package, archive_path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each target of a package with what belongs in it."""
    with tarfile.open(archive_path) as archive:
        for source, target in package.files.items():
            content = member(archive, source)
            yield target, stripped(content) if source.endswith((".css", ".js")) else content
        if package.icons:
            yield package.icon_target, sprite(package, archive)


def sha256_of(path: Path) -> str:
    """Return the checksum that the lock keeps of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(root: Path) -> list[str]:
    """Write every vendored file and the lock; return the paths written."""
    written = []
    with tempfile.TemporaryDirectory() as folder:
        for package in packages(root):
            for target, content in contents(package, packed(package, Path(folder))):
                path = root / target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                written.append(target)
    lines = [f"{sha256_of(root / target)}  {target}" for target in sorted(written)]
    (root / LOCK).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return written


def locked(root: Path) -> dict[str, str]:
    """Return the checksum of each path in the lock."""
    lines = (root / LOCK).read_text(encoding="utf-8").splitlines()
    return {path: checksum for checksum, path in (line.split("  ", 1) for line in lines)}


def strangers(root: Path, known: set[str]) -> list[str]:
    """Return files of the vendor folder that the lock does not know."""
    found = {
        str(path.relative_to(root)) for path in (root / LOCK.parent).rglob("*") if path.is_file()
    }
    return sorted(found - known - {str(LOCK)})


def faults(root: Path) -> list[str]:
    """Return a sentence for every vendored file that differs from the lock; empty when all is well."""
    lock = locked(root)
    wanted = {target for package in packages(root) for target in package.targets}
    found = [
        f"{path} is listed in vendor.json but not locked." for path in sorted(wanted - set(lock))
    ]
    found += [
        f"{path} is locked but not listed in vendor.json." for path in sorted(set(lock) - wanted)
    ]
    for path, checksum in lock.items():
        if not (root / path).is_file():
            found.append(f"{path} is missing.")
        elif sha256_of(root / path) != checksum:
            found.append(f"{path} has changed.")
    return found + [
        f"{path} is in the vendor folder but not locked." for path in strangers(root, set(lock))
    ]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare files with the lock, offline")
    if parser.parse_args(arguments).check:
        found = faults(root)
        sys.stdout.write("\n".join(found) + "\n" if found else "Vendored files match the lock.\n")
        return 1 if found else 0
    written = fetch(root)
    sys.stdout.write(f"Wrote {len(written)} files and {LOCK}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
