"""What the caller wants the console to look like."""

from functools import cache
from typing import Any, Final, Literal
from zoneinfo import available_timezones

import msgspec

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere
from orgward.directory import preferences
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.kernel.errors import FieldFault, MalformedError
from orgward.own_api.sessions import PEOPLE_ONLY, TAG
from orgward.store.writer import Outcome

_PREFERENCES: Final = f"{OWN}/me/preferences"
_SELF: Final = Oneself("is about what the caller chose", keys_refused=PEOPLE_ONLY)


class PreferencesBody(Body, frozen=True, kw_only=True):
    """All that can be chosen; what is left out is as if nobody had chosen."""

    density: Literal["comfortable", "compact"] = "comfortable"
    language: Literal["en", "de"] | None = None
    shortcuts: bool = True
    theme: Literal["light", "dark", "system"] = "system"
    time_zone: str | None = None


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


@endpoint("GET", _PREFERENCES, id="getMyPreferences", requires=_SELF, on=Nowhere(), tag=TAG)
def read_my_preferences(context: Context) -> dict[str, Any]:
    """Return what the caller wants the console to look like."""
    return preferences.preferences_of(context.view, context.principal.id)


@endpoint("PUT", _PREFERENCES, id="setMyPreferences", requires=_SELF, on=Nowhere(), tag=TAG, body=PreferencesBody)
def set_my_preferences(context: Context) -> Outcome:
    """Keep what the caller wants the console to look like, all of it."""
    body: PreferencesBody = context.call.body
    if body.time_zone is not None and body.time_zone not in _time_zones():
        fault = FieldFault("timeZone", "is no time zone, as Europe/Berlin is one")
        raise MalformedError("INVALID_ATTRIBUTE", "timeZone", fields=[fault])
    chosen = msgspec.to_builtins(body)
    change = preferences.choose(ground_of(context), chosen)
    user = context.principal.id
    return outcome_of(change, lambda view: preferences.preferences_of(view, user))
