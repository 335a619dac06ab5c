// Looks at pages of the real binary with a real Chromium: one for each test file, a context (a fresh profile) for each test.
// Whatever a page does that it should not fails the test that looks at it: see `open`.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { root } from '../e2e/harness.mjs';

const executable = process.env.EPAY_CHROMIUM ?? '/usr/bin/chromium';
const environment = { ...process.env, FONTCONFIG_FILE: path.join(root, 'tests/browser/fonts.conf') };

export const sizes = {
  narrow: { width: 320, height: 640 },
  phone: { width: 390, height: 844 },
  tablet: { width: 768, height: 1024 },
  desktop: { width: 1440, height: 900 },
};
export const schemes = ['light', 'dark'];

let running;  // a promise of this file's Chromium

// Starts it when it is first asked for.
function browser() {
  // Without its sandbox, since tests run as root in containers; they open our own pages only.
  running ??= chromium.launch({ executablePath: executable, env: environment, chromiumSandbox: false });
  return running;
}

after(async () => {
  await (await running)?.close();
});

// ---- opening pages ----

// What a page may never do, as one line of text each: write an error or a breach of its Content-Security-Policy to the console, throw
// without catching, ask for something that does not come, or ask anybody but `origins` for anything.
function watch(context, origins) {
  const problems = [];
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => problems.push(`uncaught: ${error.error().stack ?? error.error()}`));
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (!['data:', 'blob:', 'about:'].includes(protocol) && !origins.includes(origin)) problems.push(`request to another origin: ${request.url()}`);
  });
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // This is how a request ends that the page itself no longer wanted, such as a stream when one leaves.
    if (reason !== 'net::ERR_ABORTED') problems.push(`request failed: ${request.url()} ${reason}`);
  });
  return problems;
}

const opened = new WeakMap();  // page → the options it was opened with

// A page in a fresh profile, closed when the test `t` ends, which fails if the page did what it must not (see `watch`).
//   size      of `sizes`; phone and narrow are touch screens
//   scheme    light or dark
//   scripts   false: without JavaScript
//   language  what the browser asks for
//   origins   others that it may talk to, beside its own
//   expected  patterns of problems that belong to the test; each has to occur
//   still     the reader prefers reduced motion
//   state     cookies, as another page's context().storageState() gives them: to be signed in as there
export async function open(t, url, options = {}) {
  const { size = 'desktop', scheme = 'light', scripts = true, language = 'en', origins = [], expected = [], still = false, state } = options;
  const touch = size === 'phone' || size === 'narrow';
  const context = await (await browser()).newContext({
    viewport: sizes[size],
    isMobile: touch,
    hasTouch: touch,
    colorScheme: scheme,
    javaScriptEnabled: scripts,
    locale: language,
    reducedMotion: still ? 'reduce' : 'no-preference',
    storageState: state,
  });
  const problems = watch(context, [new URL(url).origin, ...origins]);
  t.after(async () => {
    await context.close();
    const surprising = problems.filter((problem) => !expected.some((pattern) => pattern.test(problem)));
    assert.deepEqual(surprising, [], 'the page did what it must not');
    for (const pattern of expected) assert.ok(problems.some((problem) => pattern.test(problem)), `${pattern} did not happen`);
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  opened.set(page, { scheme, scripts, still });
  await page.goto(url);
  return page;
}

// Runs `body` for the page in light and in dark, and leaves it as it was. Meanwhile it does not move: colours would be between two schemes.
async function inBothSchemes(page, body) {
  for (const scheme of schemes) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await body(scheme);
  }
  const { scheme, still } = opened.get(page);
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: still ? 'reduce' : 'no-preference' });
}

// ---- judging them ----

