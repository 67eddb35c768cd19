"""The table of mutants fits the tree as it is, and a few of its mutants turn their tests red."""

import ast
from collections import Counter
from functools import cache

import pytest

from tests.mutants.running import ROOT, make_mutated, make_template, run_tests
from tests.mutants.table import Edit, TableError, load

MUTANTS = {mutant.id: mutant for mutant in load()}
QUICK = ("gate-suspended", "row-12-only-the-last-hop-counts", "only-authorize-makes-a-proof")


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_every_text_stands_exactly_once(mutant):
    """What a mutant replaces is in the tree, in one place, and what it leaves is still Python."""
    for path, text in mutant.texts(ROOT).items():
        compile(text, path, "exec")


def test_no_id_is_given_twice():
    """Each mutant and each guard's patch is its own."""
    found = load()
    assert [id for id, count in Counter(m.id for m in found).items() if count > 1] == []
    assert [id for id, count in Counter(str(m.edits) for m in found).items() if count > 1] == []


@cache
def _names_in(path):
    """Give the names of a file's tests, those of classes with their class, and the classes themselves."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = {node.name for node in tree.body if hasattr(node, "name")}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return found | {f"{c.name}::{node.name}" for c in classes for node in c.body if hasattr(node, "name")}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_every_test_of_the_table_exists(mutant):
    """A test that was renamed is renamed in the table, too."""
    assert mutant.tests
    for test in mutant.tests:
        path, _, name = test.partition("::")
        assert name.split("[")[0] in _names_in(path), test


def test_a_text_that_is_missing_or_stands_twice_is_an_error():
    """A mutant that changes nothing, or more than one place, is never run."""
    for text in ("", "a a"):
        with pytest.raises(TableError, match="not once"):
            Edit("file", "a", "b").applied_to(text)
    with pytest.raises(TableError, match="not once"):
        Edit("file", "a", "a").applied_to("a")


@pytest.mark.slow
def test_a_few_mutants_turn_their_tests_red(tmp_path):
    """Three quick mutants are found, and without a mutant the same tests pass."""
    template = make_template(tmp_path / "tree")
    tests = [test for id in QUICK for test in MUTANTS[id].tests]
    assert run_tests(template, tests).verdict == "survived"
    for id in QUICK:
        outcome = run_tests(make_mutated(template, tmp_path / id, MUTANTS[id]), MUTANTS[id].tests)
        assert outcome.verdict == "red", (id, outcome)
