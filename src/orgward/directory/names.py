"""Names of organizations, projects and teams, tags, and usernames."""

import unicodedata
from collections.abc import Sequence
from typing import Final

import regex

from orgward.kernel.errors import FieldFault, MalformedError, RefusedError

_NAME: Final = regex.compile(r"[\p{L}\p{N}\-_.(),:&@+']+(?: [\p{L}\p{N}\-_.(),:&@+']+)*")
_EMAIL: Final = regex.compile(r"[^@\s\p{C}<>\"(),:;\[\]\\]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,252}[\p{L}\p{N}])?")
_TAG: Final = regex.compile(r"[\p{L}\p{N} ;@_\-.+]{1,255}")
_PLAIN: Final = regex.compile(r"[\p{L}\p{N}\-_.,' ]+")


def organization_name(text: str, longest: int) -> str:
    """Return `text` if it is a valid name of an organization (rule 153; single inner spaces allowed)."""
    return _name(text, longest, "INVALID_ORG_NAME")


def project_name(text: str, longest: int) -> str:
    """Return `text` if it is a valid name of a project (rule 153; single inner spaces allowed)."""
    return _name(text, longest, "INVALID_GROUP_NAME")


def team_name(text: str, longest: int) -> str:
    """Return `text` if it is a valid name of a team: what is valid for projects is (rule 153)."""
    return _name(text, longest, "INVALID_TEAM_NAME")


def normal_name(text: str) -> str:
    """Return `text` in the form in which names are kept."""
    return unicodedata.normalize("NFC", text)


def _name(text: str, longest: int, code: str) -> str:
    normal = normal_name(text)
    if len(normal) > longest or _NAME.fullmatch(normal) is None:
        raise RefusedError(code, text[:longest])
    return normal


def plain_text(member: str, text: str, longest: int) -> str:
    """Return what the `member` of a body says in words, if it is of the characters allowed for machines (rule 80)."""
    normal = normal_name(text)
    if not normal.strip() or len(normal) > longest or _PLAIN.fullmatch(normal) is None:
        fault = FieldFault(member, f"takes 1 to {longest} letters, digits, spaces and -_.,'")
        raise MalformedError("INVALID_ATTRIBUTE", member, fields=[fault])
    return normal


def username(text: str) -> str:
    """Return the e-mail address `text`, trimmed; RefusedError if it is none."""
    address = unicodedata.normalize("NFC", text.strip())
    # `=?` begins an encoded word of a mail header, which programs decode where they should not.
    if len(address) > 254 or _EMAIL.fullmatch(address) is None or ".." in address or "=?" in address:
        raise RefusedError("INVALID_EMAIL_ADDRESS")
    return address


def username_key(address: str) -> str:
    """Return the form under which a username is unique: NFKC and casefold (contract.md, People)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", address).casefold())


def tags(pairs: Sequence[tuple[str, str]], most: int = 50) -> list[dict[str, str]]:
    """Return the tags of a project, sorted, if keys are unique and all is of the allowed characters (rule 127)."""
    if len(pairs) > most:
        raise MalformedError("INVALID_ATTRIBUTE", "tags", fields=[FieldFault("tags", f"at most {most} tags")])
    faults = [
        FieldFault(f"tags[{i}]", "key and value take 1 to 255 letters, digits, spaces and ;@_-.+")
        for i, pair in enumerate(pairs)
        if not all(_TAG.fullmatch(part) for part in pair)
    ]
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        faults.append(FieldFault("tags", "a key may stand only once"))
    if faults:
        raise MalformedError("INVALID_ATTRIBUTE", "tags", fields=faults)
    return [{"key": key, "value": value} for key, value in sorted(pairs)]
