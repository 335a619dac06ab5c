// kill -9 in the middle of deliveries, again and again, with a receiver that outlives the service: none is lost, and one
// comes twice only if it was in flight when the service died, with the same id and body.
// EPAY_CRASHES=100 EPAY_CRASH_DELIVERIES=10000 for a long run; EPAY_CRASH_SEED=n repeats the moments (not the timing of
// the machine).
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { createMerchant, eventually, momoCharge, newReference, random, rowsOf, signIn, sleep, startEpay, verify } from './harness.mjs';

const crashes = Number(process.env.EPAY_CRASHES ?? 10);
const deliveries = Number(process.env.EPAY_CRASH_DELIVERIES ?? 500);
const seed = Number(process.env.EPAY_CRASH_SEED ?? Date.now() % 100_000);
const shops = 5;
// Of the payments, so many are made while webhooks wait, the others while they are being delivered.
const waitingShare = 0.7;
const callers = 16;
// The limit of what is under way to one endpoint: its slot is taken until its outcome is durable.
const inFlightMax = 10;
// A delivery that is received this long before the service dies has long been recorded.
const inFlightFor = 1_500;

// A merchant's server that answers after a moment, so that there is always something in flight; while `gate.closed` it
// keeps what it is sent waiting. Notes every delivery: {id, body, at, shop, life}, `life` counting the services before.
async function slowReceiver(chance, gate) {
  const received = [];
  const ids = new Set();
  let life = 0;
  const server = http.createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on('error', () => {});
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', async () => {
      // What ends in the middle has not been received.
      if (!incoming.complete) return;
      while (gate.closed) await gate.opened;
      ids.add(incoming.headers['webhook-id']);
      received.push({ id: incoming.headers['webhook-id'], body: Buffer.concat(chunks).toString(), at: Date.now(), shop: incoming.url, life });
      await sleep(chance() * 10);
      outgoing.end('ok');
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    received,
    // How many different ones have come.
    count: () => ids.size,
    url: (shop) => `http://127.0.0.1:${server.address().port}/${shop}`,
    // Once the service is dead: reads what it had sent, to the end of its last connection.
    async endLife() {
      await eventually('the connections of the dead service to end', async () => (await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))) === 0);
      life += 1;
    },
    close: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}


