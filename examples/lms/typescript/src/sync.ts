/** Both ways of the sync. What is not said here is said in ../../python/push.py and pull.py. */
import { randomUUID } from "node:crypto";
import { Client, Problem } from "./client.js";
import { type Content, type Resource, Store, same } from "./store.js";

// So many materials a call takes, and 1 MiB a request, unless the operator has set `limits.body_bytes` otherwise.
const [MOST, MOST_BYTES] = [1000, Number(process.env.LMS_CALL_BYTES ?? 1_000_000)];

const RESOURCE = "id title kind url status revision";
const LISTED = `${RESOURCE} externalReferences { system externalId }`;
const PAYLOAD = `{
  results { externalId outcome resource { ${RESOURCE} } userErrors { message } }
  userErrors { code message }
}`;
const SYNC = `mutation($community: ID!, $system: String!, $run: String, $input: [SyncResourceInput!]!) {
  syncResources(communityId: $community, system: $system, run: $run, input: $input) ${PAYLOAD} }`;
const FINISH = `mutation($community: ID!, $system: String!, $run: String!, $limit: Float) {
  finishSync(communityId: $community, system: $system, run: $run, deleteLimit: $limit) ${PAYLOAD} }`;
const ALL = `query($community: ID!, $after: String) {
  resources(
    filter: { communityIds: [$community], statuses: [DRAFT, IN_REVIEW, CHANGES_REQUESTED, PUBLISHED, ARCHIVED] }
    orderBy: { field: CREATED_AT, direction: ASC }, first: 100, after: $after
  ) { nodes { ${LISTED} } pageInfo { hasNextPage endCursor } }
}`;
const CHANGES = `query($community: ID!, $after: Position!) {
  changes(after: $after, first: 100, types: ["Resource"], communityId: $community) {
    changes { scope operation nodeId node { ... on Resource { ${LISTED} } } }
    nextPosition
    hasMore
  }
}`;

/** Sends everything, and archives there what is no longer here; or, quicker, only what changed since the last push. */
export async function push(store: Store, client: Client, onlyChanged: boolean, limit: number) {
  const counts: Record<string, number> = {};
  await send(store, client, counts); // what an earlier push could not finish
  const run = randomUUID();
  const common = { community: client.community, system: client.system, run: onlyChanged ? null : run };
  const items = Object.entries(store.materials)
    .filter(([, { shared, changed }]) => shared && (changed || !onlyChanged))
    .map(([externalId, { title, kind, url, course }]) => ({ externalId, title, kind, url, tags: [course] }));
  const add = (operation: string, variables: object) =>
    store.outbox.push({ key: `${run}-${store.outbox.length}`, operation, variables: { ...common, ...variables } });
  // A whole run has at least one call, also when all courses are empty: that is what archives the last.
  for (const input of portions(items)) if (input.length > 0 || !onlyChanged) add(SYNC, { input });
  if (!onlyChanged) add(FINISH, { limit });
  store.unsettled = {};
  store.commit();
  await send(store, client, counts);
  return counts;
}

/** The items by calls: each has as many as it takes, and the first may have none. */
function portions<Item>(items: Item[]): Item[][] {
  const calls: Item[][] = [[]];
  let [last, size] = [calls[0], 0];
  for (const item of items) {
    const length = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (last.length > 0 && (last.length === MOST || size + length > MOST_BYTES)) {
      [last, size] = [[], 0];
      calls.push(last);
    }
    last.push(item);
    size += length;
  }
  return calls;
}

async function send(store: Store, client: Client, counts: Record<string, number>): Promise<void> {
  for (let call = store.outbox[0]; call; call = store.outbox[0]) {
    let payload: any;
    try {
      [payload] = Object.values(await client.call(call.operation, call.variables, call.key));
      const [error] = payload.userErrors;
      if (error) throw new Problem(error.code, error.message);
    } catch (problem) {
      if (problem instanceof Problem && problem.code !== "UNREACHABLE") {
        store.outbox = []; // the run is given up, for it would be refused again
        store.commit();
      }
      throw problem;
    }
    store.outbox.shift();
    const sent = new Map<string, any>(call.variables.input?.map((item: any) => [item.externalId, item]));
    for (const result of payload.results) {
      counts[result.outcome] = (counts[result.outcome] ?? 0) + 1;
      note(store, result, sent.get(result.externalId));
    }
    store.commit();
  }
}

