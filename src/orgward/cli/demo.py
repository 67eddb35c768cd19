"""`demo`: a realistic company in an empty store, served, with what to try."""

import io
import shlex
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from functools import partial

import typer

from orgward.cli.company import PASSWORD, Filled, fill
from orgward.cli.logs import configure_logs
from orgward.cli.opening import DEFAULT_STORE, StoreOption, opened
from orgward.cli.output import say
from orgward.cli.questions import check, holders, why
from orgward.cli.serving import HOST, PORT, HostOption, Listening, LoopbackOption, PortOption, run_server
from orgward.store.reads.hierarchy import has_organizations


def demo(
    *,
    host: HostOption = HOST,
    port: PortOption = PORT,
    allow_loopback_calls: LoopbackOption = False,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Fill an empty store with a company and serve it; a filled store is served unchanged."""
    configure_logs()
    with opened(store) as door:
        is_filled = has_organizations(door.store.view)
    filled = None if is_filled else fill(store)
    with opened(store) as door:
        suggest = partial(_suggest, store, filled) if filled else partial(_suggest_bootstrap, store)
        listening = Listening(host, port, allow_loopback_calls=allow_loopback_calls)
        run_server(door, listening, after_start=suggest)


def _suggest_bootstrap(store: str, url: str) -> None:
    del url
    say(f"the store was filled before; a key: orgward bootstrap --organization NAME --owner EMAIL{_at(store)}")


def _at(store: str) -> str:
    return "" if store == DEFAULT_STORE else f" --store {shlex.quote(store)}"


def _suggest(store: str, filled: Filled, url: str) -> None:
    """Print a sign-in, calls with a key and as a service account, and three commands with what they answer."""
    say(f"\nOpen {url} and sign in as {filled.owner} with the password {PASSWORD}")
    credentials = f'{{"username": "{filled.owner}", "password": "{PASSWORD}"}}'
    say("\nThe same as a program:")
    say(f"  curl -s {url}/api/orgward/v1/sessions -H 'Content-Type: application/json' -d '{credentials}'")
    say("\nCall the Admin API with a key:")
    say(f"  curl -s --digest -u {filled.public_key}:{filled.private_key} '{url}/api/atlas/v2/groups?pretty=true'")
    say("\nGet a token as a service account:")
    client = f"{filled.client_id}:{filled.client_secret}"
    say(f"  curl -s -u {client} {url}/api/oauth/token -d grant_type=client_credentials")
    say("\nAsk who may do what:")
    project = f"project:{filled.project}"
    _try(store, "check", check, f"user:{filled.reader}", "project.read", project)
    _try(store, "why", why, f"user:{filled.lapsed}", "project.read", project)
    _try(store, "holders", holders, "project.delete", project)


def _try(store: str, name: str, command: Callable[..., None], *arguments: str) -> None:
    say(f"  $ orgward {name} {' '.join(arguments)}{_at(store)}")
    answer = io.StringIO()
    with redirect_stdout(answer), suppress(typer.Exit):
        command(*arguments, store=store)
    for line in answer.getvalue().splitlines():
        say(f"    {line.rstrip()}")
