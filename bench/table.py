"""Rows of the table of targets, and the measuring that fills them: figures and yardsticks by turns."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, thread_time
from typing import Final

HEADINGS: Final = ("what", "measured", "yardstick", "ratio", "target", "met")


@dataclass(frozen=True, slots=True)
class Row:
    """One target: what was measured beside what, and whether that is good enough; None where nothing is asked."""

    what: str
    measured: str
    yardstick: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the row as it is printed."""
        verdict = "" if self.met is None else "yes" if self.met else "NO"
        return (self.what, self.measured, self.yardstick, self.ratio, self.target, verdict)


@dataclass(frozen=True, slots=True)
class Pair:
    """The medians of a figure and of its yardstick, and the median of their ratios, turn by turn."""

    figure: float
    yardstick: float
    ratio: float


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes by the clock on the wall."""
    began = perf_counter()
    work()
    return perf_counter() - began


def busy(work: Callable[[], object]) -> float:
    """Return how long this thread runs for `work`: others' turns on a shared processor are not its time."""
    began = thread_time()
    kept = work()  # taking it apart again is not part of the work
    taken = thread_time() - began
    del kept
    return taken


def by_turns(figure: Callable[[], float], yardstick: Callable[[], float], turns: int) -> Pair:
    """Return both measured by turns, for the machine changes its pace between one minute and the next."""
    pairs = [(figure(), yardstick()) for _ in range(turns)]
    return Pair(median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs))


def rate(per_second: float) -> str:
    """Return a rate as it is printed."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if per_second >= size:
            return f"{per_second / size:.2f} {unit}/s"
    return f"{per_second:.0f}/s"


def micros(duration: float) -> str:
    """Return a duration in seconds as it is printed."""
    if duration >= 0.5:
        return f"{duration:.2f} s"
    return f"{duration * 1e3:.2f} ms" if duration >= 1e-3 else f"{duration * 1e6:.2f} µs"


def show(rows: Iterable[Row]) -> str:
    """Return the table as text."""
    lines = [HEADINGS, *(row.cells for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADINGS))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
