"""The command line: `orgward COMMAND`."""

import sys
import traceback
from typing import Final

import typer

from orgward.cli import audit, demo, federation, people, questions, serving

_FAULT: Final = 70

app: Final = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Orgward decides who may do what.",
)

app.command("bootstrap")(people.bootstrap)
app.add_typer(people.users, name="users")
for command in (questions.check, questions.why, questions.holders, questions.roles):
    app.command()(command)
app.add_typer(audit.audit, name="audit")
app.add_typer(federation.federation, name="federation")
app.command("serve")(serving.serve)
app.command("demo")(demo.demo)


def main() -> None:
    """Run the command that the arguments name; exits 0, 1, 2 or 3 (contract.md, CLI)."""
    try:
        app()
    except Exception:  # noqa: BLE001 - a fault of ours must not look like a denial, which exits with 1
        traceback.print_exc()
        sys.exit(_FAULT)