test(`${deliveries} deliveries through ${crashes} kill -9 (EPAY_CRASH_SEED=${seed})`, { timeout: 120_000 + deliveries * 20 + crashes * 2_000 }, async (t) => {
  const chance = random(seed);
  const gate = { closed: true };
  gate.opened = new Promise((resolve) => (gate.open = resolve));
  const hook = await slowReceiver(chance, gate);
  t.after(() => hook.close());
  const args = ['--retry-schedule', Array(60).fill('200ms').join(), '--rate-limit', '0', '--webhook-timeout', '30s'];
  let epay = await startEpay({ args });
  t.after(() => epay.end());
  const { database } = epay;
  const merchants = [];
  for (let i = 0; i < shops; i += 1) merchants.push(await createMerchant(database, { webhook: hook.url(i) }));
  let clients = [];
  for (const merchant of merchants) clients.push(await signIn(epay, merchant));

  // Each charge is sent, with one key, until it is answered.
  let next = 0;
  let givenUp = false;
  t.after(() => (givenUp = true));
  async function pay(until) {
    while (next < until && !givenUp) {
      const number = (next += 1);
      const charge = momoCharge({ reference: newReference('W') });
      for (;;) {
        try {
          const answer = await clients[number % shops].post('/api/v1/charge', charge, { headers: { 'idempotency-key': charge.reference }, timeout: 5_000 });
          if (answer.status === 200) break;
          assert.ok(answer.status >= 500 || answer.status === 409, `${answer.status} ${answer.text}`);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
        }
        if (givenUp) return;
        await sleep(20);
      }
    }
  }
  const start = Date.now();
  await Promise.all(Array.from({ length: callers }, () => pay(Math.floor(deliveries * waitingShare))));
  assert.equal(hook.received.length, 0);
  t.diagnostic(`${next} webhooks wait after ${Date.now() - start} ms`);

  gate.closed = false;
  gate.open();
  // The rest is paid at the pace of the deliveries, so that every crash finds both what waited and what is new.
  const paying = (async () => {
    while (next < deliveries && !givenUp) {
      const behind = hook.count() * (1 - waitingShare) + deliveries * waitingShare;
      if (next < Math.min(behind + callers, deliveries)) await pay(next + 1);
      else await sleep(2);
    }
  })();
  const died = [];
  for (let i = 1; i <= crashes; i += 1) {
    // So many deliveries after the one before, and then at any moment.
    const due = Math.floor(((i - 1 + chance()) * deliveries) / (crashes + 1));
    await eventually(() => `${due} deliveries; ${hook.count()} came\n${epay.log()}`, () => hook.count() >= due, 60_000);
    await sleep(chance() * 5);
    assert.equal(epay.exit, undefined, `epay died by itself\n${epay.log()}`);
    const before = Date.now();
    await epay.kill9();
    await hook.endLife();
    died.push({ at: before, received: hook.count() });
    epay = await startEpay({ database, args });
    clients = clients.map((client) => client.at(epay));
  }
  await paying;
  await eventually(() => `${deliveries} deliveries; ${hook.count()} came\n${epay.log()}`, () => hook.count() === deliveries, 60_000);
  const took = Date.now() - start;

  // The store's word for it.
  const undelivered = () => rowsOf(database, 'SELECT * FROM deliveries WHERE status <> 2 OR due_at IS NOT NULL LIMIT 5');
  await eventually(() => `all to be recorded: ${JSON.stringify(undelivered())}`, () => undelivered().length === 0);
  const expected = rowsOf(
    database,
    "SELECT 'msg_' || d.event_id || '_' || d.endpoint_id AS id, e.payload AS body FROM deliveries d JOIN events e ON e.merchant_id = d.merchant_id AND e.id = d.event_id",
  );
  assert.equal(expected.length, deliveries, 'one delivery for every payment');
  const bodies = new Map(expected.map((one) => [one.id, one.body]));
  const by = new Map();
  for (const one of hook.received) {
    assert.equal(one.body, bodies.get(one.id), `${one.id}: the body is the one that was decided`);
    by.set(one.id, [...(by.get(one.id) ?? []), one]);
  }

  // Whatever came twice was in flight when a service died: sent by it once, just before, and of one endpoint no more than
  // may be in flight at once.
  const inFlight = new Map();
  for (const [id, all] of by) {
    all.slice(0, -1).forEach((one, i) => {
      const shown = JSON.stringify({ id, all: all.map(({ at, life }) => ({ at, life })), died: died[one.life] });
      assert.ok(one.life < all[i + 1].life, `came twice from one service: ${shown}`);
      assert.ok(died[one.life].at - one.at < inFlightFor, `was not in flight: ${shown}`);
      const lane = `${one.life} ${one.shop}`;
      inFlight.set(lane, (inFlight.get(lane) ?? 0) + 1);
    });
  }
  const counts = [...inFlight.values()];
  assert.ok(Math.max(0, ...counts) <= inFlightMax, `deliveries in flight to one endpoint: ${Math.max(...counts)}`);
  const twice = counts.reduce((sum, count) => sum + count, 0);
  assert.ok(twice > 0, 'no crash caught anything in flight: this proves nothing');
  const midway = died.filter((one) => one.received < deliveries).length;
  assert.ok(midway >= crashes * 0.9, `only ${midway} crashes were in the middle`);
  await verify(database);
  t.diagnostic(`${deliveries} deliveries, ${crashes} crashes (${midway} in the middle), ${hook.received.length} received, ${twice} of them again, none lost, ${took} ms`);
});
