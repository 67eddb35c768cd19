"""Events on the wire: types, feeds of organizations and projects, single events, links to the activity pages."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import urlencode

from orgward.admin_api.event_shapes import Json, event_objects
from orgward.app.execute import Context
from orgward.app.operation import Oneself
from orgward.app.targets import InOrganization, InProject, Nowhere
from orgward.catalog.event_types import EVENT_TYPES
from orgward.edge import inner
from orgward.edge.endpoint import ATLAS, V2023_01, Parameter, Version, endpoint
from orgward.edge.paging import Page, list_body
from orgward.engine.search import reaches_every_project
from orgward.kernel.errors import MalformedError, NotFoundError
from orgward.kernel.instants import parse_rfc3339
from orgward.store.reads.events import Feed

TAG = "Events"
_FEED_TAG = "Activity Feed"
_V2025_03: Final = Version("2025-03-12")
_ORG, _GROUP = f"{ATLAS}/orgs/{{orgId}}", f"{ATLAS}/groups/{{groupId}}"
_SECOND: Final = 1_000
_MOST_NAMED: Final = 20

_TYPES = Parameter(name="eventType", many=True)
_DATES = (Parameter(name="minDate"), Parameter(name="maxDate"))
_RAW = Parameter(name="includeRaw", kind=bool, in_link=True)
# Everywhere else the count is shown unless it is refused; here only if it is asked for (wire.md 5).
_LISTED = (Parameter(name="includeCount", kind=bool, in_link=True), _RAW, _TYPES, *_DATES)
_OF_PROJECT = (Parameter(name="clusterNames", many=True), Parameter(name="excludedEventType", many=True))


@endpoint(
    "GET", f"{ATLAS}/eventTypes", id="listEventTypes", on=Nowhere(), versions=(V2023_01,), tag=TAG, paged=True,
    requires=Oneself("the types of events are the same for everybody"),
)  # fmt: skip
def list_event_types(context: Context) -> Page:
    """List the types of events that are raised here."""
    query = context.call.query.parsed
    rows = sorted(EVENT_TYPES.values(), key=lambda row: row.name)
    shown = rows[query.offset : query.offset + query.per_page]
    items = [{"alertable": r.alertable, "description": r.description, "eventType": r.name} for r in shown]
    return Page(items, len(rows))


@endpoint(
    "GET", f"{_ORG}/events", id="listOrgEvents", requires=("org.events.read",), on=InOrganization(),
    versions=(V2023_01,), tag=TAG, paged=True, parameters=_LISTED,
)  # fmt: skip
def list_organization_events(context: Context) -> Json:
    """List the events of an organization, newest first; those about a project to whoever may read its events."""
    return _listed(context, Feed(column="org_id", projects=_known_projects(context), **_asked(context)))


@endpoint(
    "GET", f"{_ORG}/events/{{eventId}}", id="getOrgEvent", requires=("org.events.read",), on=InOrganization(),
    inner=inner.event_of_organization, versions=(V2023_01,), tag=TAG, parameters=(_RAW,),
)  # fmt: skip
def read_organization_event(context: Context) -> Json:
    """Return one event of an organization; one about a project that is not the caller's looks like an unknown one."""
    org = context.resource.id
    feed = Feed(column="org_id", scope=org, projects=_known_projects(context))
    return _single(context, feed, NotFoundError("ORG_EVENT_NOT_FOUND", context.call.values["eventId"], org))


@endpoint(
    "GET", f"{_GROUP}/events", id="listGroupEvents", requires=("project.events.read",), on=InProject(),
    versions=(V2023_01,), tag=TAG, paged=True, parameters=(*_LISTED, *_OF_PROJECT),
)  # fmt: skip
def list_project_events(context: Context) -> Json:
    """List the events of a project, newest first."""
    values, asked = context.call.query.parsed.values, _asked(context)
    if values["clusterNames"]:
        asked["types"] = ()  # no event is about a cluster, for there are none
    return _listed(context, Feed(column="project_id", excluded=values["excludedEventType"], **asked))


