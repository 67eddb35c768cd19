"""The bench runs, and its answers are checked before it times anything; what it measures is no test's business."""

import subprocess
import sys

PARTS = ("check", "cold", "writer")


def test_the_bench_checks_its_answers_and_prints_its_rows():
    """A smoke run of some parts compares engine, reference model and other engines, and prints a row a target."""
    command = [sys.executable, "-m", "bench", "--quick", *(word for part in PARTS for word in ("--only", part))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for row in ("check on W", "cold start", "durable commands", "revocation acknowledged"):
        assert f"| {row}" in done.stdout
    assert "256 of 256 right" in done.stdout
