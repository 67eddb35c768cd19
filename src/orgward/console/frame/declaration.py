"""Pages, exports and forms: declared like every other way in, and served by `serving` alone.

A page is a read of its own, with the privilege it requires and the resource it shows. A form changes nothing by
itself: it answers with calls of declared operations, which go through the door like those of any client.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

from orgward.app.execute import Context
from orgward.app.operation import Inner, Operation, Requirement, Target, declare
from orgward.console.changing.calls import ApiCall
from orgward.console.changing.summary import Summary
from orgward.console.frame.page import Page, Posted
from orgward.kernel.errors import OrgwardError

Scope = Literal["none", "account", "organization", "project"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRoute:
    """A page: the operation that reads it, its template, and the entry of the sidebar that it belongs to.

    One whose template is a drawing is a file to be kept.
    """

    operation: Operation
    path: str
    template: str
    scope: Scope
    entry: str
    method: str = "GET"

    @property
    def is_drawing(self) -> bool:
        """Say whether the template is one of SVG."""
        return self.template.endswith(".svg")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of an export, and the cursor of the next ones, None after the last."""

    rows: Sequence[Sequence[Any]]
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRoute:
    """A list as a file of comma-separated values, read batch by batch: whoever loses the right gets no further."""

    operation: Operation
    path: str
    columns: Sequence[str]
    method: str = "GET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goto:
    """Go on to another page of this server, perhaps with a sentence of success, and with cookies to set."""

    url: str
    done: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    cookies: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Show the page at the form's own path with something more in its model, which stands in no address."""

    model: Mapping[str, Any]
    status: int = 200
    cookies: Mapping[str, str | None] = field(default_factory=dict)


End = Goto | Show

Read = TypeVar("Read", bound=Mapping[str, Any] | Goto)
"""What a page's function returns: the model of its template, or where the visitor belongs instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a posted form comes to: calls, and where to go once they are done.

    With a `summary` nothing is done yet: the calls become a draft, whose check is shown first. `then` may look at
    what the calls answered. `once` makes that a form sent twice is done once, unless all of it was refused; a text
    stands in place of the form's own mark. `failed` says where to go instead of back to the form when a call is
    refused. With `each` a refused call does not keep the others from being made: its error stands among the answers.
    """

    calls: Sequence[ApiCall] = ()
    then: End | Callable[[Sequence[Any]], End]
    each: bool = False
    summary: Summary | None = None
    once: bool | str = False
    failed: Callable[[OrgwardError], End | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRoute:
    """A form: which operations it may call, and what makes its plan."""

    path: str
    acts: tuple[str, ...]
    plan: Callable[[Posted], Plan]
    public: bool = False
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalRoute:
    """Where another server sends a browser back to: what comes with it is carried out like a form.

    No page of ours made it, so it has no token; its plan sees to it that this browser went there.
    """

    form: FormRoute
    path: str
    method: str = "GET"


Route = PageRoute | ExportRoute | FormRoute | ArrivalRoute

ROUTES: Final[list[Route]] = []

ANY: Final = ("*",)
"""What the form of a check may call: whatever the form that made the draft was declared to call."""


def acts_of(route: Route) -> tuple[str, ...]:
    """Return the operations that `route` may run; what a form of a check may do is declared where its draft is made."""
    match route:
        case FormRoute(acts=acts) | ArrivalRoute(form=FormRoute(acts=acts)):
            return () if acts == ANY else acts
        case PageRoute(operation=operation) | ExportRoute(operation=operation):
            return (operation.id,)


def page(
    path: str,
    *,
    id: str,
    requires: Requirement,
    on: Target,
    template: str = "",
    scope: Scope,
    entry: str = "",
    inner: Inner | None = None,
) -> Callable[[Callable[[Page], Read]], Callable[[Page], Read]]:
    """Declare the decorated function as the operation `id` shown at `path`.

    It returns the model of the template, or where to go on; a page that always leads on has no template.
    """

    def declared(read: Callable[[Page], Read]) -> Callable[[Page], Read]:
        def run(context: Context) -> str | Goto:
            shown = Page(context, context.call.query)
            found = read(shown)
            return found if isinstance(found, Goto) else shown.render(template, {**found, **shown.asked.extra})

        operation = Operation(id=id, requires=requires, on=on, inner=inner, writes=False, run=run)
        route = PageRoute(operation=declare(operation), path=path, template=template, scope=scope, entry=entry or id)
        ROUTES.append(route)
        return read

    return declared


def export(
    path: str,
    *,
    id: str,
    requires: Requirement,
    on: Target,
    columns: Sequence[str],
    inner: Inner | None = None,
) -> Callable[[Callable[[Page, str | None], Batch]], Callable[[Page, str | None], Batch]]:
    """Declare the decorated function, which returns the rows behind a cursor, as the operation `id` at `path`."""

    def declared(read: Callable[[Page, str | None], Batch]) -> Callable[[Page, str | None], Batch]:
        def run(context: Context) -> Batch:
            return read(Page(context, context.call.query), context.call.prepared)

        operation = Operation(id=id, requires=requires, on=on, inner=inner, writes=False, run=run)
        ROUTES.append(ExportRoute(operation=declare(operation), path=path, columns=columns))
        return read

    return declared


def form(
    path: str, *, acts: Sequence[str], public: bool = False
) -> Callable[[Callable[[Posted], Plan]], Callable[[Posted], Plan]]:
    """Declare the decorated function as what is posted to `path`; it may call the operations `acts`, and no other."""

    def declared(plan: Callable[[Posted], Plan]) -> Callable[[Posted], Plan]:
        ROUTES.append(FormRoute(path=path, acts=tuple(acts), plan=plan, public=public))
        return plan

    return declared


def arrival(path: str, *, acts: Sequence[str]) -> Callable[[Callable[[Posted], Plan]], Callable[[Posted], Plan]]:
    """Declare the decorated function as what is made of whoever arrives at `path` from another server."""

    def declared(plan: Callable[[Posted], Plan]) -> Callable[[Posted], Plan]:
        ROUTES.append(ArrivalRoute(form=FormRoute(path=path, acts=tuple(acts), plan=plan, public=True), path=path))
        return plan

    return declared
