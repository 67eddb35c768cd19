"""The golden matrix: no grant comes or goes without a line that a reviewer sees."""

from pathlib import Path

from tests.catalog.flattened import Grant, grants, read

GOLDEN = Path(__file__).parent / "golden_matrix.csv"
HINT = "if this is meant: python -m tests.catalog.flattened > tests/catalog/golden_matrix.csv"


def test_the_golden_matrix_is_current():
    """The file and the catalogue hold the same grants; a difference names the role that gained or lost."""
    golden, current = set(read(GOLDEN, Grant)), set(grants())
    assert {"gained": sorted(current - golden), "lost": sorted(golden - current)} == {
        "gained": [],
        "lost": [],
    }, HINT


def test_the_golden_matrix_is_sorted():
    """The file's order is fixed and no line comes twice, so that a change shows as that change alone."""
    rows = read(GOLDEN, Grant)
    assert rows == sorted(set(rows)), HINT
