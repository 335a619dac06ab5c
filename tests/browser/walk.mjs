// Walks through a site as far as its links lead, and judges every kind of page there is: the rules that hold for all of them.
import assert from 'node:assert/strict';
import { accessible, fits, open, sizes } from './browser.mjs';

const pagesMax = 200;

// Which kind of page an address leads to: its path without what names one of many. Filters and cursors make no other page.
const kindOf = (path) =>
  path
    .split('/')
    .map((segment) => (/\d/.test(segment) && !/^v\d+$/.test(segment) ? '*' : segment))
    .join('/');

// No script and no style runs that the server has not named, nothing comes from elsewhere.
async function checkPolicy(policy, path) {
  assert.ok(policy, `${path} has no Content-Security-Policy`);
  const strict = /default-src 'none'/.test(policy) && /frame-ancestors/.test(policy) && !/unsafe-eval|script-src[^;]*'unsafe-inline'|script-src[^;]* \*/.test(policy);
  assert.ok(strict, `${path} has a lax policy: ${policy}`);
}

async function checkPage(page, path) {
  await page.setViewportSize(sizes.narrow);
  await fits(page);
  await page.setViewportSize(sizes.desktop);
  await fits(page);
  await accessible(page);
  assert.equal(await page.locator('h1').count(), 1, `${path} has one first heading`);
}

// Without scripts it shows the same head and every form that sends something has a way to be sent.
async function checkWithoutScripts(page, path, heading) {
  assert.equal((await page.locator('h1').allInnerTexts()).join(), heading, `${path} has another heading without scripts`);
  // What scripts do to styles is no attribute of ours.
  assert.equal(await page.locator('[style], [onclick], [onsubmit], [onchange]').count(), 0, `${path} has styles or scripts in attributes`);
  for (const form of await page.locator('form:visible').all()) {
    assert.ok(await form.locator('button:not([type=button]), input[type=submit]').count(), `${path} has a form without a button`);
  }
  await fits(page);
}

const linksOf = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('a[href]:not([download])')].filter((link) => link.origin === location.origin).map((link) => link.pathname + link.search),
  );

// Visits the pages `start` and whatever they link to on the same site, one of each kind, signed in by `state` (see `open`). `skip`: kinds
// that are not to be visited, such as the one that signs out. Every page answers 200, keeps a strict policy, fits 320 px, satisfies axe,
// and shows itself without JavaScript too; all that
// is wrong is told at once. `expected`: as of `open`. Gives the kinds that it has judged, sorted.
// `quick`: pages whose like others walk through anyway; that they answer, keep the policy, and fit is all that is looked at.
export async function walk(t, origin, { start, state, skip = [], expected, quick = false }) {
  const page = await open(t, origin + start[0], { state, expected });
  const plain = await open(t, origin + start[0], { state, scripts: false, size: 'narrow' });
  const waiting = [...start];
  const seen = new Set(skip);
  const judged = [];
  const problems = [];
  const judge = (check, ...what) => check(...what).catch((error) => problems.push(error.message));
  while (waiting.length) {
    const path = waiting.shift();
    const kind = kindOf(path.split('?')[0]);
    if (seen.has(kind)) continue;
    seen.add(kind);
    assert.ok(seen.size <= pagesMax, `there are more than ${pagesMax} kinds of pages: is ${kind} one of them?`);
    const head = await page.request.get(origin + path);
    if (head.status() !== 200) {
      problems.push(`${path}: ${head.status()}`);
      continue;
    }
    if (!head.headers()['content-type'].startsWith('text/html')) continue;
    await judge(checkPolicy, head.headers()['content-security-policy'], path);
    await page.goto(origin + path);
    waiting.push(...(await linksOf(page)));
    if (quick) {
      await judge(fits, page);
    } else {
      await judge(checkPage, page, path);
      await plain.goto(origin + path);
      await judge(checkWithoutScripts, plain, path, (await page.locator('h1').allInnerTexts()).join());
    }
    judged.push(kind);
  }
  assert.equal(problems.length, 0, problems.join('\n\n'));
  return judged.sort();
}
