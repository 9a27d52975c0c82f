"""Make a bare machine ready: virtual environment, pinned packages, system libraries.

Runs with the machine's own Python and needs nothing else. What is there already is left alone, so a
second run takes a moment. System libraries are installed when that is possible (Debian, as root);
otherwise a sentence names the command. ``bootstrap.py --dev`` adds what checks and tests need.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def loads(library: str) -> Callable[[], bool]:
    """A question: can this shared library be loaded?"""

    def answer() -> bool:
        try:
            ctypes.CDLL(library)
        except OSError:
            return False
        return True

    return answer


def runs(*programs: str) -> Callable[[], bool]:
    """A question: is one of these programs on the path?"""
    return lambda: any(shutil.which(program) for program in programs)


PDF = {
    "libpango-1.0-0": loads("libpango-1.0.so.0"),
    "libpangoft2-1.0-0": loads("libpangoft2-1.0.so.0"),
    "libharfbuzz-subset0": loads("libharfbuzz-subset.so.0"),
}
SYSTEM = {
    "PDF documents": PDF,
    "Translations": {"gettext": runs("msgfmt")},
}
DEV_SYSTEM = {
    "Browser tests": {"chromium": runs("chromium", "chromium-browser")},
    "PDF tests": {"poppler-utils": runs("pdftoppm")},
    "Plain-text books": {"hledger": runs("hledger")},
}


def say(sentence: str) -> None:
    """Print a line at once."""
    print(sentence, flush=True)


def stop(sentence: str) -> None:
    """End with a sentence instead of a traceback."""
    sys.exit(f"\n{sentence}")


def as_root() -> bool:
    """Whether Debian's packages can be installed from here."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str]) -> bool:
    """Install Debian packages; say whether that worked."""
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    quiet: dict[str, Any] = {
        "stdout": subprocess.DEVNULL,
        "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    }
    if subprocess.run(command, check=False, stderr=subprocess.DEVNULL, **quiet).returncode == 0:
        return True
    subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
    return subprocess.run(command, check=False, **quiet).returncode == 0


def ensure_system(needs: dict[str, dict[str, Callable[[], bool]]]) -> None:
    """Install missing system packages where that is possible; otherwise say what to run."""
    for purpose, packages in needs.items():
        missing = [name for name, there in packages.items() if not there()]
        if not missing:
            continue
        if as_root():
            say(f"Installing {', '.join(missing)} ...")
            if install(missing):
                continue
        say(f"{purpose} will not work until you run: sudo apt-get install {' '.join(missing)}")


def ensure_venv() -> None:
    """Create the virtual environment."""
    if PYTHON.exists():
        return
    say("Creating the virtual environment ...")
    made = subprocess.run([sys.executable, "-m", "venv", VENV], check=False, capture_output=True)
    if made.returncode and as_root():
        say("Installing python3-venv ...")
        install(["python3-venv"])
        made = subprocess.run([sys.executable, "-m", "venv", VENV], check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        stop("Python can't make a virtual environment. Run: sudo apt-get install python3-venv")


def ensure_packages(requirements: Path) -> None:
    """Install pinned packages, unless exactly these were installed before."""
    files = ("requirements.txt", requirements.name, "requirements.lock")
    pins = b"".join((ROOT / name).read_bytes() for name in files)
    wanted = hashlib.sha256(pins).hexdigest()
    stamp = VENV / f".{requirements.name}.sha256"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"Installing the packages of {requirements.name} (a minute or two the first time) ...")
    command = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r"]
    if subprocess.run([*command, str(requirements)], check=False).returncode:
        stop(f"The packages of {requirements.name} could not be installed; see above.")
    stamp.write_text(wanted)


def ensure_translations() -> None:
    """Compile the catalogues that are newer than what was compiled of them."""
    for source in (ROOT / "locale").rglob("*.po"):
        made = source.with_suffix(".mo")
        if made.exists() and made.stat().st_mtime >= source.stat().st_mtime:
            continue
        if not runs("msgfmt")():
            return
        subprocess.run(["msgfmt", "-o", str(made), str(source)], check=True)


def main() -> None:
    """Make everything ready, each step only if it is needed."""
    if sys.version_info < OLDEST:
        stop("PRS needs Python 3.11 or later.")
    os.chdir(ROOT)
    dev = "--dev" in sys.argv
    ensure_venv()
    ensure_packages(ROOT / ("requirements-dev.txt" if dev else "requirements.txt"))
    ensure_system({**SYSTEM, **(DEV_SYSTEM if dev else {})})
    ensure_translations()


if __name__ == "__main__":
    main()
