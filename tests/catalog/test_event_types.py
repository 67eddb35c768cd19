"""The list of event types: what it says of each is what the real service says, and it is what is raised."""

import ast
import json
import re
from pathlib import Path

import pytest

from orgward.catalog.event_types import EVENT_TYPES
from tests.wire.facts import fact

DIRECTORY = Path(__file__).parents[2] / "src" / "orgward" / "directory"
_TYPE = re.compile(r"[A-Z]+(_[A-Z]+)+")
_MODES = {"ENV_TAG_MAPPING"}
"""Values of settings that look like types."""


@pytest.fixture(scope="module")
def schemas():
    """Give the schemas of the real service's document."""
    return json.loads(fact("admin-api.json").read_text(encoding="utf-8"))["components"]["schemas"]


def texts_in(schema):
    """Give every text that a schema lets be chosen."""
    if isinstance(schema, dict):
        chosen = [text for text in schema.get("enum", ()) if isinstance(text, str)]
        return {*chosen, *(text for part in schema.values() for text in texts_in(part))}
    return {text for part in schema for text in texts_in(part)} if isinstance(schema, list) else set()


@pytest.mark.parametrize(("feed", "schema"), [("organization", "EventTypeForOrg"), ("project", "EventTypeForNdsGroup")])
def test_a_type_stands_in_the_feeds_that_have_a_name_for_it(schemas, feed, schema):
    """And in no other one."""
    named = texts_in(schemas[schema])
    ours = {name for name, row in EVENT_TYPES.items() if feed in row.feeds}
    assert ours == EVENT_TYPES.keys() & named


def test_alerts_can_be_set_on_the_types_that_have_one(schemas):
    """As the real service's settings of alerts have it."""
    alertable = texts_in([schema for name, schema in schemas.items() if "AlertConfigView" in name])
    assert {name for name, row in EVENT_TYPES.items() if row.alertable} == EVENT_TYPES.keys() & alertable


def test_what_is_listed_is_what_is_raised():
    """No type is promised that nothing raises, and none is raised that no feed would show."""
    raised = set()
    for name in ("events.py", "machine_events.py", "people_events.py", "setting_events.py", "federation_events.py"):
        for node in ast.walk(ast.parse((DIRECTORY / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _TYPE.fullmatch(node.value):
                raised.add(node.value)
    assert raised - _MODES == EVENT_TYPES.keys()
