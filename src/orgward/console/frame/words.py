"""The words of the console in each language, read from `words/*.toml`: a key is `area.entry`.

An entry holds a text a language, or a text a plural form: `one` and `other` are chosen by the parameter `n`.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel import Locale
from markupsafe import Markup, escape

from orgward.catalog import EDITIONS, PRIVILEGES

LANGUAGES: Final = ("en", "de")
_FOLDER: Final = Path(__file__).parent.parent / "words"

Entry = Mapping[str, Any]


@cache
def entries() -> Mapping[str, Entry]:
    """Return every entry of every file by its key."""
    found: dict[str, Entry] = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        with path.open("rb") as file:
            found.update({f"{path.stem}.{name}": entry for name, entry in tomllib.load(file).items()})
    return found


class Words:
    """The words in one language; what is missing there stands in English."""

    def __init__(self, language: str) -> None:
        """Speak `language`, English if nobody wrote it."""
        self.language = language if language in LANGUAGES else "en"
        self.locale = Locale.parse(self.language)

    def __call__(self, key: str, /, **params: Any) -> str:
        """Return the text of `key` with `params` in place; markup among them stays, all else is escaped later.

        KeyError if nobody wrote it: a page that would lack a word fails in its test.
        """
        text = self._form(entries()[key], params)
        if any(isinstance(value, Markup) for value in params.values()):
            return escape(text).format(**params)
        return text.format(**params) if params else text

    def find(self, key: str, /, **params: Any) -> str | None:
        """Return the text of `key`, None if nobody wrote it."""
        return self(key, **params) if "en" in entries().get(key, {}) else None

    def privilege(self, name: str) -> str:
        """Return the sentence that says what a privilege allows; the catalogue's own in English."""
        found = entries().get(f"privileges.{name}", {}).get(self.language)
        return str(found) if found else PRIVILEGES[name].description

    def role(self, edition: str, name: str) -> str:
        """Return the description of a role; the catalogue's own in English."""
        found = entries().get(f"roles.{edition}.{name}", {}).get(self.language)
        return str(found) if found else EDITIONS[edition].roles[name].description

    def _form(self, entry: Entry, params: Mapping[str, Any]) -> str:
        found = entry.get(self.language) or entry["en"]
        if isinstance(found, str):
            return found
        count = params.get("n", 0)
        return str(found.get(self.locale.plural_form(count)) or found["other"])
