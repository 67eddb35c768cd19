"""A company in a federation, and people whom its identity provider signs in."""

from dataclasses import dataclass
from itertools import count
from typing import Any, Self

from orgward.app.acting import ground_of
from orgward.app.execute import NOBODY, Call
from orgward.app.operation import Operation, Public
from orgward.app.targets import Nowhere
from orgward.directory.ground import put
from orgward.directory.mapped_roles import apply_mappings
from orgward.store.writer import Outcome
from tests.directory.company import OWN, Company, address, done
from tests.world import Caller, Reply

NEWER = "application/vnd.atlas.2023-11-15+json"
_NUMBERS = count(1)


def _sign_in(context: Any) -> Outcome:
    user, provider, groups = context.call.body
    applied = apply_mappings(ground_of(context), user, provider, groups)
    known = put(
        "federated_identities", provider, f"hash-{user}", identity_provider_id=provider, subject_hash=f"hash-{user}",
        user_id=user, address="", linked_at=context.now, signed_in_at=context.now, salt="00",
    )  # fmt: skip
    return Outcome([*applied.deltas, known], {}, lambda _: applied.warnings)


SIGN_IN = Operation(
    id="signInBySaying", requires=Public("a test says who it is"), on=Nowhere(), inner=None, writes=True, run=_sign_in
)


@dataclass
class Federated:
    """A federation of one company, with an identity provider that the company uses."""

    company: Company
    id: str
    provider: str

    @classmethod
    def found(cls, company: Company) -> Self:
        """Found the federation, by the owner of the company."""
        federation = done(company.ann.post(f"{OWN}/orgs/{company.id}/federation"))["id"]
        made = cls(company, federation, "")
        made.provider = done(made.describe())["id"]
        done(made.configure(identityProviderId=made.provider))
        return made

    @property
    def path(self) -> str:
        """Give the path of the federation."""
        return f"/federationSettings/{self.id}"

    @property
    def own(self) -> str:
        """Give the path of the federation in our own API."""
        return f"{OWN}{self.path}"

    def describe(self, by: Caller | None = None, **members: Any) -> Reply:
        """Make an identity provider, of OIDC if nothing else is said."""
        issuer = f"https://idp{next(_NUMBERS)}.example.org"
        body = {"displayName": "Login", "issuerUri": issuer, "clientId": "orgward", "groupsClaim": "groups", **members}
        return (by or self.company.ann).post(f"{self.path}/identityProviders", body)

    def place(self, company: Company | None = None) -> str:
        """Give the path of a company, this one if no other is named, in the federation."""
        return f"{self.path}/connectedOrgConfigs/{(company or self.company).id}"

    def configure(self, company: Company | None = None, by: Caller | None = None, **members: Any) -> Reply:
        """Change how a company uses the federation."""
        return (by or (company or self.company).ann).patch(self.place(company), members)

    def connect(self, company: Company, by: Caller) -> Reply:
        """Take another company into the federation."""
        return by.post(f"{self.own}/connectedOrgConfigs", {"orgId": company.id})

    def given(self, *roles: str, on: dict[str, list[str]] | None = None, org: str = "") -> list[dict[str, str]]:
        """Give what a mapping gives: organization roles, and roles on projects."""
        projects = [{"groupId": p, "role": role} for p, names in (on or {}).items() for role in names]
        return [*({"orgId": org or self.company.id, "role": role} for role in roles), *projects]

    def map(self, group: str, *roles: str, on: Any = None, by: Caller | None = None, query: str = "") -> Reply:
        """Map a group to roles."""
        body = {"externalGroupName": group, "roleAssignments": self.given(*roles, on=on)}
        return (by or self.company.ann).post(f"{self.place()}/roleMappings{query}", body)

    def mapped(self, group: str, *roles: str, on: Any = None) -> str:
        """Map a group to roles and give the mapping's id."""
        return str(done(self.map(group, *roles, on=on))["id"])

    def remap(self, mapping: str, group: str, *roles: str, on: Any = None, by: Caller | None = None) -> Reply:
        """Replace a mapping."""
        body = {"externalGroupName": group, "roleAssignments": self.given(*roles, on=on)}
        return (by or self.company.ann).put(f"{self.place()}/roleMappings/{mapping}", body)

    def unmap(self, mapping: str, by: Caller | None = None, query: str = "") -> Reply:
        """Delete a mapping."""
        return (by or self.company.ann).delete(f"{self.place()}/roleMappings/{mapping}{query}")

    def says(self, who: Caller, *groups: str, provider: str = "") -> list[str]:
        """Sign somebody in as one of these groups, and give the codes of what was left as it was."""
        return self._signed_in(who, provider or self.provider, groups)

    def is_silent(self, who: Caller) -> list[str]:
        """Sign somebody in without a word on groups, and give the codes of what was left as it was."""
        return self._signed_in(who, self.provider, None)

    def _signed_in(self, who: Caller, provider: str, groups: tuple[str, ...] | None) -> list[str]:
        call = Call(SIGN_IN, NOBODY, body=(who.id, provider, groups))
        return [warning.code for warning in self.company.world.door.write(call).result(30).result]

    def arrive(self, name: str, *groups: str) -> Caller:
        """Make an account that is in nothing, and sign it in as one of these groups."""
        who = self.company.outsider(address(name))
        self.says(who, *groups)
        return who

    # -- domains

    def claim(self, domain: str, by: Caller | None = None) -> Reply:
        """Claim a domain."""
        return (by or self.company.ann).post(f"{self.own}/domains", {"domain": domain})

    def verify(self, domain: str, *records: str, by: Caller | None = None) -> Reply:
        """Verify a domain while the DNS holds these texts at it, and fail if anything else is looked up."""
        asked = []
        self.company.world.door.txt_records = lambda name: asked.append(name) or list(records)
        reply = (by or self.company.ann).post(f"{self.own}/domains/{domain}:verify")
        assert set(asked) <= {domain}
        return reply

    def prove(self, domain: str) -> None:
        """Claim a domain and prove it."""
        done(self.verify(domain, done(self.claim(domain))["proof"]))
