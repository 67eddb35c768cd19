"""Mail: what waits in the outbox is sent by SMTP, or written to a folder beside the store where none is set.

A message leaves the outbox by a command, after it was sent. Should the process die between the two it is sent
once more, under the same Message-ID; it is never lost. One process of a store sends at a time. What a server refuses
for good is given up, and noted if it was an invitation.
"""

import fcntl
import os
import re
import smtplib
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import structlog

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.messages import at, letter_of, message_of
from orgward.app.mint import MAILED
from orgward.app.operation import Operation, OperatorOnly, declare
from orgward.app.targets import Nowhere
from orgward.directory import undelivered
from orgward.directory.ground import Change, drop
from orgward.directory.outbox import INVITATION, SETUP, VERIFY
from orgward.kernel.principal import Principal
from orgward.store.reads.outbox import waiting
from orgward.store.view import Row
from orgward.store.writer import Outcome

SMTP_VARIABLE: Final = "ORGWARD_SMTP"
FROM_VARIABLE: Final = "ORGWARD_MAIL_FROM"
URL_VARIABLE: Final = "ORGWARD_URL"

_SENDER: Final = "Orgward <orgward@localhost>"
_TIMEOUT: Final = 20.0
_LOOK_EVERY: Final = 0.5
_FIRST_PAUSE: Final = 2.0
_LONGEST_PAUSE: Final = 600.0
_POSTMAN: Final = Principal("operator", "mail")

_PAGES: Final = {INVITATION: "setup", SETUP: "setup", VERIFY: "verify"}
_FOR_GOOD: Final = 500
_DETAIL: Final = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")

_log = structlog.get_logger(__name__)


class MailSettingError(Exception):
    """A variable that configures mail can't be understood."""


class RefusedMessageError(Exception):
    """A message was refused for good; `reason` is what the server said of it, in numbers."""

    def __init__(self, code: int, words: bytes) -> None:
        """Keep the status and its detail (RFC 3463), and none of the words, which may hold the address."""
        detail = _DETAIL.match(words)
        self.reason = f"{code} {detail[0].decode()}" if detail else str(code)
        super().__init__(self.reason)


class Carrier(Protocol):
    """What takes a message to its reader."""

    def send(self, message: EmailMessage, row: Row) -> None:
        """Have `message`, made of the outbox's `row`, delivered when this returns.

        OSError if it was not delivered now, RefusedMessageError if it never will be.
        """
        ...


@dataclass(frozen=True, slots=True)
class SmtpCarrier:
    """Sends by the SMTP server of ORGWARD_SMTP: `smtp://[user:password@]host[:port]`, or `smtps://`."""

    host: str
    port: int
    is_tls: bool
    user: str = ""
    password: str = ""

    @classmethod
    def of(cls, url: str) -> "SmtpCarrier":
        """Return the carrier that `url` describes."""
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            message = f"{SMTP_VARIABLE} must be smtp://host:port or smtps://host:port"
            raise MailSettingError(message)
        is_tls = parts.scheme == "smtps"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, parts.port or (465 if is_tls else 25), is_tls, user, password)

    def send(self, message: EmailMessage, row: Row) -> None:
        """Hand `message` to the server; the password is sent over TLS only."""
        del row
        with self._connected() as server:
            if self.user:
                server.login(self.user, self.password)
            try:
                server.send_message(message)
            except smtplib.SMTPRecipientsRefused as error:
                ((code, words),) = error.recipients.values()
                _raise_if_for_good(code, words)
                raise
            except smtplib.SMTPDataError as error:
                _raise_if_for_good(error.smtp_code, error.smtp_error)
                raise

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.is_tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT)
        try:
            server.ehlo_or_helo_if_needed()
            if self.user or server.has_extn("starttls"):
                server.starttls(context=context)
        except BaseException:
            server.close()
            raise
        return server


def _raise_if_for_good(code: int, words: bytes | str) -> None:
    if code >= _FOR_GOOD:
        raise RefusedMessageError(code, words if isinstance(words, bytes) else words.encode()) from None


@dataclass(frozen=True, slots=True)
class FolderCarrier:
    """Writes each message to a file of its own, whole or not at all."""

    folder: Path

    def send(self, message: EmailMessage, row: Row) -> None:
        """Write `message` to `<time>-<id>.eml`; the same message again is the same file."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        millis = row["created_at"]
        path = self.folder / f"{at(millis):%Y%m%dT%H%M%S}.{millis % 1000:03}Z-{row['id']}.eml"
        staged = path.with_suffix(".part")
        handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(message.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        staged.replace(path)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Who sends, by which carrier, and where links lead."""

    carrier: Carrier
    sender: Address
    url: str

    @classmethod
    def of(cls, environment: Mapping[str, str], folder: Path, served_at: str) -> "MailSettings":
        """Return the settings of `environment`; without any, mail is written to `mail` in `folder`."""
        smtp = environment.get(SMTP_VARIABLE)
        carrier = SmtpCarrier.of(smtp) if smtp else FolderCarrier(folder / "mail")
        name, address = parseaddr(environment.get(FROM_VARIABLE) or _SENDER)
        local, at_sign, domain = address.rpartition("@")
        if not (local and at_sign and domain):
            message = f"{FROM_VARIABLE} must be an e-mail address"
            raise MailSettingError(message)
        url = (environment.get(URL_VARIABLE) or served_at).rstrip("/")
        return cls(carrier, Address(name, local, domain), url)

    def link(self, kind: str, token: str) -> str:
        """Return where the link in a message of this kind leads; without a token, to where a password is asked for."""
        return f"{self.url}/{_PAGES.get(kind, 'reset')}/{token}".rstrip("/")


