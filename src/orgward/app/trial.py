"""Trials: a write that runs whole and commits nothing, and who would gain and lose what (contract.md, dryRun)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from orgward.directory.warnings import Warned, warnings_of
from orgward.engine.layer import Layer, Overlay
from orgward.engine.overlay import Change, affected, gained
from orgward.store.view import SqlView
from orgward.store.writer import Outcome, Transaction

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


def tried(tx: Transaction, outcome: Outcome) -> Outcome:
    """Return `outcome` as a trial: it answers with a preview and is undone."""
    before, after = tx.facts, Overlay(tx.facts)
    after.fold(outcome.deltas)
    people = affected(before, after, outcome.deltas)
    warned = warnings_of(before, after, tx.view, outcome.deltas, tx.now)
    gains = _effects(before, after, gained(before, after, people, tx.now))
    losses = _effects(before, after, gained(after, before, people, tx.now))
    if max(len(gains), len(losses)) > MOST_EFFECTS:
        warned.append(Warned("EFFECTS_LEFT_OFF", "More would be gained or lost than is listed.", ()))
        gains, losses = gains[:MOST_EFFECTS], losses[:MOST_EFFECTS]
    return replace(outcome, kept=False, remember=None, reply=_previewing(outcome.reply, gains, losses, warned))


def _previewing(
    reply: Callable[[SqlView], Any] | None, gains: list[Effect], losses: list[Effect], warned: list[Warned]
) -> Callable[[SqlView], Preview]:
    return lambda view: Preview(None if reply is None else reply(view), gains, losses, warned)


def _effects(before: Layer, after: Layer, changes: Iterable[Change]) -> list[Effect]:
    return sorted(
        (
            Effect(
                "api_key" if _either(before, after, "api_keys", change.principal) else "user",
                change.principal,
                "organization" if _either(before, after, "organizations", change.resource) else "project",
                change.resource,
                change.privilege,
            )
            for change in islice(changes, MOST_EFFECTS + 1)
        ),
        key=lambda effect: (effect.principal, effect.scope, effect.privilege),
    )


def _either(before: Layer, after: Layer, table: str, key: str) -> bool:
    return before.attribute(table, key) is not None or after.attribute(table, key) is not None
