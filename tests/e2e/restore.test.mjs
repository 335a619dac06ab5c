// The drill: a store is lost while payments go on, and comes back from its backup. And what `epay restore` refuses.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
  binary, createMerchant, eventually, filesBeside, momoCharge, newDatabase, newReference, random, receiver, runEpay, signIn, sleep, startEpay, verify,
} from './harness.mjs';

// The files of the store; mails and texts are in folders.
const namesBeside = (file) =>
  readdirSync(path.dirname(file), { withFileTypes: true }).filter((one) => one.isFile() && one.name.startsWith(path.basename(file))).map((one) => one.name).sort();
const sql = (file, statement) => execFileSync('sqlite3', [file, statement], { encoding: 'utf8' }).trim();

// A store with some payments, stopped, and a copy of it.
async function storeWithBackup({ webhook = 'https://93.184.216.34/hook', payments = 3 } = {}) {
  const epay = await startEpay();
  const merchant = await createMerchant(epay.database, { webhook });
  const client = await signIn(epay, merchant);
  for (let i = 0; i < payments; i += 1) {
    const charge = momoCharge();
    assert.equal((await client.post('/api/v1/charge', charge)).status, 200);
    await client.settled(charge.reference);
  }
  const file = filesBeside(epay.database);
  const copy = path.join(path.dirname(file), 'copy.db');
  await runEpay(['backup', copy, '--database', epay.database]);
  await epay.stop();
  return { database: epay.database, file, copy, merchant, client };
}

