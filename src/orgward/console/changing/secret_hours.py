"""For how long a new secret is to be good: what a form offers, bounded by what the organization allows (rule 81)."""

from typing import Final

from orgward.console.frame.page import Page, Posted
from orgward.directory import settings
from orgward.directory.account_secrets import LONGEST
from orgward.kernel.errors import FieldFault, MalformedError

_DAY: Final = 24
_OFFERED: Final = (24, 168, 720, 2_160, 4_320, 8_760)
_USUAL: Final = 2_160


def hours_offered(page: Page) -> dict[str, object]:
    """Return the spans to choose from, in hours, and the one that stands there at first."""
    longest = settings.of_organization(page.view, page.resource.org or "")[LONGEST]
    offered = sorted({longest, *(hours for hours in _OFFERED if hours < longest)})
    return {
        "hours": [(str(hours), _span(page, hours)) for hours in offered],
        "hours_chosen": page.posted("hours", str(min(_USUAL, longest))),
    }


def _span(page: Page, hours: int) -> str:
    days, rest = divmod(hours, _DAY)
    return page.t("accounts.hours_n", n=hours) if rest or not days else page.t("accounts.days_n", n=days)


def hours_posted(posted: Posted) -> int:
    """Return the span that was chosen, or raise."""
    text = posted.one("hours")
    if not (text.isascii() and text.isdigit() and len(text) <= len("8760")):
        fault = FieldFault("hours", posted.words("accounts.choose_span"))
        raise MalformedError("INVALID_ATTRIBUTE", "secretExpiresAfterHours", fields=[fault])
    return int(text)
