"""Who may post a form on an organization or project at all: whoever its pages would be shown to."""

from collections.abc import Sequence

from orgward.app import targets
from orgward.app.gates import gates_of
from orgward.app.operation import REGISTRY
from orgward.console.frame.page import Posted
from orgward.engine.authorized import check_gates, require_seen
from orgward.kernel.resource import ResourceRef


def require_entrance(posted: Posted, acts: Sequence[str]) -> None:
    """Raise what a page of the place would be refused with: that it is unknown, or that its gate is closed.

    What a form looks up before any call is authorized would tell of it. A form that calls only what concerns the
    caller alone, such as asking to join, is posted to places that the caller can't see.
    """
    place = _place_of(posted) if any(REGISTRY[act].privileges for act in acts if act in REGISTRY) else None
    if place is not None:
        require_seen(posted.facts, posted.principal, place, posted.now)
        gates = gates_of(posted.view, posted.principal, place)
        check_gates(posted.facts, posted.principal, place, gates)


def _place_of(posted: Posted) -> ResourceRef | None:
    if "groupId" in posted.values:
        return targets.project(posted.facts, posted.values["groupId"])
    return targets.organization(posted.facts, posted.values["orgId"]) if "orgId" in posted.values else None
