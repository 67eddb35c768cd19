"""Refusals in the viewer's words."""

from collections.abc import Mapping
from typing import Any

from orgward.console.frame.page import Page
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


def problem_of(page: Page, field: str = "") -> str:
    """Return why the form that was posted here was refused, empty if it was not; what is wrong with `field` first."""
    error = page.asked.problem
    return "" if error is None else faults_of(page.t, error).get(field) or sentence_of(page.t, error)


def problems_of(page: Page) -> dict[str, Any]:
    """Return why the form that was posted here was refused, and what is wrong with each of its fields."""
    return {"problem": problem_of(page), "faults": faults_of(page.t, page.asked.problem)}
