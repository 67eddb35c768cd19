"""What happened, as pages tell it: sentences, roles, refusals, details, filters, and who may know of what (6.9)."""

import csv
import io
import re

import pytest

from orgward.store.audit import write_anchor
from orgward.store.sqlite import connect


def said(shown):
    """Give what can be read, without the places where an address may break."""
    return shown.words.replace("\u200b", "")


def entries(shown):
    """Give the entries of the list, as text."""
    found = re.findall(r'<article class="ow-entry".*?</article>', shown.text, re.DOTALL)
    bare = [re.sub(r"<svg.*?</svg>|<[^>]+>", " ", each, flags=re.DOTALL) for each in found]
    return [re.sub(r" (?=[:.,])", "", re.sub(r"\s+", " ", each)).strip() for each in bare]


def rows_of(shown):
    """Give the rows of a file of comma-separated values."""
    return list(csv.DictReader(io.StringIO(shown.text)))


@pytest.fixture
def path(company):
    """Give the address of the organization's page."""
    return f"/o/{company.id}/activity"


@pytest.fixture
def changed(company):
    """Give the company after Mia was refused something, and Rob's roles were changed by the owner's key.

    The row of a refusal is written by itself; once the change is answered it is there.
    """
    assert company.member.patch(f"/orgs/{company.id}", {"name": "Mia's"}).status == 401
    path = f"/groups/{company.prod}/users/{company.reader.id}/roles"
    assert company.key.put(path, {"groupRoles": ["GROUP_CLUSTER_MANAGER"]}).status == 200
    return company


def test_a_change_is_a_sentence_with_the_roles(changed, path):
    """Who did what to whom where; the role that went is crossed out before the one that came."""
    shown = changed.visit(changed.owner).get(path)
    assert shown.status == 200
    text = next(each for each in entries(shown) if "changed the roles of" in each)
    assert "rob@nordwind.example on prod" in text
    assert text.index("Project Read Only") < text.index("Project Cluster Manager")
    assert "API key" in text
    assert "<del>Project Read Only</del>" in shown.text


def test_a_refusal_names_what_was_missing(changed, path):
    """It stands among the changes, and alone where only refusals are asked for."""
    visitor = changed.visit(changed.owner)
    shown = visitor.get(f"{path}?refused=1")
    (text,) = entries(shown)
    assert "mia@nordwind.example was refused on Nordwind: Rename the organization" in text
    assert "Refused org.rename missing" in text
    assert any("was refused" in each for each in entries(visitor.get(path)))


def test_the_newest_stand_first_under_their_day(changed, path):
    """Days are headed in the viewer's language."""
    changed.world.clock.advance(days=2)
    changed.key.patch(f"/groups/{changed.prod}", {"name": "production"})
    shown = changed.visit(changed.owner).get(path)
    days = re.findall(r'<h2 class="ow-day">([^<]*)', shown.text)
    assert days == ["Sunday, 17 January 2027", "Friday, 15 January 2027"]


def test_the_owner_role_is_marked(company, path):
    """Whoever becomes an owner stands out; founding the project does not."""
    company.key.put(f"/groups/{company.prod}/users/{company.reader.id}/roles", {"groupRoles": ["GROUP_OWNER"]})
    shown = company.visit(company.owner).get(path)
    assert [each for each in entries(shown) if "Owner given" in each and "changed the roles" in each]
    assert not [each for each in entries(shown) if "Owner given" in each and "created the project" in each]


def test_details_unfold_in_place_and_have_an_address(changed, path):
    """What the roles add and take, the operation, the request, the place in the chain; the link opens them anywhere."""
    visitor = changed.visit(changed.owner)
    href = re.search(r'href="([^"]*open=(\d+)[^"]*)"', visitor.get(f"{path}?what=people").text)
    revision = href[2]
    shown = visitor.get(f"{path}?open={revision}")
    for text in ("updateGroupUserRoles", f"revision {revision}", "clusters.pause", "Chain", "Hide details"):
        assert text in said(shown)
    elsewhere = visitor.get(f"{path}?refused=1&open={revision}")
    assert "updateGroupUserRoles" in said(elsewhere)


@pytest.mark.parametrize("revision", ["0", "999999", "x", "-1", "9" * 40, "<b>"])
def test_details_of_what_is_not_there_are_none(changed, path, revision):
    """The list is shown all the same."""
    shown = changed.visit(changed.owner).get(f"{path}?open={revision}")
    assert shown.status == 200
    assert "Hide details" not in shown.words


