// Runs graphql-http's audits of GraphQL over HTTP against a server:
//
//   npm ci && node audits.mjs http://127.0.0.1:8080/graphql
//
// Fails unless every MUST and SHOULD passes; a MAY that does not is named.
import { serverAudits } from 'graphql-http';

const url = process.argv[2];
if (!url) {
  console.error('Give the address of the GraphQL endpoint: node audits.mjs http://127.0.0.1:8080/graphql');
  process.exit(2);
}

const counts = { MUST: [0, 0], SHOULD: [0, 0], MAY: [0, 0] };
const failures = [];
for (const { id, name, fn } of serverAudits({ url, fetchFn: fetch })) {
  const level = Object.keys(counts).find((word) => name.startsWith(word));
  if (!level) throw new Error(`The audit ${id} has no level: ${name}`);
  counts[level][1] += 1;
  const result = await fn();
  if (result.status === 'ok') {
    counts[level][0] += 1;
  } else {
    failures.push({ id, level, name, reason: result.reason });
  }
}

for (const { id, name, reason } of failures) console.log(`failed ${id}: ${name}: ${reason}`);
const summary = Object.entries(counts).map(([level, [passed, all]]) => `${level} ${passed} of ${all}`);
console.log(`${summary.join(', ')}.`);
const run = Object.values(counts).reduce((sum, [, all]) => sum + all, 0);
if (run === 0) throw new Error('There were no audits to run.');
process.exitCode = failures.some(({ level }) => level !== 'MAY') ? 1 : 0;
