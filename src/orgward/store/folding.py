"""Text as people search and sort by it: whatever its capitals, accents and widths, and however it is spaced."""

import unicodedata
from typing import Final

AFTER_ALL: Final = "\U0010ffff"
"""What no text goes on with: a prefix followed by it is greater than all that begins with the prefix."""


def folded(text: str) -> str:
    """Return `text` casefolded, without accents of Latin, Greek and Cyrillic letters, with single spaces."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(sign for sign in plain if not "\u0300" <= sign <= "\u036f").split())
