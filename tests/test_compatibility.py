"""The list of the Admin API's operations is the real one, and the page about them says what is served."""

import csv
import json
import re
from collections import Counter

import pytest

from scripts.compatibility import OPERATIONS
from scripts.reference import pages
from tests.wire.calls import ADMIN_API
from tests.wire.facts import fact

ABOUT_THE_FORM = {"envelope", "pretty"}
"""Parameters that have defaults and that no client sends unasked."""


@pytest.fixture(scope="module")
def listed():
    """Give the rows of the list by operation."""
    with OPERATIONS.open(encoding="utf-8", newline="") as file:
        return {row["operationId"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def page():
    """Give the cells of each operation's line on the page, by operation."""
    lines = re.findall(r"^\| \[?(\w+)\S* \| `(.+)$", pages()["compatibility.md"], re.MULTILINE)
    return {name: rest.removesuffix(" |").split(" | ") for name, rest in lines}


def described():
    """Yield the rows as the document of the real service and its recorded replies give them."""
    document = json.loads(fact("admin-api.json").read_text(encoding="utf-8"))
    lines = fact("recorded-replies.jsonl").read_text(encoding="utf-8").splitlines()
    recorded = Counter(json.loads(line)["op"] for line in lines)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield {
                "operationId": operation["operationId"],
                "method": method.upper(),
                "path": path,
                "tag": operation["tags"][0],
                "versions": " ".join(sorted(set(versions(operation)))),
                "query_defaults": "&".join(sorted(defaults(document, operation))),
                "recordings": str(recorded[operation["operationId"]]),
            }


def versions(operation):
    """Yield the versions that an operation has a good reply in, whatever the format."""
    for status, reply in operation["responses"].items():
        for media_type in reply.get("content", {}) if status.startswith("2") else ():
            yield media_type.removeprefix("application/vnd.atlas.").partition("+")[0]


def defaults(document, operation):
    """Yield the parts of the query that a client which knows the document sends unasked."""
    for parameter in operation.get("parameters", []):
        found = document["components"]["parameters"].get(parameter.get("$ref", "").split("/")[-1], parameter)
        if found["in"] == "query" and "default" in found["schema"] and found["name"] not in ABOUT_THE_FORM:
            default = found["schema"]["default"]
            yield f"{found['name']}={default if isinstance(default, str) else json.dumps(default)}"


def test_the_list_is_that_of_the_real_service(listed):
    """Nothing is left out and nothing is made up: 216 operations with their places, versions and recorded replies."""
    rows = list(described())
    assert len(rows) == 216
    assert listed == {row["operationId"]: row for row in rows}


def test_what_is_served_is_one_of_them(listed):
    """Every operation and version served below the Admin API's root is one of the real service's, where it has it."""
    for name, endpoint in ADMIN_API.items():
        row = listed[name]
        assert (endpoint.method, endpoint.path, endpoint.tag) == (row["method"], row["path"], row["tag"])
        assert {version.date for version in endpoint.versions} <= set(row["versions"].split()), name


def test_the_page_names_every_operation(listed, page):
    """Each of them has one line, with its place, and says that it is served or that it comes later."""
    assert page.keys() == listed.keys()
    for name, (place, served, *_) in page.items():
        assert place.removesuffix("`") == f"{listed[name]['method']} {listed[name]['path']}"
        assert served == ("yes" if name in ADMIN_API else "later")


def test_every_served_operation_is_tested_with_every_role(page):
    """None of them waits for its matrix."""
    assert [name for name in ADMIN_API if page[name][3] not in {"yes", "open to anybody"}] == []


def test_every_recorded_reply_of_what_is_served_is_compared(listed, page):
    """The page counts what is compared: all of a served operation, nothing of one to come."""
    for name, row in listed.items():
        count = int(row["recordings"])
        assert page[name][4] == (f"{count if name in ADMIN_API else 0} of {count}" if count else "–"), name
