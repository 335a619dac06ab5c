// What a merchant is told of his endpoint: one letter for each change, in files where no mail server is given.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import mailparser from 'mailparser';
import { createMerchant, eventually, momoCharge, receiver, signIn, sleep, startEpay } from './harness.mjs';

// Resolves to the letters in the order in which they were written, once there are `count`.
async function letters(folder, count) {
  await eventually(`${count} letters`, () => readdirSync(folder).filter((name) => name.endsWith('.eml')).length >= count, 15_000);
  const files = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  const parsed = await Promise.all(files.map(async (name) => mailparser.simpleParser(readFileSync(path.join(folder, name)))));
  return parsed.sort((a, b) => a.date - b.date || a.messageId.localeCompare(b.messageId, 'en', { numeric: true }));
}

async function start(t, answer) {
  const folder = mkdtempSync(path.join(tmpdir(), 'epay-letters-'));
  const hook = await receiver({ answer });
  const epay = await startEpay({ args: ['--mail-folder', folder, '--retry-schedule', Array(20).fill('100ms').join()] });
  t.after(async () => {
    await epay.end();
    await hook.close();
  });
  const merchant = await createMerchant(epay.database, { webhook: hook.url });
  return { folder, hook, epay, client: await signIn(epay, merchant) };
}

test('an endpoint that fails and recovers brings two letters, however many tries fail', async (t) => {
  const { folder, hook, client } = await start(t, (_, n) => (n <= 6 ? 500 : 200));
  await client.post('/api/v1/charge', momoCharge());
  const both = await letters(folder, 2);
  await sleep(500);
  assert.equal(readdirSync(folder).filter((name) => name.endsWith('.eml')).length, 2);
  const bySubject = Object.fromEntries(both.map((letter) => [letter.subject, letter]));
  const [failing, recovered] = [bySubject['Your webhook endpoint is failing'], bySubject['Your webhook endpoint works again']];
  assert.ok(failing && recovered, Object.keys(bySubject).join(', '));
  for (const letter of both) {
    assert.match(letter.to.text, /@example\.com$/);
    assert.ok(letter.text.includes(hook.url), letter.text);
    assert.ok(letter.html.includes(hook.url), letter.html);
  }
  assert.match(failing.text, /500 Internal Server Error/);
  assert.match(failing.text, /Nothing is lost/);
  assert.match(recovered.text, /after 6 failed tries/);
});

test('an endpoint that answers 410 is switched off, and its owner told', async (t) => {
  const { folder, hook, client } = await start(t, () => 410);
  await client.post('/api/v1/charge', momoCharge());
  const [letter] = await letters(folder, 1);
  assert.equal(letter.subject, 'Your webhook endpoint was switched off');
  assert.match(letter.text, /answered 410 \(gone\)/);
  await client.post('/api/v1/charge', momoCharge());
  await sleep(500);
  assert.equal(hook.deliveries.length, 1, 'nothing is sent to it any more');
  assert.equal(readdirSync(folder).filter((name) => name.endsWith('.eml')).length, 1);
});
