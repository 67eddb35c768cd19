"""The log: `audit verify`, `audit anchor`, `audit export`."""

import sys
from typing import Final

import typer

from orgward.cli.opening import DEFAULT_STORE, NOT_DONE, JsonOption, StoreOption, opened
from orgward.cli.output import print_json, say
from orgward.store.audit import Report, export, verify, write_anchor

audit: Final = typer.Typer(no_args_is_help=True, help="Verify, anchor and export the log.")


@audit.command("verify")
def check_log(store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False) -> None:
    """Hold the log against itself, its anchors and the tables."""
    with opened(store, as_json=as_json) as door:
        report = verify(door.store)
    if as_json:
        print_json(
            {
                "verified": not report.problems,
                "revision": report.revision,
                "hash": report.hash,
                "anchored": report.anchored,
                "problems": report.problems,
                "undetectable": report.undetectable,
            }
        )
    else:
        _tell(report)
    if report.problems:
        raise typer.Exit(NOT_DONE)


def _tell(report: Report) -> None:
    for problem in report.problems:
        say(f"problem: {problem}")
    outcome = f"{len(report.problems)} problems found" if report.problems else "verified"
    say(f"{outcome}: {report.revision} revisions, head {report.hash}")
    say(f"not detectable: {report.undetectable}")


@audit.command("anchor")
def anchor(store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False) -> None:
    """Print the revision and hash of the log's end and append them to `anchors` beside the store."""
    with opened(store, as_json=as_json) as door:
        line = write_anchor(door.store)
    revision, _, digest = line.partition(" ")
    if as_json:
        print_json({"revision": int(revision), "hash": digest})
    else:
        say(line)


@audit.command("export")
def export_log(store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False) -> None:
    """Print the log, one JSON object a line, whether or not --json is given."""
    with opened(store, as_json=as_json) as door:
        for line in export(door.store):
            sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()
