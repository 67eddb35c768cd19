"""From a refusal to an answer: what is missing, asking for it, and what becomes of the request."""

from playwright.sync_api import expect

from tests.browser.acts import act_on, button_of_check, follow, go_through, press, row_of, sees, told, words, write

ROB = "rob@nordwind.example"


def refused(company, reader):
    """Open what somebody with Project Read Only may not open: adding people to the project."""
    assert reader.open(f"/p/{company.prod}/access/add") == 403


def ask(company, reader, role, days, message):
    """Ask, on the page of the refusal, for a role for some days."""
    refused(company, reader)
    reader.page.get_by_label("Role", exact=True).select_option(label=role)
    reader.page.get_by_label("For how long").select_option(days)
    write(reader, "What for", message)
    press(reader, "Send request")
    told(reader, "Your request is sent.")


def test_a_refusal_says_what_is_missing_and_who_gives_it(company, visit):
    """The privilege, what one holds, the roles that have it, and the people who can give one."""
    rob = visit(company.reader)
    refused(company, rob)
    sees(rob, "You can’t do this on prod")
    sees(rob, "project.users.add")
    sees(rob, "You hold direct: Project Read Only")
    sees(rob, "Project Access Manager")
    sees(rob, "Who can give it 1 CA carla@nordwind.example Organization Owner")
    sees(rob, "The smallest role that is enough")


def test_a_denied_request_leaves_what_one_has(company, visit):
    """The owner is told that somebody waits, denies, and the asker reads that and what they keep."""
    rob, carla = visit(company.reader), visit(company.owner)
    ask(company, rob, "Project Access Manager", "7", "I bring new colleagues in.")
    sees(rob, "prod project You asked on 15 Jan 2027.")
    sees(rob, "Until 22 January 2027")

    carla.open(f"/p/{company.prod}/access")
    sees(carla, "1 person asks to join this project.")
    follow(carla, "Answer requests")
    expect(row_of(carla, "I bring new colleagues in.")).to_contain_text("ends 22 Jan")
    act_on(carla, ROB, "Deny")
    told(carla, "Denied.")

    rob.open("/me/invitations?tab=answered")
    sees(rob, "prod You asked to join Denied on 15 Jan 2027")
    sees(rob, "You keep Project Read Only through a role of your own.")
    assert rob.open(f"/p/{company.prod}/access") == 200
    refused(company, rob)


def test_an_approved_request_gives_access_until_its_end(company, visit):
    """A role with an end comes with the approval, and is gone when the day is over."""
    rob, carla = visit(company.reader), visit(company.owner)
    ask(company, rob, "Project Access Manager", "30", "While Mia is away.")

    carla.open(f"/p/{company.prod}/requests")
    act_on(carla, ROB, "Approve…")
    sees(carla, "While Mia is away.")
    expect(carla.page.get_by_label("Access Manager", exact=True)).to_be_checked()
    expect(carla.page.get_by_label("Ends on")).to_have_value("2027-02-14")
    write(carla, "Ends on", "2027-01-18")
    press(carla, "Check this change")
    expect(button_of_check(carla)).to_contain_text("Give")
    refused(company, rob)
    go_through(carla)
    told(carla, "The request is approved.")

    assert rob.open(f"/p/{company.prod}/access/add") == 200
    rob.open("/me/invitations?tab=answered")
    sees(rob, "Approved on 15 Jan 2027")
    rob.open(f"/p/{company.prod}/access")
    expect(row_of(rob, "Access Manager").first).to_contain_text("ends 18 Jan")

    company.world.clock.advance(days=3.6)
    assert rob.open(f"/p/{company.prod}/access/add") == 200
    company.world.clock.advance(days=0.1)
    refused(company, rob)
    assert rob.open(f"/p/{company.prod}/access") == 200
    assert "Access Manager" not in words(rob)
