// Opens GraphiQL in Chromium as a newcomer does, runs the first tab, and compares the answer with the one that the
// README prints under the same query:
//
//   npm ci && node graphiql.mjs http://127.0.0.1:4000/
//
// The server must have the demonstration. Chromium is Debian's, or the one that CHROMIUM names; without any the check
// is skipped and says so, unless REQUIRE_CHROMIUM is set.
import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const url = process.argv[2];
if (!url) {
  console.error('Give the address of the server: node graphiql.mjs http://127.0.0.1:4000/');
  process.exit(2);
}
const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = candidates.find((path) => path && existsSync(path));
if (!executablePath) {
  const message = 'GraphiQL was not tried in a browser: there is no Chromium (Debian: apt-get install chromium).';
  console.error(`SKIPPED: ${message}`);
  process.exit(process.env.REQUIRE_CHROMIUM ? 1 : 0);
}

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const printed = JSON.parse(readme.split('\n```json\n')[1].split('```')[0]);

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  const page = await browser.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && faults.push(`console: ${message.text()}`));
  page.on('requestfailed', (request) => faults.push(`not loaded: ${request.url()}`));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(url).origin) faults.push(`asked elsewhere: ${request.url()}`);
  });
  await page.goto(url);
  await page.locator('.graphiql-execute-button').click({ timeout: 60_000 });
  // The editor shows only the lines that are in view, so the answer is read where it arrives, and found on the page.
  await page.locator('.result-window').getByText(`"${printed.data.community.name}"`).waitFor({ timeout: 60_000 });
  const answer = await page.evaluate(() => document.querySelector('.result-window .CodeMirror').CodeMirror.getValue());
  const shown = JSON.parse(answer);
  if (JSON.stringify(shown.data) !== JSON.stringify(printed.data)) {
    throw new Error(`the page shows ${JSON.stringify(shown)}, and the README prints ${JSON.stringify(printed)}`);
  }
  // The schema's documentation opens: introspection was answered.
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page.getByText('Root Types').waitFor({ timeout: 60_000 });
  const tabs = await page.locator('.graphiql-tab').count();
  if (tabs < 5) throw new Error(`there are ${tabs} tabs, and the README has four queries`);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  console.log('GraphiQL opens in Chromium, and the README\'s first query answers as printed.');
} finally {
  await browser.close();
}