def test_everything_of_one_actor_and_about_one_person(changed, path):
    """The details lead there."""
    visitor = changed.visit(changed.owner)
    by_mia = entries(visitor.get(f"{path}?actor={changed.member.id}"))
    assert by_mia
    assert all("mia@nordwind.example" in each for each in by_mia)
    about_rob = entries(visitor.get(f"{path}?about={changed.reader.id}"))
    assert len(about_rob) == 2
    assert all("rob@nordwind.example" in each for each in about_rob)


def test_a_search_means_somebody(changed, path):
    """One who fits is meant; several are offered; nobody finds nothing."""
    visitor = changed.visit(changed.owner)
    assert all("rob@nordwind.example" in each for each in entries(visitor.get(f"{path}?q=rob")))
    changed.world.user("rosa@nordwind.example", orgs={changed.id: ["ORG_MEMBER"]})
    several = visitor.get(f"{path}?q=ro")
    assert "Whom or what do you mean?" in said(several)
    assert any(f"about={changed.reader.id}" in link for link in several.links)
    assert entries(visitor.get(f"{path}?q=zzz")) == []
    assert entries(visitor.get(f"{path}?q={changed.reader.id}"))


def test_filters_narrow_the_list(changed, path):
    """By what, by who, by period; a link of the API with types and dates is understood."""
    visitor = changed.visit(changed.owner)
    assert all("team" in each for each in entries(visitor.get(f"{path}?what=teams")))
    assert all("operator" in each for each in entries(visitor.get(f"{path}?who=operator")))
    changed.world.clock.advance(days=10)
    changed.key.patch(f"/groups/{changed.prod}", {"tags": [{"key": "a", "value": "b"}]})
    assert len(entries(visitor.get(f"{path}?period=7"))) == 1
    link = changed.key.get(f"/orgs/{changed.id}/activityFeed?eventType=TEAM_CREATED&minDate=2027-01-01T00:00:00Z").json[
        "link"
    ]
    text = entries(visitor.get(link.removeprefix("http://orgward.test")))
    assert len(text) == 1
    assert "created the team On-call" in text[0]
    assert entries(visitor.get(f"{path}?maxDate=2020-01-01T00:00:00Z")) == []


@pytest.mark.parametrize(
    "query", ["period=x", "what=nothing", "eventType=NOTHING", "minDate=never", "after=%00", "project=x"]
)
def test_a_filter_that_is_none_is_passed_over(company, path, query):
    """The list stands as it would without."""
    visitor = company.visit(company.owner)
    assert len(entries(visitor.get(f"{path}?{query}"))) == len(entries(visitor.get(path))) > 0


def test_the_list_goes_on(company, path):
    """Older ones follow on further pages, none twice."""
    for number in range(30):
        company.key.patch(f"/groups/{company.prod}", {"name": f"prod {number}"})
    visitor = company.visit(company.owner)
    first = visitor.get(path)
    second = visitor.get(next(link for link in first.links if "after=" in link))
    ids = [re.findall(r'id="(e\d+)"', shown.text) for shown in (first, second)]
    assert len(ids[0]) == 25
    assert not {*ids[0]} & {*ids[1]}


def test_what_happens_in_a_project_only_those_know_who_read_its_events(changed, path):
    """Mia is in the organization and on no project; Rob, on prod, knows of prod and not of dev."""
    changed.key.patch(f"/groups/{changed.dev}", {"name": "secret"})
    mia = changed.visit(changed.member).get(path)
    assert "prod" not in said(mia)
    assert "secret" not in said(mia)
    assert "created the team On-call" in said(mia)
    rob = changed.visit(changed.reader).get(path)
    assert "on prod" in said(rob)
    assert "secret" not in said(rob)
    assert entries(changed.visit(changed.reader).get(f"{path}?project={changed.dev}")) == entries(rob)
    assert "secret" not in changed.visit(changed.member).get(f"{path}.csv").text


