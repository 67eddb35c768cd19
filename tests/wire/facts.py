"""Facts about the real service that the tree may not carry: found beside the checkout, or not at all."""

import os
from pathlib import Path

from tests.requirements_of_tests import require

_ROOT = Path(__file__).parents[2]


def fact(name: str) -> Path:
    """Return the file of facts called `name`; skip whoever asks where there is none."""
    folder = os.environ.get("ORGWARD_FACTS")
    path = (Path(folder) if folder else _ROOT.parent / "shared" / "facts") / name
    require(path.is_file(), f"{name} is not beside the checkout (ORGWARD_FACTS names its folder)", installable=False)
    return path
