"""The LMS's own database: its courses, its copy of the repertoire, and how far both ways of the sync have come."""

import contextlib
import fcntl
import sqlite3

SCHEMA = """
-- What teachers put into their courses. `changed`: Repertoire has not acknowledged it as it is now. `shared` is 0 where
-- Repertoire archived or deleted it: then it stays in its course and is no longer sent, until somebody edits it.
CREATE TABLE IF NOT EXISTS material (
    external_id TEXT PRIMARY KEY, course TEXT NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL, url TEXT,
    updated TEXT DEFAULT CURRENT_TIMESTAMP, changed INTEGER DEFAULT 1, shared INTEGER DEFAULT 1);
-- The community's resources as Repertoire showed them last, whoever made them.
CREATE TABLE IF NOT EXISTS copy (
    id TEXT PRIMARY KEY, external_id TEXT UNIQUE, title TEXT NOT NULL, kind TEXT NOT NULL, url TEXT,
    status TEXT NOT NULL, revision INTEGER NOT NULL);
-- The calls of a run that are not acknowledged yet, as they will be sent, however often that takes.
CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY, key TEXT, operation TEXT, variables TEXT);
-- What the last run could not settle.
CREATE TABLE IF NOT EXISTS unsettled (external_id TEXT PRIMARY KEY, outcome TEXT, message TEXT);
-- Webhook deliveries that came, since each may come more than once.
CREATE TABLE IF NOT EXISTS delivery (webhook_id TEXT PRIMARY KEY, received TEXT DEFAULT CURRENT_TIMESTAMP);
-- How far the feed was read.
CREATE TABLE IF NOT EXISTS feed (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), position TEXT NOT NULL);
"""
KINDS = ("ARTICLE", "VIDEO", "LESSON_PLAN", "ASSESSMENT")


def content(row):
    """What goes both ways."""
    return row["title"], row["kind"], row["url"]


class Store:
    def __init__(self, path):
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None, timeout=60)
        self.db.row_factory = sqlite3.Row
        self.db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + SCHEMA)

    @contextlib.contextmanager
    def transaction(self):
        """All of it or nothing, also when this process is killed in the middle."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    @contextlib.contextmanager
    def turn(self):
        """One push or pull at a time: a webhook and a nightly job may meet. The kernel ends it with the process."""
        with open(self.path + ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def run(self, statement, *values):
        return self.db.execute(statement, values)

    def position(self):
        row = self.run("SELECT position FROM feed").fetchone()
        return row and row["position"]

    def remember(self, position):
        self.run("REPLACE INTO feed VALUES (1, ?)", position)

    # The courses, as the LMS's own pages would change them.

    def seed(self, number):
        add = "INSERT OR IGNORE INTO material (external_id, course, title, kind, url) VALUES (?, ?, ?, ?, ?)"
        with self.transaction():
            for place in range(1, number + 1):
                url = f"https://lms.example.org/mod/resource/view.php?id={place}"
                course, kind = f"Course {(place - 1) // 20 + 1}", KINDS[place % len(KINDS)]
                self.run(add, f"material-{place}", course, f"Material {place}", kind, url)

    def edit(self, external_id, title):
        change = "UPDATE material SET title = ?, updated = CURRENT_TIMESTAMP, changed = 1, shared = 1 WHERE external_id = ?"
        return self.run(change, title, external_id).rowcount

    def remove(self, external_id):
        return self.run("DELETE FROM material WHERE external_id = ?", external_id).rowcount

    # What Repertoire shows; within a transaction of the caller's.

    def take(self, resource, external_id):
        """Puts a resource into the copy, and into the course that it came from."""
        before = self.run("SELECT * FROM copy WHERE id = ?", resource["id"]).fetchone()
        row = {**resource, "external_id": external_id}
        self.db.execute("REPLACE INTO copy VALUES (:id, :external_id, :title, :kind, :url, :status, :revision)", row)
        self.follow(before, row)

    def drop(self, node_id):
        """Takes a resource out that was deleted, or may no longer be seen."""
        before = self.run("SELECT * FROM copy WHERE id = ?", node_id).fetchone()
        self.run("DELETE FROM copy WHERE id = ?", node_id)
        self.follow(before, None)

    def follow(self, before, after):
        """Lets a course follow, unless somebody changed the material here meanwhile: then the next push settles it."""
        external_id = before and before["external_id"]
        mine = self.run("SELECT * FROM material WHERE external_id = ? AND shared", external_id).fetchone()
        if mine is None or content(mine) != content(before):
            return
        if after is None or after["status"] == "ARCHIVED":
            self.run("UPDATE material SET changed = 0, shared = 0 WHERE external_id = ?", external_id)
        elif content(after) != content(mine):
            # Still `changed`: the next push tells Repertoire that this edit was seen.
            change = "UPDATE material SET title = ?, kind = ?, url = ?, changed = 1 WHERE external_id = ?"
            self.run(change, *content(after), external_id)
