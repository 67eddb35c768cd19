"""The faces that are served: importing their modules declares every operation."""

import pkgutil
from importlib import import_module
from typing import Final

FACES: Final = ("orgward.admin_api", "orgward.decision_api", "orgward.own_api", "orgward.scim", "orgward.console.pages")
OPERATIONS: Final = (
    "orgward.app.operator",
    "orgward.edge.openapi",
    "orgward.console.changing.drafts",
    "orgward.console.frame.refusals",
)
"""Modules outside the faces that declare operations: the operator's, the description of what is served, and more."""


def declare_everything() -> None:
    """Import each module of each face, so that the application serves all of it."""
    for name in OPERATIONS:
        import_module(name)
    for face in FACES:
        package = import_module(face)
        for module in pkgutil.iter_modules(package.__path__, f"{face}."):
            import_module(module.name)
