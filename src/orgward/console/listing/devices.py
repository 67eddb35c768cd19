"""What kind of browser or program a session was begun with, as far as it tells."""

from typing import Final, NamedTuple

_BROWSERS: Final = (
    ("atlascli/", "Atlas CLI"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "Python"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
    ("(linux;", "Linux"),
    ("(darwin;", "macOS"),
    ("(windows;", "Windows"),
)


class Device(NamedTuple):
    """A program and the system that it runs on; empty where nothing is known."""

    program: str
    system: str
    text: str


def device_of(user_agent: str) -> Device:
    """Return what a User-Agent header says, in the order in which browsers hide behind each other's names."""
    program = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return Device(program, system, user_agent[:200])
