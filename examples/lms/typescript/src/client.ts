/** Calls Repertoire's API, and tries again what may be tried again. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

// What passes by itself: a limit used up, a server that restarts, a proxy that finds nobody behind it.
const PASSING: unknown[] = [429, 502, 503, 504, "RATE_LIMITED", "SERVICE_UNAVAILABLE", "TIMEOUT"];
const [ATTEMPTS, LONGEST_PAUSE] = [10, 30];

/** The request was refused, or never answered; `code` is from the table of errors in docs/SYNC.md. */
export class Problem extends Error {
  constructor(readonly code: string, message: string) {
    super(`${code}: ${message}`);
  }
}

export class Client {
  constructor(
    private readonly server: string,
    private readonly token: string,
    readonly community: string,
    readonly system: string,
  ) {}

  /** Answers `data`. A mutation carries an Idempotency-Key, so that it runs once however often it is sent. */
  async call(query: string, variables: object, key: string = randomUUID()): Promise<any> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}` };
    headers["Content-Type"] = "application/json";
    headers["Accept"] = "application/graphql-response+json";
    if (query.startsWith("mutation")) headers["Idempotency-Key"] = key;
    const body = JSON.stringify({ query, variables });
    for (let attempt = 1; ; attempt++) {
      let [status, retryAfter, error]: [number, string | null, any] = [503, null, undefined];
      try {
        const signal = AbortSignal.timeout(60_000);
        const response = await fetch(`${this.server}/graphql`, { method: "POST", headers, body, signal });
        const text = await response.text();
        [status, retryAfter] = [response.status, response.headers.get("Retry-After")];
        const answer = JSON.parse(text);
        if (!answer.errors) return answer.data;
        [error] = answer.errors;
      } catch (problem) {
        // Refused, reset, timed out or cut short; or a proxy's page.
        [status, error] = [status < 400 ? 503 : status, { message: `no answer: ${problem}.` }];
      }
      const code = error.extensions?.code ?? "UNKNOWN";
      if (!PASSING.includes(status) && !PASSING.includes(code)) throw new Problem(code, error.message);
      if (attempt === ATTEMPTS) throw new Problem("UNREACHABLE", `${error.message} Run this again later.`);
      await sleep(1000 * pause(attempt, retryAfter));
    }
  }
}

/** Seconds until the next attempt: what the server asks for, else twice as long each time, and at random, so that the
 * clients of a server that comes back do not come all at once. */
function pause(attempt: number, retryAfter: string | null): number {
  if (retryAfter && /^\d+$/.test(retryAfter)) return Math.min(Number(retryAfter), LONGEST_PAUSE);
  return (0.5 + Math.random() / 2) * Math.min(0.2 * 2 ** attempt, LONGEST_PAUSE);
}
