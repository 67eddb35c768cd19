"""The role matrix: how many privileges of each kind a role gives; and two roles beside each other."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from orgward.catalog import PRIVILEGES, Edition, Role, Scope
from orgward.catalog.privilege_groups import groups_of
from orgward.catalog.role_families import families_of
from orgward.console.frame.words import Words
from orgward.store.folding import folded

BASE: Final = {"project": "GROUP_READ_ONLY", "organization": "ORG_MEMBER"}
"""The role of each scope that gives least; what it gives is no news in any other role."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A column: a kind of privileges, with those that are looked at."""

    key: str
    privileges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one role gives of one kind; `adds` says that some of it is more than the least role gives."""

    kind: Kind
    held: tuple[str, ...]
    adds: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One role with its cells."""

    role: Role
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The kinds that are looked at, and the roles in their families."""

    kinds: Sequence[Kind]
    families: Sequence[tuple[str, Sequence[Line]]]

    @property
    def n_roles(self) -> int:
        """Return how many roles there are."""
        return sum(len(lines) for _, lines in self.families)


def given(edition: Edition, role: Role, scope: Scope) -> frozenset[str]:
    """Return what `role` gives on resources of `scope`: an organization role gives something in projects, too."""
    if role.scope != scope:
        return edition.in_projects_of(role.name)
    return edition.privileges_of(role.name, added_by_owner=False)


def matrix_of(words: Words, edition: Edition, scope: Scope, *, q: str = "", kinds: Collection[str] = ()) -> Matrix:
    """Return the matrix of the roles of `scope`, as far as `q` and `kinds` ask for it.

    What is searched for is a role or a privilege: where privileges are found, only those count.
    """
    roles = [r for r in edition.roles.values() if r.scope == scope]
    hits = {name for held in groups_of(edition.name, scope).values() for name in held if _fits(words, name, q)}
    named = {role.name for role in roles if q and folded(q) in folded(f"{role.title} {role.name}")}
    shown = [Kind(key, privileges) for key, privileges in _kinds(edition, scope, hits) if not kinds or key in kinds]
    base = given(edition, edition.roles[BASE[scope]], scope)
    lines = {role.name: _line(edition, role, shown, base) for role in roles}
    kept = {name for name, line in lines.items() if not q or name in named or _has_any(line, hits)}
    families = [
        (family, [lines[name] for name in names if name in kept])
        for family, names in families_of(edition.name, scope).items()
    ]
    return Matrix(shown, [(family, found) for family, found in families if found])


def _kinds(edition: Edition, scope: Scope, hits: Collection[str]) -> list[tuple[str, tuple[str, ...]]]:
    everything = groups_of(edition.name, scope).items()
    found = [(key, tuple(name for name in held if name in hits)) for key, held in everything]
    return [(key, held) for key, held in found if held] or list(everything)


def _line(edition: Edition, role: Role, kinds: Sequence[Kind], base: frozenset[str]) -> Line:
    held = given(edition, role, role.scope)
    parts = [(kind, tuple(name for name in kind.privileges if name in held)) for kind in kinds]
    return Line(role, [Cell(kind, part, bool({*part} - base)) for kind, part in parts])


def _has_any(line: Line, hits: Collection[str]) -> bool:
    return bool(hits) and any(cell.held for cell in line.cells)


def _fits(words: Words, privilege: str, q: str) -> bool:
    return bool(q) and is_about(words, privilege, q)


def is_about(words: Words, privilege: str, q: str) -> bool:
    """Say whether every word of `q` begins one of the privilege's name or of its sentence."""
    known = _words(f"{privilege} {words.privilege(privilege)} {PRIVILEGES[privilege].description}")
    return all(any(each.startswith(word) for each in known) for word in _words(q))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", folded(text))


@dataclass(frozen=True, slots=True)
class Compared:
    """One kind of privileges in a comparison: each privilege with whether A and B give it."""

    kind: str
    rows: Sequence[tuple[str, bool, bool]]

    @property
    def n_different(self) -> int:
        """Return how many privileges one role gives and the other does not."""
        return sum(a != b for _, a, b in self.rows)


def compared(edition: Edition, a: Role, b: Role) -> list[Compared]:
    """Return what either role gives, by kind: on the organization first, where one of them is a role there."""
    found = []
    for scope in ("organization", "project"):
        mine, others = given(edition, a, scope), given(edition, b, scope)
        if scope == "organization" and a.scope == b.scope == "project":
            continue
        for key, privileges in groups_of(edition.name, scope).items():
            rows = [(name, name in mine, name in others) for name in privileges if name in mine or name in others]
            if rows:
                found.append(Compared(key, rows))
    return found
