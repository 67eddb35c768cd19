"""Prints the table of targets: `python -m bench [--quick] [--only NAME]`."""

import argparse
import sys

from bench.console import console_rows
from bench.engine import check_rows, explain_rows, large_rows, list_rows
from bench.pages import page_rows
from bench.reads import read_rows
from bench.serving import serving_rows
from bench.storage import cold_rows, writer_rows
from bench.table import show

PARTS = {
    "check": check_rows,
    "explain": explain_rows,
    "lists": list_rows,
    "large": large_rows,
    "cold": cold_rows,
    "writer": writer_rows,
    "http": serving_rows,
    "pages": page_rows,
    "reads": read_rows,
    "console": console_rows,
}


def main() -> int:
    """Measure what was asked for, and print it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure against the yardsticks.")
    parser.add_argument("--quick", action="store_true", help="small worlds and few turns: a smoke run")
    parser.add_argument("--only", action="append", choices=sorted(PARTS), help="one part; may be given again")
    options = parser.parse_args()
    rows = []
    for name in options.only or PARTS:
        for row in PARTS[name](quick=options.quick):
            print(" · ".join(cell for cell in row.cells if cell), file=sys.stderr, flush=True)
            rows.append(row)
    print(show(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
