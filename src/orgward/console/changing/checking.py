"""The way of every change of access: from a form, row or selection to its check, unless nothing of it could be done."""

from collections.abc import Sequence

from orgward.app.targets import project
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.role_choices import edition_at
from orgward.console.changing.summary import Summary
from orgward.console.explaining.sight import sees_others
from orgward.console.frame.declaration import Goto, Plan
from orgward.console.frame.page import Posted
from orgward.directory.roles import project_roles
from orgward.kernel.errors import DeniedError, GateError, NotFoundError, OrgwardError
from orgward.kernel.resource import ResourceRef


def checked(posted: Posted, calls: Sequence[ApiCall], summary: Summary) -> Plan:
    """Return the plan that leads to the check of `calls`; raise what refuses them if all are refused.

    So the form says it where it can be mended, and a summary never names anything to somebody who may not see it.
    """
    return _to_check(posted, calls, summary, raised=(OrgwardError,)) or Plan(then=Goto(url=summary.then))


def offered(posted: Posted, calls: Sequence[ApiCall], summary: Summary) -> Plan:
    """Return the plan that leads to the check of `calls` of a row or selection, also of such as are refused there.

    Where the right to all of them is missing, that is raised: what they are about is told to nobody who lacks it.
    """
    missing = (DeniedError, GateError, NotFoundError)
    return _to_check(posted, calls, summary, raised=missing) or Plan(then=Goto(url=summary.back))


def _to_check(
    posted: Posted, calls: Sequence[ApiCall], summary: Summary, *, raised: tuple[type[OrgwardError], ...]
) -> Plan | None:
    """Return the plan that leads to the check, None without calls; raise the first error if all are of `raised`."""
    if not calls:
        return None
    errors = [error for error in posted.rehearse(calls).errors if isinstance(error, raised)]
    if len(errors) == len(calls):
        raise errors[0]
    return Plan(calls=calls, summary=summary, then=Goto(url=summary.then))


def project_seen(posted: Posted, project_id: str) -> ResourceRef:
    """Return the project if whoever posts may see the roles there; else it looks like one that is not there.

    For forms that look people up before any call is authorized.
    """
    place = project(posted.facts, project_id)
    if not sees_others(posted, place):
        raise NotFoundError("GROUP_NOT_FOUND", project_id)
    return place


def project_roles_posted(posted: Posted, project_id: str, *fields: str) -> list[str]:
    """Return the roles that the fields name, if each is a project role there; raise what is wrong with them."""
    names = [name for field in fields or ("roles",) for name in posted.many(field)]
    place = project(posted.facts, project_id)
    return project_roles(edition_at(posted, place.org or ""), names, project_id)
