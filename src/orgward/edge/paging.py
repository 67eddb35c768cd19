"""Pages of lists: what was asked for, and the list body with its links (wire.md 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from orgward.edge.endpoint import Endpoint, Parameter
from orgward.kernel.errors import MalformedError

MAX_ITEMS: Final = 500
_TRUE_FALSE: Final = {"true": True, "false": False}
_DEEPEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """The items of one page, and how many there are in all; None where nobody asked for the count."""

    items: Sequence[Mapping[str, Any]]
    total: int | None


@dataclass(frozen=True, slots=True)
class Query:
    """The query of a request, checked: paging, presentation, and what the endpoint declares."""

    page: int
    per_page: int
    include_count: bool
    values: Mapping[str, Any]

    @property
    def offset(self) -> int:
        """Return how many items stand before this page."""
        return (self.page - 1) * self.per_page


def parse_query(endpoint: Endpoint, pairs: Sequence[tuple[str, str]]) -> Query:
    """Return the checked query; parameters that nobody declared are passed over."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    # An empty value is no wish to commit either.
    if endpoint.operation.writes and any(text not in _TRUE_FALSE for text in _trials(pairs)):
        raise MalformedError("INVALID_QUERY_PARAMETER", "dryRun")
    return Query(
        page=_integer(given, "pageNum", 1, _DEEPEST),
        per_page=_integer(given, "itemsPerPage", 100, MAX_ITEMS),
        include_count=boolean(given, "includeCount", default=True),
        values={parameter.name: _value(parameter, given) for parameter in endpoint.parameters},
    )


@dataclass(slots=True)
class LazyQuery:
    """The query of a request, checked when it is first looked at: after authorization, as the contract orders."""

    endpoint: Endpoint
    pairs: Sequence[tuple[str, str]]
    _parsed: Query | None = None

    @property
    def parsed(self) -> Query:
        """Return the checked query, or raise what is wrong with it."""
        if self._parsed is None:
            self._parsed = parse_query(self.endpoint, self.pairs)
        return self._parsed


def is_trial(pairs: Sequence[tuple[str, str]]) -> bool:
    """Say whether the query asks for a write that commits nothing; what is neither true nor false is refused later."""
    return "true" in _trials(pairs)


def _trials(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return what is said of `dryRun`; in any capitals, for a slip must not turn a trial into a change."""
    return [value.lower() for name, value in pairs if name.lower() == "dryrun"]


def _value(parameter: Parameter, given: Mapping[str, list[str]]) -> Any:
    if parameter.kind is bool:
        return boolean(given, parameter.name, default=False)
    texts = given.get(parameter.name, [])
    if parameter.many:
        return [part for text in texts for part in text.split(",") if part]
    return texts[-1] if texts else ""


def boolean(given: Mapping[str, Sequence[str]], name: str, *, default: bool) -> bool:
    """Return the truth of the parameter `name`; any capitals will do, as some clients write `True`."""
    text = given.get(name, [""])[-1].lower()
    if text == "":
        return default
    if text not in _TRUE_FALSE:
        raise MalformedError("INVALID_QUERY_PARAMETER", name)
    return _TRUE_FALSE[text]


def _integer(given: Mapping[str, list[str]], name: str, default: int, most: int) -> int:
    text = given.get(name, [""])[-1]
    if text == "":
        return default
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:10]) <= most or len(text) > 10:
        raise MalformedError("INVALID_QUERY_PARAMETER", name)
    return int(text)


def list_body(endpoint: Endpoint, page: Page, query: Query, url: str) -> dict[str, Any]:
    """Return the body of a list: its links, results, and the count where it was asked for."""
    body: dict[str, Any] = {"links": _links(endpoint, page, query, url), "results": list(page.items)}
    if query.include_count and page.total is not None:
        body["totalCount"] = page.total
    return body


def _links(endpoint: Endpoint, page: Page, query: Query, url: str) -> list[dict[str, str]]:
    shown = {"includeCount": str(query.include_count).lower()}
    for parameter in endpoint.parameters:
        value = query.values[parameter.name]
        if parameter.in_link or value:
            shown[parameter.name] = (
                ",".join(value) if parameter.many else str(value).lower() if parameter.kind is bool else value
            )
    base = f"{url}?{urlencode(sorted(shown.items()), quote_via=quote)}"
    links = [{"href": f"{base}&pageNum={query.page}&itemsPerPage={query.per_page}", "rel": "self"}]
    if query.page > 1:
        links.append({"href": f"{base}&itemsPerPage={query.per_page}&pageNum={query.page - 1}", "rel": "previous"})
    if _has_more(page, query):
        links.append({"href": f"{base}&itemsPerPage={query.per_page}&pageNum={query.page + 1}", "rel": "next"})
    return links


def _has_more(page: Page, query: Query) -> bool:
    if page.total is None:
        return len(page.items) == query.per_page
    return query.offset + len(page.items) < page.total
