"""Contract, "Beyond Atlas' API": invitations sent again, and inviters who have lost the right."""

import pytest

from tests.directory.company import (
    OWN,
    accept,
    done,
    own_invitations,
    refused,
    token_mailed,
)

LOST = (409, "INVITER_LOST_RIGHT")


def _resend(company, invitation, *, project="", by=None):
    place = f"groups/{project}" if project else f"orgs/{company.id}"
    return (by or company.ann).post(f"{OWN}/{place}/invitations/{invitation}:resend")


def _set_up(world, token):
    body = {"token": token, "password": "correct horse", "firstName": "N", "lastName": "N"}
    return world.nobody.post(f"{OWN}/accounts:setup", body)


def test_sending_again_kills_the_old_link(world, company):
    """The old link is worthless at once, and the new one works."""
    invitation = company.invited("new")
    old = token_mailed(world, "new")
    world.clock.advance(seconds=1)
    done(_resend(company, invitation))
    new = token_mailed(world, "new")
    refused(_set_up(world, old), 404, "TOKEN_NOT_FOUND")
    done(_set_up(world, new))


def test_sending_again_begins_the_term_anew(world, company):
    """An invitation that was sent again lives for thirty days from then, expired ones included."""
    bob = company.outsider("bob")
    invitation = company.invited("bob", "ORG_READ_ONLY")
    world.clock.advance(days=31)
    refused(accept(bob, invitation), 409, "INVITATION_NOT_PENDING")
    done(_resend(company, invitation))
    assert company.status_of(bob.id) == "PENDING"
    world.clock.advance(days=29)
    done(accept(bob, invitation))
    assert company.roles_of(bob.id) == ["ORG_READ_ONLY"]


def test_an_answered_invitation_is_not_sent_again(company):
    """What was accepted is pending no more."""
    bob = company.outsider("bob")
    invitation = company.invited("bob")
    done(accept(bob, invitation))
    refused(_resend(company, invitation), 409, "INVITATION_NOT_PENDING")


def test_a_project_sends_its_own_again(company):
    """A project's owner sends again what concerns their project, by the id that the project's invites show."""
    project = company.project()
    boss = company.person("boss", on={project: ["GROUP_OWNER"]})
    done(company.add(project, "new", by=boss))
    shown = done(boss.get(f"/groups/{project}/invites", accept="application/vnd.atlas.2023-01-01+json"))
    done(_resend(company, shown[0]["id"], project=project, by=boss))


@pytest.mark.parametrize("loss", ["demoted", "removed", "suspended", "bounded", "demoted on the project"])
def test_an_inviter_who_lost_the_right_gives_nothing(world, company, loss):
    """At acceptance the rules run again: whoever could not send it now gives nothing, and it stays pending."""
    project, bob = company.project(), company.outsider("bob")
    boss = company.person("boss", "ORG_OWNER", "ORG_MEMBER", on={project: ["GROUP_OWNER", "GROUP_READ_ONLY"]})
    if loss == "demoted on the project":
        done(company.change(boss.id, "ORG_MEMBER"))
        new = "new" if company.edition == "cloud_manager" else "bob"
        done(company.add(project, new, "GROUP_OWNER", by=boss))
        bob = company.outsider(new)
        invitation = own_invitations(bob)[0]["id"]
        done(company.remove_role(boss.id, "GROUP_OWNER", project=project))
    else:
        invitation = company.invited("bob", "ORG_READ_ONLY", by=boss)
    if loss == "demoted":
        done(company.change(boss.id, "ORG_MEMBER"))
    elif loss == "removed":
        done(company.remove(boss.id))
    elif loss == "suspended":
        done(company.suspend(boss.id))
    elif loss == "bounded":
        done(company.bound(boss.id, "ORG_OWNER", ends=1))
        world.clock.advance(seconds=1)
    refused(accept(bob, invitation), *LOST)
    assert [found["id"] for found in own_invitations(bob)] == [invitation]
    assert company.status_of(bob.id) == "PENDING"


def test_an_inviter_who_regains_the_right_gives_again(company):
    """An invitation that stayed pending works once its inviter may send it again."""
    bob, boss = company.outsider("bob"), company.person("boss", "ORG_OWNER", "ORG_MEMBER")
    invitation = company.invited("bob", "ORG_OWNER", by=boss)
    done(company.remove_role(boss.id, "ORG_OWNER"))
    refused(accept(bob, invitation), *LOST)
    done(company.add_role(boss.id, "ORG_OWNER"))
    done(accept(bob, invitation))


def test_each_part_is_judged_by_who_put_it_in(atlas):
    """An invitation amended by somebody who lost the right does not bring their part in by the first inviter's."""
    web, bob = atlas.project("web"), atlas.outsider("bob")
    boss = atlas.person("boss", on={web: ["GROUP_OWNER"]})
    invitation = atlas.invited("bob", "ORG_READ_ONLY")
    done(atlas.add(web, "bob", "GROUP_OWNER", by=boss))
    done(atlas.remove(boss.id))
    refused(accept(bob, invitation), *LOST)
    done(atlas.remove(bob.id, project=web))
    done(accept(bob, invitation))
    assert atlas.roles_of(bob.id) == ["ORG_READ_ONLY"]
    assert atlas.project_user(web, bob.id) is None


def test_an_amendment_gives_nothing_that_its_maker_may_not(atlas):
    """Somebody who may not hand out a role puts it into no open invitation, nor takes it out."""
    web, bob = atlas.project("web"), atlas.outsider("bob")
    manager = atlas.person("manager", on={web: ["GROUP_ACCESS_MANAGER"]})
    atlas.invited("bob", on={web: ["GROUP_OWNER", "GROUP_READ_ONLY"]})
    refused(atlas.remove_role(bob.id, "GROUP_OWNER", project=web, by=manager), 403, "ROLE_NOT_GRANTABLE")
    refused(atlas.remove(bob.id, project=web, by=manager), 403, "ROLE_NOT_GRANTABLE")
    done(atlas.remove_role(bob.id, "GROUP_READ_ONLY", project=web, by=manager))
    assert atlas.project_roles_of(web, bob.id) == ["GROUP_OWNER"]
