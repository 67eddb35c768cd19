"""Settings of a project: its name, its switches, and leaving, moving and deleting it (rules 94, 105, 106, 130)."""

import pytest

from orgward.app.gates import RECENT_PROOF
from orgward.directory.settings import PROJECT_DEFAULTS
from tests.console.conftest import Company


def settings(company):
    """Give the settings as the API has them."""
    return company.key.get(f"/groups/{company.prod}/settings").json


@pytest.fixture
def general(company):
    """Give the address of the page with name and switches."""
    return f"/p/{company.prod}/settings/general"


@pytest.fixture
def danger(company):
    """Give the address of the page with what is hard to undo."""
    return f"/p/{company.prod}/settings/danger"


def test_an_owner_renames_the_project(company, general):
    """The new name stands in the frame; one that is taken is refused at its field."""
    visitor = company.visit(company.owner)
    visitor.post(general, {"part": "name", "name": "production"})
    assert "production" in visitor.get(general).words
    shown = visitor.post(general, {"part": "name", "name": "dev"})
    assert shown.status == 409
    assert "dev" in shown.words
    assert company.key.get(f"/groups/{company.prod}").json["name"] == "production"


def test_every_switch_of_the_api_is_on_the_page(company, general):
    """No setting is left out."""
    shown = company.visit(company.owner).get(general)
    assert [name for name in PROJECT_DEFAULTS if f'name="{name}"' not in shown.text] == []


def test_only_what_differs_is_changed(company, general):
    """Switches of other groups stay, ticked or not."""
    visitor = company.visit(company.owner)
    before = settings(company)
    fields = {"part": "performance", "isPerformanceAdvisorEnabled": "on", "isRealtimePerformancePanelEnabled": "on"}
    visitor.post(general, fields)
    assert settings(company) == {**before, "isCollectDatabaseSpecificsStatisticsEnabled": False}


def test_a_reader_sees_the_switches_and_turns_none(company, general):
    """For whoever may not turn them they are words; a form that is posted is refused."""
    visitor = company.visit(company.reader)
    shown = visitor.get(general)
    assert "Performance Advisor" in shown.words
    assert "isPerformanceAdvisorEnabled" not in shown.text
    assert 'name="name"' not in shown.text
    assert visitor.post(general, {"part": "performance"}).status == 403
    assert visitor.post(general, {"part": "name", "name": "x"}).status == 403


def test_settings_of_a_project_that_one_does_not_see_look_unknown(company, general, danger):
    """Pages and forms answer a stranger alike."""
    visitor = company.visit(company.stranger)
    for path in (general, danger):
        assert visitor.get(path).status == 404
    assert visitor.post(general, {"part": "name", "name": "x"}).status == 404


def test_leaving_goes_through_a_check(company, danger):
    """Whoever was added may leave, after seeing what they lose."""
    visitor = company.visit(company.reader)
    assert f"{danger}/leave" in visitor.get(danger).actions
    gone = visitor.apply(f"{danger}/leave")
    assert gone.location == f"/o/{company.id}/projects"
    assert visitor.get(danger).status == 404


def test_whoever_was_never_added_can_not_leave(company, danger):
    """An owner of the organization has nothing to give up here."""
    assert f"{danger}/leave" not in company.visit(company.owner).get(danger).actions


def test_deleting_needs_the_name(company, danger):
    """Another name deletes nothing, and the right one does; capitals count and spaces around it don't."""
    visitor = company.visit(company.owner)
    wrong = visitor.post(danger, {"part": "delete", "name": "Prod"})
    assert wrong.status == 400
    assert "This is not the name of the project." in wrong.words
    assert company.key.get(f"/groups/{company.prod}").status == 200
    done = visitor.post(danger, {"part": "delete", "name": " prod "})
    assert done.location == f"/o/{company.id}/projects"
    assert "prod is deleted." in visitor.follow(done).words
    assert company.key.get(f"/groups/{company.prod}").status == 404


def test_a_reader_deletes_and_moves_nothing(company, danger):
    """The page offers neither; both forms are refused."""
    visitor = company.visit(company.reader)
    assert danger not in visitor.get(danger).actions
    assert visitor.post(danger, {"part": "delete", "name": "prod"}).status == 403
    assert visitor.post(danger, {"part": "move", "destination": company.id}).status == 403


def test_moving_goes_through_a_check(company, world, danger):
    """Only organizations of the same edition that one owns too are offered; the project lies there afterwards."""
    there = world.organization("Elsewhere", owner="carla@nordwind.example")
    world.organization("Old", edition="cloud_manager", owner="carla@nordwind.example")
    foreign = world.organization("Foreign", owner="fred@foreign.example")
    visitor = company.visit(company.owner)
    shown = visitor.get(danger)
    assert f'value="{there.id}"' in shown.text
    assert f'value="{foreign.id}"' not in shown.text
    assert shown.text.count("<option") == 1
    gone = visitor.apply(danger, {"part": "move", "destination": there.id})
    assert gone.location == f"/p/{company.prod}/access"
    assert there.key.get(f"/groups/{company.prod}").json["orgId"] == there.id


@pytest.mark.parametrize("destination", ["", "nonsense", "a" * 24])
def test_moving_to_nowhere_is_refused(company, world, danger, destination):
    """An organization that is not there makes no check."""
    shown = company.visit(company.owner).post(danger, {"part": "move", "destination": destination})
    assert shown.status in {400, 404}


@pytest.mark.parametrize("fields", [{"part": "delete", "name": "prod"}, {"part": "move", "destination": "a" * 24}])
def test_an_old_session_proves_itself_first(company, world, danger, fields):
    """Whatever is asked for, and though it could not be done at all; the page says so before."""
    world.clock.advance(seconds=RECENT_PROOF / 1000)
    visitor = company.visit(company.owner)
    assert "confirm who you are first" in visitor.get(danger).words
    assert visitor.post(danger, fields).location == f"/prove?next={danger}"
    assert company.key.get(f"/groups/{company.prod}").status == 200


def test_names_are_shown_as_text(world):
    """A name with letters of markup is no markup."""
    company = Company(world)
    body = {"name": "a & b (c)"}
    assert company.key.patch(f"/groups/{company.prod}", body).status == 200
    shown = company.visit(company.owner).get(f"/p/{company.prod}/settings/general")
    assert "a &amp; b (c)" in shown.text
