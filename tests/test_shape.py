"""The tree's own measure: short functions, small modules, no drawers for odds and ends."""

import ast
import math
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.requirements_of_tests import require

ROOT = Path(__file__).parent.parent
SRC = ROOT / "src"
MIGRATIONS = SRC / "orgward" / "store" / "migrations"  # written once, long by nature
PURE = ("kernel", "catalog", "engine", "directory")

FUNCTION_LINES = 50
FUNCTION_LINES_P90 = 25
MODULE_LINES = 400
DRAWERS = {"shared", "helper", "helpers", "misc", "util", "utils"}

# Where checkouts and homes lie on machines that build; a file that names one works on that machine only.
BUILD_MACHINE = re.compile(r"(?<![\w.}/])/(?:builds|home|root|Users|work|workspace)/\w")


class Function(NamedTuple):
    """A function of src, and how many lines it has."""

    place: str
    lines: int


def modules():
    """Give every module of src but migrations, in order."""
    return sorted(path for path in SRC.rglob("*.py") if MIGRATIONS not in path.parents)


def name_of(path):
    """Give the path as it is written in the repository."""
    return path.relative_to(ROOT).as_posix()


def functions():
    """Give every function of src; one inside another counts for both."""
    return [
        Function(f"{name_of(path)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_no_function_is_long():
    """Every function fits on a screen."""
    assert [f for f in functions() if f.lines > FUNCTION_LINES] == []


def test_nine_functions_of_ten_are_short():
    """The 90th percentile of function length stays small."""
    lengths = sorted(f.lines for f in functions())
    require(lengths, "src holds no function yet", installable=False)
    assert lengths[math.ceil(len(lengths) * 0.9) - 1] <= FUNCTION_LINES_P90


def test_no_module_is_large():
    """A module that grows past the limit is split by noun."""
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: lines for name, lines in sizes.items() if lines > MODULE_LINES} == {}


def test_no_module_is_a_drawer():
    """What has no place of its own has no place."""
    paths = (path.relative_to(SRC) for path in SRC.rglob("*.py"))
    assert [path for path in paths if DRAWERS & {*path.parts, path.stem}] == []


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_read_no_clock(package):
    """Time comes in as an argument; import-linter cannot see `datetime.now()`, so it is looked for here."""
    readings = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        if SRC / "orgward" / package in path.parents
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "today", "utcnow"}
        and isinstance(node.value, ast.Name | ast.Attribute)
        and ast.unparse(node.value).split(".")[-1] in {"date", "datetime"}
    ]
    assert readings == []


def tracked_files():
    """Give what is in version control or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_build_machine():
    """Nothing in the tree depends on, or tells, where it was made."""
    require((ROOT / ".git").exists(), "this is no git checkout", installable=False)
    found = [
        f"{name_of(path)}: {match.group()}"
        for path in tracked_files()
        for match in BUILD_MACHINE.finditer(path.read_bytes().decode("utf-8", errors="ignore"))
    ]
    assert found == []
