"""Who may do what: `check`, `why`, `holders`, `roles`."""

from typing import Annotated, Any, Final

import msgspec
import typer

from orgward.app.execute import Context
from orgward.app.operation import Operation, OperatorOnly, declare
from orgward.app.targets import Nowhere, organization, project
from orgward.catalog import EDITIONS, PRIVILEGES
from orgward.cli.opening import DEFAULT_STORE, NOT_DONE, JsonOption, StoreOption, opened, read
from orgward.cli.output import console, print_json, say, table
from orgward.decision_api.bodies import Action, Entity, EvaluationBody
from orgward.decision_api.evaluations import EVALUATE
from orgward.engine.facts import kind_of
from orgward.engine.search import holders as holders_of
from orgward.kernel.errors import NotFoundError
from orgward.own_api.roles import role_object
from orgward.store.reads.actors import actors

_PRINCIPALS: Final = ("user", "api_key", "service_account", "team")
_RESOURCES: Final = ("organization", "project")

PrincipalArgument = Annotated[
    str,
    typer.Argument(
        metavar="SUBJECT", help="user:EMAIL_OR_ID, api_key:ID_OR_PUBLIC_KEY, service_account:CLIENT_ID, team:ID."
    ),
]
ActionArgument = Annotated[str, typer.Argument(metavar="ACTION", help="A privilege, such as project.delete.")]
ResourceArgument = Annotated[str, typer.Argument(metavar="RESOURCE", help="organization:ID or project:ID.")]


def check(
    principal: PrincipalArgument,
    action: ActionArgument,
    resource: ResourceArgument,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Say whether somebody may do something; exits 0 if so, else 1."""
    found = _decided(principal, action, resource, store, as_json=as_json)
    if as_json:
        print_json(found)
    else:
        say("allowed" if found["decision"] else f"denied: {found['context']['reason']}")
    if not found["decision"]:
        raise typer.Exit(NOT_DONE)


def why(
    principal: PrincipalArgument,
    action: ActionArgument,
    resource: ResourceArgument,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Say by which roles somebody may do something, or what is missing and who could grant it."""
    found = _decided(principal, action, resource, store, as_json=as_json)
    if as_json:
        print_json(found)
    elif found["decision"]:
        _tell_paths(found["context"]["paths"])
    else:
        _tell_denial(found["context"])
    if not found["decision"]:
        raise typer.Exit(NOT_DONE)


def _decided(principal: str, action: str, resource: str, store: str, *, as_json: bool) -> dict[str, Any]:
    body = EvaluationBody(
        subject=Entity(*_parted(principal, _PRINCIPALS, "SUBJECT")),
        action=Action(action),
        resource=Entity(*_parted(resource, _RESOURCES, "RESOURCE")),
    )
    with opened(store, as_json=as_json) as door:
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(read(door, EVALUATE, body)))
    return found


def _parted(text: str, kinds: tuple[str, ...], argument: str) -> tuple[str, str]:
    kind, colon, name = text.partition(":")
    if kind not in kinds or not colon or not name:
        message = f"`{text}` is not of the form {' or '.join(f'{known}:…' for known in kinds)}"
        raise typer.BadParameter(message, param_hint=argument)
    return kind, name


def _tell_paths(paths: list[dict[str, str | None]]) -> None:
    say("allowed")
    rows = [
        [path["via"], path["role"], path["projectId"] or path["organizationId"], path["teamId"], path["endsAt"]]
        for path in paths
    ]
    console().print(table(["via", "role", "where", "team", "until"], rows))


def _tell_denial(context: dict[str, Any]) -> None:
    say(f"denied: {context['reason']}, missing {context['missing']}")
    if context["roles"]:
        say(f"any of these roles would do: {', '.join(context['roles'])}")
    if context["grantors"]:
        say("who could grant one:")
        _tell_principals(context["grantors"])


def _tell_principals(found: list[dict[str, str]]) -> None:
    heads = ["type", "id", "username"]
    console().print(table(heads, [[principal[head] for head in heads] for principal in found]))


def holders(
    action: ActionArgument,
    resource: ResourceArgument,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """List every user and API key that may do something on a resource."""
    if action not in PRIVILEGES:
        message = f"there is no privilege `{action}`"
        raise typer.BadParameter(message, param_hint="ACTION")
    kind, name = _parted(resource, _RESOURCES, "RESOURCE")
    with opened(store, as_json=as_json) as door:
        found = read(door, LIST_HOLDERS, (action, kind, name))
    if as_json:
        print_json(found)
    else:
        _tell_principals(found)


def _list_holders(context: Context) -> list[dict[str, str]]:
    """Return every user and machine that holds a privilege on a resource, ordered by type and id."""
    action, kind, name = context.call.body
    ref = (organization if kind == "organization" else project)(context.facts, name)
    found = holders_of(context.facts, action, ref.id, context.now)
    shown = sorted((kind_of(context.facts, holder), holder) for holder in found)
    named = actors(context.view, shown)
    return [{"type": kind, "id": holder, "username": named[kind, holder].mark} for kind, holder in shown]


LIST_HOLDERS: Final = declare(
    Operation(id="listHolders", requires=OperatorOnly(), on=Nowhere(), inner=None, writes=False, run=_list_holders)
)
"""Body: privilege, kind and id of the resource; answers holders with type, id and username."""


def roles(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="A role by API or UI name.")] = "",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """List the roles of both editions, or show one."""
    with opened(store, as_json=as_json):
        found = [
            role_object(edition, role)
            for edition in EDITIONS.values()
            for role in edition.roles.values()
            if not name or role is edition.role_named(name)
        ]
        if not found:
            raise NotFoundError("ROLE_NOT_FOUND", name)
    if as_json:
        print_json(found if not name else found[0])
    elif name:
        _tell_roles(found)
    else:
        rows = [[role["edition"], role["scope"], role["name"], role["title"]] for role in found]
        console().print(table(["edition", "scope", "name", "title"], rows))


def _tell_roles(found: list[dict[str, Any]]) -> None:
    for role in found:
        say(f"{role['title']} ({role['name']}), {role['scope']} role of edition {role['edition']}")
        say(role["description"])
        for part in ("includes", "privileges", "privilegesIfAddedByOwner", "privilegesInProjects", "grants"):
            if role[part]:
                say(f"  {part}: {', '.join(role[part])}")