// axe needs JavaScript. A page that was opened without it is looked at as a copy: what stands there now, with scripts let in but
// without those of the page.
async function copyWithScripts(page) {
  const { scheme } = opened.get(page);
  const html = (await page.content()).replace(/<script[\s\S]*?<\/script>|<\/?noscript[^>]*>/g, '');
  const context = await (await browser()).newContext({ viewport: page.viewportSize(), colorScheme: scheme });
  const copy = await context.newPage();
  await copy.route(page.url(), (route) => route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' }));
  await copy.goto(page.url());
  opened.set(copy, { scheme, scripts: true, still: false });
  return copy;
}

// axe would wait for these for ever. What they show is a page, to be looked at on its own.
const framesWithoutScripts = 'iframe[sandbox]:not([sandbox~="allow-scripts"])';
const rulesOfColours = ['color-contrast', 'link-in-text-block'];

// axe finds nothing at all, neither in light nor in dark (where only the colours differ). `within`: a selector of what is looked at; frames are part of it.
export async function accessible(page, { within } = {}) {
  if (opened.get(page).scripts === false) {
    const copy = await copyWithScripts(page);
    try {
      await accessible(copy, { within });
    } finally {
      await copy.context().close();
    }
    return;
  }
  await inBothSchemes(page, async (scheme) => {
    const axe = new AxeBuilder({ page }).exclude(framesWithoutScripts);
    if (within) axe.include(within);
    if (scheme === 'dark') axe.withRules(rulesOfColours);
    const { violations } = await axe.analyze();
    const shown = violations.map(
      ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ target, html, failureSummary }) => `  ${target.join(' ')}\n    ${html}\n    ${failureSummary}`).join('\n')}`,
    );
    assert.equal(violations.length, 0, `${page.url()} (${scheme}):\n${shown.join('\n')}`);
  });
}

// Nothing reaches over the right edge, so that nobody has to scroll sideways to read.
export async function fits(page) {
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return undefined;
    const beyond = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > clientWidth + 1);
    return `${scrollWidth} of ${clientWidth} px: ${beyond.slice(0, 5).map((element) => element.outerHTML.slice(0, 120))}`;
  });
  assert.equal(wide, undefined, `${page.url()} is too wide`);
}

// Pictures for a person to look at: build/screenshots/NAME-WIDTH-SCHEME.png at 320, 768 and 1440 px. The page has to fit each of them.
// `whole`: not only the first screen.
export async function looks(page, name, { whole = true } = {}) {
  const folder = path.join(root, 'build/screenshots');
  mkdirSync(folder, { recursive: true });
  const before = page.viewportSize();
  await inBothSchemes(page, async (scheme) => {
    for (const size of [sizes.narrow, sizes.tablet, sizes.desktop]) {
      await page.setViewportSize(size);
      await fits(page);
      await page.screenshot({ path: path.join(folder, `${name}-${size.width}-${scheme}.png`), fullPage: whole, animations: 'disabled' });
    }
  });
  await page.setViewportSize(before);
}

// Lighthouse's scores of a page, 0 to 100, as on a middling phone with slow 4G, in a Chromium of its own:
// {performance, accessibility, 'best-practices', lost}. `lost` says which audits cost points. A machine that does other things at the
// same time makes the figures of the performance worse, never better: of at most `runs` the best one counts, and one with `enough` is
// the last.
export async function lighthouse(url, { runs = 1, enough = 100 } = {}) {
  const { default: measure } = await import('lighthouse');
  const { launch } = await import('chrome-launcher');
  const chrome = await launch({ chromePath: executable, chromeFlags: ['--headless', '--no-sandbox', '--disable-dev-shm-usage'], envVars: environment, logLevel: 'silent' });
  try {
    let best;
    for (let run = 0; run < runs && !(best?.performance >= enough); run += 1) {
      const onlyCategories = ['performance', 'accessibility', 'best-practices'];
      const { lhr } = await measure(url, { port: chrome.port, output: [], logLevel: 'silent', onlyCategories });
      assert.equal(lhr.runtimeError, undefined, lhr.runtimeError?.message);
      const found = scoresOf(lhr);
      if (!best || found.performance > best.performance) best = found;
    }
    return best;
  } finally {
    chrome.kill();
  }
}

function scoresOf({ categories, audits }) {
  const weighty = Object.values(categories).flatMap(({ auditRefs }) => auditRefs.filter(({ weight }) => weight > 0));
  const lost = weighty.map(({ id }) => audits[id]).filter(({ score }) => score !== null && score < 1);
  return {
    ...Object.fromEntries(Object.values(categories).map(({ id, score }) => [id, Math.round(score * 100)])),
    lost: lost.map(({ id, score, displayValue }) => `${id} ${score} ${displayValue ?? ''}`.trim()),
  };
}
