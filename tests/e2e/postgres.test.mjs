// The store behind the service goes away: it crashes, another takes its place, the network between them is cut. Real
// servers, of the tests' own.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createMerchant, eventually, momoCharge, newDatabaseOn, receiver, request, signIn, sleep, startEpay, verify } from './harness.mjs';
import { askPostgres, startPostgres } from './postgres.mjs';

const payments = Number(process.env.EPAY_POSTGRES_CHARGES ?? 400);
const crashes = Number(process.env.EPAY_POSTGRES_CRASHES ?? 3);

// What a test has started is ended in the opposite order: a service before its store.
function endings(t) {
  const ends = [];
  t.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return (end) => ends.push(end);
}

// Charges until `count` are answered, as a merchant's program does that repeats what was not answered: with the same
// reference. What was answered is in `answered`, how long each answer took in `waits`.
function merchantProgram(client, count, callers = 8) {
  const answered = new Map();
  const refused = [];
  const waits = [];
  let begun = 0;
  const call = async () => {
    while (begun < count) {
      begun += 1;
      const charge = momoCharge();
      for (;;) {
        const asked = Date.now();
        const answer = await client.post('/api/v1/charge', charge, { headers: { 'idempotency-key': charge.reference }, timeout: 60_000 }).catch(() => undefined);
        waits.push(Date.now() - asked);
        if (answer?.status === 200) {
          answered.set(charge.reference, answer.text);
          break;
        }
        if (answer) refused.push(answer);
        await sleep(50);
      }
    }
  };
  return { answered, refused, waits, done: Promise.all(Array.from({ length: callers }, call)) };
}

// What was promised: every answered charge is there once and ends, and its merchant has heard of it.
async function settle(epay, client, hook, program) {
  for (const reference of program.answered.keys()) assert.equal(await client.settled(reference, 60_000), 'success', reference);
  await eventually('all webhooks', () => new Set(hook.deliveries.map((one) => one.json.transaction.reference)).size === program.answered.size, 60_000);
  const { total } = (await client.get('/api/v1/transactions')).json.transactions;
  assert.equal(total, program.answered.size);
  await verify(epay.database);
}

describe('a server that crashes', () => {
  let server;
  before(async () => (server = await startPostgres()));
  after(() => server.end());

  test(`${crashes} times during ${payments} payments: 503 meanwhile, and nothing is lost or done twice`, { timeout: 300_000 }, async (t) => {
    const atEnd = endings(t);
    const hook = await receiver();
    atEnd(() => hook.close());
    const epay = await startEpay({ database: newDatabaseOn(server.url), args: ['--rate-limit', '0'], delay: '5ms' });
    atEnd(() => epay.end());
    const client = await signIn(epay, await createMerchant(epay.database, { webhook: hook.url }));
    const program = merchantProgram(client, payments);
    for (let i = 0; i < crashes; i += 1) {
      const due = ((i + 1) * payments) / (crashes + 1);
      await eventually('some payments', () => program.answered.size >= due, 60_000);
      await server.stop('immediate');
      await sleep(300);
      await server.start();
    }
    await program.done;
    for (const answer of program.refused) {
      // Or what was asked before is still being found out about.
      assert.ok([409, 503].includes(answer.status), answer.text);
      assert.match(answer.headers['retry-after'], /^\d+$/);
    }
    assert.ok(program.refused.some(({ status }) => status === 503), 'the store was away');
    await settle(epay, client, hook, program);
  });
});

describe('a standby', () => {
  test('takes over, and nothing that was answered is lost', { timeout: 300_000 }, async (t) => {
    const atEnd = endings(t);
    const first = await startPostgres({ settings: { wal_level: 'replica', synchronous_standby_names: '*' } });
    atEnd(() => first.end());
    const standby = await startPostgres({ standbyOf: first, settings: { hot_standby: 'on' } });
    atEnd(() => standby.end());
    const hook = await receiver();
    atEnd(() => hook.close());
    const own = newDatabaseOn(first.url);
    const both = own.replace(`127.0.0.1:${first.port}`, `127.0.0.1:${first.port},127.0.0.1:${standby.port}`);
    const epay = await startEpay({ database: newDatabaseOn.alias(own, both), args: ['--rate-limit', '0'], delay: '5ms' });
    atEnd(() => epay.end());
    const client = await signIn(epay, await createMerchant(both, { webhook: hook.url }));
    const program = merchantProgram(client, payments);
    await eventually('some payments', () => program.answered.size >= payments / 2, 60_000);
    await first.stop('immediate');
    await standby.promote();
    await program.done;
    await settle(epay, client, hook, program);
  });
});