@endpoint(
    "GET", f"{_GROUP}/events/{{eventId}}", id="getGroupEvent", requires=("project.events.read",), on=InProject(),
    inner=inner.event_of_project, versions=(V2023_01,), tag=TAG, parameters=(_RAW,),
)  # fmt: skip
def read_project_event(context: Context) -> Json:
    """Return one event of a project."""
    project = context.resource.id
    missing = NotFoundError("EVENT_NOT_FOUND", context.call.values["eventId"], project)
    return _single(context, Feed(column="project_id", scope=project), missing)


def _listed(context: Context, feed: Feed) -> Json:
    """Return the body of a list; a count that nobody asked for is 0, as recorded: there are clients that need one."""
    asked, place = context.call.query, "orgs" if feed.column == "org_id" else "groups"
    query, counted = asked.parsed, asked.parsed.values["includeCount"]
    events, total = feed.page(context.view, limit=query.per_page, offset=query.offset, counted=counted)
    page = Page(event_objects(context, events, raw=query.values["includeRaw"]), total)
    body = list_body(asked.endpoint, page, query, f"{context.call.base_url}{ATLAS}/{place}/{feed.scope}/events")
    return body if counted else {**body, "totalCount": 0}


def _single(context: Context, feed: Feed, missing: NotFoundError) -> Json:
    found = feed.find(context.view, context.call.values["eventId"])
    if found is None:
        raise missing
    (shown,) = event_objects(context, [found], raw=context.call.query.parsed.values["includeRaw"])
    return shown


def _known_projects(context: Context) -> frozenset[str] | None:
    """Return the projects about which the caller has a need to know, None for all: who reaches each reads of each."""
    org, principal = context.resource.id, context.principal.id
    visible = context.visible("project.events.read")
    if visible.everything or reaches_every_project(context.facts, principal, "project.events.read", org, context.now):
        return None
    return visible.resources.intersection(context.facts.projects_in(org))


def _asked(context: Context) -> Json:
    """Return what the query asks of a feed: the scope, the types, and the first and last millisecond."""
    values = context.call.query.parsed.values
    since, until = (_instant(values[parameter.name]) for parameter in _DATES)
    if since is not None and until is not None and since > until:
        raise MalformedError("INVALID_DATE_RANGE", values["minDate"], values["maxDate"])
    # Times are shown in whole seconds: who repeats the time of an event as the last one means that event, too.
    last = None if until is None else until - until % _SECOND + _SECOND - 1
    return {"scope": context.resource.id, "types": values["eventType"] or None, "since": since, "until": last}


def _instant(text: str) -> int | None:
    """Return the time that `text` names; one without an offset is in UTC, as there are clients that write it so."""
    if not text:
        return None
    for written in (text, f"{text}Z"):
        with suppress(ValueError):
            return parse_rfc3339(written)
    raise MalformedError("INVALID_DATE_FORMAT", text)


@endpoint(
    "GET", f"{_ORG}/activityFeed", id="getOrgActivityFeed", requires=("org.events.read",), on=InOrganization(),
    versions=(_V2025_03,), tag=_FEED_TAG, parameters=(_TYPES, *_DATES),
)  # fmt: skip
def read_organization_feed(context: Context) -> dict[str, str]:
    """Return the link to the activity page of an organization, with the filters that the query asks for."""
    return _link(context, f"/o/{context.resource.id}/activity", ("eventType",))


@endpoint(
    "GET", f"{_GROUP}/activityFeed", id="getGroupActivityFeed", requires=("project.activity.read",), on=InProject(),
    versions=(_V2025_03,), tag=_FEED_TAG, parameters=(_TYPES, *_DATES, Parameter(name="clusterName", many=True)),
)  # fmt: skip
def read_project_feed(context: Context) -> dict[str, str]:
    """Return the link to the activity page of a project, with the filters that the query asks for."""
    return _link(context, f"/p/{context.resource.id}/activity", ("clusterName", "eventType"))


def _link(context: Context, page: str, listed: Sequence[str]) -> dict[str, str]:
    values = context.call.query.parsed.values
    _ = _asked(context)
    for name in listed:
        if len(values[name]) > _MOST_NAMED:
            raise MalformedError("INVALID_QUERY_PARAMETER", name)
    filters = [(name, value) for name in listed for value in values[name]]
    filters += [(date.name, values[date.name]) for date in _DATES if values[date.name]]
    query = urlencode(filters)
    return {"link": f"{context.call.base_url}{page}{'?' if query else ''}{query}"}
