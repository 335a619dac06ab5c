// Prompts that nobody asked for: a number gets so many in a while, a merchant sends so many, whoever asks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startEmulator } from './emulator.mjs';
import { assertError, createMerchant, momoCharge, signIn, startEpay } from './harness.mjs';
import { entryFor, withRails } from './rails.mjs';

let mtn, epay, client, other;

before(async () => {
  mtn = await startEmulator('mtn', { switches: { 'mtn.target': 'mtnghana' } });
  const [flag, file] = withRails([entryFor(mtn)]);
  epay = await startEpay({ args: [flag, file, '--prompt-limit', '2', '--merchant-prompt-limit', '4'] });
  client = await signIn(epay, await createMerchant(epay.database));
  other = await signIn(epay, await createMerchant(epay.database));
});
after(async () => {
  await epay?.end();
  await mtn?.end();
});

const to = (number, fields) => momoCharge({ mobile_wallet_number: number, mobile_wallet_network: 'mtn', ...fields });
const charge = (number, by = client) => by.post('/api/v1/charge', to(number));
const refused = (answer) => {
  assertError(answer, 429, 'api_error', answer.json.message);
  assert.match(answer.json.message, /^This number has been asked often enough for now; try again in \d+ s$/);
  assert.ok(Number(answer.headers['retry-after']) >= 1);
};

test('the third prompt to a number is refused, and nothing of it is kept', async () => {
  const body = to('0241000001');
  const key = { 'idempotency-key': 'one' };
  const first = await client.post('/api/v1/charge', body, { headers: key });
  assert.equal(first.status, 200, first.text);
  assert.equal((await charge('0241000001')).status, 200);
  const third = to('0241000001');
  refused(await client.post('/api/v1/charge', third));
  assert.equal((await client.get(`/api/v1/transactions/${third.reference}`)).status, 404);
  // Whoever the merchant is.
  refused(await charge('0241000001', other));
  // What was asked before prompts nobody: it is answered again.
  const again = await client.post('/api/v1/charge', body, { headers: key });
  assert.equal(again.text, first.text);
  assert.equal((await mtn.orders()).length, 2);
});

test('a merchant who prompts everybody is stopped, and others are not', async () => {
  assert.equal((await charge('0241000002')).status, 200);
  assert.equal((await charge('0241000003')).status, 200);
  refused(await charge('0241000004'));
  assert.equal((await charge('0241000004', other)).status, 200);
});
