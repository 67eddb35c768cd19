"""Filters and paths: what is written is what is read, whatever is no filter is refused, and within bounds."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgward.scim.attributes import ScimError
from orgward.scim.filters import (
    DEEPEST,
    LONGEST,
    MOST_TERMS,
    OPERATORS,
    And,
    Comparison,
    Having,
    Not,
    Or,
    PatchPath,
    Present,
    parse_filter,
    parse_path,
)

NAMES = st.sampled_from(["userName", "name.familyName", "emails", "urn:ietf:params:scim:schemas:core:2.0:User:title"])
PARTS = st.sampled_from(["type", "value", "primary", "$ref", "not", "and", "or", "pr"])
VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.booleans(),
    st.none(),
    st.integers(-(2**40), 2**40),
)


def terms(names):
    """Give terms without brackets about `names`."""
    compared = st.builds(Comparison, names, st.sampled_from(sorted(OPERATORS)), VALUES)
    return compared | st.builds(Present, names)


def combined(inner):
    """Give what is made of two or more parts, none of which is of the same kind: those are one."""
    parts = st.lists(inner, min_size=2, max_size=3)
    conjunction = parts.map(lambda found: And(tuple(part for part in found if not isinstance(part, And))))
    disjunction = parts.map(lambda found: Or(tuple(part for part in found if not isinstance(part, Or))))
    either = (conjunction | disjunction).filter(lambda found: len(found.parts) > 1)
    return either | st.builds(Not, inner)


VALUE_FILTERS = st.recursive(terms(PARTS), combined, max_leaves=4)
FILTERS = st.recursive(terms(NAMES) | st.builds(Having, NAMES, VALUE_FILTERS), combined, max_leaves=8)


def written(found):
    """Give a filter as a text, with no more brackets than it needs."""
    match found:
        case Comparison(notation, operator, value):
            return f"{notation} {operator} {json.dumps(value)}"
        case Present(notation):
            return f"{notation} pr"
        case Having(notation, inner):
            return f"{notation}[{written(inner)}]"
        case Not(inner):
            return f"not ({written(inner)})"
        case And(parts):
            return " and ".join(f"({written(part)})" if isinstance(part, Or) else written(part) for part in parts)
        case Or(parts):
            return " or ".join(written(part) for part in parts)


def refusal_of(parse, text):
    """Give the code of the refusal, nothing if the text is read."""
    try:
        parse(text)
    except ScimError as error:
        return error.code
    return ""


@given(FILTERS)
def test_what_is_written_is_what_is_read(found):
    """A filter's text is read as that filter: `and` before `or`, brackets before both, whatever a value holds."""
    assert parse_filter(written(found)) == found


@given(FILTERS, st.integers(0, 400), st.text(st.sampled_from('()[]".eq and or not pr $:\\'), max_size=3))
def test_a_spoilt_filter_is_refused_or_read(found, at, spoilt):
    """Whatever stands in a filter, it is read or refused as one; nothing else happens."""
    text = written(found)
    assert refusal_of(parse_filter, text[:at] + spoilt + text[at:]) in {"", "INVALID_FILTER"}


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_none(text):
    """Any text at all is read, or refused as a filter and as a path."""
    assert refusal_of(parse_filter, text) in {"", "INVALID_FILTER"}
    assert refusal_of(parse_path, text) in {"", "INVALID_PATH"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('USERNAME Eq "bjensen"', Comparison("USERNAME", "eq", "bjensen")),
        ("title PR", Present("title")),
        ("active eq TRUE", Comparison("active", "eq", value=True)),
        ('a pr or b pr and not(c eq "x")', Or((Present("a"), And((Present("b"), Not(Comparison("c", "eq", "x"))))))),
        ("(a pr or b pr) and c pr", And((Or((Present("a"), Present("b"))), Present("c")))),
        (
            'emails[type eq "work" and value co "@x"]',
            Having("emails", And((Comparison("type", "eq", "work"), Comparison("value", "co", "@x")))),
        ),
        (
            'emails[type eq "work"].value eq "a@x"',
            Having("emails", And((Comparison("type", "eq", "work"), Comparison("value", "eq", "a@x")))),
        ),
        ('not eq "x"', Comparison("not", "eq", "x")),
        ('x eq "a \\"b\\" (c) and d"', Comparison("x", "eq", 'a "b" (c) and d')),
        ("n gt -1.5e3", Comparison("n", "gt", -1500.0)),
    ],
)
def test_filters_as_clients_send_them(text, expected):
    """Keywords come in any capitals, and a value filter may be followed by the part that is compared."""
    assert parse_filter(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "userName", "userName eq", 'userName is "x"', 'userName eq "x', "userName eq x", 'eq "x"',
        '(userName eq "x"', 'userName eq "x")', 'userName eq "x" and', 'userName eq "x" title pr', "not userName pr",
        'emails[type eq "work"', "emails[]", "emails[type pr].", 'userName eq "\\ud800"', "userName eq 007", "a eq 'x'",
        "a eq 1.2.3", "; drop", 'userName eq "x" xor title pr',
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused(text):
    """What does not follow the grammar is refused with a reason."""
    with pytest.raises(ScimError) as found:
        parse_filter(text)
    assert found.value.code == "INVALID_FILTER"
    assert found.value.parameters[0]


@pytest.mark.parametrize(
    ("fits", "too_much"),
    [
        ("(" * DEEPEST + "a pr" + ")" * DEEPEST, "(" * (DEEPEST + 1) + "a pr" + ")" * (DEEPEST + 1)),
        ("not (" * DEEPEST + "a pr" + ")" * DEEPEST, "not (" * 500 + "a pr" + ")" * 500),
        (" or ".join(["a pr"] * MOST_TERMS), " or ".join(["a pr"] * (MOST_TERMS + 1))),
        (f'a eq "{"x" * (LONGEST - 7)}"', f'a eq "{"x" * (LONGEST - 6)}"'),
    ],
    ids=["depth", "negations", "terms", "length"],
)
def test_a_filter_has_bounds(fits, too_much):
    """Depth, number of terms and length are bounded, so that no filter costs more than it is worth."""
    parse_filter(fits)
    with pytest.raises(ScimError):
        parse_filter(too_much)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("active", PatchPath("active")),
        ("name.familyName", PatchPath("name.familyName")),
        ('members[value eq "x"]', PatchPath("members", Comparison("value", "eq", "x"))),
        ('emails[type eq "work"].value', PatchPath("emails", Comparison("type", "eq", "work"), "value")),
        ("urn:a:2.0:User:manager.value", PatchPath("urn:a:2.0:User:manager.value")),
    ],
)
def test_paths_of_changes(text, expected):
    """A path is a name, perhaps with a choice among its values, perhaps with a part of those."""
    assert parse_path(text) == expected


@pytest.mark.parametrize(
    "text", ["", "a b", "a[", "a[b pr", "[b pr]", "a[b pr]c", "a[b pr].", 'a eq "x"', "a[b pr] pr"]
)
def test_what_is_no_path_is_refused(text):
    """What is no path is refused as such."""
    with pytest.raises(ScimError) as found:
        parse_path(text)
    assert found.value.code == "INVALID_PATH"
