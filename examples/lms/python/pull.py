"""From Repertoire to the LMS: everything once (a snapshot), then what changes, from where one left off."""

from client import Problem
from push import RESOURCE
from store import content

LISTED = RESOURCE + " externalReferences { system externalId }"

POSITION = "{ serverInfo { position } }"

ALL = """query($community: ID!, $after: String) {
  resources(
    filter: { communityIds: [$community], statuses: [DRAFT, IN_REVIEW, CHANGES_REQUESTED, PUBLISHED, ARCHIVED] }
    orderBy: { field: CREATED_AT, direction: ASC }, first: 100, after: $after
  ) { nodes { %s } pageInfo { hasNextPage endCursor } }
}""" % LISTED

CHANGES = """query($community: ID!, $after: Position!) {
  changes(after: $after, first: 100, types: ["Resource"], communityId: $community) {
    changes { scope operation nodeId node { ... on Resource { %s } } }
    nextPosition
    hasMore
  }
}""" % LISTED


def pull(store, client):
    """Brings the copy up to date; answers how many changes were taken."""
    taken = 0
    with store.turn():
        while position := store.position():
            try:
                page = client.call(CHANGES, {"community": client.community, "after": position})["changes"]
            except Problem as problem:
                if problem.code not in ("POSITION_EXPIRED", "BAD_USER_INPUT"):
                    raise
                break  # nobody pulled for longer than the server keeps changes, or it was restored from a backup
            if page is None or any(change["scope"] == "COMMUNITY" for change in page["changes"]):
                break  # we see more of the community than before, or less, or nothing: it is read anew
            with store.transaction():  # the changes and how far they go: both or neither
                for change in page["changes"]:
                    if change["operation"] == "DELETED" or change["node"] is None:
                        store.drop(change["nodeId"])
                    else:
                        store.take(change["node"], external_id(change["node"], client))
                store.remember(page["nextPosition"])
            taken += len(page["changes"])
            if not page["hasMore"]:
                return taken
        return taken + snapshot(store, client)


def snapshot(store, client):
    """Takes everything. The position is read first: what changes while we page comes again by the feed from there."""
    position = client.call(POSITION, {})["serverInfo"]["position"]
    resources = list(everything(client))
    with store.transaction():
        if not resources:
            # Likelier nothing is shown to us than everything was deleted: the courses keep what they have.
            store.run("DELETE FROM copy")
        for node_id in {row["id"] for row in store.run("SELECT id FROM copy")} - {one["id"] for one in resources}:
            store.drop(node_id)
        for resource in resources:
            store.take(resource, external_id(resource, client))
        store.remember(position)
    return len(resources)


def everything(client):
    after, more = None, True
    while more:
        page = client.call(ALL, {"community": client.community, "after": after})["resources"]
        yield from page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]


def external_id(resource, client):
    """What this LMS calls a resource; none for what others made."""
    references = resource["externalReferences"]
    return next((one["externalId"] for one in references if one["system"] == client.system), None)


def compare(store, client):
    """What differs between here and there, as lines; none when both are equal."""
    there = [{**one, "external_id": external_id(one, client)} for one in everything(client)]
    yield from differences("id", ("external_id", "status", "revision"), store.run("SELECT * FROM copy"), there)
    offered = [one for one in there if one["external_id"] and one["status"] != "ARCHIVED"]
    yield from differences("external_id", (), store.run("SELECT * FROM material WHERE shared"), offered)


def differences(key, more, *sides):
    here, there = ({row[key]: (*content(row), *(row[name] for name in more)) for row in side} for side in sides)
    for name in sorted(here.keys() | there.keys()):
        if here.get(name) != there.get(name):
            yield f"{name}: here {here.get(name)}, there {there.get(name)}"
