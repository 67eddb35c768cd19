"""Decisions on the wire: `decision`, and the `context` that says why (contract.md, Decisions)."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from orgward.decision_api.decide import Decision
from orgward.engine.compile import Path
from orgward.engine.facts import kind_of
from orgward.engine.layer import Layer
from orgward.kernel.instants import rfc3339
from orgward.store.reads.actors import actors
from orgward.store.view import SqlView

_Listed = tuple[str, ...]

_encoder = msgspec.json.Encoder(order="sorted")


def render(facts: Layer, view: SqlView, decisions: Sequence[Decision], revision: int) -> list[dict[str, Any]]:
    """Return `decisions` as they stand on the wire; everybody named in them is looked up once."""
    grantors = _grantors(facts, view, {decision.grantors for decision in decisions})
    text = str(revision)
    return [
        {"decision": True, "context": {"revision": text, "paths": _paths(decision.paths)}}
        if decision.allowed
        else {"decision": False, "context": {"revision": text, **_denial(decision, grantors)}}
        for decision in decisions
    ]


def _paths(paths: Sequence[Path]) -> list[dict[str, str | None]]:
    return [
        {
            "via": via,
            "role": role,
            "organizationId": org,
            "projectId": project,
            "teamId": team,
            "endsAt": None if ends is None else rfc3339(ends),
        }
        for via, role, org, project, team, ends in paths
    ]


def _denial(decision: Decision, grantors: dict[_Listed, msgspec.Raw]) -> dict[str, Any]:
    denial = decision.denial
    if denial is None:
        return {"error": {"status": 400, "message": decision.fault}}
    found: dict[str, Any] = {
        "reason": denial.reason,
        "missing": denial.missing,
        "roles": denial.roles,
        "grantors": grantors[decision.grantors],
    }
    if decision.gate:
        found["gate"] = decision.gate
    return found


def _grantors(facts: Layer, view: SqlView, groups: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], msgspec.Raw]:
    """Return by list of ids the rendered grantors; encoded once, for a batch shows the same ones often."""
    lists = list(groups)
    ids = {grantor for listed in lists for grantor in listed}
    kinds = {grantor: kind_of(facts, grantor) for grantor in ids}
    found = actors(view, [(kind, grantor) for grantor, kind in kinds.items()])
    shown = {
        grantor: {
            "type": kind,
            "id": grantor,
            "username": found[kind, grantor].mark,
        }
        for grantor, kind in kinds.items()
    }
    return {listed: msgspec.Raw(_encoder.encode([shown[grantor] for grantor in listed])) for listed in lists}
