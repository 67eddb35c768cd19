"""The table of mutants: for each guard one patch that breaks it, and the tests that have to turn red."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

GUARDS = Path(__file__).parent / "guards"
PACKAGE = Path("src/orgward")


class TableError(Exception):
    """A row of the table does not fit the tree."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A text that stands exactly once in a file of the package, and what takes its place."""

    file: str
    old: str
    new: str

    def applied_to(self, text: str) -> str:
        """Return `text` with the edit made; TableError unless there is exactly one place for it."""
        count = text.count(self.old)
        if count != 1 or self.old == self.new:
            message = f"{self.file}: the text stands {count} times, not once: {self.old[:80]!r}"
            raise TableError(message)
        return text.replace(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A guard that is broken by `edits`, and the tests of which at least one has to fail by an assertion."""

    id: str
    guard: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]

    def apply(self, root: Path) -> None:
        """Make the edits in the tree below `root`."""
        for path, text in self.texts(root).items():
            path.write_text(text, encoding="utf-8")

    def texts(self, root: Path) -> dict[Path, str]:
        """Return the edited text of every file that the mutant touches; TableError names it if it does not fit."""
        found: dict[Path, str] = {}
        for edit in self.edits:
            path = root / PACKAGE / edit.file
            try:
                found[path] = edit.applied_to(found.get(path) or path.read_text(encoding="utf-8"))
            except (TableError, OSError) as error:
                message = f"mutant `{self.id}`: {error}"
                raise TableError(message) from error
        return found


def load(folder: Path = GUARDS) -> list[Mutant]:
    """Return every mutant of the table, file by file."""
    return [_mutant(row) for path in sorted(folder.glob("*.toml")) for row in _rows(path)]


def _rows(path: Path) -> list[dict]:
    return tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]


def _mutant(row: dict) -> Mutant:
    edits = tuple(Edit(each["file"], each["old"], each["new"]) for each in (row, *row.get("also", ())))
    return Mutant(row["id"], row["guard"], edits, tuple(f"tests/{test}" for test in row["tests"]))
