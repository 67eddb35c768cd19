"""Other engines asked the same questions of W: pycasbin and Cedar, where they are installed."""

import json
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, Final

from bench.worlds import EDITION, Question, World
from orgward.catalog import EDITIONS

Decide = Callable[[Question], bool]

_CASBIN_MODEL: Final = """
[request_definition]
r = sub, kind, act, obj, org
[policy_definition]
p = role, kind, act
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.kind == p.kind && r.act == p.act && (g(r.sub, p.role, r.obj) || g(r.sub, p.role, r.org))
"""
_BY_KIND_AND_ACTION: Final = [1, 2]


def rivals(world: World) -> Iterator[tuple[str, Decide]]:
    """Yield each engine that can be imported, with `world` in it."""
    if find_spec("casbin"):
        yield "pycasbin FastEnforcer", _casbin(world)
    if find_spec("cedarpy"):
        yield "cedarpy, parsed handles", _cedar(world)


def _roles() -> Iterator[tuple[str, str, bool, frozenset[str]]]:
    """Yield each role under the name of how it was given, on what and whether by reach, and what it allows there."""
    edition = EDITIONS[EDITION]
    for name, role in edition.roles.items():
        for by_owner in (0, 1):
            own = edition.privileges_of(name, added_by_owner=bool(by_owner))
            yield f"{name}_{by_owner}", role.scope, False, own
            yield f"{name}_{by_owner}", "project", True, edition.in_projects_of(name, added_by_owner=bool(by_owner))


def _held(world: World) -> Iterator[tuple[str, str, str]]:
    """Yield (user, role, scope) of every grant, those of teams once for each member."""
    inside: dict[str, list[str]] = {}
    for user, team in world.team_members:
        inside.setdefault(team, []).append(user)
    for holder, scope, role, _, _, by_owner, _ in world.assignments:
        for user in inside.get(holder, [] if holder in world.teams else [holder]):
            yield user, f"{role}_{by_owner}", scope


def _casbin(world: World) -> Decide:
    import casbin  # noqa: PLC0415 - a yardstick may be missing
    from casbin.model import FastModel  # noqa: PLC0415 - the same

    model = FastModel(_BY_KIND_AND_ACTION)
    model.load_model_from_text(_CASBIN_MODEL)
    engine = casbin.FastEnforcer(model, cache_key_order=_BY_KIND_AND_ACTION)
    engine.add_policies([[role, kind, act] for role, kind, _, allowed in _roles() for act in allowed])
    engine.add_grouping_policies([list(held) for held in dict.fromkeys(_held(world))])

    def decide(asked: Question) -> bool:
        org = world.projects.get(asked.resource)
        kind = "organization" if org is None else "project"
        return bool(engine.enforce(asked.principal, kind, asked.action, asked.resource, org or asked.resource))

    return decide


def _cedar(world: World) -> Decide:
    import cedarpy  # noqa: PLC0415 - a yardstick may be missing

    policies = cedarpy.PolicySet.from_str("\n".join(_cedar_policies()))
    entities = cedarpy.Entities.from_json_str(json.dumps(_cedar_entities(world)))

    def decide(asked: Question) -> bool:
        kind = "Project" if asked.resource in world.projects else "Organization"
        request = {
            "principal": {"type": "User", "id": asked.principal},
            "action": {"type": "Action", "id": asked.action},
            "resource": {"type": kind, "id": asked.resource},
            "context": {},
        }
        return bool(cedarpy.is_authorized(request, policies, entities).allowed)

    return decide


def _cedar_policies() -> Iterator[str]:
    for role, _, carried, allowed in _roles():
        actions = ", ".join(f'Action::"{action}"' for action in sorted(allowed))
        if actions:
            scope = "resource.organization" if carried else "resource"
            guard = f"{'resource has organization && ' if carried else ''}{scope} has {role}"
            condition = f"{guard} && principal in {scope}.{role}"
            yield f"permit(principal, action in [{actions}], resource) when {{ {condition} }};"


def _cedar_entities(world: World) -> list[dict[str, Any]]:
    groups: dict[str, dict[str, str]] = {scope: {} for scope in (*world.organizations, *world.projects)}
    parents: dict[str, list[dict[str, str]]] = {user: [] for user in world.users}
    for user, role, scope in dict.fromkeys(_held(world)):
        group = groups[scope].setdefault(role, f"{role} of {scope}")
        parents[user].append({"type": "Holders", "id": group})
    found = [_entity("User", user, {}, above) for user, above in parents.items()]
    for scope, roles in groups.items():
        attributes = {role: _reference("Holders", group) for role, group in roles.items()}
        if scope in world.projects:
            attributes["organization"] = _reference("Organization", world.projects[scope])
        found.append(_entity("Project" if scope in world.projects else "Organization", scope, attributes, []))
        found += [_entity("Holders", group, {}, []) for group in roles.values()]
    return found


def _entity(kind: str, id: str, attributes: dict[str, Any], parents: list[dict[str, str]]) -> dict[str, Any]:
    return {"uid": {"type": kind, "id": id}, "attrs": attributes, "parents": parents}


def _reference(kind: str, id: str) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": id}}
