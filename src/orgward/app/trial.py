"""Trials: a write that runs whole and commits nothing, and who would gain and lose what (contract.md, dryRun)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from orgward.directory.warnings import Warned, warnings_of
from orgward.engine.facts import kind_of
from orgward.engine.layer import Layer, Overlay
from orgward.engine.overlay import Change, affected, gained
from orgward.kernel.delta import Delta
from orgward.kernel.errors import OrgwardError
from orgward.kernel.principal import PrincipalKind
from orgward.store.view import SqlView
from orgward.store.writer import Outcome, Rehearsed, Transaction

MOST_EFFECTS: Final = 50_000
"""How many entries a preview lists of each kind: a large team on many projects has millions."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A privilege that somebody gains or loses at an organization or project."""

    principal_kind: str
    principal: str
    scope_kind: str
    scope: str
    privilege: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a write would answer and do."""

    result: Any
    gained: Sequence[Effect]
    lost: Sequence[Effect]
    warnings: Sequence[Warned]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What several writes, one after the other, would do together; `errors` has a place for each of them.

    `affected` are the users and keys whose access may differ, and `after` is how things would stand then.
    """

    preview: Preview
    errors: Sequence[OrgwardError | None]
    affected: Sequence[str]
    after: Layer


def tried(tx: Transaction, outcome: Outcome) -> Outcome:
    """Return `outcome` as a trial: it answers with a preview and is undone."""
    after = Overlay(tx.facts)
    after.fold(outcome.deltas)
    found = _preview(tx.facts, after, tx.view, outcome.deltas, tx.now)
    return replace(outcome, kept=False, remember=None, reply=_previewing(outcome.reply, found))


def concluded(played: Rehearsed) -> Rehearsal:
    """Return what the writes that were `played` do together."""
    before, after = played.before, played.after
    found = _preview(before, after, played.view, played.deltas, played.now)
    return Rehearsal(found, played.errors, sorted(affected(before, after, played.deltas)), after)


def _preview(before: Layer, after: Layer, view: SqlView, deltas: Sequence[Delta], now: int) -> Preview:
    people = affected(before, after, deltas)
    warned = warnings_of(before, after, view, deltas, now)
    gains = _effects(before, after, gained(before, after, people, now))
    losses = _effects(before, after, gained(after, before, people, now))
    if max(len(gains), len(losses)) > MOST_EFFECTS:
        warned.append(Warned("EFFECTS_LEFT_OFF", "More would be gained or lost than is listed.", ()))
        gains, losses = gains[:MOST_EFFECTS], losses[:MOST_EFFECTS]
    return Preview(None, gains, losses, warned)


def _previewing(reply: Callable[[SqlView], Any] | None, found: Preview) -> Callable[[SqlView], Preview]:
    return lambda view: found if reply is None else replace(found, result=reply(view))


def _effects(before: Layer, after: Layer, changes: Iterable[Change]) -> list[Effect]:
    return sorted(
        (
            Effect(
                _kind(before, after, change.principal),
                change.principal,
                "organization" if _either(before, after, "organizations", change.resource) else "project",
                change.resource,
                change.privilege,
            )
            for change in islice(changes, MOST_EFFECTS + 1)
        ),
        key=lambda effect: (effect.principal, effect.scope, effect.privilege),
    )


def _kind(before: Layer, after: Layer, principal: str) -> PrincipalKind:
    """Return the kind of a principal that is there on one side at least."""
    return next((kind for facts in (before, after) if (kind := kind_of(facts, principal)) != "user"), "user")


def _either(before: Layer, after: Layer, table: str, key: str) -> bool:
    return before.attribute(table, key) is not None or after.attribute(table, key) is not None
