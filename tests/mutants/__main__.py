"""`make mutants`: break every guard once, each in a copy of the tree, and see that its test turns red.

`ARGS='name …'` runs only mutants whose id holds one of the names; `ARGS=-v` shows what failed, too.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.running import Outcome, baseline, locate, make_mutated, make_template, run_tests
from tests.mutants.table import Mutant, load

WORKERS = 2


def main() -> int:
    """Run the table and print it; 1 if a mutant survives or can't be judged, else 0."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="only mutants whose id holds one of these")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the failed assertion of each")
    asked = parser.parse_args()
    mutants = [m for m in load() if not asked.names or any(name in m.id for name in asked.names)]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="orgward-mutants-") as name:
        folder = Path(name)
        template = make_template(folder / "tree")
        if not _is_green(template, mutants):
            return 1
        outcomes = _each(mutants, lambda mutant: _judge(template, folder, mutant))
        verdicts = [_show(mutant, outcome, verbose=asked.verbose) for mutant, outcome in outcomes]
    red = verdicts.count("red")
    print(f"\n{red} of {len(mutants)} mutants red, in {time.monotonic() - started:.0f} s")
    return 0 if red == len(mutants) and mutants else 1


def _each(mutants: Iterable[Mutant], judge: Callable[[Mutant], Outcome]) -> Iterable[tuple[Mutant, Outcome]]:
    """Yield every mutant with its outcome, in the order of the table, as they come."""
    print(f"{'red':<8} {'s':>5}  {'mutant':<44} guard")
    with ThreadPoolExecutor(WORKERS) as pool:
        yield from ((mutant, future.result()) for mutant, future in [(m, pool.submit(judge, m)) for m in mutants])


def _is_green(template: Path, mutants: Iterable[Mutant]) -> bool:
    """Say whether every test of the table passes in the unmodified copy, whose compiled tests the others inherit."""
    locate(template)
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    # By file, so that fixtures which serve a whole file are made once.
    files = sorted({test.split("::")[0] for test in tests})
    parts = [[t for t in tests if files.index(t.split("::")[0]) % WORKERS == n] for n in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        runs = [pool.submit(baseline, template, part, n) for n, part in enumerate(parts) if part]
        found = [run.result() for run in runs]
    for outcome in found:
        print(f"unmodified: {outcome.passed} passed in {outcome.seconds:.0f} s {outcome.trouble}", flush=True)
    return not any(outcome.trouble for outcome in found)


def _judge(template: Path, folder: Path, mutant: Mutant) -> Outcome:
    tree = make_mutated(template, folder / mutant.id, mutant)
    try:
        return run_tests(tree, mutant.tests)
    finally:
        shutil.rmtree(tree, ignore_errors=True)


def _show(mutant: Mutant, outcome: Outcome, *, verbose: bool) -> str:
    verdict = outcome.verdict
    print(f"{'yes' if verdict == 'red' else verdict.upper():<8} {outcome.seconds:5.1f}  {mutant.id:<44} {mutant.guard}")
    print(f"{'':<16}by {', '.join(mutant.tests)}", flush=True)
    if verbose or verdict == "error":
        print(f"{'':<16}{outcome.failed_assertion or outcome.trouble}"[:400], flush=True)
    return verdict


if __name__ == "__main__":
    sys.exit(main())
