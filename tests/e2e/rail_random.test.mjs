// Payments at random over emulated rails, with faults at random, and kills of Epay and of the rails: whatever happened, both books agree. A
// seed repeats a run:
// EPAY_SEED=7 node --test tests/e2e/rail_random.test.mjs
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { assertBooks, startEmulator } from './emulator.mjs';
import { createMerchant, eventually, freePort, momoCharge, newDatabase, newFolder, newReference, random, signIn, sleep, startEpay, verify } from './harness.mjs';
import { entryFor, withRails } from './rails.mjs';

const seed = Number(process.env.EPAY_SEED ?? Date.now() % 100_000);
const chance = random(seed);
const below = (n) => Math.floor(chance() * n);
const pick = (list) => list[below(list.length)];

const count = 60;
const networks = { mtn: { network: 'mtn', prefix: '024' }, paystack: { network: 'airteltigo', prefix: '027' } };
const suffixes = ['450', '451', '455', '462', '480', '481', '482', '484', '485', '487'];
const kinds = ['close', 'garbage', 'cut_head', 'truncate', 'html', 'empty', 'malformed', 'utf16', 'huge', 'duplicate_keys', 'unknown_fields', 'chunked', 'close_after', 'status'];

let emulated, rails, epay, client, settings, merchant;

before(async () => {
  const at = `127.0.0.1:${await freePort()}`;
  const folder = newFolder();
  emulated = {
    mtn: { state: path.join(folder, 'mtn'), switches: { 'mtn.target': 'mtnghana', 'decide.after': '300ms' } },
    paystack: { state: path.join(folder, 'paystack'), switches: { 'paystack.webhook_url': `http://${at}/cb/paystack`, 'decide.after': '300ms' } },
  };
  rails = {};
  for (const [name, options] of Object.entries(emulated)) rails[name] = await startEmulator(name, options);
  const routes = [{ network: 'mtn', rails: ['mtn'] }, { network: 'airteltigo', rails: ['paystack'] }];
  settings = { database: newDatabase(), args: ['--listen', at, '--public-url', `http://${at}`, ...withRails(Object.values(rails).map((rail) => entryFor(rail)), routes)] };
  epay = await startEpay(settings);
  merchant = await createMerchant(epay.database);
  client = await signIn(epay, merchant);
});
after(async () => {
  await epay?.end();
  if (epay) await verify(epay.database);
  for (const rail of Object.values(rails ?? {})) await rail.end();
});

async function killAndStart() {
  await epay.kill9();
  epay = await startEpay(settings);
  client = await signIn(epay, merchant);
}

async function killRail(name) {
  const { place } = rails[name];
  await rails[name].kill9();
  rails[name] = await startEmulator(name, { ...emulated[name], ...place });
}

// Payments have amounts of their own, by which they are known in the rails' books.
const amountOf = (i) => 1_000 + i;

async function payOnce(i) {
  const rail = pick(Object.keys(networks));
  const { network, prefix } = networks[rail];
  if (chance() < 0.5) {
    const kind = pick(kinds);
    const fault = kind === 'status' ? { kind, status: pick([429, 500, 502, 503, 504]), processed: chance() < 0.5, body: pick(['json', 'html', 'empty']) } : { kind, processed: kind !== 'close' || chance() < 0.5 };
    await rails[rail].fault({ method: pick(['POST', 'GET']), path: pick(['*/requesttopay*', '/charge', '/transaction/verify/*', '/collection/token']), ...fault });
  }
  const number = chance() < 0.4 ? `${prefix}0000${pick(suffixes)}` : `${prefix}123${String(below(10_000)).padStart(4, '0')}`;
  const fields = momoCharge({ reference: newReference('R'), amount: amountOf(i) / 100, mobile_wallet_number: number, mobile_wallet_network: network });
  // A kill may take the answer with it; the same again under its key is the same payment.
  const headers = { 'idempotency-key': fields.reference };
  const send = () => client.post('/api/v1/charge', fields, { headers });
  const [dying, railDying] = [chance() < 2 / count, chance() < 2 / count];
  const first = send().catch(() => undefined);
  if (dying || railDying) await sleep(below(15));
  if (dying) await killAndStart();
  if (railDying) await killRail(rail);
  const answer = (await first) ?? (await eventually('an answer', async () => {
    const again = await send();
    return again.status !== 409 && again;
  }));
  assert.ok([200, 402].includes(answer.status), answer.text);
  return { reference: fields.reference, rail, number, minor: amountOf(i) };
}

test(`seed ${seed}: both books agree`, async (t) => {
  t.diagnostic(`EPAY_SEED=${seed} repeats it`);
  const payments = [];
  for (let i = 0; i < count; i += 1) payments.push(await payOnce(i));
  await killAndStart();
  for (const rail of Object.values(rails)) await rail.clearFaults();
  const endings = await Promise.all(payments.map((one) => client.settled(one.reference, 120_000)));
  const moved = new Map();
  for (const [name, rail] of Object.entries(rails)) {
    await assertBooks(rail);
    for (const one of (await rail.ledger()).movements) {
      if (['opening', 'fee'].includes(one.kind)) continue;
      assert.ok(!moved.has(one.minor), `${one.minor} moved twice`);
      moved.set(one.minor, name);
    }
  }
  payments.forEach((one, i) => {
    const what = `${JSON.stringify(one)} (EPAY_SEED=${seed})`;
    assert.equal(endings[i] === 'success', moved.has(one.minor), `${endings[i]} here, ${moved.has(one.minor) ? '' : 'not '}paid there: ${what}`);
    if (moved.has(one.minor)) assert.equal(moved.get(one.minor), one.rail, what);
  });
  assert.ok(endings.includes('success') && endings.includes('failed'), 'a run in which nothing happens proves nothing');
});
