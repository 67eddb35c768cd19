"""The engine against the reference model over many random worlds, on two cores."""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.engine.differential import compare
from tests.soak.report import Report

PROCESSES = 2
CHUNK = 200
TOLD_EVERY = 2_000


def chunks(worlds: int) -> Iterator[range]:
    """Yield the worlds in parts that a process works through in some seconds."""
    return (range(first, min(first + CHUNK, worlds)) for first in range(0, worlds, CHUNK))


def soak(worlds: int) -> Report:
    """Compare the answers in `worlds` worlds."""
    began, report, done = time.monotonic(), Report("worlds"), 0
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        for part, difference in zip(chunks(worlds), pool.map(compare, chunks(worlds)), strict=True):
            report.add([difference or ""])
            done += len(part)
            if done % TOLD_EVERY == 0:
                print(f"worlds: {done} of {worlds}", flush=True)
    report.line = f"{done} worlds, engine = reference model; {time.monotonic() - began:.0f} s"
    if report.faults:
        report.line = f"{done} worlds, the engine is not the reference model; {time.monotonic() - began:.0f} s"
    return report
