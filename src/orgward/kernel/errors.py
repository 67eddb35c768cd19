"""Errors: a stable code and its parameters; what HTTP makes of them is decided in `edge`."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One faulty member of a request and what is wrong with it."""

    field: str
    description: str


class OrgwardError(Exception):
    """A refusal with a stable `code`; subclasses say which kind of refusal it is."""

    def __init__(self, code: str, *parameters: str, fields: Sequence[FieldFault] = ()) -> None:
        """Keep the code, the values its sentence names, and the faulty fields if there are any."""
        super().__init__(code, *parameters)
        self.code = code
        self.parameters = parameters
        self.fields = tuple(fields)


class UnauthenticatedError(OrgwardError):
    """No credentials, or wrong ones."""

    def __init__(self) -> None:
        """Carry nothing: wrong and missing credentials look the same."""
        super().__init__("UNAUTHENTICATED")


class MalformedError(OrgwardError):
    """The request is not of the described form."""


class NotFoundError(OrgwardError):
    """The resource does not exist, or the caller may not know that it does."""


class GateError(OrgwardError):
    """A gate bound to the request or the member is closed: address, suspension, second factor."""


class DeniedError(OrgwardError):
    """The caller may see the resource and lacks the privilege; `roles` are those that would do."""

    def __init__(self, missing: Sequence[str], roles: Sequence[str]) -> None:
        """Keep the missing privileges (any of them would do) and the roles that grant one."""
        super().__init__("USER_UNAUTHORIZED", *missing)
        self.roles = tuple(roles)


class RefusedError(OrgwardError):
    """A rule of the directory refuses the command."""


class UnavailableError(OrgwardError):
    """The store can't take the command now; trying again may work."""
