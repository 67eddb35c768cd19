"""Write the reference pages under docs/reference/."""

from pathlib import Path

from orgward.catalog.reference import roles_page
from orgward.cli.faces import declare_everything
from orgward.edge.endpoint import ENDPOINTS
from orgward.edge.errors import ANSWERS
from orgward.edge.reference import errors_page, operations_page


def pages() -> dict[str, str]:
    """Return the text of every generated page by file name."""
    declare_everything()
    return {
        "roles.md": roles_page(),
        "operations.md": operations_page(ENDPOINTS),
        "errors.md": errors_page(ANSWERS),
    }


def main() -> None:
    """Write the pages."""
    folder = Path(__file__).parent.parent / "docs" / "reference"
    for name, text in pages().items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
