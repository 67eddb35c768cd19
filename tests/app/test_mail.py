"""The outbox and who empties it: files, SMTP, retries, and messages that nobody can bend."""

import itertools
import smtplib
import socketserver
import threading
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import SMTPUTF8
from pathlib import Path

import pytest

from orgward.app import mail, messages
from orgward.app.execute import Call
from orgward.app.mail import Dispatcher, FolderCarrier, MailSettingError, MailSettings, SmtpCarrier
from orgward.app.operation import REGISTRY
from orgward.directory import outbox
from orgward.store.reads.outbox import waiting
from orgward.store.sqlite import connect
from tests.mailbox import URL, deliver, links_to
from tests.world import OPERATOR


def invite(world, org, address, roles=("ORG_MEMBER",)):
    """Have the owner invite `address` to the organization."""
    owner = world.session(org.owner)
    reply = owner.post(f"/orgs/{org.id}/invites", {"username": address, "roles": list(roles)})
    assert reply.status == 200, reply.json
    return reply.json["id"]


class Recorder:
    """A carrier that keeps what it is given, and fails as often as it is told to."""

    def __init__(self, failures=0):
        """Fail the first `failures` times."""
        self.failures = failures
        self.sent = []

    def send(self, message, row):
        """Keep the message, or fail."""
        if self.failures:
            self.failures -= 1
            raise smtplib.SMTPServerDisconnected
        self.sent.append(message)


def dispatcher(world, carrier):
    """Return a dispatcher that sends by `carrier`."""
    settings = MailSettings.of({}, world.store.path.parent, URL)
    return Dispatcher(world.door, MailSettings(carrier, settings.sender, settings.url))


def test_without_a_server_mail_is_written_beside_the_store(world):
    """contract.md, People: `mail/<time>-<id>.eml`, complete, readable by the owner of the process alone."""
    org = world.organization()
    invite(world, org, "bob@example.org")
    (message,) = deliver(world)
    assert message["To"] == "bob@example.org"
    assert message["Subject"] == "Invitation to Acme"
    assert message["From"] == "Orgward <orgward@localhost>"
    assert f"{URL}/setup/" in message.get_content()
    (path,) = (world.store.path.parent / "mail").iterdir()
    assert path.name.startswith("20270115T080000.000Z-")
    assert path.suffix == ".eml"
    assert path.stat().st_mode & 0o077 == 0


def test_a_sent_message_leaves_the_outbox_with_its_token(world):
    """contract.md, People: the token is encrypted until it is sent, then gone; stored hashed alone."""
    invite(world, world.organization(), "bob@example.org")
    (row,) = waiting(world.store.view)
    (token,) = links_to(world, "bob@example.org")
    assert waiting(world.store.view) == []
    assert token not in row["sealed_token"]
    assert world.store.view.get("tokens", world.store.keyring.hash_token(token))
    for path in world.store.path.parent.glob("orgward.db*"):
        assert token.encode() not in path.read_bytes()


def test_nothing_is_sent_twice(world):
    """A message that was sent is not sent by the next round."""
    invite(world, world.organization(), "bob@example.org")
    carrier = Recorder()
    sender = dispatcher(world, carrier)
    assert (sender.send_waiting(), sender.send_waiting()) == (1, 0)
    assert len(carrier.sent) == 1


def test_a_failure_is_tried_again_later_and_holds_up_nobody(world, monkeypatch):
    """A server that is away loses no message: it waits in the outbox, the next is sent meanwhile."""
    now = [1000.0]
    monkeypatch.setattr(mail.time, "monotonic", lambda: now[0])
    org = world.organization()
    invite(world, org, "bob@example.org")
    world.clock.advance(seconds=1)
    invite(world, org, "cid@example.org")
    carrier = Recorder(failures=1)
    sender = dispatcher(world, carrier)
    assert sender.send_waiting() == 1
    assert [message["To"] for message in carrier.sent] == ["cid@example.org"]
    assert sender.send_waiting() == 0, "it is not due yet"
    now[0] += 3
    assert sender.send_waiting() == 1
    assert [message["To"] for message in carrier.sent] == ["cid@example.org", "bob@example.org"]


def test_the_pauses_grow_and_end_growing(world, monkeypatch):
    """A server that stays away is asked less and less often, yet at least every ten minutes."""
    now = [0.0]
    monkeypatch.setattr(mail.time, "monotonic", lambda: now[0])
    invite(world, world.organization(), "bob@example.org")
    carrier = Recorder(failures=1000)
    sender = dispatcher(world, carrier)
    tries = []
    while now[0] < 7200:
        before = carrier.failures
        sender.send_waiting()
        if carrier.failures < before:
            tries.append(now[0])
        now[0] += 1
    pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert pauses[:4] == [2, 4, 8, 16]
    assert max(pauses) == 600
    carrier.failures = 0
    now[0] += 600
    assert sender.send_waiting() == 1


