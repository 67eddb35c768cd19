"""Limits of projects: the catalogue's defaults, and what a project's owner has set instead (rules 147-150)."""

from orgward.catalog.project_limits import PROJECT_LIMITS, UNBOUNDED, ProjectLimit
from orgward.directory.ground import Change, Ground, View, drop, put
from orgward.kernel.delta import Delta
from orgward.kernel.errors import FieldFault, MalformedError


def value_of(view: View, project: str, limit: ProjectLimit) -> int | None:
    """Return what stands in the project: what was set, or the default; None where there is neither."""
    row = view.get("project_limits", project, limit.name)
    return limit.default if row is None else int(row["value"])


def limits_of(view: View, project: str) -> list[tuple[ProjectLimit, int]]:
    """Return every limit that stands in the project, with its value."""
    values = {row["name"]: int(row["value"]) for row in view.find("project_limits", project_id=project)}
    found = [(limit, values.get(name, limit.default)) for name, limit in PROJECT_LIMITS.items()]
    return [(limit, value) for limit, value in found if value is not None]


def set_limit(ground: Ground, name: str, value: int) -> Change:
    """Set the limit `name` of the project to `value`, within what the catalogue allows."""
    limit = PROJECT_LIMITS[name]
    most = UNBOUNDED if limit.maximum is None else limit.maximum
    if not limit.minimum <= value <= most:
        fault = FieldFault("value", f"is from {limit.minimum} to {most}")
        raise MalformedError("INVALID_ATTRIBUTE", "value", fields=[fault])
    row = {"project_id": ground.project, "name": name, "value": value}
    return Change([put("project_limits", ground.project, name, **row)], {"limit": name, "value": value})


def reset_limit(ground: Ground, name: str) -> Change:
    """Bring the default of the limit `name` back; where there is none, end the limit."""
    is_set = ground.view.get("project_limits", ground.project, name) is not None
    return Change([drop("project_limits", ground.project, name)] if is_set else [], {"limit": name})


def forgotten(view: View, project: str) -> list[Delta]:
    """Return the deltas that drop the limits of a project that is deleted."""
    return [drop("project_limits", project, row["name"]) for row in view.find("project_limits", project_id=project)]
