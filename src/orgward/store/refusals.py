"""How many refusals of one principal get a row of their own, so that nobody can fill the log by being refused."""

from typing import Final

_ROWS_A_MINUTE: Final = 20
_MINUTE: Final = 60_000
_PRINCIPALS: Final = 10_000


class RefusalCount:
    """Refusals by principal in the running minute."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._counts: dict[str, tuple[int, int]] = {}

    def rows(self, actor: str, action: str, now: int) -> list[tuple[str, int | None]]:
        """Return the audit rows that this refusal makes: (action, None) for itself, (action, n) for n left out."""
        minute = now // _MINUTE
        since, count = self._counts.get(actor, (minute, 0))
        rows: list[tuple[str, int | None]] = []
        if since != minute:
            if count > _ROWS_A_MINUTE:
                rows.append(("refusals.counted", count - _ROWS_A_MINUTE))
            since, count = minute, 0
        if len(self._counts) >= _PRINCIPALS:
            self._counts.clear()
        self._counts[actor] = (since, count + 1)
        if count < _ROWS_A_MINUTE:
            rows.append((action, None))
        return rows
