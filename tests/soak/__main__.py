"""`python -m tests.soak`: everything with its full numbers, and a report of a few lines."""

import argparse
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.soak import fuzz, kills, previews, races, worlds
from tests.soak.report import Report, reported


def arguments() -> argparse.Namespace:
    """Return the numbers that the command line asks for; a part with 0 is left out."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="rounds of kill -9 under write load")
    parser.add_argument("--worlds", type=int, default=20_000, help="worlds in which engine and model are compared")
    parser.add_argument("--fuzz-seconds", type=int, default=1_200, help="how long generated calls are made")
    parser.add_argument("--races", type=int, default=5, help="how often each race is run")
    parser.add_argument("--previews", type=int, default=2_000, help="writes that are tried, then done and compared")
    parser.add_argument("--commands", type=int, default=20, help="turns of commands beside a server under load")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="what chance begins with")
    return parser.parse_args()


def soak(asked: argparse.Namespace) -> list[Report]:
    """Run the parts that are asked for: the fuzz in a process of its own beside the others."""
    found = []
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        fuzzing = (
            pool.submit(reported, "fuzz", fuzz.soak, asked.fuzz_seconds, asked.seed) if asked.fuzz_seconds else None
        )
        if asked.kills:
            found.append(reported("kills", kills.soak, asked.kills, asked.seed))
        if asked.races:
            found.append(reported("races", races.soak, asked.races, asked.commands, asked.seed))
        if asked.previews:
            found.append(reported("previews", previews.soak, asked.previews, asked.seed))
        if asked.worlds:
            found.append(reported("worlds", worlds.soak, asked.worlds))
        if fuzzing is not None:
            found.append(fuzzing.result())
    return found


def main() -> int:
    """Run the soak and print its report; the exit code is 1 if anything was wrong."""
    asked, began = arguments(), time.monotonic()
    print(f"soak with seed {asked.seed}", flush=True)
    found = soak(asked)
    print()
    for report in found:
        print(report)
    failed = sum(bool(report.faults) for report in found)
    print(f"{'failed' if failed else 'passed'} in {(time.monotonic() - began) / 60:.1f} minutes, seed {asked.seed}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
