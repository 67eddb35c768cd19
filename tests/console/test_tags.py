"""The tags of a project: who sees and who changes them, and what a tag may be made of (rules 106, 127)."""

import json

import pytest


@pytest.fixture
def path(company):
    """Give the address of the page."""
    return f"/p/{company.prod}/tags"


def tags(company):
    """Give the tags as the API has them."""
    return {tag["key"]: tag["value"] for tag in company.key.get(f"/groups/{company.prod}").json["tags"]}


def test_a_tag_is_added_changed_and_removed(company, path):
    """Each form leaves the other tags as they are."""
    visitor = company.visit(company.owner)
    assert visitor.post(path, {"key": "team", "value": "tracking"}).location == path
    visitor.post(path, {"key": "env", "value": "prod"})
    assert tags(company) == {"env": "prod", "team": "tracking"}
    assert visitor.get(f"{path}?edit=team").hidden("was") == "team"
    visitor.post(path, {"was": "team", "key": "squad", "value": "billing"})
    assert tags(company) == {"env": "prod", "squad": "billing"}
    done = visitor.follow(visitor.post(f"{path}/remove", {"key": "env"}))
    assert "Tag env removed." in done.words
    assert tags(company) == {"squad": "billing"}


def test_a_key_that_is_taken_is_refused_at_its_field(company, path):
    """Adding it again says so and changes nothing; what was written stays in the form."""
    visitor = company.visit(company.owner)
    visitor.post(path, {"key": "team", "value": "one"})
    shown = visitor.post(path, {"key": "team", "value": "two"})
    assert shown.status == 400
    assert "There is a tag team already." in shown.words
    assert 'value="two"' in shown.text
    assert tags(company) == {"team": "one"}


@pytest.mark.parametrize("key", ["", "<b>", "x" * 256])
def test_a_key_of_other_letters_is_refused(company, path, key):
    """The page says what a tag is made of, and shows nothing that was written as markup."""
    shown = company.visit(company.owner).post(path, {"key": key, "value": "v"})
    assert shown.status == 400
    assert "1 to 255 letters" in shown.words
    assert "<b>" not in shown.text.split("<main")[1].replace("<b></b>", "")
    assert tags(company) == {}


def test_a_reader_sees_tags_and_changes_none(company, path):
    """Whoever may not change them gets no form and no menu, and is refused if they post one."""
    company.visit(company.owner).post(path, {"key": "team", "value": "tracking"})
    visitor = company.visit(company.reader)
    shown = visitor.get(path)
    assert "tracking" in shown.words
    assert f"{path}/remove" not in shown.actions
    assert path not in shown.actions
    assert visitor.post(path, {"key": "a", "value": "b"}).status == 403
    assert visitor.post(f"{path}/remove", {"key": "team"}).status == 403
    assert tags(company) == {"team": "tracking"}


def test_whoever_does_not_see_the_project_sees_no_page(company, path):
    """A member without a role there and a stranger are told the same, of the form as of the page."""
    for caller in (company.member, company.stranger):
        visitor = company.visit(caller)
        assert visitor.get(path).status == 404
        assert visitor.post(path, {"key": "team", "value": "x"}).status == 404


def test_nobody_changes_tags_where_the_edition_has_none(old_company):
    """In Cloud Manager an owner sees the page without its form."""
    path = f"/p/{old_company.prod}/tags"
    shown = old_company.visit(old_company.owner).get(path)
    assert shown.status == 200
    assert path not in shown.actions


def test_the_file_has_a_line_a_tag(company, path):
    """Values that a spreadsheet would take for a formula are defused."""
    body = {"tags": [{"key": "env", "value": "prod"}, {"key": "sum", "value": "-1+1"}]}
    assert company.key.patch(f"/groups/{company.prod}", body).status == 200, json.dumps(body)
    lines = company.visit(company.reader).get(f"{path}.csv").text.split("\r\n")
    assert lines == ["key,value", "env,prod", "sum,'-1+1", ""]
