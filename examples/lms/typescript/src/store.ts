/** The LMS's own data, in a JSON file that is replaced as a whole: a stand-in for the transactions of its database. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

/** What goes both ways. */
export type Content = { title: string; kind: string; url: string | null };

/** What a teacher put into a course. `changed`: Repertoire has not acknowledged it as it is now. `shared` is false where
 * Repertoire archived or deleted it: then it stays in its course and is no longer sent, until somebody edits it. */
export type Material = Content & { course: string; changed: boolean; shared: boolean };

/** A resource as Repertoire shows it, and what this LMS calls it; nothing for what others made. */
export type Resource = Content & { id: string; status: string; revision: number; externalId?: string };

export class Store {
  materials: Record<string, Material> = {};
  /** The community's resources as Repertoire showed them last, by id. */
  copies: Record<string, Resource> = {};
  /** The calls of a run that are not acknowledged yet, as they will be sent, however often that takes. */
  outbox: { key: string; operation: string; variables: any }[] = [];
  /** What the last run could not settle, by external id. */
  unsettled: Record<string, string> = {};
  /** How far the feed was read. */
  position: string | null = null;

  constructor(private readonly path: string) {
    if (existsSync(path)) Object.assign(this, JSON.parse(readFileSync(path, "utf8")));
  }

  /** Keeps everything that was changed in memory, or nothing of it. */
  commit(): void {
    const { path, ...data } = this;
    const file = openSync(`${path}.new`, "w");
    writeSync(file, JSON.stringify(data));
    fsyncSync(file);
    closeSync(file);
    renameSync(`${path}.new`, path);
  }

  /** Puts a resource into the copy, and into the course that it came from. */
  take(resource: Resource): void {
    const before = this.copies[resource.id];
    this.copies[resource.id] = resource;
    this.follow(before, resource);
  }

  /** Takes a resource out that was deleted, or may no longer be seen. */
  drop(id: string): void {
    const before = this.copies[id];
    delete this.copies[id];
    const again = Object.values(this.copies).some((copy) => copy.externalId === before?.externalId);
    if (!again) this.follow(before, null); // else it was deleted, and then pushed anew
  }

  /** Lets a course follow, unless somebody changed the material here meanwhile: then the next push settles it. */
  private follow(before: Resource | undefined, after: Resource | null): void {
    const mine = before && this.materials[before.externalId ?? ""];
    if (!before || !mine?.shared || !same(mine, before)) return;
    if (after === null || after.status === "ARCHIVED") {
      mine.changed = mine.shared = false;
    } else if (!same(mine, after)) {
      // Still `changed`: the next push tells Repertoire that this edit was seen.
      Object.assign(mine, { title: after.title, kind: after.kind, url: after.url, changed: true });
    }
  }
}

export function same(one: Content, other: Content): boolean {
  return one.title === other.title && one.kind === other.kind && one.url === other.url;
}
