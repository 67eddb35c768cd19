"""A copy of the tree, tests run in it, and what came of them.

The working tree is never edited. The package is installed editable, so the copy has to be found first: `locate`
makes sure that it is.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.mutants.table import Mutant

ROOT = Path(__file__).parents[2]
COPIED = ("src", "tests", "bench", "docs", "scripts", "pyproject.toml", "Makefile", "README.md")
PATIENCE = 300

_LEFT = "left-by-"
_ASSERTED = ("AssertionError", "assert ", "Failed: DID NOT RAISE")
_LACKED = re.compile(r"tests/\S+:\d+: (KeyError|IndexError|ValueError)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of some tests: how many passed, which assertion failed first, and what else went wrong."""

    passed: int
    failed_assertion: str
    trouble: str
    seconds: float

    @property
    def verdict(self) -> str:
        """Return `red` for a failed assertion, `survived` if all passed, else `error`."""
        if self.trouble:
            return "error"
        return "red" if self.failed_assertion else "survived"


def make_template(folder: Path) -> Path:
    """Copy the tree to `folder`, compiled so that only a file of other contents is compiled again."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
        elif source.exists():
            shutil.copy2(source, folder / name)
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash", str(folder / "src")]
    subprocess.run(command, check=True)
    return folder


def make_mutated(template: Path, folder: Path, mutant: Mutant) -> Path:
    """Copy the template to `folder`, break the guard there, and see that its package is what tests import."""
    shutil.copytree(template, folder, ignore=shutil.ignore_patterns(f"{_LEFT}*"))
    mutant.apply(folder)
    locate(folder)
    return folder


def locate(folder: Path) -> None:
    """Raise RuntimeError unless the tests in `folder` import the package that lies there."""
    command = [sys.executable, "-c", "import importlib.util as u; print(u.find_spec('orgward').origin)"]
    found = subprocess.run(command, cwd=folder, env=_environment(folder), check=True, capture_output=True, text=True)
    if not Path(found.stdout.strip()).is_relative_to(folder):
        message = f"tests in {folder} would import {found.stdout.strip()}"
        raise RuntimeError(message)


def _environment(folder: Path) -> dict[str, str]:
    path = f"{folder / 'src'}{os.pathsep}{folder}"
    # Half the time of a short run went into plug-ins that are installed for other tests.
    return {**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def run_tests(folder: Path, tests: Iterable[str], *, stop: bool = True, run: int = 0) -> Outcome:
    """Run `tests` in the tree at `folder`, by default up to the first that fails; runs of one tree have numbers."""
    started = time.monotonic()
    left = folder / f"{_LEFT}{run}"
    left.mkdir()
    report = left / "report.xml"
    options = ["-q", *(["-x"] if stop else []), f"--basetemp={left / 'temp'}", f"--junit-xml={report}"]
    plugins = ["-p", "pytest_socket", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, *options, *tests]
    try:
        done = subprocess.run(
            command, cwd=folder, env=_environment(folder), capture_output=True, text=True, timeout=PATIENCE,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Outcome(0, "", f"no end after {PATIENCE} seconds", time.monotonic() - started)
    seconds = time.monotonic() - started
    if done.returncode not in {0, 1} or not report.exists():
        return Outcome(0, "", _last_line(done.stdout + done.stderr), seconds)
    return _read(report, seconds)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return next((line for line in lines if line.startswith(("ERROR", "E "))), lines[-1] if lines else "no output")


def _read(report: Path, seconds: float) -> Outcome:
    """Return what the report says; an error outside a test's own lines is trouble, and no failed assertion."""
    cases = ET.parse(report).getroot().iter("testcase")  # noqa: S314 - pytest wrote it a moment ago
    passed, asserted, trouble = 0, "", ""
    for case in cases:
        failures, errors = case.findall("failure"), case.findall("error")
        passed += not failures and not errors and case.find("skipped") is None
        asserted = asserted or next((_message(f) for f in failures if _is_asserted(f)), "")
        trouble = trouble or next((_message(f) for f in [*errors, *failures] if not _is_asserted(f)), "")
    return Outcome(passed, asserted, "" if asserted else trouble, seconds)


def _is_asserted(failure: ET.Element) -> bool:
    """Say whether the test said no: by an assertion, or because an answer lacks what a line of it takes from it."""
    if failure.tag != "failure":
        return False
    last = (failure.text or "").rstrip().rsplit("\n", 1)[-1]
    return _message(failure).startswith(_ASSERTED) or _LACKED.fullmatch(last) is not None


def _message(element: ET.Element) -> str:
    return " ".join(element.get("message", "").split())


def baseline(folder: Path, tests: Sequence[str], run: int = 0) -> Outcome:
    """Run `tests` in the tree as it is; whatever is not green is trouble."""
    found = run_tests(folder, tests, stop=False, run=run)
    if found.failed_assertion or not found.passed:
        return Outcome(found.passed, "", found.failed_assertion or found.trouble or "nothing ran", found.seconds)
    return found