/** Notes what became of a material. */
function note(store: Store, { externalId, outcome, resource, userErrors }: any, sent: any): void {
  let message = userErrors.map((error: Error) => error.message).join(" ");
  if (resource) store.take({ ...resource, externalId });
  if (outcome === "ARCHIVED") return;
  if (outcome !== "CONFLICT" && outcome !== "FAILED") {
    const mine = store.materials[externalId];
    if (!mine || !same(mine, sent)) return; // it is gone, or was changed again while it was on its way
    mine.changed = false;
    if (resource && same(resource, mine)) return;
    message = "Taken, but something else is shown there: it waits for a review, or the rule is KEEP_OURS.";
  }
  store.unsettled[externalId] = `${outcome}. ${message}`;
}

/** Brings the copy up to date; answers how many changes were taken. */
export async function pull(store: Store, client: Client): Promise<number> {
  let taken = 0;
  while (store.position !== null) {
    const variables = { community: client.community, after: store.position };
    const page = await client.call(CHANGES, variables).then(
      (data) => data.changes,
      (problem) => {
        if (!["POSITION_EXPIRED", "BAD_USER_INPUT"].includes(problem.code)) throw problem;
        return null; // nobody pulled for longer than the server keeps changes, or it was restored from a backup
      },
    );
    // Null, too, where we see nothing of the community. Where it changed as a whole we see more of it, or less.
    if (page === null || page.changes.some((change: any) => change.scope === "COMMUNITY")) break;
    for (const { operation, nodeId, node } of page.changes) {
      if (operation === "DELETED" || node === null) store.drop(nodeId);
      else store.take(named(node, client));
    }
    store.position = page.nextPosition;
    store.commit(); // the changes and how far they go: both or neither
    taken += page.changes.length;
    if (!page.hasMore) return taken;
  }
  // The position is read first: what changes while we page comes again by the feed from there.
  const { serverInfo } = await client.call("{ serverInfo { position } }", {});
  const resources = await everything(client);
  // Likelier nothing is shown to us than everything was deleted: the courses keep what they have.
  if (resources.length === 0) store.copies = {};
  const there = new Set(resources.map(({ id }) => id));
  for (const id of Object.keys(store.copies)) if (!there.has(id)) store.drop(id);
  for (const resource of resources) store.take(resource);
  store.position = serverInfo.position;
  store.commit();
  return taken + resources.length;
}

async function everything(client: Client): Promise<Resource[]> {
  const resources: Resource[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const page: any = (await client.call(ALL, { community: client.community, after })).resources;
    resources.push(...page.nodes.map((node: any) => named(node, client)));
    ({ endCursor: after, hasNextPage: more } = page.pageInfo);
  }
  return resources;
}

/** A resource with what this LMS calls it. */
function named({ externalReferences, ...resource }: any, client: Client): Resource {
  const mine = externalReferences.find((reference: any) => reference.system === client.system);
  return { ...resource, externalId: mine?.externalId };
}

/** What differs between here and there; nothing when both are equal. */
export async function compare(store: Store, client: Client): Promise<string[]> {
  const line = (name: string | undefined, { title, kind, url }: Content) => JSON.stringify([name, title, kind, url]);
  const resources = await everything(client);
  const offered = resources.filter((one) => one.externalId !== undefined && one.status !== "ARCHIVED");
  const there = [...resources.map((one) => JSON.stringify(one)), ...offered.map((one) => line(one.externalId, one))];
  const shared = Object.entries(store.materials).filter(([, material]) => material.shared);
  const here = [...Object.values(store.copies).map((one) => JSON.stringify(one)), ...shared.map((one) => line(...one))];
  const without = (lines: string[], others: string[], where: string) => {
    const known = new Set(others);
    return lines.filter((one) => !known.has(one)).map((one) => `only ${where}: ${one}`);
  };
  return [...without(here, there, "here"), ...without(there, here, "there")];
}
