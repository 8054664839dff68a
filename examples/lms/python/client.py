"""Calls Repertoire's API, and tries again what may be tried again."""

import http.client
import json
import random
import time
import urllib.error
import urllib.request
import uuid

# What passes by itself: a limit used up, a server that restarts, a proxy that finds nobody behind it.
PASSING = {429, 502, 503, 504, "RATE_LIMITED", "SERVICE_UNAVAILABLE", "TIMEOUT"}
ATTEMPTS, LONGEST_PAUSE = 10, 30


class Problem(Exception):
    """The request was refused, or never answered; `code` is from the table of errors in docs/SYNC.md."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Client:
    def __init__(self, server, token, community, system):
        self.url, self.token, self.community, self.system = server.rstrip("/") + "/graphql", token, community, system

    def call(self, operation, variables, key=None):
        """Answers `data`. A mutation carries an Idempotency-Key, so that it runs once however often it is sent."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        headers["Accept"] = "application/graphql-response+json"
        if operation.startswith("mutation"):
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        body = json.dumps({"query": operation, "variables": variables}).encode()
        for attempt in range(1, ATTEMPTS + 1):
            status, retry_after, answer = send(urllib.request.Request(self.url, body, headers))
            if not answer.get("errors"):
                return answer["data"]
            error = answer["errors"][0]
            code = error.get("extensions", {}).get("code", "UNKNOWN")
            if status not in PASSING and code not in PASSING:
                raise Problem(code, error["message"])
            if attempt < ATTEMPTS:
                time.sleep(pause(attempt, retry_after))
        raise Problem("UNREACHABLE", f"{error['message']} Run this again later: nothing is lost, nothing runs twice.")


def send(request):
    try:
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:  # urllib's name for an answer of 400 and above
            answer = error
        with answer:
            text = answer.read()
    except (OSError, http.client.HTTPException) as error:  # refused, reset, timed out or cut short
        return 503, None, {"errors": [{"message": f"no answer: {error!r}"}]}
    status, retry_after = answer.status, answer.headers.get("Retry-After")
    try:
        return status, retry_after, dict(json.loads(text))
    except ValueError:  # half an answer, or a proxy's page
        return 503 if status < 400 else status, retry_after, {"errors": [{"message": f"{status}, no JSON."}]}


def pause(attempt, retry_after):
    """Seconds until the next attempt: what the server asks for, else twice as long each time, and at random, so that the
    clients of a server that comes back do not come all at once."""
    if retry_after and retry_after.isdigit():
        return min(int(retry_after), LONGEST_PAUSE)
    return random.uniform(0.5, 1) * min(0.2 * 2**attempt, LONGEST_PAUSE)
