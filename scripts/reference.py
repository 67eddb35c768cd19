"""Write the reference pages under docs/reference/."""

from pathlib import Path

from orgward.catalog.reference import roles_page
from orgward.cli.faces import declare_everything
from orgward.edge.endpoint import ENDPOINTS
from orgward.edge.errors import ANSWERS
from orgward.edge.reference import errors_page, operations_page
from scripts.compatibility import compatibility_page
from tests.matrix.cases import CASES
from tests.matrix.expectation import OPEN


def pages() -> dict[str, str]:
    """Return the text of every generated page by file name."""
    declare_everything()
    called_by_every_role = {*CASES, *(name for name, row in OPEN.items() if row["person"])}
    return {
        "roles.md": roles_page(),
        "operations.md": operations_page(ENDPOINTS),
        "errors.md": errors_page(ANSWERS),
        "compatibility.md": compatibility_page(ENDPOINTS, called_by_every_role),
    }


def main() -> None:
    """Write the pages."""
    folder = Path(__file__).parent.parent / "docs" / "reference"
    for name, text in pages().items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
