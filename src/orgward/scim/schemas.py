"""The schemas that are served: people, what enterprises add to them, and teams, which SCIM calls groups."""

from typing import Final

from orgward.scim.attributes import Attribute, ResourceType, Schema

CORE: Final = "urn:ietf:params:scim:schemas:core:2.0"
API: Final = "urn:ietf:params:scim:api:messages:2.0"

_KINDS: Final = ("work", "home", "other")


def _text(name: str, about: str) -> Attribute:
    return Attribute(name=name, about=about)


def _list(name: str, about: str, kinds: tuple[str, ...], *parts: Attribute) -> Attribute:
    """Return an attribute of many values, each with its kind, of which one may be the primary one."""
    further = (
        Attribute(name="type", about="What kind of value it is.", values=kinds),
        Attribute(name="primary", about="Whether it is the preferred one.", kind="boolean"),
    )
    return Attribute(name=name, about=about, kind="complex", many=True, parts=(*parts, *further))


_NAME: Final = Attribute(name="name", about="The person's name.", kind="complex", parts=(
    _text("formatted", "The whole name as it is displayed."),
    _text("familyName", "The last name."),
    _text("givenName", "The first name."),
    _text("middleName", "The names between."),
    _text("honorificPrefix", "What stands before the name."),
    _text("honorificSuffix", "What stands after the name."),
))  # fmt: skip

_TEAMS: Final = Attribute(
    name="groups", about="The teams that the person is in.", kind="complex", many=True, mutability="readOnly",
    parts=(
        Attribute(name="value", about="The id of the team.", exact=True, mutability="readOnly"),
        Attribute(name="$ref", about="Where it is served.", kind="reference", mutability="readOnly",
                  refers_to=("Group",)),
        Attribute(name="display", about="Its name.", mutability="readOnly"),
        Attribute(name="type", about="How the person is in it.", mutability="readOnly", values=("direct",)),
    ),
)  # fmt: skip

_USER: Final = Schema(urn=f"{CORE}:User", name="User", about="A member of the organization.", attributes=(
    Attribute(name="userName", about="The address that the person signs in with.", required=True, unique=True),
    _NAME,
    _text("displayName", "The name that is displayed."),
    _text("nickName", "What the person is called."),
    Attribute(name="profileUrl", about="The person's page.", kind="reference", refers_to=("external",)),
    _text("title", "The person's title."),
    _text("userType", "The person's relation to the organization."),
    _text("preferredLanguage", "The language that the person prefers."),
    _text("locale", "How dates and numbers are written for the person."),
    _text("timezone", "The person's time zone."),
    # Required in that it can't be taken away; a request that leaves it out means true, or no change.
    Attribute(name="active", about="Whether the member is not suspended.", kind="boolean", required=True),
    _list(
        "emails", "Addresses of the person; none of them is one to sign in with.", _KINDS,
        _text("value", "The address."), _text("display", "The address as it is displayed."),
    ),
    _list(
        "phoneNumbers", "Telephone numbers.", ("work", "home", "mobile", "fax", "pager", "other"),
        _text("value", "The number."), _text("display", "The number as it is displayed."),
    ),
    _list(
        "addresses", "Where the person works or lives.", _KINDS, _text("formatted", "The whole address."),
        _text("streetAddress", "Street and number."), _text("locality", "The city."), _text("region", "The state."),
        _text("postalCode", "The postal code."), _text("country", "The country."),
    ),
    _TEAMS,
))  # fmt: skip

ENTERPRISE: Final = Schema(
    urn="urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", name="EnterpriseUser",
    about="What enterprises say of a person.",
    attributes=(
        _text("employeeNumber", "The number of the employee."),
        _text("costCenter", "The cost center."),
        _text("organization", "The organization, as the client calls it."),
        _text("division", "The division."),
        _text("department", "The department."),
        Attribute(name="manager", about="To whom the person reports.", kind="complex", parts=(
            Attribute(name="value", about="The id of that person.", exact=True),
        )),
    ),
)  # fmt: skip

_MEMBERS: Final = Attribute(name="members", about="The people in the team.", kind="complex", many=True, parts=(
    Attribute(name="value", about="The id of the person.", exact=True, mutability="immutable", required=True),
    Attribute(name="$ref", about="Where the person is served.", kind="reference", mutability="immutable",
              refers_to=("User",)),
    Attribute(name="type", about="What the member is.", mutability="immutable", values=("User",)),
))  # fmt: skip

_GROUP: Final = Schema(urn=f"{CORE}:Group", name="Group", about="A team of the organization.", attributes=(
    Attribute(name="displayName", about="The name of the team.", required=True, exact=True, unique=True),
    _MEMBERS,
))  # fmt: skip

USER: Final = ResourceType(
    name="User", place="/Users", about="Members of the organization", schema=_USER, extension=ENTERPRISE
)
TEAM: Final = ResourceType(name="Group", place="/Groups", about="Teams of the organization", schema=_GROUP)

SERVED: Final = (USER, TEAM)
SCHEMAS: Final = (_USER, ENTERPRISE, _GROUP)
