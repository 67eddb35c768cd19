"""The engine's memory of a store: arrays for what was loaded, a layer for what changed since."""

from collections.abc import Iterable
from typing import Final, Self

from orgward.engine.arrays import Arrays
from orgward.engine.compile import NOTHING, Row
from orgward.engine.facts import MEMBER_OF_TEAM
from orgward.engine.layer import Layer
from orgward.engine.packing import Edge, Loaded, pack
from orgward.kernel.delta import Delta

_MEMO_FULL: Final = 16_384
_SHARED_GRANTS: Final = 10_000  # arrays number them in 14 bits, one set for each edition and kind of scope
_MISSES_FOR_ONE_ROW: Final = 256


class Snapshot(Layer):
    """The facts of the newest revision, and what they allow."""

    def __init__(self, loaded: Loaded) -> None:
        """Build the arrays; holders whose edges need a look at time, state or home go to the layer."""
        packed = pack(loaded, most=_SHARED_GRANTS)
        arrays = Arrays(loaded, packed)
        super().__init__(arrays)
        self._arrays = arrays
        self._misses = 0
        self._special = {user for _, user in loaded.states}
        self._keep(packed.left)

    @classmethod
    def empty(cls) -> Self:
        """Return the snapshot of an empty store."""
        return cls(Loaded({}, {}, (), ()))

    def _keep(self, edges: Iterable[Edge]) -> None:
        for holder, target, grants in edges:
            known = self.edges(holder).get(target, MEMBER_OF_TEAM)
            self._put(holder, target, tuple(sorted({*known, *grants})))
        for holder in list(self._rows):
            self._mark(holder)

    def _mark(self, holder: str) -> None:
        self._special.add(holder)
        if self.attribute("teams", holder) is not None:
            for _, members in self.runs(holder):
                self._special.update(members)

    def _keep_around(self, key: str) -> list[str]:
        found = super()._keep_around(key)
        for holder in found:
            self._mark(holder)
        return found

    def fold(self, deltas: Iterable[Delta]) -> None:
        """Take the changes of a command in; whom they concern is no longer answered from the arrays."""
        for delta in deltas:
            if delta.table in {"assignments", "team_members"}:
                self._special.add(delta.key[0])
            super().fold((delta,))
            if delta.table in {"members", "service_accounts"}:
                self._special.add(delta.key[-1])
            elif delta.table in {"assignments", "team_members"}:
                self._mark(delta.key[0])

    def check(self, principal: str, action: str, resource: str, now: int) -> bool:
        """Say whether `principal` holds the privilege `action` on `resource` at `now`."""
        row = self._memo.get(principal)
        if row is None or not row.since <= now < row.until:
            plain = principal not in self._special and resource not in self._attributes["projects"]
            if plain and not self._is_worth_keeping():
                return self._arrays.check(principal, action, resource)
            row = self.row(principal, now)
        allowed = row.allowed.get(resource)
        if allowed is None:
            org = self.attribute("projects", resource)
            allowed = row.reach.get(org, NOTHING) if org is not None else NOTHING
        return action in allowed

    def _is_worth_keeping(self) -> bool:
        """Say whether a missed row should enter the memory: while there is room, and now and then one in exchange."""
        if len(self._memo) < _MEMO_FULL:
            return True
        self._misses += 1
        return self._misses % _MISSES_FOR_ONE_ROW == 0

    def _compile(self, principal: str, now: int) -> Row:
        return super()._compile(principal, now) if principal in self._special else self._arrays.row(principal)
