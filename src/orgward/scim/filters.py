"""Filters and paths of SCIM, parsed within bounds (RFC 7644, sections 3.4.2.2 and 3.5.2).

Keywords and operators are understood in any capitals. `emails[type eq "work"].value eq "x"`, which providers send and
the grammar does not have, means that one and the same value is of that kind and equals "x".
"""

import re
from dataclasses import dataclass
from typing import Final

import msgspec

from orgward.scim.attributes import ScimError

LONGEST: Final = 4_000
DEEPEST: Final = 12
MOST_TERMS: Final = 60
MOST_TERMS_OF_PATH: Final = 10
"""A path is tried on every member of a team, once for each change."""

OPERATORS: Final = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})

Value = str | bool | int | float | None

_TOKEN: Final = re.compile(
    r"""
    \s*(?:
        (?P<mark> [()\[\]] )
      | (?P<text> "(?:[^"\\\x00-\x1f]|\\.)*" )
      | (?P<number> -?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]) )
      | (?P<word> [A-Za-z$][\w$.:\-]* )
      | (?P<part> \.[A-Za-z$][\w$\-]* )
    )
    """,
    re.ASCII | re.VERBOSE,
)
_CONSTANTS: Final[dict[str, Value]] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`notation operator value`."""

    notation: str
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Present:
    """`notation pr`: there is a value."""

    notation: str


@dataclass(frozen=True, slots=True)
class Having:
    """`notation[inner]`: one of the values fits."""

    notation: str
    inner: "Filter"


@dataclass(frozen=True, slots=True)
class Not:
    """`not (inner)`."""

    inner: "Filter"


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts, of which there are two or more."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts, of which there are two or more."""

    parts: tuple["Filter", ...]


Filter = Comparison | Present | Having | Not | And | Or


@dataclass(frozen=True, slots=True)
class PatchPath:
    """Where a change is made: at an attribute, at those of its values that fit, at a part of those."""

    notation: str
    chosen: Filter | None = None
    part: str = ""


class _WrongTextError(Exception):
    """The text is no filter, or no path; the message says why."""


def terms_of(filter_: Filter | None) -> int:
    """Return how many comparisons a filter makes of one value; without any a value is still looked at."""
    match filter_:
        case Not(inner) | Having(_, inner):
            return terms_of(inner)
        case And(parts) | Or(parts):
            return sum(terms_of(each) for each in parts)
        case _:
            return 1


def parse_filter(text: str) -> Filter:
    """Return the filter that `text` is, or raise `invalidFilter` with the reason."""
    try:
        return _Parser(text).filter()
    except _WrongTextError as error:
        raise ScimError("INVALID_FILTER", str(error)) from None


def parse_path(text: str) -> PatchPath:
    """Return the path of a change that `text` is, or raise `invalidPath` with the reason."""
    try:
        return _Parser(text, MOST_TERMS_OF_PATH).path()
    except _WrongTextError as error:
        raise ScimError("INVALID_PATH", str(error)) from None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _tokens(text: str) -> list[_Token]:
    if len(text) > LONGEST:
        message = f"it is longer than {LONGEST} characters"
        raise _WrongTextError(message)
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            message = f"nothing is meant by what stands at character {at + 1}"
            raise _WrongTextError(message)
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind]))
        at = match.end()
    return found


class _Parser:
    """Reads tokens from left to right; `or` binds less than `and`, which binds less than `not`."""

    def __init__(self, text: str, most_terms: int = MOST_TERMS) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._terms, self._most_terms = 0, most_terms

    def filter(self) -> Filter:
        found = self._either(0)
        self._end()
        return found

    def path(self) -> PatchPath:
        notation, chosen = self._take("word"), None
        if self._takes("["):
            chosen = self._either(1)
            self._require("]")
        part = self._part() if chosen is not None else ""
        self._end()
        return PatchPath(notation, chosen, part)

    def _either(self, depth: int) -> Filter:
        parts = [self._all(depth)]
        while self._takes_word("or"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self, depth: int) -> Filter:
        parts = [self._term(depth)]
        while self._takes_word("and"):
            parts.append(self._term(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _term(self, depth: int) -> Filter:
        self._terms += 1
        if depth > DEEPEST or self._terms > self._most_terms:
            message = f"it is deeper than {DEEPEST} levels or has more than {self._most_terms} terms"
            raise _WrongTextError(message)
        negated = self._next_is("not") and self._takes_word("not")
        if negated or self._peek() == _Token("mark", "("):
            self._require("(")
            inner = self._either(depth + 1)
            self._require(")")
            return Not(inner) if negated else inner
        return self._attribute(depth)

    def _next_is(self, word: str) -> bool:
        """Say whether `word` stands next and a bracket behind it: an attribute may have any name."""
        following = self._tokens[self._at + 1 : self._at + 2]
        return self._peek().text.lower() == word and following == [_Token("mark", "(")]

    def _attribute(self, depth: int) -> Filter:
        notation = self._take("word")
        if not self._takes("["):
            return self._compared(notation)
        inner = self._either(depth + 1)
        self._require("]")
        part = self._part()
        return Having(notation, And((inner, self._compared(part))) if part else inner)

    def _compared(self, notation: str) -> Filter:
        operator = self._take("word").lower()
        if operator == "pr":
            return Present(notation)
        if operator not in OPERATORS:
            message = f"{operator[:40]} is no operator"
            raise _WrongTextError(message)
        return Comparison(notation, operator, self._value())

    def _value(self) -> Value:
        token = self._peek()
        self._at += 1
        if token.kind == "word" and token.text.lower() in _CONSTANTS:
            return _CONSTANTS[token.text.lower()]
        if token.kind not in {"text", "number"}:
            message = f"a value is missing at {token.text[:40] or 'its end'}"
            raise _WrongTextError(message)
        try:
            found: Value = msgspec.json.decode(token.text)
        except msgspec.DecodeError:
            message = f"{token.text[:40]} is no value"
            raise _WrongTextError(message) from None
        return found

    def _part(self) -> str:
        if self._peek().kind != "part":
            return ""
        return self._take("part").removeprefix(".")

    # -- tokens

    def _peek(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _Token("", "")

    def _take(self, kind: str) -> str:
        token = self._peek()
        if token.kind != kind:
            message = f"something else is expected at {token.text[:40] or 'its end'}"
            raise _WrongTextError(message)
        self._at += 1
        return token.text

    def _takes(self, mark: str) -> bool:
        found = self._peek() == _Token("mark", mark)
        self._at += found
        return found

    def _takes_word(self, word: str) -> bool:
        token = self._peek()
        found = token.kind == "word" and token.text.lower() == word
        self._at += found
        return found

    def _require(self, mark: str) -> None:
        if not self._takes(mark):
            message = f"{mark} is missing at {self._peek().text[:40] or 'its end'}"
            raise _WrongTextError(message)

    def _end(self) -> None:
        if self._at < len(self._tokens):
            message = f"it should end before {self._peek().text[:40]}"
            raise _WrongTextError(message)
