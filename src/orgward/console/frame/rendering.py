"""Templates and static files: both read once, and files served under an address that changes with their content."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_HERE: Final = Path(__file__).parent.parent
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file in memory."""

    content: bytes
    content_type: str
    path: str


@cache
def assets() -> dict[str, Asset]:
    """Return every static file by the path that it is served at."""
    root = _HERE / "static"
    found = [_asset(root, path) for path in sorted(root.rglob("*")) if path.suffix in _TYPES]
    return {asset.path: asset for asset in found}


def _asset(root: Path, path: Path) -> Asset:
    content = path.read_bytes()
    if path.suffix == ".css":
        content = _with_fonts(root, content)
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(content, _TYPES[path.suffix], f"/static/{digest}/{path.relative_to(root).as_posix()}")


def _with_fonts(root: Path, sheet: bytes) -> bytes:
    """Return the sheet with the addresses of fonts in place of their names."""
    for font in sorted((root / "fonts").glob("*.woff2")):
        sheet = sheet.replace(f"fonts/{font.name}".encode(), _asset(root, font).path.encode())
    return sheet


@cache
def _addresses() -> dict[str, str]:
    return {path.split("/", 3)[3]: path for path in assets()}


def asset(name: str) -> str:
    """Return the address of the static file `name`; KeyError if there is none."""
    return _addresses()[name]


@cache
def environment() -> Environment:
    """Return the templates; everything that they print is escaped, and what they don't know is an error."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = asset
    return made
