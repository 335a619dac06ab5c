// The harness itself: what it promises to notice, it notices.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { accessible, fits, open } from './browser.mjs';

const pages = {
  '/good': '<p>Good',
  '/error': '<script>console.error("so it says")</script>',
  '/throws': '<script>setTimeout(() => { throw new Error("not caught") })</script>',
  '/rejects': '<script>Promise.reject(new Error("not awaited"))</script>',
  '/refused': '<img src="http://127.0.0.1:1/x.png" alt="">',
  '/missing': '<img src="/nowhere.png" alt="">',
  '/style': '<p style="color:red">Styled',
  '/inline': '<p onclick="alert(1)">Inline',
  '/contrast': '<h1>Title</h1><p class="pale">Pale',
  '/night': '<h1>Title</h1><p class="night">Fine by day only',
  '/wide': '<div class="wide">Wide</div>',
};
const policies = { '/style': "default-src 'none'", '/inline': "default-src 'none'" };
const looks = '<style>.pale{color:#ccc;background:#fff}.wide{width:2000px}@media(prefers-color-scheme:dark){.night{color:#333;background:#222}}</style>';

let server;
let origin;
before(async () => {
  server = http.createServer(({ url }, response) => {
    const body = pages[url] ?? 'Nothing';
    const head = { 'content-type': 'text/html; charset=utf-8', ...(policies[url] && { 'content-security-policy': policies[url] }) };
    response.writeHead(pages[url] || url === '/favicon.ico' ? 200 : 404, head);
    response.end(`<!doctype html><html lang="en"><head><title>Page</title>${policies[url] ? '' : looks}</head><body><main>${body}</main></body></html>`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

// Opens a page as a test would, and ends that test: resolves, or fails as that test would fail.
async function openInATest(path, { look = async () => {}, ...options } = {}) {
  const hooks = [];
  const page = await open({ after: (hook) => hooks.push(hook) }, origin + path, options);
  try {
    await page.waitForTimeout(100);
    await look(page);
  } finally {
    for (const hook of hooks) await hook();
  }
}

test('a page that does nothing wrong passes', () => openInATest('/good'));

for (const [path, problem] of [
  ['/error', /console error: so it says/],
  ['/throws', /uncaught: Error: not caught/],
  ['/rejects', /uncaught: Error: not awaited/],
  ['/refused', /request to another origin: http:\/\/127\.0\.0\.1:1\//],
  ['/refused', /request failed: http:\/\/127\.0\.0\.1:1\//],
  ['/missing', /console error: .*404/],
  ['/style', /Content Security Policy/],
  ['/inline', /Content Security Policy/],
  ['/nowhere', /404/],
]) {
  test(`${path} fails: ${problem.source}`, async () => {
    await assert.rejects(openInATest(path), problem);
  });
}

test('a breach of the policy is seen without JavaScript too', async () => {
  await assert.rejects(openInATest('/style', { scripts: false }), /Content Security Policy/);
});

test('what a test expects has to occur, and nothing else', async () => {
  await openInATest('/error', { expected: [/so it says/] });
  await assert.rejects(openInATest('/error', { expected: [/something else/] }), /the page did what it must not/);
  await assert.rejects(openInATest('/good', { expected: [/so it says/] }), /did not happen/);
});

test('axe runs with and without JavaScript', async () => {
  await assert.rejects(openInATest('/contrast', { look: accessible }), /color-contrast/);
  await assert.rejects(openInATest('/contrast', { look: accessible, scripts: false }), /color-contrast/);
});

test('axe looks at dark colours too', async () => {
  await assert.rejects(openInATest('/night', { look: accessible }), /\(dark\):\s+color-contrast/);
});

test('what is too wide is seen', async () => {
  await assert.rejects(openInATest('/wide', { look: fits, size: 'narrow' }), /too wide/);
  await openInATest('/good', { look: fits, size: 'narrow' });
});
