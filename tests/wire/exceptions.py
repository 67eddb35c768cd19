"""Differences from the real service that are known, each with its reason, in exceptions.csv."""

import csv
from collections.abc import Callable
from pathlib import Path


class Exceptions:
    """The known differences of one check; it remembers which were met, so that none outlives its cause."""

    def __init__(self, check: str) -> None:
        """Read the rows of `check`."""
        with Path(__file__).with_name("exceptions.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["check"] == check]
        assert all(row["reason"] for row in rows), "an exception without a reason"
        self._known = {(row["operationId"], row["version"], row["difference"]) for row in rows}
        self._met: set[tuple[str, str, str]] = set()
        self._asked: set[tuple[str, str]] = set()

    def of(self, operation: str, version: str) -> Callable[[str], bool]:
        """Return what says of a difference of one operation in one version whether it is known."""
        self._asked.add((operation, version))

        def is_known(difference: str) -> bool:
            row = (operation, version, difference)
            self._met |= {row} & self._known
            return row in self._known

        return is_known

    @property
    def unmet(self) -> set[tuple[str, str, str]]:
        """Return what is listed for an operation that was asked for, and was not found there."""
        return {row for row in self._known - self._met if row[:2] in self._asked}
