"""The generated pages are current, and say something about everything."""

from pathlib import Path

import pytest

from orgward.app.operation import REGISTRY
from orgward.edge.endpoint import ENDPOINTS
from scripts.reference import pages

FOLDER = Path(__file__).parent.parent / "docs" / "reference"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_generated_page_is_current(name):
    """The page in the tree is what `make reference` would write."""
    assert (FOLDER / name).read_text() == pages()[name]


def test_every_served_operation_has_its_heading():
    """Whatever is served is described."""
    text = (FOLDER / "operations.md").read_text()
    missing = [e.operation.id for e in ENDPOINTS if f"### {e.operation.id}\n" not in text]
    assert missing == []
    assert {e.operation.id for e in ENDPOINTS} <= set(REGISTRY)
