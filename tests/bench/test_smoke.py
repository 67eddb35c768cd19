"""The bench runs, and its answers are checked before it times anything; what it measures is no test's business."""

import subprocess
import sys

import pytest

from bench.lists import LISTS, NOT_MEASURED, unmeasured
from orgward.cli.faces import declare_everything
from orgward.edge.endpoint import ENDPOINTS

PARTS = ("check", "cold", "writer", "pages")


@pytest.mark.slow
def test_the_bench_checks_its_answers_and_prints_its_rows():
    """A smoke run of some parts compares engine, reference model and other engines, and prints a row a target."""
    command = [sys.executable, "-m", "bench", "--quick", *(word for part in PARTS for word in ("--only", part))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for row in ("check on W", "cold start", "durable commands", "revocation acknowledged", "last page of listOrgs"):
        assert f"| {row}" in done.stdout
    assert "256 of 256 right" in done.stdout


def test_every_list_is_measured_or_left_out_for_a_reason():
    """An operation that answers page by page is measured, or it is said why not, and never both."""
    declare_everything()
    assert list(unmeasured()) == []
    paged = {endpoint.operation.id for endpoint in ENDPOINTS if endpoint.paged}
    measured = {listed.operation for listed in LISTS}
    assert measured | NOT_MEASURED.keys() == paged
    assert not measured & NOT_MEASURED.keys()