def _discard(context: Context) -> Outcome:
    """Take a message that was sent out of the outbox, with its token."""
    message = context.call.values["messageId"]
    known = context.view.get("outbox", message) is not None
    return outcome_of(Change([drop("outbox", message)] if known else [], {}, target=message))


def _give_up(context: Context) -> Outcome:
    """Take a message that was refused for good out of the outbox, and note it if it was an invitation."""
    return outcome_of(undelivered.give_up(ground_of(context), context.call.values["messageId"], context.call.body))


def _declared(name: str, run: Callable[[Context], Outcome]) -> Operation:
    return declare(Operation(id=name, requires=OperatorOnly(), on=Nowhere(), inner=None, writes=True, run=run))


_DISCARD: Final = _declared("discardMessage", _discard)
_GIVE_UP: Final = _declared("giveUpMessage", _give_up)


class Dispatcher:
    """Sends what waits in the outbox of one store, message by message, and tries again what failed."""

    def __init__(self, door: Door, settings: MailSettings) -> None:
        """Prepare; `start` begins to send, `send_waiting` sends once."""
        self._door = door
        self._settings = settings
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="mail", daemon=True)
        self._sent: set[str] = set()
        self._pauses: dict[str, tuple[float, float]] = {}

    def start(self) -> None:
        """Begin to send in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End after the message that is being sent; the others wait in the outbox."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(_TIMEOUT)

    def _work(self) -> None:
        while not self._ended.wait(_LOOK_EVERY):
            try:
                self.send_waiting()
            except Exception as error:  # noqa: BLE001 - the thread must live as long as the server
                _log.error("mail_round_failed", error=repr(error))

    def send_waiting(self) -> int:
        """Send every message that waits and is due; return how many left the outbox.

        While another process of the store is sending nothing happens here.
        """
        count = 0
        with _turn(self._door.store.path.parent / "mail.lock") as has_turn:
            if not has_turn:
                return 0
            rows = waiting(self._door.store.view)
            self._pauses = {row["id"]: self._pauses[row["id"]] for row in rows if row["id"] in self._pauses}
            for row in rows:
                if self._ended.is_set():
                    break
                if self._pauses.get(row["id"], (0.0, 0.0))[0] <= time.monotonic():
                    count += self._one(row)
        return count

    def _one(self, row: Row) -> int:
        try:
            self._door.write(self._settled(row)).result(_TIMEOUT)
        except Exception as error:  # noqa: BLE001 - one bad message must not stop the others
            self._postpone(row["id"], error)
            return 0
        self._sent.discard(row["id"])
        self._pauses.pop(row["id"], None)
        return 1

    def _settled(self, row: Row) -> Call:
        """Return the command by which a message leaves the outbox, once it was sent or refused for good."""
        named = {"messageId": row["id"]}
        if row["id"] not in self._sent:
            try:
                self._send(row)
            except RefusedMessageError as error:
                _log.warning("mail_refused", message=row["id"], kind=row["kind"], reason=error.reason)
                return Call(_GIVE_UP, _POSTMAN, named, body=error.reason)
            self._sent.add(row["id"])
        return Call(_DISCARD, _POSTMAN, named)

    def _send(self, row: Row) -> None:
        store, settings = self._door.store, self._settings
        sealed = row["sealed_token"]
        token, _, elsewhere = (store.keyring.open(sealed, MAILED) if sealed else "").partition(" ")
        letter = letter_of(store.view, row, settings.link(row["kind"], token), store.clock())
        if letter is not None:
            letter = replace(letter, to=elsewhere or letter.to)
            settings.carrier.send(message_of(row, letter, settings.sender), row)

    def _postpone(self, message: str, error: Exception) -> None:
        _, before = self._pauses.get(message, (0.0, 0.0))
        pause = min(max(_FIRST_PAUSE, before * 2), _LONGEST_PAUSE)
        self._pauses[message] = (time.monotonic() + pause, pause)
        # The error's own words may hold the address, which this log could not forget.
        _log.warning("mail_failed", message=message, error=type(error).__name__, again_in=pause)


@contextmanager
def _turn(path: Path) -> Iterator[bool]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
