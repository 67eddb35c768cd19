"""The one way to be allowed, and the order in which it is refused."""

import pytest

from orgward.engine.authorized import Authorized, Gates, Visible, authorize, visible_to
from orgward.kernel.errors import DeniedError, GateError, NotFoundError, OrgwardError
from orgward.kernel.principal import Principal
from orgward.kernel.resource import STORE, ResourceRef
from tests.reference_model.model import Assignment, World
from tests.reference_model.worlds import load, rows_of

NOW = 1_000

WORLD = World(
    organizations={"acme": "atlas", "other": "cloud_manager"},
    projects={"web": "acme", "app": "acme", "far": "other"},
    users={"owner", "member", "reader", "lapsed", "invited", "idle", "away", "stranger", "farmer"},
    api_keys={"key": "acme", "far key": "other"},
    states={
        ("acme", "owner"): "active",
        ("acme", "member"): "active",
        ("acme", "reader"): "active",
        ("acme", "lapsed"): "active",
        ("acme", "invited"): "pending",
        ("acme", "idle"): "suspended",
        ("acme", "away"): "suspended",
        ("other", "away"): "active",
        ("other", "farmer"): "active",
    },
    assignments=[
        Assignment("owner", "acme", "ORG_OWNER"),
        Assignment("member", "acme", "ORG_MEMBER"),
        Assignment("reader", "acme", "ORG_MEMBER"),
        Assignment("reader", "web", "GROUP_READ_ONLY"),
        Assignment("lapsed", "acme", "ORG_OWNER", ends=NOW),
        Assignment("invited", "acme", "ORG_OWNER"),
        Assignment("idle", "acme", "ORG_OWNER"),
        Assignment("away", "acme", "ORG_MEMBER"),
        Assignment("away", "web", "GROUP_READ_ONLY"),
        Assignment("away", "other", "ORG_OWNER"),
        Assignment("farmer", "other", "ORG_OWNER"),
        Assignment("key", "acme", "ORG_MEMBER"),
        Assignment("key", "web", "GROUP_READ_ONLY"),
        Assignment("far key", "acme", "ORG_OWNER"),
        Assignment("far key", "other", "ORG_OWNER"),
    ],
)
FACTS = load(rows_of(WORLD))

OPEN, SHUT = Gates(), Gates(address_allowed=False)


def principal(name: str) -> Principal:
    """Return the principal of that name, with an address."""
    return Principal("api_key" if name in WORLD.api_keys else "user", name, "session", "192.0.2.7")


def place(name: str) -> ResourceRef:
    """Return the organization or project of that name."""
    if name in WORLD.projects:
        return ResourceRef("project", name, WORLD.projects[name], name)
    return ResourceRef("organization", name, name)


def answer(who: str, privilege: str, where: str, gates: Gates = OPEN) -> str:
    """Return `allowed`, or the code of the refusal."""
    try:
        authorize(FACTS, principal(who), [privilege], place(where), now=NOW, gates=gates)
    except OrgwardError as refusal:
        return refusal.code
    return "allowed"


class TestProofs:
    """Only `authorize` and `visible_to` make what commands and lists take."""

    def test_nobody_else_makes_a_proof(self):
        """Constructing a proof without the seal of its module is a TypeError."""
        with pytest.raises(TypeError, match="only authorize"):
            Authorized(object(), principal("owner"), place("acme"), privileges=["org.read"], held=["org.read"], now=NOW)
        with pytest.raises(TypeError, match="only visible_to"):
            Visible(object(), frozenset({"acme"}), everything=False)

    def test_a_proof_says_what_is_proven(self):
        """It names who, where, what was asked, which of that is held, and when."""
        proof = authorize(FACTS, principal("member"), ["org.rename", "org.read"], place("acme"), now=NOW, gates=OPEN)
        assert (proof.principal.id, proof.resource.id, proof.now) == ("member", "acme", NOW)
        assert (proof.privileges, proof.held) == (("org.rename", "org.read"), frozenset({"org.read"}))

    def test_lists_show_what_is_held(self):
        """What may be listed is where the privilege is held, and everything for the operator."""
        assert visible_to(FACTS, principal("reader"), "project.read", NOW).resources == {"web"}
        assert visible_to(FACTS, principal("owner"), "project.read", NOW).resources == {"web", "app"}
        everywhere = visible_to(FACTS, Principal("operator", "root"), "project.read", NOW)
        assert (everywhere.everything, everywhere.resources) == (True, frozenset())

    def test_the_operator_needs_nothing(self):
        """Whoever can open the store may do anything on any resource, and holds all that was asked."""
        operator = Principal("operator", "root")
        proof = authorize(FACTS, operator, ["org.delete"], place("acme"), now=NOW, gates=SHUT)
        assert proof.held == {"org.delete"}
        assert authorize(FACTS, operator, ["org.delete"], STORE, now=NOW, gates=OPEN).resource == STORE


