"""One table from error code to status and sentence, and the error body of the Admin API (wire.md 6)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from orgward.kernel.errors import DeniedError, OrgwardError


class Answer(NamedTuple):
    """The status of a code and its sentence, in which `{0}` stands for its first parameter."""

    status: int
    sentence: str


ANSWERS: Final[dict[str, Answer]] = {
    "UNAUTHENTICATED": Answer(401, "You are not authorized for this resource."),
    "PATH_PARAM_PARSE_ERROR": Answer(400, "The path parameter {0} is not of its form."),
    "INVALID_QUERY_PARAMETER": Answer(400, "The query parameter {0} is not valid here."),
    "INVALID_VERSION_DATE": Answer(400, "There is no version {0} of this resource."),
    "MALFORMED_FORM": Answer(400, "The body is no form, or has a parameter twice."),
    "UNSUPPORTED_GRANT_TYPE": Answer(400, "There are no tokens for the grant type {0} here."),
    "MALFORMED_JSON": Answer(400, "The body is not well-formed JSON."),
    "MISSING_ATTRIBUTE": Answer(400, "The required attribute {0} is missing."),
    "INVALID_ATTRIBUTE": Answer(400, "The attribute {0} is not valid."),
    "VALIDATION_ERROR": Answer(400, "The body is not as described: {0}."),
    "VERSION_GONE": Answer(410, "This version is gone; newer ones are served below /api/atlas/v2."),
    "NOT_ACCEPTABLE": Answer(406, "No representation of this resource is of the type {0}."),
    "NOT_A_FORM": Answer(400, "The body must be a form, application/x-www-form-urlencoded, not {0}."),
    "UNSUPPORTED_MEDIA_TYPE": Answer(415, "The body must be JSON, not {0}."),
    "METHOD_NOT_ALLOWED": Answer(405, "This resource knows only {0}."),
    "PAYLOAD_TOO_LARGE": Answer(413, "The body is larger than {0} bytes."),
    "RESOURCE_NOT_FOUND": Answer(404, "There is no resource {0}."),
    "ORG_NOT_FOUND": Answer(404, "No organization with ID {0} exists."),
    "GROUP_NOT_FOUND": Answer(404, "No group with ID {0} exists."),
    "GROUP_NAME_NOT_FOUND": Answer(404, "No group named {0} exists."),
    "MULTIPLE_GROUPS": Answer(409, "More than one group that you can see is named {0}."),
    "USER_NOT_FOUND": Answer(404, "No user with ID {0} exists."),
    "USERNAME_NOT_FOUND": Answer(404, "No user with username {0} exists."),
    "TEAM_NOT_FOUND": Answer(404, "No team with ID {0} exists."),
    "TEAM_NAME_NOT_FOUND": Answer(404, "No team named {0} exists."),
    "TEAM_NOT_IN_GROUP": Answer(404, "Team {0} is not in this group."),
    "TEAM_NOT_IN_ORG": Answer(404, "Team {0} is not in organization {1}."),
    "INVITATION_NOT_FOUND": Answer(404, "No invitation with ID {0} exists."),
    "JOIN_REQUEST_NOT_FOUND": Answer(404, "No join request with ID {0} exists."),
    "API_KEY_NOT_FOUND": Answer(400, "No API key with ID {0} exists."),
    "API_KEY_ACCESS_LIST_NOT_FOUND": Answer(404, "The address {0} is not on the access list of API key {1}."),
    "SERVICE_ACCOUNT_NOT_FOUND": Answer(404, "No service account with client ID {0} exists."),
    "SERVICE_ACCOUNT_SECRET_NOT_FOUND": Answer(404, "Service account {1} has no secret with ID {0}."),
    "SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_NOT_FOUND": Answer(
        404, "The address {0} is not on the access list of service account {1}."
    ),
    "DEVICE_AUTHORIZATION_PENDING": Answer(400, "Nobody has approved this device yet."),
    "DEVICE_AUTHORIZATION_EXPIRED": Answer(400, "The code of this device is over or was used; begin anew."),
    "DEVICE_AUTHORIZATION_DENIED": Answer(400, "The device was denied."),
    "DEVICE_CODE_NOT_FOUND": Answer(404, "No device waits for approval under this code."),
    "DEVICE_SESSION_REFUSED": Answer(403, "A program that you have let in can't do this; sign in with a browser."),
    "PROGRAM_NOT_ALLOWED": Answer(403, "The organization does not let this program do that in somebody's name."),
    "INVALID_REFRESH_TOKEN": Answer(401, "The session of this device is over; sign in again."),
    "SLOW_DOWN": Answer(400, "Wait five seconds between two questions."),
    "TOKEN_NOT_FOUND": Answer(404, "This link is not valid."),
    "SESSION_NOT_FOUND": Answer(404, "You have no session with ID {0}."),
    "ROLE_NOT_FOUND": Answer(404, "There is no role named {0}."),
    "ROLE_NOT_HELD": Answer(404, "The role {0} is not held there."),
    "IP_ADDRESS_NOT_ON_ACCESS_LIST": Answer(403, "IP address {0} is not allowed to access this resource."),
    "ORG_REQUIRES_ACCESS_LIST": Answer(403, "The organization requires an access list of every API key."),
    "MFA_REQUIRED": Answer(403, "The organization requires a second factor."),
    "REAUTHENTICATION_REQUIRED": Answer(403, "Prove again who you are, then repeat the request."),
    "SECOND_FACTOR_REQUIRED": Answer(403, "Show a second factor first, then repeat the request."),
    "PROOF_REFUSED": Answer(403, "The password, code or passkey was not accepted."),
    "SECOND_FACTOR_NOT_FOUND": Answer(404, "You have no second factor {0}."),
    "PASSKEY_REFUSED": Answer(400, "The passkey was not made for this request, or too late."),
    "PASSKEY_ALREADY_ENROLLED": Answer(409, "This passkey is already enrolled."),
    "MAX_SECOND_FACTORS_EXCEEDED": Answer(400, "An account has at most {0} second factors."),
    "CALLER_NOT_ON_UI_ACCESS_LIST": Answer(400, "Your own address {0} has to be on the list."),
    "USER_SUSPENDED": Answer(403, "Access to this organization is suspended."),
    "HELD_BACK_BY_DIRECTORY": Answer(409, "The directory that provisions this organization calls the user inactive."),
    "FEATURE_UNSUPPORTED": Answer(403, "The edition of this organization does not have this feature."),
    "USER_UNAUTHORIZED": Answer(401, "The current user is not authorized to perform this action."),
    "ROLE_HELD_BY_MAPPING": Answer(400, "The role {0} is held by a role mapping; it can't be changed by hand."),
    "ROLE_NOT_GRANTABLE": Answer(403, "You may not give or take the role {0} there."),
    "SECRET_GIVES_UNGRANTABLE_ROLES": Answer(403, "The service account holds roles that you may not give."),
    "CANNOT_MODIFY_OWN_ROLES": Answer(400, "You may not change your own roles."),
    "CANNOT_DEMOTE_LAST_ORG_OWNER": Answer(403, "The last owner of the organization can't be demoted."),
    "CANNOT_DELETE_LAST_ADMIN": Answer(403, "The last owner can't be removed."),
    "CANNOT_REMOVE_ALL_USER_ROLES": Answer(403, "The only role of a user can't be removed."),
    "NO_ROLES_IN_ASSIGNMENT": Answer(403, "At least one role is needed."),
    "CANNOT_ADD_ORG_ROLE": Answer(400, "An organization role can't be given in a project: {0}."),
    "CANNOT_ADD_GROUP_ROLE": Answer(400, "A project role can't be given in an organization: {0}."),
    "INVALID_ROLE_FOR_ORG": Answer(400, "{0} is not a role of organization {1}."),
    "INVALID_ROLE_FOR_GROUP": Answer(400, "{0} is not a role of group {1}."),
    "ROLE_NEEDS_ORG_ID": Answer(400, "The role {0} needs the id of an organization."),
    "ROLE_NEEDS_GROUP_ID": Answer(400, "The role {0} needs the id of a group."),
    "ROLE_NEEDS_NO_ORG_ID": Answer(400, "The role {0} takes no id of an organization."),
    "ROLE_NEEDS_NO_GROUP_ID": Answer(400, "The role {0} takes no id of a group."),
    "EVENT_NOT_FOUND": Answer(404, "No event with ID {0} exists in group {1}."),
    "ORG_EVENT_NOT_FOUND": Answer(404, "No event with ID {0} exists in organization {1}."),
    "INVALID_DATE_RANGE": Answer(400, "The end must be after the start."),
    "INVALID_DATE_FORMAT": Answer(400, "{0} is not an RFC 3339 time."),
    "INVALID_ORG_NAME": Answer(400, "{0} is not a valid name of an organization."),
    "INVALID_GROUP_NAME": Answer(400, "{0} is not a valid name of a group."),
    "INVALID_TEAM_NAME": Answer(400, "{0} is not a valid name of a team."),
    "CANNOT_CREATE_EMPTY_TEAM": Answer(400, "A team needs at least one user."),
    "CANNOT_DELETE_TEAM_ASSIGNED_TO_PROJECT": Answer(404, "A team that has roles in a group can't be deleted."),
    "INVALID_EMAIL_ADDRESS": Answer(400, "The username is not a valid e-mail address."),
    "INVALID_PASSWORD": Answer(400, "The password must have {0} to {1} characters."),
    "PASSWORD_IS_KNOWN": Answer(400, "The password is one that many use, or has your address or our name in it."),
    "INVALID_API_KEY_DESC": Answer(400, "The description must have 1 to {0} characters."),
    "MISSING_API_KEY_ROLES": Answer(400, "An API key needs at least one role."),
    "INVALID_IP_ADDRESS_OR_CIDR_NOTATION": Answer(400, "{0} is neither an IP address nor a CIDR block."),
    "DUPLICATE_ADDRESSES_IN_INPUT": Answer(400, "An address stands more than once in the body."),
    "ADDRESS_ALREADY_IN_ACCESS_LIST": Answer(409, "The address {0} is already on the access list."),
    "CANNOT_REMOVE_CALLER_FROM_WHITELIST": Answer(400, "The caller's own address {0} can't be removed."),
    "CANNOT_WIDEN_OWN_ACCESS_LIST": Answer(403, "An API key or service account may not widen its own access list."),
    "API_KEY_CANNOT_CREATE_ORG": Answer(403, "API keys can't create organizations."),
    "CANNOT_MOVE_GROUP_BETWEEN_EDITIONS": Answer(400, "A group can't be moved to an organization of another edition."),
    "GROUP_ALREADY_EXISTS": Answer(409, "A group named {0} exists already."),
    "USER_ALREADY_EXISTS": Answer(409, "User {0} is already there."),
    "TEAM_NAME_NOT_AVAILABLE": Answer(409, "A team named {0} exists already in organization {1}."),
    "TEAM_EXISTS_IN_GROUP": Answer(409, "Team {0} is already in group {1}."),
    "USER_ALREADY_IN_TEAM": Answer(409, "User {0} is already in team {1}."),
    "API_KEY_ALREADY_IN_GROUP": Answer(409, "API key {0} is already in group {1}."),
    "SERVICE_ACCOUNT_ALREADY_IN_GROUP": Answer(409, "Service account {0} is already in group {1}."),
    "ORG_NOT_EMPTY": Answer(409, "The organization still has groups."),
    "INVITATION_NOT_PENDING": Answer(409, "The invitation is not pending any more."),
    "JOIN_REQUEST_NOT_OPEN": Answer(409, "The join request is not open any more."),
    "CANNOT_APPROVE_OWN_REQUEST": Answer(403, "You may not approve your own join request."),
    "ADDRESS_IN_USE": Answer(409, "Another account has this address."),
    "ACCOUNT_IN_USE": Answer(409, "The account is still in an organization or a group; leave them first."),
    "ADDRESS_NOT_PROVEN": Answer(403, "Prove your address first, by a link that was mailed to it."),
    "INVITER_LOST_RIGHT": Answer(409, "Whoever sent the invitation may not give these roles any more."),
    "CANNOT_DELETE_ORG_INVITATION": Answer(400, "An accepted invitation can't be cancelled."),
    "CANNOT_DELETE_GROUP_INVITATION": Answer(400, "An accepted invitation can't be cancelled."),
    "MAX_USERS_PER_ORG_EXCEEDED": Answer(400, "An organization holds at most {0} users."),
    "MAX_USERS_PER_GROUP_EXCEEDED": Answer(400, "A group holds at most {0} users."),
    "MAX_USERS_PER_TEAM_EXCEEDED": Answer(400, "A team holds at most {0} users."),
    "MAX_TEAMS_PER_ORG_EXCEEDED": Answer(400, "An organization has at most {0} teams."),
    "MAX_TEAMS_PER_GROUP_EXCEEDED": Answer(400, "A group has at most {0} teams."),
    "MAX_TEAMS_PER_USER_EXCEEDED": Answer(400, "A user is in at most {0} teams."),
    "MAX_GROUPS_PER_ORG_EXCEEDED": Answer(400, "An organization holds at most {0} groups."),
    "MAX_ORGS_PER_USER_EXCEEDED": Answer(400, "A user belongs to at most {0} organizations."),
    "MAX_GROUPS_PER_USER_EXCEEDED": Answer(400, "A user belongs to at most {0} groups."),
    "ACCESS_LIST_ENTRIES_LIMIT_EXCEEDED": Answer(403, "An access list holds at most {0} entries."),
    "MAX_API_KEYS_PER_ORG_EXCEEDED": Answer(400, "An organization holds at most {0} API keys."),
    "MAX_SERVICE_ACCOUNTS_PER_ORG_EXCEEDED": Answer(400, "An organization holds at most {0} service accounts."),
    "MAX_SERVICE_ACCOUNT_SECRETS_EXCEEDED": Answer(
        400, "A service account has at most {0} secrets that have not expired; delete one first."
    ),
    "INVALID_SERVICE_ACCOUNT_SECRET_VALIDITY": Answer(400, "A secret is good for {0} to {1} hours here."),
    "FEDERATION_NOT_FOUND": Answer(404, "No federation with ID {0} exists."),
    "IDENTITY_PROVIDER_DOES_NOT_EXIST": Answer(404, "No identity provider with ID {0} exists."),
    "ROLE_MAPPING_NOT_FOUND": Answer(404, "No role mapping with ID {0} exists."),
    "DOMAIN_NOT_FOUND": Answer(404, "The domain {0} is not one of this federation."),
    "ORG_ALREADY_ASSOCIATED_WITH_FEDERATION": Answer(400, "The organization is in a federation already."),
    "IDENTITY_PROVIDER_ALREADY_ASSOCIATED_WITH_FEDERATION": Answer(
        400, "The federation has an identity provider with this issuer, client and audience already."
    ),
    "CONNECTED_ORG_CONFIG_IDP_NOT_IN_FEDERATION": Answer(400, "{0} is no identity provider of this federation."),
    "POST_AUTH_ROLE_GRANTS_MUST_CONTAIN_ORG_ROLES": Answer(400, "Default roles are roles of organizations."),
    "DOMAIN_NOT_IN_ALLOW_LIST": Answer(400, "The organization invites nobody with an address in this domain."),
    "DOMAIN_ALREADY_ADDED": Answer(409, "The domain {0} is there already."),
    "DOMAIN_IN_USE": Answer(409, "Another federation has proven that the domain {0} is its own."),
    "DOMAIN_PROOF_NOT_FOUND": Answer(400, "No TXT record of {0} holds the proof; it may take a while to be seen."),
    "ROLE_MAPPING_ALREADY_EXISTS": Answer(409, "The group {0} is mapped already."),
    "ROLE_MAPPING_NEEDS_ORG_ROLE": Answer(400, "A role mapping gives at least one role of the organization."),
    "MAPPING_CHANGES_TOO_MUCH": Answer(400, "More than {0} roles and memberships would change at once."),
    "IDENTITY_PROVIDER_UNAVAILABLE": Answer(503, "The identity provider can't be reached, or is of no use now."),
    "IDENTITY_NOT_PROVEN": Answer(403, "The identity provider has not proven who you are; begin again."),
    "IDENTITY_NOT_VOUCHED_FOR": Answer(403, "The identity provider may not vouch for your address here."),
    "IDENTITY_NOT_LINKED": Answer(403, "An account has your address; sign in to it, and link the identity provider."),
    "IDENTITY_NOT_FOUND": Answer(404, "You are not linked to an identity provider {0}."),
    "IDENTITY_IN_USE": Answer(409, "An account is linked to this identity already."),
    "IDENTITY_ALREADY_LINKED": Answer(409, "Your account is linked to another identity of this provider."),
    "NO_IDENTITY_PROVIDER": Answer(404, "No identity provider signs people in who have an address in this domain."),
    "LAST_WAY_TO_SIGN_IN": Answer(409, "You have no other way to sign in; choose a password or add a passkey first."),
    "WORKLOAD_IDENTITY_EXISTS": Answer(409, "A service account acts for this program already."),
    "WORKLOAD_IDENTITY_NOT_FOUND": Answer(404, "The service account has no workload identity {0}."),
    "ACCOUNT_IS_FEDERATED": Answer(409, "An identity provider signs you in to this account; unlink it first."),
    "IDENTITY_PROVIDER_HAS_NO_CLIENT": Answer(400, "Only a provider of OIDC takes a client secret."),
    "PROVIDER_USED_ELSEWHERE": Answer(
        403, "Another organization uses the identity provider; whoever changes it manages the federation there, too."
    ),
    "CANNOT_DISCONNECT_LAST_ORG": Answer(400, "The last organization can't leave its federation; delete that."),
    "FEDERATION_HAS_OTHER_ORGS": Answer(409, "Other organizations are in the federation; disconnect them first."),
    "FEDERATION_LIMIT_EXCEEDED": Answer(403, "There may be at most {0} {1}."),
    "SESSION_REQUIRED": Answer(403, "Only a person's session may do this."),
    "RATE_LIMITED": Answer(429, "Too many at once: {0} are limited to {1} within {2} min."),
    "RATE_LIMITED_IP": Answer(400, "Too many invitations were sent: there may be {0} within {1} minutes."),
    "NAME_NOT_TYPED": Answer(400, "Type {0} to confirm."),
    "FORM_NOT_OURS": Answer(403, "This form is too old, or not from here. Load its page again and repeat it."),
    "FORM_ALREADY_SENT": Answer(409, "This was sent before."),
    "DRAFT_TOO_LARGE": Answer(413, "The change is too large to be checked as a whole. Make it in several parts."),
    "INVALID_FILTER": Answer(400, "The filter can't be used: {0}."),
    "TOO_MANY_RESULTS": Answer(
        400, "More than {0} resources would have to be looked at; ask for the value of userName, id or externalId."
    ),
    "TOO_MANY_CHANGES": Answer(400, "The changes are too many for one request; send them in several."),
    "INVALID_PATH": Answer(400, "The path can't be used: {0}."),
    "NO_TARGET": Answer(400, "Nothing is there that {0} means."),
    "ATTRIBUTE_NOT_CHANGEABLE": Answer(400, "The attribute {0} can't be changed so."),
    "ACCOUNT_NOT_FEDERATED": Answer(
        400, "{0} changes only where the account is the federation's alone: its address is in a verified domain, it is"
        " in no other organization, and nothing else signs it in."
    ),
    "UNKNOWN_MEMBER": Answer(400, "No user with ID {0} is in this organization."),
    "NOT_IMPLEMENTED": Answer(501, "{0} is not served."),
    "ETAG_MISMATCH": Answer(412, "The resource is not as it was when you last saw it."),
    "IDEMPOTENCY_KEY_REUSED": Answer(409, "The Idempotency-Key was used for another request."),
    "REVISION_NOT_REACHED": Answer(412, "Revision {0} is not reached yet."),
    "UNAVAILABLE": Answer(503, "The service is busy or its store can't be reached; try again."),
    "UNEXPECTED_ERROR": Answer(500, "Something went wrong here; the request ID is {0}."),
}  # fmt: skip
"""Codes keep the status of the Admin API even where it is odd (contract.md)."""


def answer_of(code: str) -> Answer:
    """Return status and sentence of `code`; a code that is not in the table is a fault of ours."""
    return ANSWERS[code]


def error_body(error: OrgwardError) -> dict[str, Any]:
    """Return the error object of the Admin API for `error`."""
    answer = answer_of(error.code)
    body: dict[str, Any] = {
        "detail": _sentence(answer, error),
        "error": answer.status,
        "errorCode": error.code,
        "parameters": list(error.parameters),
        "reason": HTTPStatus(answer.status).phrase,
    }
    if error.fields:
        fields = [{"field": fault.field, "description": fault.description} for fault in error.fields]
        body["badRequestDetail"] = {"fields": fields}
    if isinstance(error, DeniedError):
        body["requiredRoles"] = list(error.roles)
    return body


def _sentence(answer: Answer, error: OrgwardError) -> str:
    parameters: Sequence[str] = [*error.parameters, "?", "?", "?"]
    if error.code == "METHOD_NOT_ALLOWED":
        parameters = [", ".join(error.parameters)]
    return answer.sentence.format(*parameters)
