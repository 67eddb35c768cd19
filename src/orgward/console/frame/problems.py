"""Refusals in the viewer's words."""

from collections.abc import Mapping

from orgward.console.frame.words import Words, entries
from orgward.edge.errors import error_body
from orgward.kernel.errors import OrgwardError


def sentence_of(words: Words, error: OrgwardError) -> str:
    """Return what `error` says, in the language of `words`; the API's own sentence where nobody wrote another."""
    entry: Mapping[str, str] = entries().get(f"errors.{error.code}", {})
    text = entry.get(words.language) or (entry.get("en") if words.language == "en" else None)
    return text.format(*error.parameters, "?", "?", "?") if text else str(error_body(error)["detail"])


def faults_of(words: Words, error: OrgwardError | None) -> dict[str, str]:
    """Return what is wrong with each field, by the field's name in the body."""
    if error is None:
        return {}
    known = {fault.field: words.find(f"errors.field_{fault.field}") or fault.description for fault in error.fields}
    return {field: text for field, text in known.items() if field}