test('the drill: backup under load, the store is lost, restore, and everything goes on', { timeout: 120_000 }, async (t) => {
  let down = true;  // the receiver's part that takes the references H-…
  const hook = await receiver({ answer: ({ json }) => (down && json.transaction.reference.startsWith('H-') ? 503 : 200) });
  t.after(() => hook.close());
  const args = ['--retry-schedule', Array(200).fill('400ms').join()];
  const epay = await startEpay({ delay: '20ms', args });
  t.after(() => epay.end());
  const { database } = epay;
  const file = filesBeside(database);
  const client = await signIn(epay, await createMerchant(database, { webhook: hook.url }));

  const waiting = Array.from({ length: 5 }, () => newReference('H'));
  for (const reference of waiting) {
    await client.post('/api/v1/charge', momoCharge({ reference }));
    await client.settled(reference);
  }
  let busy = true;
  const answered = [];
  const callers = Array.from({ length: 4 }, async () => {
    while (busy) {
      const charge = momoCharge();
      const answer = await client.post('/api/v1/charge', charge);
      assert.equal(answer.status, 200, answer.text);
      answered.push(charge.reference);
    }
  });
  await eventually('payments to go on', () => answered.length > 50);
  const before = [...answered];
  const copy = path.join(path.dirname(file), 'copy.db');
  await runEpay(['backup', copy, '--database', database]);
  const during = answered.length;
  await eventually('payments to go on', () => answered.length > during + 50);
  busy = false;
  await Promise.all(callers);
  assert.ok(during > before.length, 'payments went on while the backup was made');
  assert.equal(statSync(copy).mode & 0o777, 0o600);
  await hook.arrived(1, answered.at(-1));

  // The disk is lost: nothing is left but the copy, and the key that was kept elsewhere.
  await epay.kill9();
  const key = readFileSync(`${file}.key`);
  for (const name of namesBeside(file)) rmSync(path.join(path.dirname(file), name));
  const missing = await runEpay(['restore', copy, '--database', database], { expected: 1 });
  assert.match(missing.stderr, /has secrets that only its master key opens: put that to .*epay\.db\.key first/);
  writeFileSync(`${file}.key`, key, { mode: 0o600 });
  const { stdout } = await runEpay(['restore', copy, '--database', database]);
  assert.match(stdout, /the books are right/);
  assert.match(stdout, /payments and payouts, the latest begun \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(namesBeside(file), ['epay.db', 'epay.db.key', 'epay.db.lock']);
  await verify(database);

  const arrivedBefore = hook.deliveries.length;
  const sentBefore = new Map(hook.deliveries.map((one) => [one.headers['webhook-id'], one.json.transaction.reference]));
  down = false;
  const again = await startEpay({ database, delay: '20ms', args });
  t.after(() => again.end());
  const restored = client.at(again);
  for (const reference of [...waiting, ...before]) assert.equal(await restored.settled(reference), 'success');
  for (const reference of waiting) {
    await eventually(`the webhook of ${reference}`, () => hook.deliveries.slice(arrivedBefore).some((one) => one.json.transaction.reference === reference));
  }
  // What was lost is not there; its numbers are not given to anything new, which receivers would take for a repetition.
  const known = new Set((await allTransactions(restored)).map((one) => one.reference));
  const lost = answered.filter((reference) => !known.has(reference));
  assert.ok(lost.length >= 50, `${lost.length} payments came after the copy`);
  for (let i = 0; i < 5; i += 1) {
    const charge = momoCharge();
    assert.equal((await restored.post('/api/v1/charge', charge)).status, 200);
    const [told] = await hook.arrived(1, charge.reference);
    assert.equal(sentBefore.get(told.headers['webhook-id']), undefined, 'a webhook-id that was another payment\'s');
  }
  for (const one of hook.deliveries.slice(arrivedBefore)) {
    const reference = sentBefore.get(one.headers['webhook-id']);
    if (reference) assert.equal(one.json.transaction.reference, reference, 'a repetition is one');
  }
  await again.stop();
  await verify(database);
});

async function allTransactions(client) {
  const all = [];
  for (let page = 1; ; page += 1) {
    const { transactions } = (await client.get(`/api/v1/transactions?page=${page}`)).json;
    all.push(...transactions.data);
    if (page >= transactions.last_page) return all;
  }
}

test('what is no sound copy of a store does not take its place', { timeout: 120_000 }, async (t) => {
  const { file, copy } = await storeWithBackup();
  const folder = path.dirname(copy);
  // A new place with this store's key, and what is restored to it.
  const refused = async (source, words, { key = `${file}.key` } = {}) => {
    const to = filesBeside(newDatabase());
    if (key) copyFileSync(key, `${to}.key`);
    const { stderr } = await runEpay(['restore', source, '--database', `sqlite:${to}`], { expected: 1 });
    assert.match(stderr, words);
    assert.deepEqual(namesBeside(to).filter((name) => !/\.(key|lock)$/.test(name)), [], `nothing is left behind: ${words}`);
  };
  const variant = (name, change) => {
    const changed = path.join(folder, name);
    copyFileSync(copy, changed);
    change(changed);
    return changed;
  };
  await refused(path.join(folder, 'nothing.db'), /no such file/);
  await refused(folder, /no such file/);
  await refused(variant('text.db', (name) => writeFileSync(name, 'x'.repeat(8192))), /not a database/);
  await refused(variant('empty.db', (name) => writeFileSync(name, '')), /holds no store of Epay/);
  await refused(variant('theirs.db', (name) => (rmSync(name), sql(name, 'CREATE TABLE theirs (id)'))), /holds no store of Epay/);
  await refused(variant('half.db', (name) => writeFileSync(name, readFileSync(copy).subarray(0, statSync(copy).size / 2))), /cannot restore .*(malformed|damaged)/);
  await refused(
    variant('torn.db', (name) => {
      const root = Number(sql(copy, "SELECT rootpage FROM sqlite_schema WHERE name = 'transfers'"));
      const opened = openSync(name, 'r+');
      writeSync(opened, Buffer.alloc(4096, 0x5a), 0, 4096, (root - 1) * 4096);
      closeSync(opened);
    }),
    /cannot restore .*(malformed|damaged)/,
  );
  await refused(variant('cooked.db', (name) => sql(name, 'UPDATE accounts SET credits_minor = credits_minor + 1 WHERE code = (SELECT min(code) FROM accounts)')), /the copy's books are wrong: \d+ differences/);
  await refused(variant('newer.db', (name) => sql(name, "INSERT INTO schema_migrations (version, name, applied_at) VALUES (999, 'of the future', 0)")), /newer epay.*999/);
  await refused(copy, /secrets that only its master key opens/, { key: null });
  const otherKey = path.join(folder, 'other.key');
  writeFileSync(otherKey, Buffer.alloc(32, 7));
  await refused(copy, /does not open the copy's secrets/, { key: otherKey });
  writeFileSync(otherKey, 'short');
  await refused(copy, /must have 32 bytes and has 5/, { key: otherKey });

  // A store that was copied by hand while it was in use: its latest part is in another file.
  const writing = await startEpay({ database: `sqlite:${variant('inuse.db', () => copyFileSync(`${file}.key`, path.join(folder, 'inuse.db.key')))}` });
  t.after(() => writing.end());
  await createMerchant(writing.database);
  await refused(filesBeside(writing.database), /part of it is in .*inuse\.db-wal/);
});

test('a store is not replaced while it is in use, nor unless that is asked for', { timeout: 120_000 }, async (t) => {
  const { database, file, copy, merchant } = await storeWithBackup();
  const restore = (args, expected) => runEpay(['restore', copy, '--database', database, ...args], { expected });
  const original = readFileSync(file);
  assert.match((await restore([], 2)).stderr, /is a store already; --replace/);
  assert.deepEqual(readFileSync(file), original);

  const epay = await startEpay({ database });
  t.after(() => epay.end());
  assert.match((await restore(['--replace'], 1)).stderr, /another epay serves/);
  const client = await signIn(epay, merchant);
  const later = momoCharge();
  assert.equal((await client.post('/api/v1/charge', later)).status, 200);
  await client.settled(later.reference);
  await epay.stop();

  // Somebody's program has it open.
  const reader = spawn('sqlite3', [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => reader.kill());
  reader.stdin.write('BEGIN; SELECT count(*) FROM merchants;\n');
  await new Promise((resolve) => reader.stdout.once('data', resolve));
  assert.match((await restore(['--replace'], 1)).stderr, /another process uses/);
  reader.stdin.end('.quit\n');
  await new Promise((resolve) => reader.once('exit', resolve));
  assert.deepEqual(namesBeside(file), ['epay.db', 'epay.db.key', 'epay.db.lock']);

  const { stdout } = await restore(['--replace'], 0);
  const kept = stdout.match(/what was there before is kept as (.*)/)[1];
  assert.match(path.basename(kept), /^epay\.db\.replaced-\d{8}T\d{6}\.\d{6}Z$/);
  await verify(database);
  const references = (name) => sql(name, 'SELECT reference FROM payments').split('\n');
  assert.ok(references(kept).includes(later.reference) && !references(file).includes(later.reference));

  // And the other way round, from what was kept. It has to be made a copy first, as it is no backup that is never opened.
  const second = path.join(path.dirname(copy), 'second.db');
  await runEpay(['backup', second, '--database', `sqlite:${kept}`]);
  await runEpay(['restore', second, '--database', database, '--replace']);
  assert.ok(references(file).includes(later.reference));
});

test('the log of a store that crashed does not get into the one that replaces it', { timeout: 60_000 }, async () => {
  const { database, file, copy } = await storeWithBackup();
  const epay = await startEpay({ database });
  await createMerchant(database);
  await epay.kill9();
  assert.ok(statSync(`${file}-wal`).size > 0);
  rmSync(file);  // its log stays
  const { stdout } = await runEpay(['restore', copy, '--database', database]);
  assert.match(stdout, /what was there before is kept as/);
  await verify(database);
  assert.equal(sql(file, 'SELECT count(*) FROM merchants'), '1');
});

test('a restore that is killed at any moment leaves the one store or the other', { timeout: 120_000 }, async (t) => {
  const { database, file, copy } = await storeWithBackup({ payments: 30 });
  const whole = [Number(sql(copy, 'SELECT count(*) FROM payments'))];
  sql(file, 'VACUUM');
  const chance = random(Date.now() % 100_000);
  const began = Date.now();
  await runEpay(['restore', copy, '--database', database, '--replace']);
  const took = Date.now() - began;
  let killed = 0;
  for (let round = 0; round < 25; round += 1) {
    const child = spawn(binary, ['restore', copy, '--database', database, '--replace'], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal)));
    await sleep(chance() * took * 1.5);
    child.kill('SIGKILL');
    if ((await ended) === 'SIGKILL') killed += 1;
    await verify(database);
    assert.deepEqual([Number(sql(file, 'SELECT count(*) FROM payments'))], whole);
    // What was kept makes way.
    for (const name of namesBeside(file).filter((one) => one.includes('.replaced-'))) rmSync(path.join(path.dirname(file), name));
  }
  t.diagnostic(`${killed} of 25 were killed; one takes ${took} ms`);
  await runEpay(['restore', copy, '--database', database, '--replace']);
  assert.ok(!namesBeside(file).some((name) => name.includes('.restoring')), 'what a killed one left is gone');
});

test('a backup that is killed leaves nothing under its name', { timeout: 60_000 }, async () => {
  const { database, file } = await storeWithBackup({ payments: 30 });
  const copy = path.join(path.dirname(file), 'killed.db');
  for (let round = 0; round < 15; round += 1) {
    const child = spawn(binary, ['backup', copy, '--database', database], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await sleep(round * 3);
    child.kill('SIGKILL');
    await ended;
    if (!existsSync(copy)) continue;
    assert.equal(sql(copy, 'SELECT count(*) FROM payments'), '30');
    renameSync(copy, `${copy}.${round}`);
  }
  await runEpay(['backup', copy, '--database', database]);
  assert.ok(!existsSync(`${copy}.part`));
});
