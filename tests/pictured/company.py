"""The company of the pictures: Nordwind Logistics from January to a Sunday in November, by commands and calls alone."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec

from orgward.app.execute import Call
from orgward.app.mail import Dispatcher, MailSettings, RefusedMessageError
from orgward.app.operation import REGISTRY
from orgward.app.operator import NewOrganization, NewUser
from orgward.kernel.principal import Principal
from tests.authenticator import Authenticator, code_at
from tests.pictured.people import address_of, halves_of
from tests.world import Caller, World

OWN: Final = "/api/orgward/v1"
PASSWORD: Final = "seven lakes and a ferry"
COMMAND_LINE: Final = Principal("operator", "henrik@adm-01")
LAPTOP: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
URL: Final = "https://orgward.test"
_LINK: Final = re.compile(r"https://orgward\.test/(setup|reset|verify)/(\S+)")


class Post:
    """Takes every message to a pigeonhole of its reader, but to hosts that refuse them."""

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self.links: dict[str, list[tuple[str, str]]] = defaultdict(list)

    def send(self, message: EmailMessage, row: Mapping[str, Any]) -> None:
        """Keep the link of `message`, or refuse it."""
        (reader,) = message["To"].addresses
        if reader.domain.startswith("kpm-"):
            raise RefusedMessageError(550, b"5.1.1 no such mailbox")
        self.links[reader.addr_spec] += _LINK.findall(str(message.get_content()))


@dataclass(slots=True)
class Company:
    """A world, its time, and everybody and everything in it by name."""

    world: World
    people: dict[str, str] = field(default_factory=dict)
    orgs: dict[str, str] = field(default_factory=dict)
    projects: dict[str, str] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    keys: dict[str, Caller] = field(default_factory=dict)
    key_ids: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    apps: dict[str, str] = field(default_factory=dict)
    passkeys: dict[str, Authenticator] = field(default_factory=dict)
    sessions: dict[tuple[str, str], Caller] = field(default_factory=dict)
    post: Post = field(default_factory=Post)
    _day: str = ""

    # -- time

    def at(self, moment: str) -> None:
        """Let it be `moment`, in UTC: a day and a time, or a time later that day."""
        self._day, time = moment.split() if " " in moment else (self._day, moment)
        now = int(datetime.fromisoformat(f"{self._day}T{time}+00:00").timestamp() * 1000)
        assert now >= self.world.clock.now, f"{moment} is before what happened last"
        self.world.clock.now = now

    # -- people and their sessions

    def deliver(self) -> None:
        """Take to their readers the messages that wait."""
        settings = MailSettings.of({}, self.world.store.path.parent, URL)
        Dispatcher(self.world.door, MailSettings(self.post, settings.sender, URL)).send_waiting()

    def link(self, address: str, page: str = "setup") -> str:
        """Return the token of the newest link to `page` that was mailed to `address`."""
        self.deliver()
        return [token for found, token in self.post.links[address] if found == page][-1]

    def enrol(self, names: Sequence[str], org: str, above: Sequence[str], **below: Sequence[str]) -> None:
        """Bring people into an organization on the command line, with roles there, and below by project."""
        inside = {self.projects[_dashed(project)]: roles for project, roles in below.items()}
        for name in names:
            body = NewUser(username=address_of(name), organizations={self.orgs[org]: above}, projects=inside)
            self.people[name] = self._operate("enrolUser", body)["userId"]

    def set_up(self, *names: str, **elsewhere: str) -> None:
        """Let people choose a password with the links that they were mailed; `elsewhere` has addresses by name."""
        self.addresses |= {name.replace("_", " "): address for name, address in elsewhere.items()}
        for name in (*names, *(name.replace("_", " ") for name in elsewhere)):
            first, last = halves_of(name)
            body = {"token": self.link(self.address(name)), "password": PASSWORD, "firstName": first, "lastName": last}
            made = self.ask(Caller(self.world), "POST", f"{OWN}/accounts:setup", body)
            self.people[name] = made["userId"]

    def address(self, name: str) -> str:
        """Return where somebody reads their mail."""
        return self.addresses.get(name) or address_of(name)

    def of(self, name: str, address: str = "10.20.4.7") -> Caller:
        """Return somebody signed in today, at this address."""
        found = self.sessions.get((name, self._day))
        if found is None:
            found = self.sessions[name, self._day] = self.sign_in(name, address)
        return found

    def sign_in(self, name: str, address: str = "10.20.4.7", device: str = LAPTOP) -> Caller:
        """Begin a session of somebody, with what they have enrolled for that."""
        who, headers = Caller(self.world, address=address), {"user-agent": device}
        if name in self.passkeys:
            asked = self.ask(who, "POST", f"{OWN}/sessions/passkey:begin")
            body = {"state": asked["state"], "credential": self.passkeys[name].signed(asked["options"])}
            made = self.ask(who, "POST", f"{OWN}/sessions/passkey", body, headers=headers)
        else:
            body = {"username": self.address(name), "password": PASSWORD}
            made = self.ask(who, "POST", f"{OWN}/sessions", body, headers=headers)
        if "pending" in made:
            body = {"pending": made["pending"], "code": code_at(self.apps[name], self.world.clock.now)}
            made = self.ask(who, "POST", f"{OWN}/sessions:verify", body, headers=headers)
        return Caller(self.world, token=made["token"], id=made["userId"], address=address)

    def add_app(self, name: str) -> None:
        """Let somebody enrol an authenticator app."""
        begun = self.ask(self.of(name), "POST", f"{OWN}/me/factors/totp", {"name": "Phone"})
        self.apps[name] = begun["secret"]
        code = code_at(begun["secret"], self.world.clock.now)
        self.ask(self.of(name), "POST", f"{OWN}/me/factors/{begun['id']}:activate", {"code": code})
        self.world.clock.advance(seconds=30)  # a code counts once

    def add_passkey(self, name: str, title: str = "Laptop") -> None:
        """Let somebody enrol a passkey."""
        number = len(self.passkeys) + 1
        key = Authenticator(key=ec.derive_private_key(number, ec.SECP256R1()), id=number.to_bytes(32))
        begun = self.ask(self.of(name), "POST", f"{OWN}/me/factors/passkeys:begin")
        body = {"state": begun["state"], "credential": key.made(begun["options"]), "name": title}
        self.ask(self.of(name), "POST", f"{OWN}/me/factors/passkeys", body)
        self.passkeys[name] = key

    # -- asking

    def ask(self, who: Caller, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """Make a call that is as good as expected, and return what came back."""
        reply = who(method, path, body, **options)
        assert reply.status < 300, (method, path, body, reply.status, reply.json)
        return reply.json

    def _operate(self, operation: str, body: Any) -> Any:
        return self.world.door.write(Call(REGISTRY[operation], COMMAND_LINE, body=body)).result(30).result

    def found(self, name: str, owner: str, edition: str = "atlas") -> None:
        """Found an organization on the command line, with an owner who has an account."""
        body = NewOrganization(name=name, owner=owner, edition=edition)
        made = self._operate("bootstrap", body)
        self.orgs[name] = made["organizationId"]
        self.post.links[owner].append(("setup", made["setupToken"]))

    def project(self, by: str, org: str, name: str, **tags: str) -> None:
        """Let somebody make a project."""
        listed = [{"key": key, "value": value} for key, value in tags.items()]
        body = {"name": name, "orgId": self.orgs[org], "tags": listed}
        self.projects[name] = self.ask(self.of(by), "POST", "/groups", body)["id"]

    def team(self, by: str, org: str, name: str, people: Sequence[str], **roles: Sequence[str]) -> None:
        """Let somebody make a team of these people, with roles by project."""
        body = {"name": name, "usernames": [address_of(person) for person in people]}
        team = self.teams[name] = self.ask(self.of(by), "POST", f"/orgs/{self.orgs[org]}/teams", body)["id"]
        for project, given in roles.items():
            on = [{"teamId": team, "roleNames": list(given)}]
            self.ask(self.of(by), "POST", f"/groups/{self.projects[_dashed(project)]}/teams", on)

    def into_team(self, by: str, team: str, person: str) -> None:
        """Let somebody put a member into a team."""
        path = f"/orgs/{self.orgs['Nordwind Logistics']}/teams/{self.teams[team]}:addUser"
        self.ask(self.of(by), "POST", path, {"id": self.people[person]})

    def give(self, by: str, person: str, project: str, *roles: str) -> None:
        """Let somebody add a member to a project."""
        body = {"username": address_of(person), "roles": list(roles)}
        self.ask(self.of(by), "POST", f"/groups/{self.projects[project]}/users", body)

    def until(self, by: str, person: str, project: str, role: str, end: str) -> None:
        """Let somebody set when a role ends."""
        path = f"{OWN}/groups/{self.projects[project]}/users/{self.people[person]}/roles/{role}"
        self.ask(self.of(by), "PUT", path, {"endsAt": end})

    def invite(self, by: str, org: str, address: str, *roles: str, teams: Sequence[str] = (), **projects: str) -> str:
        """Let somebody invite an address, to projects and teams too; return the id of who is invited."""
        given = [{"groupId": self.projects[_dashed(p)], "groupRoles": [role]} for p, role in projects.items()]
        body = {
            "username": address,
            "roles": {"orgRoles": list(roles), "groupRoleAssignments": given},
            "teamIds": [self.teams[team] for team in teams],
        }
        return str(self.ask(self.of(by), "POST", f"/orgs/{self.orgs[org]}/users", body)["id"])

    def answer(self, name: str, verb: str) -> None:
        """Let somebody answer the newest invitation that waits for them."""
        who = self.of(name)
        waiting = self.ask(who, "GET", f"{OWN}/me/invitations")["results"]
        self.ask(who, "POST", f"{OWN}/me/invitations/{waiting[-1]['id']}:{verb}")

    def key(self, by: str, name: str, roles: Sequence[str], *, project: str = "", listed: Sequence[str] = ()) -> None:
        """Let somebody make an API key of Nordwind, or of one of its projects, with an access list."""
        org = self.orgs["Nordwind Logistics"]
        place = f"/groups/{self.projects[project]}" if project else f"/orgs/{org}"
        made = self.ask(self.of(by), "POST", f"{place}/apiKeys", {"desc": name, "roles": list(roles)})
        entries = [{"cidrBlock" if "/" in entry else "ipAddress": entry} for entry in listed]
        if entries:
            self.ask(self.of("Grace Nakamura"), "POST", f"/orgs/{org}/apiKeys/{made['id']}/accessList", entries)
        self.key_ids[name] = made["id"]
        self.keys[name] = Caller(self.world, made["publicKey"], made["privateKey"], id=made["id"])

    def account(self, by: str, name: str, text: str, roles: Sequence[str], *, on: str, there: Sequence[str]) -> None:
        """Let somebody make a service account of Nordwind, and put it on a project."""
        body = {"name": name, "description": text, "roles": list(roles), "secretExpiresAfterHours": 4_320}
        path = f"/orgs/{self.orgs['Nordwind Logistics']}/serviceAccounts"
        self.accounts[name] = self.ask(self.of(by), "POST", path, body)["clientId"]
        path = f"/groups/{self.projects[on]}/serviceAccounts/{self.accounts[name]}:invite"
        self.ask(self.of(by), "POST", path, {"roles": list(there)})

    def use(self, key: str, address: str) -> None:
        """Let a key be used from an address, and write that down."""
        self.keys[key].address = address
        self.keys[key].get(f"/orgs/{self.orgs['Nordwind Logistics']}")
        self.world.app.router.default.pipeline.key_use.flush()

    def ask_to_join(self, name: str, project: str, message: str, *roles: str, end: str | None = None) -> None:
        """Let somebody ask to join a project."""
        body = {"message": message, "roles": list(roles), "endsAt": end}
        self.ask(self.of(name), "POST", f"{OWN}/groups/{self.projects[project]}/joinRequests", body)

    def answer_request(self, by: str, name: str, project: str, verb: str, *roles: str) -> None:
        """Let somebody approve or deny what somebody asked for."""
        path = f"{OWN}/groups/{self.projects[project]}/joinRequests"
        (asked,) = (
            each for each in self.ask(self.of(by), "GET", path)["results"] if each["userId"] == self.people[name]
        )
        body = {"roles": list(roles)} if verb == "approve" else {}
        self.ask(self.of(by), "POST", f"{path}/{quote(asked['id'])}:{verb}", body)


def _dashed(name: str) -> str:
    """Return the name of a project as Python's keywords can't spell it."""
    return name.replace("_", "-")
