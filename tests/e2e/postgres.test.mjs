// The store behind the service goes away: it crashes, another takes its place, the network between them is cut. Real
// servers, of the tests' own.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createMerchant, eventually, momoCharge, newDatabaseOn, receiver, request, signIn, sleep, startEpay, verify } from './harness.mjs';
import { startPostgres } from './postgres.mjs';

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
// reference. What was answered is in `answered`.
function merchantProgram(client, count, callers = 8) {
  const answered = new Map();
  const refused = [];
  let begun = 0;
  const call = async () => {
    while (begun < count) {
      begun += 1;
      const charge = momoCharge();
      for (;;) {
        const answer = await client.post('/api/v1/charge', charge, { headers: { 'idempotency-key': charge.reference }, timeout: 60_000 }).catch(() => undefined);
        if (answer?.status === 200) {
          answered.set(charge.reference, answer.text);
          break;
        }
        if (answer) refused.push(answer);
        await sleep(50);
      }
    }
  };
  return { answered, refused, done: Promise.all(Array.from({ length: callers }, call)) };
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

// Between the service and its server: a wire that can be cut, so that nothing passes and nothing is told.
async function wire(port) {
  let cut = false;
  const ends = new Set();
  const server = net.createServer((client) => {
    const upstream = net.connect(port, '127.0.0.1');
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      ends.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => (ends.delete(from), to.destroy()));
      from.pipe(to);
      if (cut) from.pause();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    cut: () => ((cut = true), ends.forEach((end) => (end.unpipe(), end.pause()))),
    mend: () => ((cut = false), ends.forEach((end) => end.destroy())),
    close: () => (ends.forEach((end) => end.destroy()), server.close()),
  };
}

describe('a network', () => {
  test('that is cut: the service goes on answering (503), and goes on when it is mended', { timeout: 300_000 }, async (t) => {
    const atEnd = endings(t);
    const server = await startPostgres();
    atEnd(() => server.end());
    const cable = await wire(server.port);
    atEnd(() => cable.close());
    const hook = await receiver();
    atEnd(() => hook.close());
    const own = newDatabaseOn(server.url);
    const through = newDatabaseOn.alias(own, own.replace(`:${server.port}/`, `:${cable.port}/`));
    const epay = await startEpay({ database: through, args: ['--rate-limit', '0'], delay: '5ms' });
    atEnd(() => epay.end());
    const client = await signIn(epay, await createMerchant(through, { webhook: hook.url }));
    const program = merchantProgram(client, payments);
    await eventually('some payments', () => program.answered.size >= payments / 2, 60_000);
    cable.cut();
    const began = Date.now();
    await eventually('an answer that says so', async () => (await request(`${epay.url}/readyz`, { timeout: 25_000 })).status === 503, 40_000);
    assert.equal((await request(`${epay.url}/healthz`)).status, 200);
    const answer = await client.post('/api/v1/charge', momoCharge(), { timeout: 25_000 });
    assert.equal(answer.status, 503, answer.text);
    assert.match(answer.headers['retry-after'], /^\d+$/);
    await sleep(Math.max(0, 20_000 - (Date.now() - began)));
    cable.mend();
    await program.done;
    await settle(epay, client, hook, program);
  });
});
