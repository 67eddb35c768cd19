"""Times and numbers as the viewer reads them: in their language and zone, with UTC at hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal
from markupsafe import Markup

from orgward.console.frame.words import Words
from orgward.kernel.instants import FOREVER

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = {"en": "d MMM y", "de": "d. MMM y"}
_DAY_OF_YEAR: Final = {"en": "d MMM", "de": "d. MMM"}
_LONG: Final = {"en": "d MMMM y", "de": "d. MMMM y"}
_NEAR: Final = 2 * 24 * 3_600_000
"""How near an end is, in milliseconds, to be told with its time."""


def local(millis: int, zone: ZoneInfo) -> datetime:
    """Return the instant in `zone`; in UTC where it is the year 10000 there, which no calendar writes."""
    moment = _EPOCH + timedelta(milliseconds=millis)
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


class Formats:
    """Formats for one viewer at one moment."""

    def __init__(self, words: Words, zone: str, now: int) -> None:
        """Speak as `words` do, in the time zone `zone`, at `now` in milliseconds."""
        self._words = words
        self._zone = ZoneInfo(zone)
        self._now = now

    def number(self, value: float) -> str:
        """Return `value` with the separators of the language."""
        return format_decimal(value, locale=self._words.locale)

    def when(self, millis: int | None, form: str = "short") -> Markup:
        """Return the instant as a `time` element whose title is in UTC; a dash for none.

        Forms: `short` (near ones in words), `date`, `brief` (a date without the year, if it is this one), `day` (with
        its weekday), `time`, `long` (date and time), `end` (a date, with the time where it is near).
        """
        if millis is None or millis >= FOREVER:
            return Markup("–")
        moment = _EPOCH + timedelta(milliseconds=millis)
        utc = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
        text = self.text(millis, form)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(moment.isoformat(), utc, text)

    def text(self, millis: int, form: str = "short") -> str:
        """Return the instant as plain text."""
        moment = local(millis, self._zone)
        locale, language = self._words.locale, self._words.language
        match form:
            case "date":
                return format_date(moment, _DAY[language], locale=locale)
            case "brief":
                return self._brief(moment)
            case "day":
                return format_date(moment, f"EEEE, {_LONG[language]}", locale=locale)
            case "time":
                return format_time(moment, "HH:mm", locale=locale)
            case "end" if abs(millis - self._now) >= _NEAR:
                return self.text(millis, "date")
            case "long" | "end":
                return format_datetime(moment, f"{_LONG[language]}, HH:mm", locale=locale)
            case _:
                return self._near(moment, millis)

    def _near(self, moment: datetime, millis: int) -> str:
        clock, days = format_time(moment, "HH:mm", locale=self._words.locale), (self._today - moment.date()).days
        minutes = (self._now - millis) // 60_000
        if 0 <= minutes < 60:
            return self._words("shared.minutes_ago", n=minutes) if minutes else self._words("shared.just_now")
        named = {0: "shared.today_at", 1: "shared.yesterday_at", -1: "shared.tomorrow_at"}.get(days)
        if named:
            return self._words(named, time=clock)
        return self._brief(moment)

    def _brief(self, moment: datetime) -> str:
        pattern = _DAY_OF_YEAR if moment.year == self._today.year else _DAY
        return format_date(moment, pattern[self._words.language], locale=self._words.locale)

    @property
    def _today(self) -> date:
        return local(self._now, self._zone).date()