@pytest.mark.parametrize(
    ("who", "privilege", "where", "expected"),
    [
        ("owner", "org.rename", "acme", "allowed"),
        ("owner", "project.delete", "app", "allowed"),
        ("reader", "project.read", "web", "allowed"),
        ("key", "project.read", "web", "allowed"),
        # not in the organization, or nothing readable there: as if it did not exist
        ("stranger", "org.read", "acme", "ORG_NOT_FOUND"),
        ("stranger", "project.read", "web", "GROUP_NOT_FOUND"),
        ("owner", "org.read", "other", "ORG_NOT_FOUND"),
        ("owner", "project.read", "far", "GROUP_NOT_FOUND"),
        ("owner", "org.read", "nowhere", "ORG_NOT_FOUND"),
        ("member", "project.read", "web", "GROUP_NOT_FOUND"),
        ("far key", "org.read", "acme", "ORG_NOT_FOUND"),
        ("far key", "project.read", "web", "GROUP_NOT_FOUND"),
        ("key", "project.read", "app", "GROUP_NOT_FOUND"),
        # pending is not in it, whatever the invitation carries
        ("invited", "org.read", "acme", "ORG_NOT_FOUND"),
        ("invited", "project.read", "web", "GROUP_NOT_FOUND"),
        # in it without a role in force
        ("lapsed", "org.read", "acme", "USER_UNAUTHORIZED"),
        ("lapsed", "project.read", "web", "GROUP_NOT_FOUND"),
        # suspended: told so wherever they could look, elsewhere not
        ("idle", "org.read", "acme", "USER_SUSPENDED"),
        ("idle", "project.read", "app", "USER_SUSPENDED"),
        ("away", "org.rename", "acme", "USER_SUSPENDED"),
        ("away", "project.read", "web", "USER_SUSPENDED"),
        ("away", "project.read", "app", "GROUP_NOT_FOUND"),
        ("away", "org.rename", "other", "allowed"),
        # not in the edition, or not held
        ("owner", "hosts.add", "web", "FEATURE_UNSUPPORTED"),
        ("reader", "hosts.add", "web", "FEATURE_UNSUPPORTED"),
        ("farmer", "hosts.add", "far", "allowed"),
        ("member", "org.rename", "acme", "USER_UNAUTHORIZED"),
        ("reader", "project.delete", "web", "USER_UNAUTHORIZED"),
        ("key", "org.rename", "acme", "USER_UNAUTHORIZED"),
    ],
)
def test_answers(who, privilege, where, expected):
    """Everybody gets the answer that the contract's table gives them."""
    assert answer(who, privilege, where) == expected


def test_refusals_come_in_order():
    """Unknown before gates, gates before the edition and the privilege, the address before suspension."""
    asked = [
        ("stranger", "project.read", "web"),
        ("invited", "org.read", "acme"),
        ("away", "project.read", "app"),
        ("away", "project.read", "web"),
        ("reader", "hosts.add", "web"),
        ("reader", "project.delete", "web"),
        ("owner", "org.rename", "acme"),
    ]
    assert [answer(*each, gates=SHUT) for each in asked] == [
        "GROUP_NOT_FOUND",
        "ORG_NOT_FOUND",
        "GROUP_NOT_FOUND",
        *["IP_ADDRESS_NOT_ON_ACCESS_LIST"] * 4,
    ]
    assert answer("away", "hosts.add", "web") == "USER_SUSPENDED"