def test_the_page_of_a_project_tells_of_it_alone(changed):
    """Its people see it, with refusals there; strangers see nothing."""
    changed.reader.delete(f"/groups/{changed.prod}")
    changed.key.patch(f"/groups/{changed.dev}", {"name": "dev 2"})  # written after the refusal
    shown = changed.visit(changed.reader).get(f"/p/{changed.prod}/activity")
    assert shown.status == 200
    texts = entries(shown)
    assert any("changed the roles of rob@nordwind.example" in each for each in texts)
    assert any("was refused on prod: Delete the project" in each for each in texts)
    assert not any("Nordwind" in each for each in texts)
    for last in ("activity", "activity.csv"):
        assert changed.visit(changed.member).get(f"/p/{changed.prod}/{last}").status == 404


def test_the_file_has_a_row_for_each_entry(changed, path):
    """With ids, codes and types of events as the API has them, filtered like the list."""
    visitor = changed.visit(changed.owner)
    rows = rows_of(visitor.get(f"{path}.csv"))
    refused = next(row for row in rows if row["outcome"] == "refused")
    assert (refused["operation"], refused["errorCode"]) == ("updateOrg", "USER_UNAUTHORIZED")
    assert refused["actorName"] == "mia@nordwind.example"
    assert any("USER_ROLES_CHANGED_AUDIT" in row["eventTypes"] for row in rows)
    assert len(rows_of(visitor.get(f"{path}.csv?refused=1"))) == 1


def test_an_erased_person_has_no_name_any_more(company, path):
    """What they did stays, with somebody whose name nobody knows."""
    company.key.delete(f"/orgs/{company.id}/users/{company.reader.id}")
    company.world.erase("rob@nordwind.example")
    shown = company.visit(company.owner).get(path)
    assert "rob@nordwind.example" not in said(shown)
    assert "A person who was erased" in said(shown)


def test_names_are_text(company, path):
    """A project called like markup is shown as it is written."""
    company.key.patch(f"/groups/{company.prod}", {"name": "<i>prod"})
    assert "<i>prod" not in company.visit(company.owner).get(path).text


def test_each_type_of_event_can_be_told_in_german(changed, path):
    """The sentences of the list, its heads and filters."""
    visitor = changed.visit(changed.owner)
    visitor.cookies["orgward-language"] = "de"
    shown = visitor.get(path)
    assert "hat die Rollen von rob@nordwind.example in prod geändert" in said(shown)
    assert "Freitag, 15. Januar 2027" in shown.words


# ---------------------------------------------------------------- the chain


def test_the_chain_is_said_to_be_whole_only_where_it_was_checked(company, path):
    """Each entry of the organization fits the one before it; there is no anchor yet."""
    shown = company.visit(company.owner).get(path)
    assert "The record is unbroken." in shown.words
    assert "There is no anchor yet." in shown.words


def test_an_anchor_is_named(company, path):
    """Once one is written, with its entry."""
    revision = write_anchor(company.world.store).split()[0]
    assert f"Last anchor: entry {revision}" in company.visit(company.owner).get(path).words


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE log SET actor_id = 'somebody' WHERE revision = (SELECT MIN(revision) + 2 FROM log WHERE org_id = ?)",
        "DELETE FROM log WHERE revision = (SELECT MAX(revision) FROM log WHERE org_id = ?)",
        "DELETE FROM log WHERE revision = (SELECT MIN(revision) + 1 FROM log WHERE org_id = ?)",
    ],
)
def test_tampering_shows(company, path, tampering):
    """A changed entry, one cut from the end, one taken from the middle."""
    connection = connect(company.world.store.path)
    connection.execute(tampering, (company.id,))
    connection.close()
    shown = company.visit(company.owner).get(path)
    assert "The record is broken at entry" in shown.words
    assert "unbroken" not in shown.words


def test_what_was_checked_is_checked_again_later(company, path):
    """An entry changed after it was checked shows an hour later."""
    visitor = company.visit(company.owner)
    assert "The record is unbroken." in visitor.get(path).words
    connection = connect(company.world.store.path)
    first = connection.execute("SELECT MIN(revision) FROM log WHERE org_id = ?", (company.id,)).fetchone()
    connection.execute("UPDATE log SET request_id = 'x' WHERE revision = ?", first)
    connection.close()
    company.world.clock.advance(seconds=3601)
    assert "The record is broken" in visitor.get(path).words


def test_who_knows_a_part_is_told_nothing_of_the_chain(company, path):
    """Its length would tell how much happens elsewhere."""
    assert "record" not in company.visit(company.member).get(path).words
