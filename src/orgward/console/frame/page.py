"""What a page is made from, and what a form was posted with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from orgward.app.execute import Context
from orgward.app.gates import gates_of
from orgward.app.operation import REGISTRY, Operation
from orgward.app.trial import Rehearsal
from orgward.console.changing.calls import ApiCall
from orgward.console.frame.formats import Formats
from orgward.console.frame.look import Look
from orgward.console.frame.rendering import environment
from orgward.console.frame.words import Words
from orgward.engine.authorized import is_in
from orgward.engine.layer import Layer
from orgward.kernel.errors import OrgwardError
from orgward.kernel.principal import Principal
from orgward.kernel.resource import ResourceRef
from orgward.store.keyring import Keyring
from orgward.store.view import SqlView

Values = Mapping[str, Sequence[str]]


def not_done_here(calls: Any) -> Any:
    """Raise: nobody has said how calls are made here."""
    raise NotImplementedError(calls)


@dataclass(slots=True)
class Asked:
    """What a request for a page brought along; after a refused form also what was posted and why it was refused."""

    path: str
    query: Values
    look: Look
    csrf: str
    base_url: str
    keyring: Keyring
    posted: Values = field(default_factory=dict)
    problem: OrgwardError | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    toast: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)
    is_secure: bool = False
    mail: str = ""
    entry: str = ""
    scope: str = "none"
    shown: ResourceRef | None = None
    rehearse: Callable[[Sequence[ApiCall]], Rehearsal] = not_done_here
    ask: Callable[[ApiCall], Any] = not_done_here


class Page:
    """One page for one viewer: the context of its operation, words and formats, and what may be shown."""

    def __init__(self, context: Context, asked: Asked) -> None:
        """Read through `context` what `asked` asks for."""
        self.context = context
        self.asked = asked
        self.t = Words(asked.look.language)
        self.formats = Formats(self.t, asked.look.zone, context.now)

    @property
    def view(self) -> SqlView:
        """Return the rows."""
        return self.context.view

    @property
    def facts(self) -> Layer:
        """Return the facts of the engine."""
        return self.context.facts

    @property
    def now(self) -> int:
        """Return the moment of this page, in milliseconds."""
        return self.context.now

    @property
    def principal(self) -> Principal:
        """Return who looks; nobody on public pages."""
        return self.context.principal

    @property
    def resource(self) -> ResourceRef:
        """Return what the page shows."""
        return self.asked.shown or self.context.resource

    @property
    def values(self) -> Mapping[str, str]:
        """Return the values in the path."""
        return self.context.call.values

    def one(self, name: str, default: str = "") -> str:
        """Return the last value of the query parameter `name`."""
        return ([default, *self.asked.query.get(name, ())])[-1].strip()

    def many(self, name: str) -> list[str]:
        """Return every value of the query parameter `name`, none of them empty."""
        return [value for value in self.asked.query.get(name, ()) if value]

    def posted(self, name: str, default: str = "") -> str:
        """Return what was posted as `name` before the form was refused, to fill it in again."""
        return ([default, *self.asked.posted.get(name, ())])[-1]

    def can(self, operation: str, resource: ResourceRef | None = None) -> bool:
        """Say whether the viewer may run `operation` on `resource`, the page's own if none is given.

        False for operations that don't exist: what has no page yet has no link.
        """
        found = REGISTRY.get(operation)
        return found is not None and self._allows(found, resource or self.resource)

    def _allows(self, operation: Operation, resource: ResourceRef) -> bool:
        if not operation.privileges:
            return bool(self.principal.id)
        held = any(self.holds(privilege, resource) for privilege in operation.privileges)
        return held and not self.closed_gate(resource)

    def holds(self, privilege: str, resource: ResourceRef | None = None) -> bool:
        """Say whether the viewer holds `privilege` there: parts of an operation may need privileges of their own."""
        resource = resource or self.resource
        scopes = {resource.scope_id, resource.org or ""} if resource.project else {resource.org or ""}
        return any(self.facts.check(self.principal.id, privilege, scope, self.now) for scope in scopes if scope)

    def closed_gate(self, resource: ResourceRef) -> str:
        """Return the code of the gate that is closed to the viewer there, empty if none is."""
        if resource.org is None or resource.org == self.context.resource.org:
            return ""  # this page stands behind the same gate
        return gates_of(self.view, self.principal, resource).closed

    def is_member(self, org: str) -> bool:
        """Say whether the viewer is in the organization."""
        return is_in(self.facts, self.principal, org)

    def link(self, **changes: Any) -> str:
        """Return the address of this page with these query parameters changed; None or empty takes one away."""
        query = {**{name: list(values) for name, values in self.asked.query.items()}, **changes}
        pairs = [(name, value) for name, values in query.items() for value in _listed(values) if value != ""]
        return f"{self.asked.path}?{urlencode(pairs)}" if pairs else self.asked.path

    def render(self, template: str, model: Mapping[str, Any]) -> str:
        """Return the page as HTML."""
        from orgward.console.explaining.reasons import drawer_of  # noqa: PLC0415 - the answer to why is made of pages
        from orgward.console.frame.shell import shell_of  # noqa: PLC0415 - the frame is made of pages' declarations

        shell = shell_of(self)
        shell.drawer = drawer_of(self)
        return (
            environment()
            .get_template(template)
            .render(
                **{
                    "can": self.can,
                    "csrf": self.asked.csrf,
                    "here": self.link(),
                    "link": self.link,
                    "number": self.formats.number,
                    "page": self,
                    "shell": shell,
                    "t": self.t,
                    "when": self.formats.when,
                    **model,
                }
            )
        )


def _listed(values: Any) -> list[str]:
    if values is None:
        return []
    return [str(value) for value in values] if isinstance(values, list | tuple | set) else [str(values)]


@dataclass(slots=True)
class Posted:
    """A posted form: the values of its path, its fields, who posts it, and what there is to look up."""

    values: Mapping[str, str]
    fields: Values
    files: Mapping[str, bytes]
    principal: Principal
    view: SqlView
    facts: Layer
    now: int
    path: str
    query: Values
    cookies: Mapping[str, str]
    language: str
    keyring: Keyring
    is_secure: bool
    rehearse: Callable[[Sequence[ApiCall]], Rehearsal]

    @property
    def words(self) -> Words:
        """Return the words of whoever posts."""
        return Words(self.language)

    def one(self, name: str, default: str = "") -> str:
        """Return the last value of the field `name`, trimmed."""
        return self.raw(name, default).strip()

    def raw(self, name: str, default: str = "") -> str:
        """Return the last value of the field `name` as it was sent: passwords are not trimmed."""
        return ([default, *self.fields.get(name, ())])[-1]

    def many(self, name: str) -> list[str]:
        """Return every value of the field `name`, none of them empty."""
        return [value for value in self.fields.get(name, ()) if value]

    def has(self, name: str) -> bool:
        """Say whether the field `name` was sent with a value, as a ticked box is."""
        return bool(self.one(name))
