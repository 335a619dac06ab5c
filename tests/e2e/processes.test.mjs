// Several services over one PostgreSQL store, any of which may die at any moment.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { createMerchant, eventually, keepAlive, momoCharge, newDatabaseOn, random, receiver, signIn, sleep, startEpay, verify } from './harness.mjs';
import { startPostgres } from './postgres.mjs';

const charges = Number(process.env.EPAY_PROCESSES_CHARGES ?? 1_500);
const kills = Number(process.env.EPAY_PROCESSES_KILLS ?? 6);
const seed = Number(process.env.EPAY_PROCESSES_SEED ?? 1);

let server;
before(async () => (server = await startPostgres()));
after(() => server.end());

// As a load balancer does: each request to the next of those that live.
function roundRobin(services) {
  let turn = 0;
  return {
    get url() {
      const living = services.filter((one) => one && !one.exit);
      turn += 1;
      return living[turn % living.length].url;
    },
  };
}

// A merchant's program: what is not answered is asked again, with the same reference and key.
async function charge(client, answered) {
  const wanted = momoCharge();
  for (;;) {
    const answer = await client.post('/api/v1/charge', wanted, { headers: { 'idempotency-key': wanted.reference }, agent: new http.Agent() }).catch(() => undefined);
    if (answer?.status === 200) return answered.add(wanted.reference);
    // In flight at another; a store that restarts; a service that ends.
    if (answer) assert.ok([409, 503].includes(answer.status), answer.text);
    await sleep(100);
  }
}

for (const count of [2, 4]) {
  test(`${count} services, ${charges} charges, ${kills} kill -9 (EPAY_PROCESSES_SEED=${seed})`, { timeout: 600_000 }, async (t) => {
    const chance = random(seed + count);
    const database = newDatabaseOn(server.url);
    const hook = await receiver();
    t.after(() => hook.close());
    const merchant = await createMerchant(database, { webhook: hook.url });
    const start = () => startEpay({ database, delay: '50ms', args: ['--rate-limit', '0', '--retry-schedule', Array(20).fill('500ms').join()] });
    const services = await Promise.all(Array.from({ length: count }, start));
    t.after(() => Promise.all(services.map((one) => one.end())));
    const client = (await signIn(services[0], merchant)).at(roundRobin(services));
    const answered = new Set();
    let begun = 0;
    const callers = Array.from({ length: 16 }, async () => {
      while (begun < charges) {
        begun += 1;
        await charge(client, answered);
      }
    });
    for (let kill = 1; kill <= kills; kill += 1) {
      await eventually('some charges', () => answered.size >= (kill * charges) / (kills + 1), 120_000);
      const which = Math.floor(chance() * count);
      await services[which].kill9();
      await sleep(chance() * 500);
      services[which] = await start();
    }
    await Promise.all(callers);
    const heard = () => new Set(hook.deliveries.map((one) => one.json.transaction.reference));
    await eventually(() => `every webhook; ${heard().size} of ${answered.size} came`, () => heard().size === answered.size, 60_000);
    assert.deepEqual([...heard()].filter((reference) => !answered.has(reference)), []);
    const { total } = (await client.get('/api/v1/transactions')).json.transactions;
    assert.equal(total, charges, 'each once');
    // Twice only what was on its way when its sender was killed: at most what one endpoint has in flight, for each kill.
    const inFlightMax = 10;
    const twice = hook.deliveries.length - answered.size;
    assert.ok(twice <= kills * inFlightMax, `${twice} came twice`);
    await verify(database);
  });
}

describe('work of a service that has died', () => {
  test('is taken over within 15 s', { timeout: 120_000 }, async (t) => {
    const database = newDatabaseOn(server.url);
    let closed = true;
    const hook = await receiver({ answer: () => (closed ? 'hang' : 200) });
    t.after(() => hook.close());
    const merchant = await createMerchant(database, { webhook: hook.url });
    const [one, two] = await Promise.all([startEpay({ database }), startEpay({ database })]);
    t.after(() => Promise.all([one.end(), two.end()]));
    const client = await signIn(one, merchant);
    const wanted = momoCharge();
    assert.equal((await client.post('/api/v1/charge', wanted)).status, 200);
    await hook.arrived(1, wanted.reference);
    closed = false;
    await one.kill9();
    const killed = Date.now();
    await hook.arrived(2, wanted.reference, 20_000);
    const took = Date.now() - killed;
    assert.ok(took <= 15_500, `${took} ms`);
    assert.equal(hook.deliveries[0].headers['webhook-id'], hook.deliveries[1].headers['webhook-id']);
  });
});

describe('what one service commits', () => {
  test('is seen at once in what another streams', { timeout: 60_000 }, async (t) => {
    const database = newDatabaseOn(server.url);
    const merchant = await createMerchant(database);
    const [one, two] = await Promise.all([startEpay({ database }), startEpay({ database })]);
    t.after(() => Promise.all([one.end(), two.end()]));
    const client = await signIn(one, merchant);
    const events = [];
    const request = http.get(`${two.url}/api/v1/events/stream`, { headers: { authorization: `Bearer ${client.token}`, accept: 'text/event-stream' }, agent: keepAlive }, (answer) => {
      assert.equal(answer.statusCode, 200);
      answer.setEncoding('utf8').on('data', (text) => events.push({ at: Date.now(), text })).on('error', () => {});
    });
    t.after(() => request.destroy());
    request.on('error', () => {});
    await eventually('the stream to be open', () => events.length > 0 || request.res);
    await sleep(200);
    const wanted = momoCharge();
    assert.equal((await client.post('/api/v1/charge', wanted)).status, 200);
    const done = Date.now();
    const found = await eventually('the event', () => events.find(({ text }) => text.includes(wanted.reference)), 5_000);
    assert.ok(found.at - done < 1_500, `${found.at - done} ms after the answer`);
  });
});