def test_a_message_whose_deletion_failed_is_not_sent_again(world, monkeypatch):
    """Once it was handed over, only taking it out of the outbox is tried again."""
    now = [0.0]
    monkeypatch.setattr(mail.time, "monotonic", lambda: now[0])
    invite(world, world.organization(), "bob@example.org")
    carrier = Recorder()
    sender = dispatcher(world, carrier)
    with monkeypatch.context() as patched:
        patched.setattr(type(world.door), "write", lambda *_: (_ for _ in ()).throw(RuntimeError))
        assert sender.send_waiting() == 0
    now[0] += 3
    assert sender.send_waiting() == 1
    assert len(carrier.sent) == 1


def test_two_processes_do_not_send_the_same_message(world):
    """Whoever else holds the store waits while one sends."""
    invite(world, world.organization(), "bob@example.org")
    second = dispatcher(world, Recorder())
    counts = []

    class Nested(Recorder):
        """A carrier during whose work the other process looks at the outbox."""

        def send(self, message, row):
            """Let the other one try, then keep the message."""
            counts.append(second.send_waiting())
            super().send(message, row)

    carrier = Nested()
    assert dispatcher(world, carrier).send_waiting() == 1
    assert (counts, len(carrier.sent)) == ([0], 1)


def test_a_cancelled_invitations_mail_is_not_sent(world):
    """What is cancelled, or expires before it is sent, tells nobody anything."""
    org = world.organization()
    invitation = invite(world, org, "bob@example.org")
    invite(world, org, "cid@example.org")
    assert world.session(org.owner).delete(f"/orgs/{org.id}/invites/{invitation}").status == 204
    world.clock.advance(days=31)
    assert deliver(world) == []
    assert waiting(world.store.view) == []


def test_somebody_with_an_account_is_told_to_sign_in(world):
    """The words differ for somebody who has an account; the link stands in both."""
    org, other = world.organization(), world.organization("Other", owner="zoe@example.org")
    world.user("bob@example.org", orgs={other.id: []})
    deliver(world)
    for address in ("bob@example.org", "new@example.org"):
        invite(world, org, address)
    texts = {str(m["To"]): m.get_content() for m in deliver(world) if "Invitation" in m["Subject"]}
    assert "sign in" in texts["bob@example.org"]
    assert "sign in" not in texts["new@example.org"]
    assert "Set up your account" in texts["new@example.org"]
    assert "Set up your account" not in texts["bob@example.org"]


