// The page that documents the API: made of docs/openapi.yaml, whole, served, and sufficient unto itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { render, source, target } from '../../scripts/docs_page.mjs';
import { markdown } from '../../scripts/docs_markdown.mjs';
import { request, startEpay } from './harness.mjs';
import { document, operations } from './openapi.mjs';

const page = readFileSync(target, 'utf8');
let epay;

before(async () => {
  epay = await startEpay();
});
after(async () => {
  await epay.end();
});

test('web/docs.html is up to date', () => {
  assert.ok(render(readFileSync(source, 'utf8')) === page, 'run ./dev docs, and commit what it makes');
});

test('it is served, and lets nothing in from elsewhere', async () => {
  const answer = await request(`${epay.url}/docs`);
  assert.equal(answer.status, 200);
  assert.equal(answer.text, page);
  assert.match(answer.headers['content-type'], /^text\/html/);
  assert.match(answer.headers['content-security-policy'], /default-src 'none'/);
  assert.ok(!/<script|<img|<link|@import|url\(|\ssrc=|\son\w+=/i.test(page), 'no scripts, nothing to fetch');
});

test('every operation and every webhook has its place, and every link leads to one', () => {
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length, 'an id stands twice');
  for (const { operation } of operations) assert.ok(ids.includes(operation.operationId), operation.operationId);
  for (const type of Object.keys(document.webhooks)) assert.ok(ids.includes(type.replace('.', '-')), type);
  for (const [, to] of page.matchAll(/href="#([^"]*)"/g)) assert.ok(ids.includes(to), `a link to #${to} leads nowhere`);
  const outside = [...page.matchAll(/href="([^#"][^"]*)"/g)].map(([, to]) => to);
  for (const to of outside) assert.ok(to === '/openapi.yaml' || to.startsWith('https://'), to);
  assert.ok(!/undefined|\[object|NaN/.test(page.replace(/<pre[\s\S]*?<\/pre>/g, '')), 'something was not filled in');
});

test('every operation shows how it is called and what comes back', () => {
  for (const { operation, method, path } of operations) {
    const begin = page.indexOf(`id="${operation.operationId}"`);
    const section = page.slice(begin, page.indexOf('</section>', begin));
    assert.ok(section.includes('curl'), path);
    assert.ok(section.includes('<figcaption>Answer'), path);
    assert.ok(section.includes(method), path);
  }
});

test('its examples are the JSON that the document has', () => {
  const text = (html) => html.replace(/<[^>]+>/g, '').replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  const shown = [...page.matchAll(/<figcaption>(?:Answer|Body)[^<]*<\/figcaption><pre[^>]*><code>([\s\S]*?)<\/code>/g)].map(([, html]) => text(html));
  const parsed = new Set(shown.filter((one) => one.startsWith('{')).map((one) => JSON.stringify(JSON.parse(one))));
  const answers = operations.flatMap(({ operation }) => Object.values(operation.responses['200'].content)).filter(({ schema }) => schema.type !== 'string');
  const bodies = Object.values(document.webhooks).map(({ post }) => post.requestBody.content['application/json']);
  for (const { example, examples } of [...answers, ...bodies]) {
    for (const value of examples ? Object.values(examples).map((one) => one.value) : [example]) assert.ok(parsed.has(JSON.stringify(value)), JSON.stringify(value));
  }
});

test('its Markdown escapes what it does not know', () => {
  assert.equal(markdown('a <b> & `<i>` **c**'), '<p>a &lt;b&gt; &amp; <code>&lt;i&gt;</code> <strong>c</strong></p>');
  assert.equal(markdown('[x](#y)\n\n- 1\n- 2'), '<p><a href="#y">x</a></p>\n<ul><li>1</li><li>2</li></ul>');
  assert.ok(markdown('| a |\n| - |\n| <1> |').includes('<td>&lt;1&gt;</td>'));
});
