// A PostgreSQL store that has run for long: what is open is found without looking at what is over, and old attempts go with
// the week that they lie in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createMerchant, eventually, momoCharge, newDatabaseOn, receiver, signIn, startEpay, verify } from './harness.mjs';
import { askPostgres, postgresScript, startPostgres } from './postgres.mjs';
import { statements } from './statements.mjs';

let server;
let database;
let epay;
let client;
let hook;
const ask = (sql) => askPostgres(database, sql);
const pieces = () => ask("SELECT CAST(inhrelid AS regclass) FROM pg_inherits WHERE inhparent = CAST('delivery_attempts' AS regclass) ORDER BY 1").split('\n');
const attempts = () => Number(ask('SELECT count(*) FROM delivery_attempts'));

before(async () => {
  server = await startPostgres();
  database = newDatabaseOn(server.url);
  hook = await receiver();
  epay = await startEpay({ database });
  client = await signIn(epay, await createMerchant(database, { webhook: hook.url }));
});
after(async () => {
  await epay.end();
  await hook.close();
  await server.end();
});

async function pay(count) {
  for (let i = 0; i < count; i += 1) {
    const charge = momoCharge();
    assert.equal((await client.post('/api/v1/charge', charge)).status, 200);
    assert.equal(await client.settled(charge.reference), 'success');
  }
}

test('the pieces of the weeks to come are there, and what happened more than 90 days ago goes with its week', { timeout: 60_000 }, async () => {
  await eventually('pieces', () => pieces().length === 6, 10_000);
  await pay(3);
  await hook.arrived(3);
  await eventually('their attempts', () => attempts() === 3, 10_000);
  await epay.stop();

  // Thirteen weeks and some days ago there was a week of attempts, and another one eleven weeks ago.
  const week = 604_800_000_000;
  const now = Date.now() * 1000;
  const weekOf = (weeksAgo) => Math.floor(now / week) - weeksAgo;
  const columns = 'merchant_id, endpoint_id, event_id, number, started_at, dns_us, connect_us, first_byte_us, total_us';
  const steps = ["ALTER TABLE delivery_attempts DETACH PARTITION delivery_attempts_before"];
  for (const weeksAgo of [15, 11]) {
    const from = weekOf(weeksAgo) * week;
    steps.push(`CREATE TABLE delivery_attempts_w${weekOf(weeksAgo)} PARTITION OF delivery_attempts FOR VALUES FROM (${from}) TO (${from + week})`);
    steps.push(`INSERT INTO delivery_attempts (${columns}) SELECT 9, 9, ${weeksAgo} * 1000 + n, 1, ${from} + n, 0, 0, 0, 0 FROM generate_series(1, 500) AS n`);
  }
  steps.push(`ALTER TABLE delivery_attempts ATTACH PARTITION delivery_attempts_before FOR VALUES FROM (${weekOf(0) * week}) TO (${weekOf(-1) * week})`);
  ask(steps.join('; '));
  assert.equal(attempts(), 1003);

  epay = await startEpay({ database });
  client = client.at(epay);
  await eventually('the old week to go', () => attempts() === 503, 15_000);
  assert.ok(!pieces().some((name) => name.endsWith(`_w${weekOf(15)}`)), pieces().join());
  assert.equal(Number(ask('SELECT count(*) FROM delivery_attempts WHERE event_id BETWEEN 11001 AND 11500')), 500);
  await pay(2);
  await hook.arrived(5);
  await eventually('the attempts', () => attempts() === 505, 10_000);
  await verify(database);
});

// Statements that run all the time for what is open, and the index that has that alone.
const open = {
  'src/events/event_store.h select_next_lane': 'deliveries_due', 'src/events/event_store.h select_next_owner': 'deliveries_due',
  'src/events/event_store.h select_first_due': 'deliveries_due', 'src/events/event_store.h select_due': 'deliveries_due',
  'src/payments/payment_store.h select_due_attempts': 'attempts_due', 'src/payments/payment_store.h select_next_poll': 'attempts_due',
  'src/payments/payment_store.h select_next_poll_owner': 'attempts_due', 'src/payments/checkout_store.h select_expired_checkouts': 'payments_unpaid',
  'src/mail/mail_store.h select_due': 'mails_due', 'src/mail/mail_store.h select_next_due': 'mails_due',
  'src/sms/text_message_store.h select_due': 'text_messages_due', 'src/events/redelivery_store.h select_running': 'redeliveries_running',
};

test('what is open is found by indexes that have nothing else, and in no old piece', async () => {
  await epay.stop();
  ask(`INSERT INTO deliveries (merchant_id, endpoint_id, event_id, status, tries, uncounted_tries, due_at, updated_at, owner)
    SELECT 9, n % 50, n, 2, 1, 0, NULL, 1, 0 FROM generate_series(1, 20000) AS n`);
  ask('VACUUM ANALYZE');
  // As the driver's sessions plan.
  const settings = 'SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off;';
  const all = new Map(statements().map((one) => [`${one.file} ${one.name}`, one.text]));
  for (const [label, index] of Object.entries(open)) {
    const text = all.get(label);
    assert.ok(text, `${label} is gone`);
    const values = Array.from({ length: Math.max(...[...text.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n)), 0) }, () => '1');
    const plan = postgresScript(database, `${settings}\nPREPARE one AS ${text};\nEXPLAIN EXECUTE one${values.length ? `(${values.join(',')})` : ''};\n`);
    assert.match(plan, new RegExp(`using ${index}\\b`), `${label}\n${plan}`);
    assert.doesNotMatch(plan, /delivery_attempts|Seq Scan/, `${label}\n${plan}`);
  }
  // An index of what is open does not grow with what is over.
  assert.ok(Number(ask("SELECT pg_relation_size('deliveries_due')")) <= 16_384);
  epay = await startEpay({ database });
});