@pytest.mark.parametrize(
    "address", ["=ann?@example.org", "ann+tag@example.org", "müller@exämple.org", "a'b@example.org"]
)
def test_no_address_bends_the_headers(world, address):
    """Signs, quotes and letters beyond ASCII stay one recipient, and add no header."""
    invite(world, world.organization(), address)
    (message,) = deliver(world)
    assert set(message.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert len(message["To"].addresses) == 1
    assert message["To"].addresses[0].addr_spec == address
    assert "Bcc" not in message


ENCODED = "=?utf-8?q?a=0d=0aBcc=3aeve=40example=2eorg?=@example.org"
"""An address whose local part would become a line break and a header of its own where it is decoded."""


def test_an_address_with_an_encoded_word_is_refused(world):
    """The standard library decodes such a word into the header; so it is no username."""
    org = world.organization()
    body = {"username": ENCODED, "roles": ["ORG_MEMBER"]}
    reply = world.session(org.owner).post(f"/orgs/{org.id}/invites", body)
    assert (reply.status, reply.code) == (400, "INVALID_EMAIL_ADDRESS")


def test_a_line_break_in_a_header_stops_the_message():
    """Should such an address ever be stored, its message is not made."""
    row = {"id": "a" * 24, "created_at": 0}
    with pytest.raises(ValueError, match="line break"):
        messages.message_of(row, messages.Letter(ENCODED, "s", "t"), Address("x", "x", "y.example"))


class _Smtp(socketserver.StreamRequestHandler):
    """Just enough of an SMTP server to take one message, or to refuse it as `refusals` says, by verb."""

    def handle(self):
        """Answer until QUIT."""
        self.wfile.write(b"220 test\r\n")
        reading = False
        lines = []
        for line in self.rfile:
            if reading:
                if line == b".\r\n":
                    reading = False
                    self.server.messages.append(b"".join(lines))
                    self.wfile.write(b"250 taken\r\n")
                else:
                    lines.append(line)
                continue
            verb = line[:4].upper()
            self.server.said.append(line.strip().decode())
            if verb in self.server.refusals:
                self.wfile.write(self.server.refusals[verb] + b"\r\n")
            elif verb == b"DATA":
                reading = True
                self.wfile.write(b"354 go on\r\n")
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def smtp():
    """Give an SMTP server on loopback."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.daemon_threads = True
        server.messages, server.said, server.refusals = [], [], {}
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_server_that_is_set_takes_the_mail(world, smtp):
    """ORGWARD_SMTP sends by SMTP, from ORGWARD_MAIL_FROM, with links of ORGWARD_URL; no file is written."""
    invite(world, world.organization(), "bob@example.org")
    environment = {
        "ORGWARD_SMTP": f"smtp://127.0.0.1:{smtp.server_address[1]}",
        "ORGWARD_MAIL_FROM": "Acme IT <it@acme.example>",
        "ORGWARD_URL": "https://access.acme.example/",
    }
    settings = MailSettings.of(environment, world.store.path.parent, URL)
    assert Dispatcher(world.door, settings).send_waiting() == 1
    message = message_from_bytes(smtp.messages[0], policy=SMTPUTF8)
    assert message["From"] == "Acme IT <it@acme.example>"
    assert "https://access.acme.example/setup/" in message.get_content()
    assert any(said.upper() == "RCPT TO:<BOB@EXAMPLE.ORG>" for said in smtp.said)
    assert not (world.store.path.parent / "mail").exists()


def test_a_password_is_never_sent_in_the_clear(world, smtp):
    """A server that has no TLS does not get the password; the message waits."""
    invite(world, world.organization(), "bob@example.org")
    environment = {"ORGWARD_SMTP": f"smtp://ann:secret@127.0.0.1:{smtp.server_address[1]}"}
    settings = MailSettings.of(environment, world.store.path.parent, URL)
    assert Dispatcher(world.door, settings).send_waiting() == 0
    assert not any("AUTH" in said.upper() for said in smtp.said)
    assert len(waiting(world.store.view)) == 1


def test_the_thread_sends_until_it_is_stopped(world):
    """A started dispatcher sees new messages without being told."""
    carrier = Recorder()
    sender = dispatcher(world, carrier)
    sender.start()
    invite(world, world.organization(), "bob@example.org")
    ended = threading.Event()
    for _ in range(100):
        if carrier.sent:
            break
        ended.wait(0.1)
    sender.stop()
    assert [message["To"] for message in carrier.sent] == ["bob@example.org"]


@pytest.mark.parametrize("url", ["http://mail", "smtp://", "mail.example.org:25"])
def test_a_server_that_is_none_is_a_mistake_at_the_start(url):
    """A wrong setting is said at once, not at the first message."""
    with pytest.raises(MailSettingError):
        SmtpCarrier.of(url)


def test_the_carrier_follows_the_environment(tmp_path):
    """The schemes smtp and smtps have their usual ports; credentials may hold escaped characters."""
    assert SmtpCarrier.of("smtp://mail") == SmtpCarrier("mail", 25, is_tls=False)
    expected = SmtpCarrier("mail", 465, is_tls=True, user="a@b", password="p:w")
    assert SmtpCarrier.of("smtps://a%40b:p%3Aw@mail") == expected
    assert MailSettings.of({}, tmp_path, URL).carrier == FolderCarrier(Path(tmp_path) / "mail")
    with pytest.raises(MailSettingError):
        MailSettings.of({"ORGWARD_MAIL_FROM": "nobody"}, tmp_path, URL)


REFUSED = b"550 5.1.1 <bob@example.org>: Recipient address rejected: nobody of that name"


def sent_by(world, smtp):
    """Send what waits by the server, and return how many messages left the outbox."""
    environment = {"ORGWARD_SMTP": f"smtp://127.0.0.1:{smtp.server_address[1]}"}
    return Dispatcher(world.door, MailSettings.of(environment, world.store.path.parent, URL)).send_waiting()


def noted(world):
    """Return what is noted of invitations that could not be delivered."""
    names = "invitation_id, org_id, reason, failed_at"
    return world.store.view.rows(f"SELECT {names} FROM undelivered", {})  # noqa: S608 - names of our own


class TestUndelivered:
    """An invitation that no server takes is noted, until something becomes of it."""

    @pytest.fixture
    def org(self, world):
        """Give an organization."""
        return world.organization()

    @pytest.mark.parametrize("verb", [b"RCPT", b"DATA"])
    def test_a_refusal_for_good_is_noted_and_not_tried_again(self, world, org, smtp, verb):
        """By its numbers alone: the words of a server hold the address."""
        invitation = invite(world, org, "bob@example.org")
        smtp.refusals[verb] = REFUSED
        assert sent_by(world, smtp) == 1
        assert waiting(world.store.view) == []
        assert noted(world) == [(invitation, org.id, "550 5.1.1", world.clock.now)]
        assert world.store.view.count("undelivered", org_id=org.id) == 1
        last = world.store.reader.execute("SELECT action, body FROM log ORDER BY revision DESC").fetchone()
        assert (last[0], b"@" in bytes(last[1])) == ("giveUpMessage", False)

    @pytest.mark.parametrize("answer", [b"450 4.2.1 try later", b"421 4.3.2 going down"])
    def test_a_refusal_for_now_is_tried_again(self, world, org, smtp, answer):
        """What may succeed later waits in the outbox."""
        invite(world, org, "bob@example.org")
        smtp.refusals[b"RCPT"] = answer
        assert sent_by(world, smtp) == 0
        assert (len(waiting(world.store.view)), noted(world)) == (1, [])

    def test_a_sender_that_is_refused_is_no_fault_of_the_address(self, world, org, smtp):
        """Whoever runs the server has to look after that; nothing is given up."""
        invite(world, org, "bob@example.org")
        smtp.refusals[b"MAIL"] = b"550 5.7.1 not from there"
        assert sent_by(world, smtp) == 0
        assert (len(waiting(world.store.view)), noted(world)) == (1, [])

    @pytest.mark.parametrize("answer", ["resent", "cancelled", "accepted", "declined", "replaced", "organization gone"])
    def test_nothing_is_noted_of_what_is_over(self, world, org, smtp, answer):
        """Sent again, answered, withdrawn, or gone with its organization."""
        owner, own = world.session(org.owner), "/api/orgward/v1"
        invitation = invite(world, org, "bob@example.org")
        smtp.refusals[b"RCPT"] = REFUSED
        sent_by(world, smtp)
        assert len(noted(world)) == 1
        if answer == "resent":
            done = owner.post(f"{own}/orgs/{org.id}/invitations/{invitation}:resend")
        elif answer == "cancelled":
            done = owner.delete(f"/orgs/{org.id}/invites/{invitation}")
        elif answer == "replaced":
            world.clock.advance(days=31)
            owner = world.session(org.owner)
            done = owner.post(f"/orgs/{org.id}/invites", {"username": "bob@example.org", "roles": ["ORG_MEMBER"]})
        elif answer == "organization gone":
            done = owner.delete(f"/orgs/{org.id}")
        else:
            verb = {"accepted": "accept", "declined": "decline"}[answer]
            done = world.user("bob@example.org").post(f"{own}/me/invitations/{invitation}:{verb}")
        assert done.status < 300, done.json
        assert noted(world) == []
        assert world.store.view.count("undelivered", org_id=org.id) == 0

    def test_a_message_about_an_account_is_given_up_unnoted(self, world, smtp):
        """Nobody is there to look after it."""
        world.user("bob@example.org")
        smtp.refusals[b"RCPT"] = REFUSED
        assert sent_by(world, smtp) == 1
        assert (waiting(world.store.view), noted(world)) == ([], [])

    def test_an_invitation_that_ended_meanwhile_is_not_noted(self, world, org):
        """What was cancelled while its message was refused is over."""
        invitation = invite(world, org, "bob@example.org")
        (row,) = waiting(world.store.view)
        assert world.session(org.owner).delete(f"/orgs/{org.id}/invites/{invitation}").status == 204
        call = Call(REGISTRY["giveUpMessage"], OPERATOR, {"messageId": row["id"]}, body="550")
        world.door.write(call).result(30)
        assert noted(world) == []


class TestNotices:
    """What happens to an account is told to whoever it belongs to (ASVS 6.3.7)."""

    @pytest.mark.parametrize(
        "kind",
        [
            outbox.FACTOR_ADDED, outbox.FACTOR_REMOVED, outbox.FACTORS_RESET, outbox.IDENTITY_LINKED,
            outbox.IDENTITY_UNLINKED, outbox.PASSWORD_CHANGED,
        ],
    )  # fmt: skip
    def test_a_notice_goes_to_the_address_of_the_account(self, world, kind):
        """And leads to a new password, for whoever did not do it."""
        bob = world.user("bob@example.org")
        deliver(world)
        world.clock.advance(seconds=1)
        put_in_outbox(world, kind, bob.id)
        message = deliver(world)[-1]
        assert message["To"] == "bob@example.org"
        assert f"{URL}/reset\n" in message.get_content()

    def test_every_kind_of_message_has_its_words(self):
        """A kind without words would wait for ever."""
        kinds = {value for name, value in vars(outbox).items() if name.isupper()}
        assert kinds - {outbox.INVITATION, outbox.NOTHING} == set(messages._OF_ACCOUNTS)  # noqa: SLF001 - the table


def put_in_outbox(world, kind, user):
    """Have a notice wait for somebody, as a rule would."""
    connection = connect(world.store.path)
    connection.execute(
        "INSERT INTO outbox (id, user_id, kind, sealed_token, created_at, salt) VALUES (?, ?, ?, '', ?, '00')",
        (f"{7:024x}", user, kind, world.clock.now),
    )
    connection.close()
