"""What a command prints: a table for people, or one JSON value for programs."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from orgward.edge.errors import error_body
from orgward.kernel.errors import OrgwardError

_PIPED_WIDTH: Final = 1_000


def show(value: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the result of a command: member by member, or as JSON."""
    if as_json:
        print_json(value)
        return
    for name, content in value.items():
        say(f"{name}: {'–' if content is None else content}")


def print_json(value: object) -> None:
    """Print `value` as one JSON value on the standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def say(text: str) -> None:
    """Print one line as it is."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(error: OrgwardError, *, as_json: bool) -> None:
    """Print the refusal on the standard error."""
    body = error_body(error)
    text = json.dumps(body) if as_json else f"refused: {body['detail']} ({error.code})"
    sys.stderr.write(text + "\n")


def table(heads: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Table:
    """Return a table without frames, so that it can be cut and copied."""
    found = Table(box=None, pad_edge=False)
    for head in heads:
        found.add_column(head, no_wrap=True)
    for row in rows:
        found.add_row(*(cell or "–" for cell in row))
    return found


def console() -> Console:
    """Return where tables are drawn; ids and keys are never wrapped or coloured."""
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    return Console(highlight=False, markup=False, emoji=False, width=width)
