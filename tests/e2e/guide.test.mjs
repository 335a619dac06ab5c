// docs/webhooks.md shows the very code that samples.test.mjs runs, the request as it is sent, and no dead link.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createMerchant, momoCharge, receiver, root, signIn, startEpay } from './harness.mjs';

const docs = path.join(root, 'docs');
const text = readFileSync(path.join(docs, 'webhooks.md'), 'utf8');

// The fenced blocks of a Markdown text: {language, file, code, line}. `file` is what the fence says after its language.
function blocksOf(markdown) {
  const blocks = [];
  let open;
  markdown.split('\n').forEach((line, index) => {
    const fence = line.match(/^```(\S*)(?: file=(\S+))?$/);
    if (!fence) {
      if (open) open.code += `${line}\n`;
    } else if (open) {
      blocks.push(open);
      open = undefined;
    } else {
      open = { language: fence[1], file: fence[2], code: '', line: index + 1 };
    }
  });
  assert.equal(open, undefined, 'a fence is not closed');
  return blocks;
}

const blocks = blocksOf(text);
const codeOf = (language) => blocks.find((block) => block.language === language).code;

test('each sample is shown once, as it is', () => {
  const shown = blocks.filter((block) => block.file);
  for (const { file, code, line } of shown) {
    assert.equal(code, readFileSync(path.join(docs, file), 'utf8'), `docs/webhooks.md:${line} differs from docs/${file}`);
  }
  const files = ['samples/webhooks', 'samples/webhooks/first'].flatMap((folder) =>
    readdirSync(path.join(docs, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${folder}/${entry.name}`),
  );
  assert.deepEqual(shown.map((block) => block.file).sort(), files.sort());
});

test('the body is shown with the keys that Epay sends, in their order', async (t) => {
  const hook = await receiver();
  t.after(() => hook.close());
  const epay = await startEpay();
  t.after(() => epay.end());
  const client = await signIn(epay, await createMerchant(epay.database, { webhook: hook.url }));
  const charge = momoCharge();
  await client.post('/api/v1/charge', charge);
  const [sent] = await hook.arrived(1, charge.reference);
  const outline = (value) => (value && typeof value === 'object' ? Object.entries(value).map(([key, inner]) => [key, outline(inner)]) : typeof value);
  const shown = JSON.parse(codeOf('json'));
  assert.deepEqual(Object.keys(shown.transaction.page), ['id', 'name', 'description', 'slug']);
  assert.equal(sent.json.transaction.page, null, 'this payment came through no page');
  shown.transaction.page = null;
  assert.deepEqual(outline(shown), outline(sent.json));
});

test('the request that is shown, and the one to check code with, are signed', () => {
  const row = (name) => text.match(new RegExp(`^\\| ${name} \\| \`(.+)\` \\|$`, 'm'))[1];
  const key = Buffer.from(row('secret').replace('whsec_', ''), 'base64');
  const sign = (id, timestamp, body) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  assert.equal(sign(row('webhook-id'), row('webhook-timestamp'), row('body')), row('webhook-signature'));

  const headers = Object.fromEntries(codeOf('http').split('\n').slice(1, -1).map((line) => line.split(': ')));
  const body = JSON.stringify(JSON.parse(codeOf('json')));
  assert.equal(sign(headers['webhook-id'], headers['webhook-timestamp'], body), headers['webhook-signature']);
});

test('its links lead somewhere', () => {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title);
  const anchors = new Set(headings.map((title) => title.toLowerCase().replaceAll(/[^\p{L}\p{N}\s-]/gu, '').replaceAll(' ', '-')));
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(target)) continue;
    const [file, anchor] = target.split('#');
    if (file) assert.ok(existsSync(path.join(docs, file)), `no file for ${target}`);
    else assert.ok(anchors.has(anchor), `no heading for ${target}`);
  }
});
