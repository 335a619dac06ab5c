// epay rails: whether a rails file is right, before anybody pays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startEmulator } from './emulator.mjs';
import { newFile, runEpay } from './harness.mjs';
import { entryFor, withRails } from './rails.mjs';

const rails = (entries, more = [], expected = 0) => runEpay(['rails', '--database', newFile(), ...withRails(entries).slice(0, 2), ...more], { expected });

test('names what each rail takes, and says whether its keys open anything', async (t) => {
  const mtn = await startEmulator('mtn', { switches: { 'mtn.target': 'mtnghana' } });
  const paystack = await startEmulator('paystack');
  const mpgs = await startEmulator('mpgs');
  t.after(() => Promise.all([mtn.end(), paystack.end(), mpgs.end()]));
  const { stdout } = await rails([entryFor(mtn), entryFor(paystack), entryFor(mpgs)], ['--json']);
  const found = stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(found.map(({ rail, mode, answers }) => ({ rail, mode, answers })), ['mtn', 'paystack', 'mpgs'].map((rail) => ({ rail, mode: 'test', answers: true })));
  assert.deepEqual(found[0].takes, ['payments by mtn', 'payouts by mtn', 'refunds']);
  assert.match(found[1].balance, /^\d+(\.\d+)?$/);
  assert.deepEqual(found[2].takes, ['payments by card', 'refunds']);
  const people = await rails([entryFor(mtn), entryFor(mpgs)]);
  assert.match(people.stdout, /^mtn +test +payments by mtn; payouts by mtn; refunds\n +answers: [\d.]+ GHS to send\nmpgs /);

  const wrong = await rails([entryFor(paystack, { secret_key: 'sk_test_wrong' })], ['--json'], 1);
  assert.equal(JSON.parse(wrong.stdout).answers, false);
});

test('a rail that nobody reaches, and a file that is wrong', async () => {
  const nobody = await rails([{ rail: 'paystack', mode: 'test', url: 'http://127.0.0.1:9', secret_key: 'x' }], [], 1);
  assert.match(nobody.stdout, /paystack/);
  const { stderr } = await rails([{ rail: 'paystack', mode: 'real' }], [], 2);
  assert.match(stderr, /rails\[0\]\.mode: must be "test" or "live"[^]*rails\[0\]\.secret_key: is missing/);
});
