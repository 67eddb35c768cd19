"""The sentence of success that the next page shows once: in a sealed cookie, so that nobody can put words in."""

import json
from collections.abc import Mapping
from typing import Any, Final

from orgward.console.frame.words import Words
from orgward.store.keyring import Keyring, KeyringError

_CONTEXT: Final = "toast"


def seal_toast(keyring: Keyring, key: str, params: Mapping[str, Any]) -> str:
    """Return the cookie's value for the words `key` with `params`."""
    return keyring.seal(json.dumps([key, dict(params)]), _CONTEXT)


def open_toast(keyring: Keyring, sealed: str, words: Words) -> str:
    """Return the sentence of a cookie's value, empty if it is none of ours."""
    if not sealed:
        return ""
    try:
        key, params = json.loads(keyring.open(sealed, _CONTEXT))
        return words.find(key, **params) or ""
    except (KeyringError, ValueError, KeyError, TypeError):
        return ""
