/** A stand-in for a learning management system. The commands and the environment are those of ../../python/lms.py. */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Client, Problem } from "./client.js";
import { serve } from "./receiver.js";
import { Store } from "./store.js";
import { compare, pull, push } from "./sync.js";

const { LMS_FILE = "lms.json", LMS_SYSTEM = "example-lms", LMS_TURN } = process.env;
const SCRIPT = fileURLToPath(import.meta.url);

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Problem("SETTING", `Set ${name} in the environment.`);
  return value;
}

const connect = () => new Client(setting("LMS_SERVER"), setting("LMS_TOKEN"), setting("LMS_COMMUNITY"), LMS_SYSTEM);

async function run(command: string | undefined, rest: string[], store: Store): Promise<void> {
  if (command === "seed") {
    const kinds = ["ARTICLE", "VIDEO", "LESSON_PLAN", "ASSESSMENT"];
    for (let place = 1; place <= Number(rest[0]); place++) {
      const content = { title: `Material ${place}`, kind: kinds[place % 4], url: `https://lms.example.org/mod/${place}` };
      const course = `Course ${Math.ceil(place / 20)}`;
      store.materials[`material-${place}`] ??= { ...content, course, changed: true, shared: true };
    }
    store.commit();
  } else if (command === "edit" || command === "remove") {
    const material = store.materials[rest[0]];
    if (!material) throw new Problem("MATERIAL", `There is no ${rest[0]}.`);
    if (command === "edit") Object.assign(material, { title: rest[1], changed: true, shared: true });
    else delete store.materials[rest[0]];
    store.commit();
  } else if (command === "push" || command === "push-changed") {
    const counts = Object.entries(await push(store, connect(), command === "push-changed", Number(rest[0] ?? 0.1)));
    console.log(counts.sort().map((line) => line.join(" ")).join(", ") || "nothing to send");
  } else if (command === "conflicts") {
    for (const [name, message] of Object.entries(store.unsettled)) {
      const there = Object.values(store.copies).find((copy) => copy.externalId === name);
      console.log(`${name}: ${message}\n    here:  ${store.materials[name]?.title}`);
      console.log(`    there: ${there?.title} (revision ${there?.revision})`);
    }
  } else if (command === "pull") {
    console.log(`taken ${await pull(store, connect())}`);
  } else if (command === "compare") {
    const lines = await compare(store, connect());
    console.log([...lines, lines.length > 0 ? "different" : "equal"].join("\n"));
    process.exitCode = lines.length > 0 ? 1 : 0;
  } else {
    throw new Problem("COMMAND", "seed, edit, remove, push, push-changed, conflicts, pull, serve or compare");
  }
}

const [command, ...rest] = process.argv.slice(2);
try {
  if (command === "serve") {
    const child = () => spawn(process.execPath, [SCRIPT, "pull"], { stdio: "inherit" });
    const again = () => new Promise<void>((done) => child().on("close", () => done()));
    serve(`${LMS_FILE}.deliveries`, setting("LMS_WEBHOOK_SECRET"), Number(rest[0]), again);
  } else if (LMS_TURN) {
    await run(command, rest, new Store(LMS_FILE));
  } else {
    // One command at a time: a webhook and a nightly job may meet. The kernel ends the turn with the process.
    const line = [`${LMS_FILE}.lock`, process.execPath, SCRIPT, ...process.argv.slice(2)];
    const env = { ...process.env, LMS_TURN: "mine" };
    process.exitCode = spawnSync("flock", line, { stdio: "inherit", env }).status ?? 1;
  }
} catch (problem) {
  if (!(problem instanceof Problem)) throw problem;
  console.error(problem.message);
  process.exitCode = 1;
}
