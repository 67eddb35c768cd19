"""Rows that are ticked in a list, kept from one of its pages to the next: they stand in the address, as filters do."""

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from orgward.console.frame.declaration import Goto, Plan, form
from orgward.console.frame.page import Posted
from orgward.kernel.errors import NotFoundError
from orgward.kernel.ids import is_id

FIELDS: Final = ("id", "team")
"""The parameters that hold ticked rows: of most lists, and of teams."""

MOST: Final = 200
"""How many rows are kept: more would make an address longer than servers between take."""


@form("/selection/{field}", acts=[])
def keep_selection(posted: Posted) -> Plan:
    """Lead to another page of a list, whose address holds the rows that are ticked; nothing is done about them."""
    field = posted.values["field"]
    if field not in FIELDS:
        raise NotFoundError("RESOURCE_NOT_FOUND", posted.path)
    target = urlsplit(posted.one("to"))
    ticked = list(dict.fromkeys(each for each in posted.many(field) if is_id(each)))[:MOST]
    pairs = [pair for pair in parse_qsl(target.query) if pair[0] != field]
    return Plan(then=Goto(url=f"{target.path}?{urlencode([*pairs, *((field, each) for each in ticked)])}"))
