"""What an address or a form gives as filters: their values, and how the next form carries them on."""

from collections.abc import Iterable

from orgward.console.frame.page import Values


def last_of(values: Values, name: str) -> str:
    """Return the last value of `name`, empty if there is none."""
    return ["", *values.get(name, ())][-1].strip()


def filters_in(values: Values, names: Iterable[str]) -> dict[str, list[str]]:
    """Return those of `values` that narrow a list, by the `names` of its filters."""
    found = {name: [value.strip() for value in values.get(name, ()) if value.strip()] for name in names}
    return {name: held for name, held in found.items() if held}
