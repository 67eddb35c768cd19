"""The table of attacks: each row has a test and a mutant, or names what it would attack and does not exist yet."""

import csv
from pathlib import Path

import pytest

from tests.mutants.table import load
from tests.mutants.test_table import _names_in

ORACLE = Path(__file__).parents[1] / "oracle" / "attack_rows.csv"
ROWS = list(csv.DictReader(ORACLE.read_text(encoding="utf-8").splitlines()))
MUTANTS = {mutant.id for mutant in load()}


def test_every_row_stands_there_once():
    """There are thirty-three."""
    assert [int(row["row"]) for row in ROWS] == list(range(1, 34))


@pytest.mark.parametrize("row", ROWS, ids=[row["row"] for row in ROWS])
def test_a_row_has_a_test_and_a_mutant(row):
    """What it names is there; a row with neither test nor mutant says what is missing for it."""
    tests, mutants = row["tests"].split(), row["mutants"].split()
    assert bool(tests) == bool(mutants)
    assert tests or row["without"]
    for test in tests:
        path, _, name = test.partition("::")
        assert name in _names_in(f"tests/{path}"), test
    assert set(mutants) <= MUTANTS
