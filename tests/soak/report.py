"""What a part of the soak has to say: numbers for the eye, and faults that fail it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

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
