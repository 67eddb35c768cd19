"""Role mappings as their rows keep them."""

import json
from collections.abc import Iterable

from orgward.directory.ground import Row, View, put
from orgward.directory.mapping import Given, RoleMapping
from orgward.kernel.delta import Delta


def mapping_of(row: Row) -> RoleMapping:
    """Return the mapping that a row of `role_mappings` keeps."""
    given = frozenset((scope, role) for scope, role in json.loads(row["assignments"]))
    return RoleMapping(row["external_group"], given)


def encoded(given: Iterable[Given]) -> str:
    """Return what a mapping gives as a row of `role_mappings` keeps it."""
    return json.dumps(sorted(map(list, given)))


def without_project(view: View, org: str, project: str) -> list[Delta]:
    """Return the deltas after which no mapping of `org` names `project`, which is not there any more."""
    deltas = []
    for row in view.find("role_mappings", org_id=org):
        given = mapping_of(row).given
        kept = {found for found in given if found[0] != project}
        if kept != given:
            deltas.append(put("role_mappings", row["id"], **{**row, "assignments": encoded(kept)}))
    return deltas
