"""Invitations from a file: how it is read, what is said of each line before anything is sent, and what is sent."""

import csv
import io
from urllib.parse import unquote

import pytest

from orgward.catalog import Limits
from orgward.console.listing.invitation_lines import UnreadableError, lines_of, text_of
from tests.console.conftest import Company
from tests.empty_store import open_world
from tests.mailbox import mailed_to
from tests.visitor import ORIGIN

FILE = """\
Address,Roles,Teams,Projects
gil@nordwind.example,Organization Read Only,on-call,prod=Project Read Only; dev=GROUP_OWNER
t.sorensen(at)nordwind.example
mia@nordwind.example
it@nordwind.example,,On-cal
ida@nordwind.example,Ownr
gil@nordwind.example
ian@nordwind.example,Member,,prdo=Owner
ivo@nordwind.example,,,prod
ike@nordwind.example
"""


@pytest.fixture
def path(company):
    """Give the address of the form."""
    return f"/o/{company.id}/invitations/csv"


@pytest.fixture
def visitor(company):
    """Give the owner in front of the console."""
    return company.visit(company.owner)


def invited(company):
    """Give who is invited, with organization roles, roles by project and teams."""
    rows = company.key.get(f"/orgs/{company.id}/invites", accept=None).json
    return {
        row["username"]: (
            row["roles"],
            {(each["groupId"], each["groupRole"]) for each in row["groupRoleAssignments"]},
            row["teamIds"],
        )
        for row in rows
    }


def send(visitor, company, text, shown=None):
    """Send the lines that can be sent, as the check's button does."""
    shown = shown or visitor.post(f"/o/{company.id}/invitations/csv", {"text": text})
    once = shown.hidden("_once")
    return visitor.post(f"/o/{company.id}/invitations", {"text": text, "_once": once})


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize(
    "text",
    [
        "address,roles,teams,projects\na@b.example,ORG_MEMBER,T,p=GROUP_OWNER\n",
        "Projekte;Team;Rolle;E-Mail\np=GROUP_OWNER;T;ORG_MEMBER;a@b.example\n",
        "a@b.example\tORG_MEMBER\tT\tp=GROUP_OWNER",
        '\na@b.example,"ORG_MEMBER",T,"p=GROUP_OWNER"\r\n\r\n',
    ],
)
def test_separators_and_heads_are_understood(text):
    """Commas, semicolons and tabs; a head may name the columns, in either language and any order."""
    (line,) = lines_of(text)
    assert line.address == "a@b.example"
    assert line.names("roles") == ["ORG_MEMBER"]
    assert line.names("teams") == ["T"]
    assert line.names("projects") == ["p=GROUP_OWNER"]


def test_several_names_stand_in_one_cell():
    """A name that holds a separator itself is meant where it is known."""
    (line,) = lines_of('a@b.example,,"One; Two|Three","x=A; y=B"')
    assert line.names("teams") == ["One", "Two", "Three"]
    assert line.names("teams", {"One; Two|Three"}) == ["One; Two|Three"]


def test_lines_are_counted_as_a_spreadsheet_counts_them():
    """The head and empty lines have numbers, too."""
    assert [line.number for line in lines_of("address\n\na@b.example\nb@b.example\n")] == [3, 4]


@pytest.mark.parametrize(
    ("text", "key"), [("", "empty"), ("address,roles\n", "empty"), ("a@b.example\n" * 501, "too_many")]
)
def test_files_that_hold_nothing_or_too_much_are_refused(text, key):
    """Nothing is guessed at."""
    with pytest.raises(UnreadableError) as caught:
        lines_of(text)
    assert caught.value.key == key


@pytest.mark.parametrize("raw", ["Jörg".encode(), b"\xef\xbb\xbfJ\xc3\xb6rg", b"J\xf6rg"])
def test_what_spreadsheets_write_is_read(raw):
    """UTF-8 with and without its mark, and what Windows writes."""
    assert text_of(raw) == "Jörg"


# ---------------------------------------------------------------- the check


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("gil@nordwind.example", "Will be sent"),
        ("t.sorensen(at)nordwind.example", "Not an address Correct row 3"),
        ("mia@nordwind.example", "Already a member Open the member"),
        ("it@nordwind.example", "Unknown team “On-cal” Did you mean On-call?"),
        ("ida@nordwind.example", "Unknown role “Ownr” Did you mean Organization Owner?"),
        ("ian@nordwind.example", "Unknown project “prdo” Did you mean prod?"),
        ("ivo@nordwind.example", "No role for “prod”"),
        ("ike@nordwind.example", "Will be sent Organization Member"),
    ],
)
def test_each_line_says_what_would_become_of_it(visitor, path, address, says):
    """Will send, already there, not an address, unknown with what was probably meant."""
    assert f"{address} {says}" in visitor.post(path, {"text": FILE}).words


def test_what_a_line_brings_is_said(visitor, path):
    """By titles and names, whatever the file calls them."""
    shown = visitor.post(path, {"text": FILE}).words
    assert "Organization Read Only; prod as Project Read Only; dev as Project Owner; team On-call" in shown


def test_an_address_counts_once(visitor, path):
    """Whatever its capitals."""
    shown = visitor.post(path, {"text": "a@b.example\nb@b.example\nA@B.example"}).words
    assert "A@B.example Same address as row 1" in shown


def test_the_check_sends_nothing(company, visitor, path):
    """Nobody is invited by looking."""
    shown = visitor.post(path, {"text": FILE})
    assert "Send 2 invitations" in shown.words
    assert invited(company) == {}
    assert mailed_to(company.world, "ike@nordwind.example") == []


