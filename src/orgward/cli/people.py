"""Organizations and people: `bootstrap`, `users create`, `users erase`, `users reset-factors`."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final

import typer

from orgward.app.operator import (
    BOOTSTRAP,
    ENROL_USER,
    ERASE_USER,
    RESET_FACTORS,
    ErasedUser,
    LostFactors,
    NewOrganization,
    NewUser,
)
from orgward.cli.opening import DEFAULT_STORE, JsonOption, StoreOption, base_url, opened, write
from orgward.cli.output import show

users: Final = typer.Typer(no_args_is_help=True, help="Make accounts, open them again, erase them.")


class EditionChoice(StrEnum):
    """The editions of the catalogue, as an option's values."""

    ATLAS = "atlas"
    CLOUD_MANAGER = "cloud_manager"


def bootstrap(
    *,
    organization: Annotated[str, typer.Option(metavar="NAME", help="The name of the new organization.")],
    owner: Annotated[str, typer.Option(metavar="EMAIL", help="The address of its owner; you vouch for it.")],
    edition: Annotated[EditionChoice, typer.Option(help="Which roles there are.")] = EditionChoice.ATLAS,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Make an organization with an owner and an API key."""
    with opened(store, as_json=as_json) as door:
        made = write(door, BOOTSTRAP, NewOrganization(name=organization, owner=owner, edition=edition.value))
    token = made["setupToken"]
    names = ("organizationId", "userId", "username", "publicKey", "privateKey")
    url = f"{base_url()}/setup/{token}" if token else None
    show({**{name: made[name] for name in names}, "setupUrl": url}, as_json=as_json)


@users.command("create")
def create(
    *,
    username: Annotated[str, typer.Option(metavar="EMAIL", help="The address; you vouch for it.")],
    organization: Annotated[list[str] | None, typer.Option(metavar="ID", help="An organization to join.")] = None,
    role: Annotated[list[str] | None, typer.Option(metavar="ORG_ROLE", help="The role in it.")] = None,
    project: Annotated[list[str] | None, typer.Option(metavar="ID=ROLE", help="A project and a role in it.")] = None,
    api_key: Annotated[bool, typer.Option("--api-key", help="Make an API key with the same roles.")] = False,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Make an active account with roles, or give an existing one these roles."""
    organizations = _paired(organization or [], role or [])
    if api_key and len(organizations) > 1:
        message = "an API key belongs to one organization"
        raise typer.BadParameter(message, param_hint="--api-key")
    body = NewUser(username=username, organizations=organizations, projects=_projects(project or []), api_key=api_key)
    with opened(store, as_json=as_json) as door:
        made = write(door, ENROL_USER, body)
    show({name: made[name] for name in ("userId", "username", "publicKey", "privateKey")}, as_json=as_json)


@users.command("erase")
def erase(
    username: Annotated[str, typer.Option(metavar="EMAIL", help="Whom to forget.")],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Forget a person: sessions end, address and name go from every file of the store."""
    with opened(store, as_json=as_json) as door:
        write(door, ERASE_USER, ErasedUser(username=username))
        door.store.scrub()
    show({"erased": username}, as_json=as_json)


@users.command("reset-factors")
def reset_factors(
    username: Annotated[str, typer.Option(metavar="EMAIL", help="Who has lost them; be sure that it is they who ask.")],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Take all second factors and recovery codes from a person: sessions end, a message tells them."""
    with opened(store, as_json=as_json) as door:
        made = write(door, RESET_FACTORS, LostFactors(username=username))
    show({**made, "factors": made["factors"] if as_json else ", ".join(made["factors"]) or None}, as_json=as_json)


def _paired(organizations: Sequence[str], roles: Sequence[str]) -> dict[str, list[str]]:
    """Return the roles by organization; several roles of one may follow it once, or each with it."""
    if len(set(organizations)) == 1:
        organizations = [organizations[0]] * max(len(roles), 1)
    if len(organizations) != len(roles):
        message = "name one --role for each --organization"
        raise typer.BadParameter(message, param_hint="--role")
    found: dict[str, list[str]] = {}
    for organization, role in zip(organizations, roles, strict=True):
        found.setdefault(organization, []).append(role)
    return found


def _projects(pairs: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in pairs:
        project, equals, role = pair.partition("=")
        if not (project and equals and role):
            message = f"`{pair}` is not of the form ID=ROLE"
            raise typer.BadParameter(message, param_hint="--project")
        found.setdefault(project, []).append(role)
    return found