// Between a service and its server: a wire that can be cut. Nothing passes then, and neither end is told; what was on its
// way arrives when it is mended.
async function wire(port) {
  let cut = false;
  const ways = new Set();
  const upstreams = new Set();
  const server = net.createServer((client) => {
    const upstream = net.connect(port, '127.0.0.1');
    upstreams.add(upstream);
    upstream.on('close', () => upstreams.delete(upstream));
    for (const way of [[client, upstream], [upstream, client]]) {
      const [from, to] = way;
      ways.add(way);
      from.on('error', () => to.destroy());
      from.on('close', () => (ways.delete(way), to.destroy()));
      if (cut) from.pause();
      else from.pipe(to);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    // As which ports the server knows whoever is at the other end.
    ports: () => [...upstreams].map(({ localPort }) => localPort).filter(Boolean),
    cut: () => ((cut = true), ways.forEach(([from, to]) => (from.unpipe(to), from.pause()))),
    mend: () => ((cut = false), ways.forEach(([from, to]) => from.pipe(to))),
    close: () => (ways.forEach(([from]) => from.destroy()), server.close()),
  };
}

// A merchant's server that is slow at first, so that more waits than is under way. `delivered` counts the answers that
// said so, by webhook id; `arrivals` has when each came first.
async function slowReceiver(answersAfter) {
  const state = { delivered: new Map(), arrivals: new Map(), slow: true };
  const hook = await receiver({
    answer: async ({ headers, at }) => {
      const id = headers['webhook-id'];
      if (!state.arrivals.has(id)) state.arrivals.set(id, at);
      if (state.slow) await sleep(answersAfter);
      state.delivered.set(id, [...(state.delivered.get(id) ?? []), Date.now()]);
      return 200;
    },
  });
  return Object.assign(state, { hook });
}

describe('a network', () => {
  // From a cut to the others' taking over all that was claimed, as docs/decisions/processes-claim-their-work.md has it.
  const takenOverWithin = 15_000;
  const margin = 1_000;
  // What a transaction of the first holds at the cut keeps the other's charges of that merchant waiting.
  const heldMax = 2_000 + margin;
  // For how long it is cut: longer than that.
  const cutFor = Math.max(takenOverWithin + 2 * margin, Number(process.env.EPAY_POSTGRES_CUT ?? 30_000));
  // What an endpoint has under way at once, and so what each of two services has.
  const underWayMax = 10;
  const share = underWayMax / 2;
  const onlyByAsking = '0240000480';  // its network calls nobody back

  test(`that is cut for ${cutFor} ms: the other service takes over, and the first sends nothing of that when it is back`, { timeout: 300_000 }, async (t) => {
    const atEnd = endings(t);
    const server = await startPostgres();
    atEnd(() => server.end());
    const cable = await wire(server.port);
    atEnd(() => cable.close());
    const merchants = await slowReceiver(150);
    atEnd(() => merchants.hook.close());
    const own = newDatabaseOn(server.url);
    const through = newDatabaseOn.alias(own, own.replace(`:${server.port}/`, `:${cable.port}/`));
    const start = async (database) => {
      const epay = await startEpay({ database, args: ['--rate-limit', '0'], delay: '5ms' });
      atEnd(() => epay.end());
      return epay;
    };
    const first = await start(through);  // it leads
    const second = await start(own);
    const two = async () => (await request(`${first.url}/metrics`)).text.includes('epay_processes 2');
    await eventually('the first to know that they are two', two);
    const client = await signIn(first, await createMerchant(own, { webhook: merchants.hook.url }));
    const programs = [merchantProgram(client, payments / 2), merchantProgram(client.at(second), payments / 2)];
    const answered = () => new Map(programs.flatMap((program) => [...program.answered]));
    const stands = () =>
      `some payments; ${answered().size} of ${payments}; refused: ${programs.flatMap(({ refused }) => refused.slice(-2)).map(({ text }) => text)}\n` +
      `${first.log(10)}\n${second.log(10)}\n${askPostgres(own, "SELECT pid, client_port, state, wait_event, now() - state_change, left(query, 60) FROM pg_stat_activity WHERE backend_type = 'client backend'")}`;
    await eventually(stands, () => answered().size >= payments / 2, 60_000);
    const asked = Array.from({ length: 5 }, () => momoCharge({ mobile_wallet_number: onlyByAsking }));
    for (const charge of asked) assert.equal((await client.post('/api/v1/charge', charge)).status, 200);

    const { process: firstId } = first.lines().find(({ event }) => event === 'process_joined');
    const waiting = `SELECT 'msg_' || event_id || '_' || endpoint_id FROM deliveries WHERE status IN (1, 4) AND owner = ${firstId}`;
    await eventually('more to wait than is under way', () => askPostgres(own, waiting).split('\n').length > 4 * share, 60_000);
    // In the middle of a transaction, which has the merchant to itself until the server gives it up.
    const midway = () =>
      askPostgres(own, `SELECT count(*) FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE state = 'idle in transaction'
        AND locktype = 'advisory' AND objsubid = 1 AND mode = 'ExclusiveLock' AND client_port IN (${cable.ports().join()})`) !== '0';
    for (cable.cut(); !midway(); cable.cut()) {
      cable.mend();
      await sleep(Math.random() * 20);
    }
    const cutAt = Date.now();
    const claimed = new Set(askPostgres(own, waiting).split('\n'));
    const polled = askPostgres(own, `SELECT count(*) FROM attempts WHERE poll_at IS NOT NULL AND owner = ${firstId}`);
    assert.ok(claimed.size > share && Number(polled) >= asked.length, `${claimed.size} to send, ${polled} to ask about`);
    merchants.slow = false;

    const nothing = async () => {
      const { status } = await request(`${first.url}/readyz`, { timeout: 25_000 });
      assert.equal((await request(`${first.url}/healthz`)).status, 200);
      return status === 503;
    };
    const refused = async () => {
      await eventually('the first to say that it has no store', nothing, 20_000);
      const answer = await client.post('/api/v1/charge', momoCharge(), { timeout: 25_000 });
      assert.equal(answer.status, 503, answer.text);
      assert.match(answer.headers['retry-after'], /^\d+$/);
    };
    // Whether the other has done all that the first had claimed.
    const takenOver = async () => {
      const due = () => cutAt + takenOverWithin + margin - Date.now();
      const unsent = () => [...claimed].filter((id) => !merchants.delivered.has(id));
      await eventually(() => `all that was claimed to be sent; ${unsent().length} of ${claimed.size} were not`, () => unsent().length === 0, due());
      const asking = client.at(second);
      for (const { reference } of asked) assert.equal(await asking.settled(reference, Math.max(due(), 1)), 'success', reference);
    };
    await Promise.all([refused(), takenOver()]);
    const longest = Math.max(...programs[1].waits);
    t.diagnostic(`the longest charge of the other took ${longest} ms`);
    assert.ok(longest < heldMax, `a charge of the other took ${longest} ms`);
    await sleep(Math.max(0, cutAt + cutFor - Date.now()));
    assert.equal(await nothing(), true, 'it is still cut off');
    cable.mend();
    const mendedAt = Date.now();
    await eventually('the first to serve again', async () => (await request(`${first.url}/readyz`)).status === 200, 10_000);
    const later = momoCharge();
    // Each of its connections is made again when its turn comes.
    await eventually('a charge', async () => (await client.post('/api/v1/charge', later)).status === 200, 10_000);
    // What its network could not be told at first is asked about 4 to 6 s later.
    await merchants.hook.arrived(1, later.reference, 10_000);
    t.diagnostic(`the first sends again ${Date.now() - mendedAt} ms after the mend`);
    await Promise.all(programs.map(({ done }) => done));

    const all = answered();
    for (const charge of [...asked, later]) all.set(charge.reference, '');
    await settle(second, client.at(second), merchants.hook, { answered: all });
    // Twice came only what the first was sending when it was cut off and could not write down: one for each of its slots.
    const twice = [...merchants.delivered].filter(([, times]) => times.length > 1).map(([id]) => id);
    t.diagnostic(`${claimed.size} were claimed by the first at the cut; ${twice.length} came twice`);
    assert.ok(twice.length <= share, `${twice.length} came twice`);
    for (const id of twice) {
      assert.ok(claimed.has(id), `${id} was not the first's`);
      // This program was busy with asking the store meanwhile.
      const sentAfter = merchants.arrivals.get(id) - cutAt;
      assert.ok(sentAfter <= margin, `${id} was first sent ${sentAfter} ms after the cut`);
      assert.equal(merchants.delivered.get(id).length, 2, id);
    }
  });
});
