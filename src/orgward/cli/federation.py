"""Federations: `federation verify-domain`."""

from typing import Annotated, Final

import typer

from orgward.app.operator import VOUCH_FOR_DOMAIN, ProvenDomain
from orgward.cli.opening import DEFAULT_STORE, JsonOption, StoreOption, opened, write
from orgward.cli.output import show

federation: Final = typer.Typer(no_args_is_help=True, help="Vouch for what federations claim.")


@federation.callback()
def _federation() -> None:
    """Vouch for what federations claim."""


@federation.command("verify-domain")
def verify_domain(
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", help="The domain; you vouch for it.")],
    *,
    of: Annotated[str, typer.Option("--federation", metavar="ID", help="The federation whose it is.")],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Take a domain as a federation's own, without a record in the DNS."""
    with opened(store, as_json=as_json) as door:
        made = write(door, VOUCH_FOR_DOMAIN, ProvenDomain(domain=domain, federation=of))
    show(made, as_json=as_json)
