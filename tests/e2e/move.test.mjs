// From a SQLite file into PostgreSQL, with everything: accounts, keys, pages, books, and what is still to be sent.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { createMerchant, eventually, filesBeside, momoCharge, newDatabase, newDatabaseOn, receiver, request, runEpay, signIn, startEpay, verify, wallets } from './harness.mjs';
import { askPostgres, startPostgres } from './postgres.mjs';

let server;
before(async () => (server = await startPostgres()));
after(() => server.end());

const move = (from, to, expected = 0) => runEpay(['move', '--from', from, '--to', to], { expected });

// A stopped store with payments of all ends, one of them with news that its merchant has not heard.
async function stoppedStore() {
  const database = newDatabase();
  const hook = await receiver({ answer: () => 500 });
  const epay = await startEpay({ database, args: ['--retry-schedule', '1s,1s,1s,1s,1s,1s,1s,1s'] });
  const merchant = await createMerchant(database, { webhook: hook.url });
  const client = await signIn(epay, merchant);
  const references = [];
  for (const wallet of [wallets.good, wallets.rejected, wallets.good, wallets.neverDecides]) {
    const charge = momoCharge({ mobile_wallet_number: wallet, customer_name: 'Adwoa Žofia "O\'Neil" 例え' });
    await client.post('/api/v1/charge', charge, { headers: { 'idempotency-key': charge.reference } });
    references.push(charge);
  }
  for (const charge of references.slice(0, 3)) await client.settled(charge.reference);
  await hook.arrived(3);
  const list = (await client.get('/api/v1/transactions')).json.transactions.data;
  await epay.stop();
  await hook.close();
  return { database, hook, merchant, client, references, list };
}

test('everything is there, and goes on', { timeout: 120_000 }, async (t) => {
  const old = await stoppedStore();
  const target = newDatabaseOn(server.url);
  copyFileSync(`${filesBeside(old.database)}.key`, `${filesBeside(target)}.key`);
  await move(old.database, target);
  const aside = `${filesBeside(old.database)}.moved`;
  assert.equal(existsSync(filesBeside(old.database)), false, 'nobody serves the file by mistake');
  copyFileSync(aside, filesBeside(old.database));
  // As if it had been interrupted: of a table, only the first rows have arrived. Nobody serves that.
  askPostgres(target, 'UPDATE moves SET ended_at = NULL; DELETE FROM transfers WHERE id > (SELECT min(id) FROM transfers); DELETE FROM users');
  for (const verb of [['serve', '--listen', '127.0.0.1:0'], ['merchant', 'list']]) {
    const { stderr } = await runEpay([...verb, '--database', target], { expected: 1 });
    assert.match(stderr, /not finished.*epay move/, verb[0]);
  }
  const refused = await move(old.database, target, 1);
  assert.match(refused.stderr, /epay\.db\.moved exists already/);
  assert.match(refused.stdout, /the books in PostgreSQL are right/);
  await verify(target);

  const hook = await receiver({ port: old.hook.port });
  t.after(() => hook.close());
  const epay = await startEpay({ database: target });
  t.after(() => epay.end());
  const client = old.client.at(epay);
  assert.deepEqual((await client.get('/api/v1/transactions')).json.transactions.data, old.list, 'the same token, the same list');
  // What its merchant had not heard of arrives; the key's answer is the old one; the reference is taken.
  await eventually('the news', () => new Set(hook.deliveries.map((one) => one.json.transaction.reference)).size === 3, 30_000);
  const [first] = old.references;
  const again = await client.post('/api/v1/charge', first, { headers: { 'idempotency-key': first.reference } });
  assert.deepEqual([again.status, again.headers['idempotent-replayed']], [200, 'true']);
  const next = momoCharge();
  assert.equal((await client.post('/api/v1/charge', next)).status, 200);
  assert.equal(await client.settled(next.reference), 'success');
  assert.equal((await request(`${epay.url}/readyz`)).status, 200);
  await verify(target);
});

test('a target that somebody uses is left alone', { timeout: 60_000 }, async () => {
  const database = newDatabase();
  await createMerchant(database);
  const target = newDatabaseOn(server.url);
  await createMerchant(target);
  const { stderr } = await move(database, target, 1);
  assert.match(stderr, /has accounts already/);
  assert.equal(askPostgres(target, 'SELECT count(*) FROM merchants'), '1');
  assert.ok(existsSync(filesBeside(database)));
});

test('what is wrong is named', { timeout: 60_000 }, async (t) => {
  const database = newDatabase();
  const target = newDatabaseOn(server.url);
  assert.match((await move(`${database}.none`, target, 2)).stderr, /--from: there is no/);
  assert.match((await move(target, target, 2)).stderr, /--from: must be sqlite:PATH/);
  assert.match((await move(database, database, 2)).stderr, /--to: must be postgresql/);
  const epay = await startEpay({ database });
  t.after(() => epay.end());
  assert.match((await move(database, target, 1)).stderr, /serves/);
});
