"""What every command starts with: the store, the door to it, and the operator who came."""

import os
import pwd
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import typer

from orgward.app.execute import Call, Door
from orgward.app.operation import Operation
from orgward.cli.output import complain
from orgward.kernel.errors import MalformedError, OrgwardError
from orgward.kernel.principal import Principal
from orgward.store.keyring import KeyringError
from orgward.store.opening import DEFAULT_URL, Store, StoreError

NOT_DONE: Final = 1
USAGE: Final = 2
REFUSED: Final = 3

StoreOption = Annotated[
    str,
    typer.Option("--store", envvar="ORGWARD_STORE", metavar="URL", help="The store, as sqlite:///path/to/file.db."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

DEFAULT_STORE: Final = DEFAULT_URL


def clock() -> int:
    """Return the time in milliseconds."""
    return time.time_ns() // 1_000_000


def operator() -> Principal:
    """Return whoever runs this process, by the name of the account of the operating system."""
    user = os.getuid()
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        name = str(user)
    return Principal("operator", name[:64])


def base_url() -> str:
    """Return where people reach the server, for links that are printed."""
    return os.environ.get("ORGWARD_URL", "http://127.0.0.1:8080").rstrip("/")


@contextmanager
def opened(url: str, *, as_json: bool = False) -> Iterator[Door]:
    """Open the store and turn refusals into exit codes; an absent store is made."""
    try:
        store = Store.open(url, clock=clock)
    except (KeyringError, StoreError, ValueError, OSError) as error:
        sys.stderr.write(f"the store can't be opened: {error}\n")
        raise typer.Exit(USAGE) from None
    try:
        yield Door(store)
    except OrgwardError as error:
        complain(error, as_json=as_json)
        raise typer.Exit(USAGE if isinstance(error, MalformedError) else REFUSED) from None
    finally:
        store.close()


def write(door: Door, operation: Operation, body: object) -> Any:
    """Run the write `operation` as the operator and return its result."""
    return door.write(Call(operation, operator(), body=body)).result().result


def read(door: Door, operation: Operation, body: object) -> Any:
    """Run the read `operation` as the operator and return its result."""
    return door.read(Call(operation, operator(), body=body))
