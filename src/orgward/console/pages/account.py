"""The viewer's own account: profile, address and password, sessions, and its end (rules 43, 44, 90)."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import available_timezones

from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere
from orgward.console.changing.calls import ApiCall
from orgward.console.frame import cookies
from orgward.console.frame.declaration import Batch, Goto, Plan, export, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import problems_of
from orgward.console.listing.devices import device_of
from orgward.directory.preferences import preferences_of
from orgward.directory.sessions import Live, live_sessions
from orgward.kernel.errors import RefusedError
from orgward.kernel.instants import rfc3339

SELF: Final = Oneself("is about the viewer alone")


@page("/me/profile", id="showMyProfile", requires=SELF, on=Nowhere(), template="profile.html", scope="account")
def show_profile(page: Page) -> Mapping[str, Any]:
    """Return names and preferences of the viewer, and what stands in the way of ending the account."""
    user = page.principal.id
    return {
        **problems_of(page),
        "person": page.view.get("person_data", user),
        "preferences": preferences_of(page.view, user),
        "zones": sorted(available_timezones()),
        "n_organizations": page.view.count("members", user_id=user, state="active"),
    }


@form("/me/profile", acts=["updateMe"])
def rename(posted: Posted) -> Plan:
    """Change the viewer's own names."""
    body = {"firstName": posted.one("firstName"), "lastName": posted.one("lastName")}
    return Plan(calls=[ApiCall(operation="updateMe", body=body)], then=Goto(url="/me/profile", done="account.saved"))


@form("/me/preferences", acts=["setMyPreferences"])
def choose(posted: Posted) -> Plan:
    """Change how the console looks to the viewer."""
    body = {
        "language": posted.one("language") or None,
        "theme": posted.one("theme", "system"),
        "timeZone": posted.one("timeZone") or None,
        "density": posted.one("density", "comfortable"),
        "shortcuts": posted.has("shortcuts"),
    }
    looks = {"orgward-theme": body["theme"], "orgward-language": body["language"]}
    then = Goto(url="/me/profile", done="account.saved", cookies={n: str(v) for n, v in looks.items() if v})
    return Plan(calls=[ApiCall(operation="setMyPreferences", body=body)], then=then)


@page(
    "/me/profile/delete", id="showMyEnd", requires=SELF, on=Nowhere(), template="account_end.html", scope="account",
    entry="showMyProfile",
)  # fmt: skip
def show_end(page: Page) -> Mapping[str, Any]:
    """Return the form that ends the account."""
    n = page.view.count("members", user_id=page.principal.id, state="active")
    person = page.view.get("person_data", page.principal.id) or {}
    return {**problems_of(page), "n_organizations": n, "address": person["username"]}


@form("/me/profile/delete", acts=["deleteMe"])
def end_account(posted: Posted) -> Plan:
    """End the account, if its address was typed."""
    person = posted.view.get("person_data", posted.principal.id) or {}
    if posted.one("name") != person["username"]:
        raise RefusedError("NAME_NOT_TYPED", person["username"])
    ended = Goto(url="/signin", done="account.ended", cookies={cookies.SESSION: None})
    return Plan(calls=[ApiCall(operation="deleteMe")], then=ended)


# ---------------------------------------------------------------- sessions


@page("/me/sessions", id="showMySessions", requires=SELF, on=Nowhere(), template="sessions.html", scope="account")
def show_sessions(page: Page) -> Mapping[str, Any]:
    """Return where the viewer is signed in."""
    found = live_sessions(page.view, page.principal.id, page.now)
    return {"sessions": [_session(page, live) for live in found], "n_others": len(found) - 1}


def _session(page: Page, live: Live) -> dict[str, Any]:
    is_current = live.row["hash"] == page.principal.proof
    return {
        "id": live.row["id"],
        "device": device_of(live.facts["device"]),
        "address": live.facts["address"],
        "factor": live.facts["factor"],
        "started": live.row["created_at"],
        "used": page.now if is_current else live.used_at,
        "ends": live.ends_at,
        "is_current": is_current,
    }


@export(
    "/me/sessions.csv", id="exportMySessions", requires=SELF, on=Nowhere(),
    columns=("id", "device", "system", "address", "secondFactor", "startedAt", "usedAt", "endsAt", "current"),
)  # fmt: skip
def export_sessions(page: Page, after: str | None) -> Batch:
    """Return where the viewer is signed in, all at once."""
    found = [_session(page, live) for live in live_sessions(page.view, page.principal.id, page.now)]
    return Batch([_line(session) for session in found], None)


def _line(session: Mapping[str, Any]) -> tuple[Any, ...]:
    device, times = session["device"], [rfc3339(session[name]) for name in ("started", "used", "ends")]
    said = (device.program, device.system, session["address"], session["factor"])
    return (session["id"], *said, *times, str(session["is_current"]).lower())


@form("/me/sessions/{sessionId}/end", acts=["endMySession"])
def end_session(posted: Posted) -> Plan:
    """End one session of the viewer."""
    call = ApiCall(operation="endMySession", values={"sessionId": posted.values["sessionId"]})
    return Plan(calls=[call], then=Goto(url="/me/sessions", done="account.session_ended"))


@form("/me/sessions/end-others", acts=["endMyOtherSessions"])
def end_others(posted: Posted) -> Plan:
    """End every session of the viewer but this one."""
    return Plan(
        calls=[ApiCall(operation="endMyOtherSessions")],
        then=lambda results: Goto(
            url="/me/sessions", done="account.others_ended", params={"n": results[0].body["ended"]}
        ),
    )
