"""Events as the Admin API shows them: names are looked up now, so that whoever was erased has none.

From which address somebody acted is nowhere kept, and so is not shown.
"""

from collections.abc import Sequence
from typing import Any, Final

from orgward.admin_api.links import self_link
from orgward.app.execute import Context
from orgward.catalog.event_types import EVENT_TYPES
from orgward.kernel.instants import rfc3339
from orgward.store.reads.events import Told
from orgward.store.reads.named import public_keys, usernames

Json = dict[str, Any]

_PROJECT_RESOURCE: Final = "project"


def event_objects(context: Context, events: Sequence[Told], *, raw: bool) -> list[Json]:
    """Return `events` as they stand in a list; the shape of a single one is the same."""
    actors = [event.actor_id for event in events if event.actor_kind == "user"]
    targets = [event.body["targetUserId"] for event in events if "targetUserId" in event.body]
    names = usernames(context.view, {*actors, *targets})
    keys = public_keys(context.view, {event.actor_id for event in events if event.actor_kind == "api_key"})
    return [
        {
            **_base(context, event),
            **_actor(event, names, keys),
            **_target(event, names),
            **({"raw": _raw(context, event)} if raw else {}),
        }
        for event in events
    ]


def _base(context: Context, event: Told) -> Json:
    project = event.body.get("groupId")
    # An event about no project links to one called null, as the recorded replies do.
    path = f"/groups/{project or 'null'}/events/{event.id}"
    return {
        "created": rfc3339(event.at),
        "eventTypeName": event.type,
        "id": event.id,
        "isGlobalAdmin": False,
        "links": self_link(context.call.base_url, path),
        "orgId": event.body["orgId"],
        **({"groupId": project} if project else {}),
    }


def _actor(event: Told, names: dict[str, str], keys: dict[str, str]) -> Json:
    """Return who did it; the operator, and whoever was just signing in, are nobody whom the Admin API knows."""
    if event.actor_kind == "api_key":
        # The log keeps the public half as the credential, for a deleted key has no row any more.
        return {"apiKeyId": event.actor_id} | _known("publicKey", keys.get(event.actor_id) or event.credential)
    if event.actor_kind == "user" and event.actor_id:
        return {"userId": event.actor_id} | _known("username", names.get(event.actor_id))
    return {}


def _target(event: Told, names: dict[str, str]) -> Json:
    body = event.body
    match EVENT_TYPES[event.type].kind:
        case "user":
            return _known("targetUsername", names.get(body["targetUserId"]))
        case "team":
            return {"teamId": body["teamId"]}
        case "api_key":
            return {"targetPublicKey": body["publicKey"]} | _known("whitelistEntry", body.get("entry"))
        case "resource":
            return {"resourceId": body["groupId"], "resourceType": _PROJECT_RESOURCE}
        case "plain" | "service_account":
            return {}


def _known(name: str, value: str | None) -> Json:
    return {name: value} if value else {}


def _raw(context: Context, event: Told) -> Json:
    """Return what else the Admin API tells of an event: its kind, a sentence, and the names of where it happened."""
    body, found, here = event.body, EVENT_TYPES[event.type], context.resource.org
    project = context.view.get("projects", body.get("groupId", "")) or {}
    organization = context.view.get("organizations", body["orgId"]) or {}
    # A project may have moved: what the other organization is called now, and calls it, is that one's own.
    is_named_here, is_ours = project.get("org_id") == here, body["orgId"] == here
    return {
        "_t": found.kind,
        "cre": rfc3339(event.at),
        "description": found.description,
        "id": event.id,
        "orgId": body["orgId"],
        "severity": "INFO",
        **_known("cid", body.get("groupId")),
        **_known("gn", project.get("name") if is_named_here else None),
        **_known("orgName", organization.get("name") if is_ours else None),
    }
