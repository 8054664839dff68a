#!/usr/bin/env python3
"""A stand-in for a learning management system that keeps its courses in sync with a community's repertoire.

    lms.py seed NUMBER          put that many made-up materials into courses
    lms.py edit MATERIAL TITLE  rename a material, as a teacher would
    lms.py remove MATERIAL      take a material out of its course
    lms.py push [LIMIT]         send all materials; archive there what is gone here, at most this share (0.1)
    lms.py push-changed         send only what changed since the last push
    lms.py conflicts            show what the last push could not settle
    lms.py pull                 take what changed there
    lms.py serve PORT           receive webhooks, and pull after each
    lms.py compare              show what differs; fails when something does

LMS_SERVER, LMS_TOKEN (an API token with the scopes READ and SYNC) and LMS_COMMUNITY (an id) in the environment tell where
it syncs with, and LMS_WEBHOOK_SECRET from whom it takes webhooks. LMS_FILE is its database. LMS_CALL_BYTES says how much
one call carries, where the server takes smaller requests than of 1 MiB.
"""

import os
import sys

from client import Client, Problem
from pull import compare, pull
from push import conflicts, push
from store import Store

SYSTEM = os.environ.get("LMS_SYSTEM", "example-lms")  # what Repertoire calls this LMS


def main(command="", *rest):
    store = Store(os.environ.get("LMS_FILE", "lms.db"))
    if command == "seed":
        store.seed(int(rest[0]))
    elif command in ("edit", "remove"):
        return 0 if getattr(store, command)(*rest) else f"There is no {rest[0]}."
    elif command in ("push", "push-changed"):
        counts = push(store, connect(), command == "push-changed", float(rest[0]) if rest else 0.1)
        print(", ".join(f"{outcome} {count}" for outcome, count in sorted(counts.items())) or "nothing to send")
    elif command == "conflicts":
        for row in conflicts(store):
            print("{external_id}: {outcome}. {message}".format(**row))
            print("    here:  {here} ({updated})\n    there: {there} (revision {revision})".format(**row))
    elif command == "pull":
        print(f"taken {pull(store, connect())}")
    elif command == "serve":
        from receiver import serve  # needs the package standardwebhooks, which nothing else here does

        serve(store, os.environ["LMS_WEBHOOK_SECRET"], int(rest[0]), follow)
    elif command == "compare":
        lines = list(compare(store, connect()))
        print(*lines, "different" if lines else "equal", sep="\n")
        return 1 if lines else 0
    else:
        return __doc__


def connect():
    return Client(*(os.environ[name] for name in ("LMS_SERVER", "LMS_TOKEN", "LMS_COMMUNITY")), SYSTEM)


def follow():
    """Pulls once, on behalf of a webhook; what cannot be pulled now comes with the next one."""
    if error := attempt("pull"):
        print(error, file=sys.stderr)


def attempt(*arguments):
    try:
        return main(*arguments)
    except KeyError as missing:
        return f"Set {missing} in the environment."
    except Problem as problem:
        return str(problem)


if __name__ == "__main__":
    sys.exit(attempt(*sys.argv[1:]))
