"""From the LMS to Repertoire.

A run is planned first, in one transaction: its calls go into the outbox as they will be sent, each with a key. Then they
are sent in turn, and each leaves the outbox in the transaction that notes what became of it. Killed anywhere, here or
there, the next push sends what is left with the same keys, and Repertoire runs nothing twice.
"""

import collections
import json
import os
import uuid

from client import Problem
from store import content

# So many materials a call takes, and 1 MiB a request, unless the operator has set `limits.body_bytes` otherwise.
MOST, MOST_BYTES = 1000, int(os.environ.get("LMS_CALL_BYTES", 1_000_000))

RESOURCE = "id title kind url status revision"
PAYLOAD = """{
  results { externalId outcome resource { %s } userErrors { message } }
  userErrors { code message }
}""" % RESOURCE

SYNC = """mutation($community: ID!, $system: String!, $run: String, $input: [SyncResourceInput!]!) {
  syncResources(communityId: $community, system: $system, run: $run, input: $input) %s }""" % PAYLOAD

FINISH = """mutation($community: ID!, $system: String!, $run: String!, $limit: Float) {
  finishSync(communityId: $community, system: $system, run: $run, deleteLimit: $limit) %s }""" % PAYLOAD


def push(store, client, only_changed=False, delete_limit=0.1):
    """Sends everything, and archives there what is no longer here; or, quicker, only what changed since the last push.
    Answers how many materials had which outcome."""
    counts = collections.Counter()
    with store.turn():
        send(store, client, counts)  # what an earlier push could not finish
        with store.transaction():
            plan(store, client, only_changed, delete_limit)
        send(store, client, counts)
    return counts


def plan(store, client, only_changed, delete_limit):
    run = str(uuid.uuid4())
    common = {"community": client.community, "system": client.system, "run": None if only_changed else run}
    materials = store.run("SELECT * FROM material WHERE shared AND changed >= ?", only_changed).fetchall()
    # A whole run has at least one call, also when all courses are empty: that is what archives the last.
    inputs = [items for items in portions(map(as_input, materials)) if items or not only_changed]
    calls = [(SYNC, {**common, "input": items}) for items in inputs]
    if not only_changed:
        calls.append((FINISH, {**common, "limit": delete_limit}))
    store.run("DELETE FROM unsettled")
    for place, (operation, variables) in enumerate(calls):
        add = "INSERT INTO outbox (key, operation, variables) VALUES (?, ?, ?)"
        store.run(add, f"{run}-{place}", operation, json.dumps(variables))


def as_input(material):
    chosen = {name: material[name] for name in ("title", "kind", "url")}
    return {**chosen, "externalId": material["external_id"], "tags": [material["course"]]}


def portions(items):
    """The items by calls: each has as many as it takes, and the first may have none."""
    calls, size = [[]], 0
    for item in items:
        length = len(json.dumps(item)) + 2
        if calls[-1] and (len(calls[-1]) == MOST or size + length > MOST_BYTES):
            calls.append([])
            size = 0
        calls[-1].append(item)
        size += length
    return calls


def send(store, client, counts):
    while call := store.run("SELECT * FROM outbox ORDER BY number LIMIT 1").fetchone():
        variables = json.loads(call["variables"])
        try:
            (payload,) = client.call(call["operation"], variables, call["key"]).values()
            for error in payload["userErrors"]:
                raise Problem(error["code"], error["message"])
        except Problem as problem:
            if problem.code != "UNREACHABLE":
                store.run("DELETE FROM outbox")  # the run is given up, for it would be refused again
            raise
        sent = {item["externalId"]: item for item in variables.get("input", [])}
        with store.transaction():
            store.run("DELETE FROM outbox WHERE number = ?", call["number"])
            for result in payload["results"]:
                counts[result["outcome"]] += 1
                note(store, result, sent.get(result["externalId"]))


def note(store, result, sent):
    """Notes what became of a material."""
    external_id, outcome, there = result["externalId"], result["outcome"], result["resource"]
    message = " ".join(error["message"] for error in result["userErrors"])
    if there:
        store.take(there, external_id)
    if outcome == "ARCHIVED":
        return
    if outcome not in ("CONFLICT", "FAILED"):
        here = store.run("SELECT * FROM material WHERE external_id = ?", external_id).fetchone()
        if here is None or content(here) != content(sent):
            return  # it is gone, or was changed again while it was on its way
        store.run("UPDATE material SET changed = 0 WHERE external_id = ?", external_id)
        if there and content(there) == content(here):
            return
        message = "Taken, but something else is shown there: it waits for a review, or the rule is KEEP_OURS."
    store.run("REPLACE INTO unsettled VALUES (?, ?, ?)", external_id, outcome, message)


def conflicts(store):
    """What the last push could not settle, with both versions."""
    return store.run(
        """SELECT unsettled.*, material.title AS here, material.updated, copy.title AS there, copy.revision
        FROM unsettled LEFT JOIN material USING (external_id) LEFT JOIN copy USING (external_id) ORDER BY external_id"""
    )
