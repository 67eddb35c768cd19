"""One word, one meaning: names of modules, classes and functions avoid what docs/glossary.md avoids."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

SRC = Path(__file__).parent.parent / "src"

BANNED = {
    "admin": "say which role or privilege",
    "data": "say what it is",
    "group": "Atlas's wire word for a project: say project",
    "helper": "say what it does",
    "info": "say what it is",
    "manager": "say what it does",
    "permission": "ambiguous: say privilege, role or decision",
    "permit": "another policy language's word: say allow",
    "subject": "the decision API's wire word: say principal",
    "util": "say what it does",
}


class Allowed(NamedTuple):
    """A banned word that is right in one compound or one package."""

    phrase: str
    package: str  # "" is everywhere
    reason: str


ALLOWED = [
    Allowed("admin", "orgward.catalog", "titles and API names of roles"),
    Allowed("admin_api", "", "the Atlas Administration API, by its name"),
    Allowed("administration_api", "", "the same"),
    Allowed("cloud_manager", "", "the name of an edition"),
    Allowed("data", "orgward.catalog", "Data Access and Data Explorer are Atlas's names"),
    Allowed("data_version", "orgward.store", "SQLite's pragma"),
    Allowed("group", "orgward.admin_api", "the word of the paths and bodies served there"),
    Allowed("group", "orgward.catalog", "names of project roles"),
    Allowed("get_extra_info", "orgward.app.connecting", "a method of the client library's streams"),
    Allowed("group", "orgward.directory.identity_providers", "groups are what identity providers name"),
    Allowed("group", "orgward.directory.mapped_roles", "the same"),
    Allowed("group_commit", "orgward.store", "the databases' word for one transaction of many commands"),
    Allowed("manager", "orgward.catalog", "titles and API names of roles"),
    Allowed("person_data", "", "the table where personal data stands"),
    Allowed("personal_data", "", "the field's word"),
    Allowed("subject", "orgward.decision_api", "the word of the bodies served there"),
]


def words_of(name):
    """Split an identifier into lower-case words, plurals made singular, joined by underscores."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return "_".join(part.lower().removesuffix("s") if len(part) > 3 else part.lower() for part in parts)


def banned_words(name, *, package):
    """Give the banned words left in the name once what is allowed in its package is taken out."""
    words = f"_{words_of(name)}_"
    for allowed in ALLOWED:
        if f"{package}.".startswith(f"{allowed.package}." if allowed.package else ""):
            words = words.replace(f"_{allowed.phrase}_", "_._")
    return [word for word in BANNED if f"_{word}_" in words]


def names():
    """Give every module, class and function name of src with its place and its package."""
    for path in sorted(SRC.rglob("*.py")):
        dotted = ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")
        yield dotted.rpartition(".")[2], dotted, dotted
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name, f"{dotted}:{node.lineno}", dotted


def test_names_use_the_vocabulary():
    """No name in src says a banned word; the message says what to say instead."""
    found = [
        f"{place} {name}: {word} ({BANNED[word]})"
        for name, place, package in names()
        for word in banned_words(name, package=package)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("name", "package", "expected"),
    [
        ("UserGroups", "orgward.directory.teams", ["group"]),
        ("create_group", "orgward.admin_api.projects", []),
        ("group_commit", "orgward.store.writer", []),
        ("group_commit", "orgward.app.execute", ["group"]),
        ("cloud_manager", "orgward.catalog.cloud_manager", []),
        ("SessionManager", "orgward.app", ["manager"]),
        ("http_utils", "orgward.edge", ["util"]),
        ("erase_person_data", "orgward.store", []),
        ("database_of_subject", "orgward.engine", ["subject"]),
        ("has_permission", "orgward.engine", ["permission"]),
    ],
)
def test_a_banned_word_is_found_in_any_form(name, package, expected):
    """Plurals and camel case are seen through; longer words and allowed compounds are left alone."""
    assert banned_words(name, package=package) == expected
