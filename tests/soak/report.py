"""What a part of the soak has to say: numbers for the eye, and faults that fail it."""

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

SHOWN = 20


@dataclass(slots=True)
class Report:
    """One part of the soak: a line of numbers, and every fault that it met."""

    title: str
    line: str = ""
    faults: list[str] = field(default_factory=list)

    def add(self, faults: Iterable[str]) -> None:
        """Take faults in, leaving out empty ones."""
        self.faults += [fault for fault in faults if fault]

    def __str__(self) -> str:
        """Return the report as it is printed."""
        state = "ok" if not self.faults else f"{len(self.faults)} FAULTS"
        shown = [f"    {fault}" for fault in self.faults[:SHOWN]]
        return "\n".join([f"{self.title:<8} {state:<4} {self.line}", *shown])


def reported(title: str, part: Callable[..., Report], *arguments: Any) -> Report:
    """Run a part of the soak; what it raises is a fault like any other."""
    try:
        return part(*arguments)
    except Exception:  # noqa: BLE001 - the other parts have something to say all the same
        return Report(title, "did not come to its end", [traceback.format_exc()])
