/** Receives webhooks. A delivery says that something changed, and the feed says what: so a delivery that comes late, twice
 * or out of order does no harm, and one that never comes is made up for by the next. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const LARGEST = 1 << 20;

/** Answers deliveries, and pulls after each; first what changed while nobody listened. */
export function serve(log: string, secret: string, port: number, pull: () => Promise<void>): void {
  const webhook = new Webhook(secret);
  const known = new Set(existsSync(log) ? readFileSync(log, "utf8").split("\n") : []);
  let [pulling, waiting] = [Promise.resolve(), false];
  const wake = () => {
    if (waiting) return; // the pull that waits for its turn will see this change too
    waiting = true;
    pulling = pulling.then(() => ((waiting = false), pull()));
  };
  wake();
  const server = createServer(async (request, response) => {
    try {
      const headers = request.headers as Record<string, string>;
      const parts: Buffer[] = [];
      for await (const part of request) {
        parts.push(part);
        if (parts.reduce((length, { length: more }) => length + more, 0) > LARGEST) throw new Error("too large");
      }
      webhook.verify(Buffer.concat(parts), headers);
      const id = headers["webhook-id"];
      if (!known.has(id)) {
        appendFileSync(log, `${id}\n`); // before it is answered: what was answered is not sent again
        known.add(id);
        wake();
      }
      response.writeHead(204).end();
    } catch {
      response.writeHead(401).end(); // not from Repertoire, changed on its way, or too old
    }
  });
  server.requestTimeout = 10_000;
  server.listen(port, "127.0.0.1");
}