def test_a_file_may_be_uploaded(company, visitor, path):
    """It is read as what is pasted is."""
    head = b'--x\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\n' + visitor.form_token().encode()
    part = (
        b'\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="new.csv"\r\nContent-Type: text/csv\r\n\r\n'
    )
    raw = head + part + FILE.encode() + b"\r\n--x--\r\n"
    given = {"content-type": "multipart/form-data; boundary=x", "origin": ORIGIN}
    shown = visitor._send("POST", path, raw, given)  # noqa: SLF001 - nothing else uploads
    assert "Send 2 invitations" in shown.words
    assert "gil@nordwind.example" in shown.text


@pytest.mark.parametrize("text", ["", "a@b.example\n" * 501])
def test_what_is_wrong_with_the_file_is_said_at_the_field(visitor, path, text):
    """And what was pasted is still there."""
    shown = visitor.post(path, {"text": text})
    assert "There is no line" in shown.words or "more than 500 lines" in shown.words
    assert "Send" not in shown.words.split("Check again")[0].split()


def test_limits_count_for_the_lines_together(tmp_path):
    """Rule 142: where there is room for one more, the second line is refused before anything is sent."""
    world = open_world(tmp_path, limits=Limits(users_per_organization=4))
    try:
        company = Company(world)  # three members
        shown = company.visit(company.owner).post(
            f"/o/{company.id}/invitations/csv", {"text": "a@b.example\nc@b.example"}
        )  # fmt: skip
        assert "a@b.example Will be sent" in shown.words
        assert "c@b.example Not possible" in shown.words
    finally:
        world.close()


def test_names_are_escaped(visitor, path):
    """Cells of a file are text, and so is what was probably meant."""
    shown = visitor.post(path, {"text": '"<script>alert(1)</script>@x",,"<b>On-call</b>"'})
    assert "<script>alert" not in shown.text
    assert "<b>On-call" not in shown.text


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_it_needs_the_right_to_invite(company, path, who):
    """Who may not invite gets neither the form nor an invitation sent; a stranger learns nothing."""
    visitor = company.visit(getattr(company, who))
    expected = {"member": 403, "stranger": 404}[who]
    assert visitor.get(path).status == expected
    assert visitor.post(path, {"text": FILE}).status in {403, 404}
    assert visitor.post(f"/o/{company.id}/invitations", {"text": "a@b.example", "_once": "x"}).status in {200, 403, 404}
    assert invited(company) == {}


# ---------------------------------------------------------------- sending


def test_what_can_be_sent_is_sent(company, visitor):
    """With the roles, projects and teams of its line, and a mail with a link."""
    shown = send(visitor, company, FILE)
    assert "From the file: 2 of 9 sent" in shown.words
    assert "The other 2 rows are among the pending ones below." in shown.words
    assert invited(company) == {
        "gil@nordwind.example": (
            ["ORG_READ_ONLY"],
            {(company.prod, "GROUP_READ_ONLY"), (company.dev, "GROUP_OWNER")},
            [company.team],
        ),
        "ike@nordwind.example": (["ORG_MEMBER"], set(), []),
    }
    assert len(mailed_to(company.world, "ike@nordwind.example")) == 1


def test_no_link_is_shown(company, visitor):
    """Links are in the mail alone."""
    shown = send(visitor, company, FILE)
    assert "/setup/" not in shown.text


def test_the_result_is_a_file_too(company, visitor):
    """Every line with what became of it; no cell is a formula."""
    shown = send(visitor, company, "=cmd@nordwind.example\nmia@nordwind.example\nx@y.example,Nobody")
    data = next(href for href in shown.links if href.startswith("data:text/csv"))
    rows = list(csv.DictReader(io.StringIO(unquote(data.partition(",")[2]))))
    assert [(row["row"], row["username"], row["result"]) for row in rows] == [
        ("1", "'=cmd@nordwind.example", "SENT"),
        ("2", "mia@nordwind.example", "ALREADY_MEMBER"),
        ("3", "x@y.example", "UNKNOWN_ROLE"),
    ]


def test_the_panel_can_be_closed(company, visitor):
    """The result stands in the answer alone: the list itself does not know it."""
    shown = send(visitor, company, FILE)
    assert f"/o/{company.id}/invitations" in shown.links
    assert "From the file" not in visitor.get(f"/o/{company.id}/invitations").words


def test_a_file_sent_twice_is_sent_once(company, visitor, path):
    """Loading the answer anew invites nobody again."""
    text = "ike@nordwind.example"
    checked = visitor.post(path, {"text": text})
    send(visitor, company, text, checked)
    again = send(visitor, company, text, checked)
    assert again.status == 409
    assert "This was sent before." in again.words
    assert len(mailed_to(company.world, "ike@nordwind.example")) == 1


def test_what_changed_since_the_check_is_told(company, visitor, path):
    """Somebody who was invited meanwhile is not invited twice; the others are."""
    text = "ike@nordwind.example\nida@nordwind.example"
    checked = visitor.post(path, {"text": text})
    made = company.key.post(
        f"/orgs/{company.id}/users", {"username": "ida@nordwind.example", "roles": {"orgRoles": ["ORG_MEMBER"]}}
    )  # fmt: skip
    assert made.status == 201
    shown = send(visitor, company, text, checked)
    assert "From the file: 1 of 2 sent" in shown.words
    assert "ida@nordwind.example Already invited" in shown.words


def test_five_hundred_lines_are_sent(tmp_path):
    """As many as a file may hold, each in its own transaction."""
    world = open_world(tmp_path, limits=Limits(users_per_organization=1_000))
    try:
        company = Company(world)
        text = "\n".join(f"p{number}@nordwind.example" for number in range(500))
        visitor = company.visit(company.owner)
        assert "From the file: 500 of 500 sent" in send(visitor, company, text).words
        assert len(invited(company)) == 500
    finally:
        world.close()