def test_each_refusal_is_of_its_class():
    """What HTTP makes of a refusal hangs on its class: not found, a gate, or denied."""
    for where, privilege, refusal in [
        ("app", "project.read", NotFoundError),
        ("web", "hosts.add", GateError),
        ("web", "project.delete", DeniedError),
    ]:
        with pytest.raises(refusal):
            authorize(FACTS, principal("reader"), [privilege], place(where), now=NOW, gates=OPEN)


def test_unknown_and_forbidden_look_the_same():
    """The answer for a project that may not be known differs from that for none at all by the id only."""
    with pytest.raises(NotFoundError) as forbidden:
        authorize(FACTS, principal("member"), ["project.read"], place("web"), now=NOW, gates=OPEN)
    nowhere = ResourceRef("project", "nowhere", "acme", "nowhere")
    with pytest.raises(NotFoundError) as unknown:
        authorize(FACTS, principal("member"), ["project.read"], nowhere, now=NOW, gates=OPEN)
    assert forbidden.value.code == unknown.value.code
    assert (forbidden.value.parameters, unknown.value.parameters) == (("web",), ("nowhere",))


def test_a_denial_names_what_is_missing_and_what_would_do():
    """It carries the missing privileges of the edition and every role that grants one at that level."""
    with pytest.raises(DeniedError) as refusal:
        authorize(FACTS, principal("reader"), ["project.delete", "hosts.add"], place("web"), now=NOW, gates=OPEN)
    assert refusal.value.parameters == ("project.delete",)
    assert refusal.value.roles == ("ORG_OWNER", "GROUP_OWNER")


def test_one_of_several_privileges_is_enough():
    """An operation that names several privileges needs any of them, also if the edition lacks one."""
    proof = authorize(FACTS, principal("reader"), ["hosts.add", "project.read"], place("web"), now=NOW, gates=OPEN)
    assert proof.held == {"project.read"}


def test_operations_about_the_caller_pass_the_gates_only():
    """Without privileges nothing has to be seen or held, but a closed gate still refuses."""
    proof = authorize(FACTS, principal("stranger"), [], STORE, now=NOW, gates=OPEN)
    assert (proof.privileges, proof.held) == ((), frozenset())
    with pytest.raises(GateError, match="IP_ADDRESS_NOT_ON_ACCESS_LIST"):
        authorize(FACTS, principal("stranger"), [], STORE, now=NOW, gates=SHUT)
    with pytest.raises(GateError, match="USER_SUSPENDED"):
        authorize(FACTS, principal("away"), [], place("acme"), now=NOW, gates=OPEN)


class TestInnerThings:
    """What lies inside an organization or project is looked for once its parent was seen."""

    @staticmethod
    def missing() -> None:
        """Raise what a team that is not there raises."""
        raise NotFoundError("RESOURCE_NOT_FOUND", "team")

    @pytest.mark.parametrize(
        ("who", "expected"),
        [
            ("stranger", "ORG_NOT_FOUND"),
            ("away", "RESOURCE_NOT_FOUND"),
            ("member", "RESOURCE_NOT_FOUND"),
            ("owner", "RESOURCE_NOT_FOUND"),
        ],
    )
    def test_missing(self, who, expected):
        """An unknown parent answers first, then the missing thing, then gates and privileges."""
        with pytest.raises(NotFoundError, match=expected):
            authorize(
                FACTS,
                principal(who),
                ["org.rename"],
                place("acme"),
                now=NOW,
                gates=SHUT,
                find_inner=self.missing,
            )

    def test_missing_for_the_operator(self):
        """The operator too is told that the thing is not there."""
        with pytest.raises(NotFoundError, match="RESOURCE_NOT_FOUND"):
            authorize(
                FACTS,
                Principal("operator", "root"),
                ["org.rename"],
                place("acme"),
                now=NOW,
                gates=OPEN,
                find_inner=self.missing,
            )
