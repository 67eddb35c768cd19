"""What a change is about, in the words of its check: whose, where, and from what to what."""

from collections.abc import Mapping, Sequence

import msgspec


class Chip(msgspec.Struct, frozen=True, kw_only=True):
    """A role as it stands in a summary; `via` is what is said after its name."""

    role: str
    source: str = "direct"
    ends: int | None = None
    via: str = ""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a summary: whose roles on what, before and after; no roles where there is nothing to name."""

    icon: str
    name: str
    place: str = ""
    before: Sequence[Chip] = ()
    after: Sequence[Chip] = ()
    note: str = ""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What the check of a change shows above its effects; `back` is the form, `done` the sentence of success.

    `params` stand in that sentence. `act` is what the button says of a change that gives and takes no privilege.
    `reveal` is the template that shows, once, a secret with which the only call of the change was answered. `org` is
    the organization in whose pages the change began, where none of the calls names one.
    """

    title: str
    lines: Sequence[Difference]
    back: str
    then: str
    done: str = ""
    params: Mapping[str, str | int] = {}
    act: str = ""
    crumbs: Sequence[tuple[str, str]] = ()
    reveal: str = ""
    org: str = ""
