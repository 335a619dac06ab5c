// kill -9 at any moment, restarted until the run is through: nothing answered is lost, nothing is there twice, all news arrives.
// EPAY_CRASH_CHARGES=10000 for a long run, EPAY_CRASH_COUNT crashes in it on average; EPAY_CRASH_SEED=n repeats the moments (not
// the timing of the machine).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMerchant, eventually, momoCharge, newReference, random, receiver, signIn, sleep, startEpay, verify, wallets } from './harness.mjs';

const charges = Number(process.env.EPAY_CRASH_CHARGES ?? 600);
const crashesWanted = Number(process.env.EPAY_CRASH_COUNT ?? Math.max(10, charges / 100));
const callers = Number(process.env.EPAY_CRASH_CALLERS ?? 16);
const seed = Number(process.env.EPAY_CRASH_SEED ?? Date.now() % 100_000);

test(`${charges} charges through kill -9 at random moments (EPAY_CRASH_SEED=${seed})`, { timeout: 120_000 + charges * 100 }, async (t) => {
  const chance = random(seed);
  const args = ['--rate-limit', '0', '--retry-schedule', Array(60).fill('200ms').join()];
  const start = Date.now();
  const hook = await receiver();
  t.after(() => hook.close());
  let epay = await startEpay({ delay: '50ms', args });
  t.after(() => epay.end());
  const { database } = epay;
  let client = await signIn(epay, await createMerchant(database, { webhook: hook.url }));

  // The callers: each charge is sent, with one key, until it is answered.
  let next = 0;
  let crashes = 0;
  const answered = new Map();  // reference -> the answer, of charges that come to an end by themselves
  const cards = new Set();
  const wallet = () => (chance() < 0.2 ? wallets.rejected : wallets.good);
  let givenUp = false;
  t.after(() => (givenUp = true));
  async function caller() {
    while (next < charges && !givenUp) {
      next += 1;
      const charge = momoCharge({ reference: newReference('C'), mobile_wallet_number: wallet(), payment_method: chance() < 0.1 ? 'card' : 'momo' });
      const options = { headers: { 'idempotency-key': charge.reference }, timeout: 5_000 };
      while (!givenUp) {
        try {
          const answer = await client.post('/api/v1/charge', charge, options);
          // A charge that was taken on before a crash and has failed since is answered as failed.
          if (answer.status === 200 || (answer.status === 402 && charge.mobile_wallet_number === wallets.rejected)) {
            if (charge.payment_method === 'card') {
              assert.match(answer.text, /"redirect_url":"http/);
              cards.add(charge.reference);
            } else {
              answered.set(charge.reference, answer.text);
            }
            break;
          }
          // In flight, or taken on before the crash and not yet known how.
          assert.ok(answer.status >= 500 || (answer.status === 409 && answer.headers['retry-after']), `${charge.reference}: ${answer.status} ${answer.text}`);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
        }
        await sleep(20);
      }
    }
  }
  const run = Promise.all(Array.from({ length: callers }, caller));
  let done = false;
  run.then(() => (done = true), () => (done = true));

  // A crash comes so many charges after the one before, and then at any moment of the next few.
  while (!done) {
    const due = next + chance() * 2 * (charges / crashesWanted);
    while (next < Math.min(due, charges) && !done) await sleep(1);
    if (next >= charges) await sleep(300);  // the last ones are let through
    await sleep(chance() * 5);
    if (done) break;
    assert.equal(epay.exit, undefined, `epay died by itself\n${epay.log()}`);
    await epay.kill9();
    crashes += 1;
    epay = await startEpay({ database, delay: '50ms', args });
    client = client.at(epay);
  }
  await run;
  t.diagnostic(`${charges} charges, ${crashes} crashes, ${Date.now() - start} ms`);
  assert.equal(answered.size + cards.size, charges);
  assert.ok(crashes >= crashesWanted / 3, `only ${crashes} crashes`);

  for (const reference of answered.keys()) await client.settled(reference, 60_000);
  const list = (await client.get('/api/v1/transactions')).json.transactions;
  assert.equal(list.total, charges, 'every charge is there once');

  const waiting = () => [...answered.keys()].filter((reference) => !told.has(reference));
  const told = new Map();  // reference -> webhook ids
  await eventually(
    () => `the webhooks of ${waiting().length} payments: ${waiting().slice(0, 5).join(', ')}\n${epay.log()}`,
    () => {
      for (const one of hook.deliveries.splice(0)) {
        const { reference } = one.json.transaction;
        told.set(reference, (told.get(reference) ?? new Set()).add(one.headers['webhook-id'] + one.text));
      }
      return waiting().length === 0;
    },
    60_000,
  );
  t.diagnostic(`all settled and told after ${Date.now() - start} ms`);
  for (const [reference, kinds] of told) assert.equal(kinds.size, 1, `${reference}: one event, one body: ${[...kinds].join('\n')}`);
  await verify(database);
});
