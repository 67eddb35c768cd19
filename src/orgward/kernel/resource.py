"""What is acted on: a resource with its place in the hierarchy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResourceRef:
    """A resource that exists, with the organization and project that it lies in.

    `kind` and `id` name the resource itself; authorization looks at `project` if there is one, else at `org`.
    """

    kind: str
    id: str
    org: str | None = None
    project: str | None = None

    @property
    def scope_kind(self) -> str:
        """Return `project` or `organization`: the level at which privileges on this resource are held."""
        return "project" if self.project else "organization"

    @property
    def scope_id(self) -> str:
        """Return the id of the project or organization at which privileges on this resource are held."""
        return self.project or self.org or ""


STORE = ResourceRef("store", "store")
"""The store as a whole: what operations act on that concern no organization yet."""
