// From a SQLite file into PostgreSQL, with everything: accounts, keys, pages, books, and what is still to be sent.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { binary, createMerchant, eventually, filesBeside, momoCharge, newDatabase, newDatabaseOn, receiver, request, runEpay, signIn, startEpay, verify, wallets } from './harness.mjs';
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
  const refused = await move(old.database, target, 2);
  assert.match(refused.stderr, /epay\.db\.moved exists already/);
  rmSync(aside);
  const { stdout } = await move(old.database, target);
  assert.match(stdout, /the books in PostgreSQL are right/);
  assert.match(stdout, /some since an earlier attempt/);
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

test('interrupted at its end, it is ended by the next', { timeout: 120_000 }, async () => {
  const database = newDatabase();
  await createMerchant(database);
  const target = newDatabaseOn(server.url);
  // Whoever looks into the empty target gives it a key, which is not the one that comes.
  await runEpay(['merchant', 'list', '--database', target]);
  copyFileSync(`${filesBeside(database)}.key`, `${filesBeside(target)}.key`);
  await move(database, target);
  // Killed between the two: the file has its new name, and nobody may serve the target yet.
  askPostgres(target, 'UPDATE moves SET ended_at = NULL');
  assert.match((await runEpay(['merchant', 'list', '--database', target], { expected: 1 })).stderr, /not finished/);
  assert.match((await move(database, target)).stdout, /the books in PostgreSQL are right/);
  assert.equal(existsSync(filesBeside(database)), false);
  await verify(target);
  assert.match((await runEpay(['merchant', 'list', '--database', target])).stdout, /Merchant/);
  assert.match((await move(database, target, 1)).stderr, /everything was moved there before/);
});

// ---- killed in the middle ----

// A large store takes longer than other verbs do.
function patiently(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.on('exit', (code, signal) => (code === 0 ? resolve() : reject(new Error(`epay ${args.join(' ')}: ${code ?? signal}\n${errors}`))));
  });
}

// A stopped store with so many payments: written straight to it where they are very many, taken through the API else.
const many = Number(process.env.EPAY_MOVE_PAYMENTS ?? 0);
async function storeOfMany(t) {
  if (many > 0) {
    const folder = mkdtempSync(path.join(tmpdir(), 'epay-move-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const program = path.join(path.dirname(binary), 'epay_bench');
    const options = { maxBuffer: 1e9 };
    return execFileSync(program, ['--directory', folder, 'fill', '--stored', String(many)], options).toString().trim().split('\n').at(-1);
  }
  const database = newDatabase();
  const hook = await receiver();
  const epay = await startEpay({ database, args: ['--rate-limit', '0'] });
  const client = await signIn(epay, await createMerchant(database, { webhook: hook.url }));
  let begun = 0;
  const call = async () => {
    while (begun < 6_000) {
      begun += 1;
      assert.equal((await client.post('/api/v1/charge', momoCharge())).status, 200);
    }
  };
  await Promise.all(Array.from({ length: 32 }, call));
  await hook.arrived(begun, undefined, 60_000);
  await epay.stop();
  await hook.close();
  return database;
}

// `epay move`, killed after so long. Whether it was still at it.
function killedMove(from, to, after) {
  return new Promise((resolve) => {
    const child = spawn(binary, ['move', '--from', from, '--to', to], { stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), after);
    child.on('exit', (code, signal) => (clearTimeout(timer), resolve(signal === 'SIGKILL')));
  });
}

const inFile = (file, sql) => execFileSync('sqlite3', [file, sql], { maxBuffer: 1e9 }).toString().trimEnd();

// What both stores have in a table, in the order of its key.
function contents(file, target, table) {
  const columns = inFile(file, `SELECT name, type, pk FROM pragma_table_info('${table}') ORDER BY cid`).split('\n').map((line) => line.split('|'));
  const key = columns.filter(([, , place]) => place !== '0').sort((a, b) => a[2] - b[2]).map(([name]) => name).join();
  const list = (bytes) => columns.map(([name, type]) => (type === 'BLOB' ? bytes(name) : name)).join();
  return [
    inFile(file, `SELECT ${list((name) => `lower(hex(${name}))`)} FROM ${table} ORDER BY ${key}`),
    askPostgres(target, `SELECT ${list((name) => `encode(${name}, 'hex')`)} FROM ${table} ORDER BY ${key}`),
  ];
}

test('killed in the middle, again and again, it goes on where it stopped', { timeout: 3_600_000 }, async (t) => {
  const database = await storeOfMany(t);
  const file = database.slice('sqlite:'.length);
  const aside = `${file}.moved`;
  const payments = Number(inFile(file, 'SELECT count(*) FROM payments'));
  const timed = async (work) => {
    const began = Date.now();
    await work();
    return Date.now() - began;
  };
  const told = (what, took) => t.diagnostic(`${what}: ${(took / 1_000).toFixed(1)} s, ${Math.round((payments * 1_000) / took)} payments/s`);
  const newTarget = async () => {
    const target = newDatabaseOn(server.url);
    copyFileSync(`${file}.key`, `${filesBeside(target)}.key`);
    await runEpay(['migrate', '--database', target]);
    return target;
  };
  const first = await newTarget();
  const whole = await timed(() => patiently(['move', '--from', database, '--to', first]));
  told(`a move of ${payments} payments (${(statSync(aside).size / 1e6).toFixed(0)} MB)`, whole);
  renameSync(aside, file);

  const target = await newTarget();
  const rows = () => Number(askPostgres(target, 'SELECT (SELECT count(*) FROM attempts) + (SELECT count(*) FROM events) + (SELECT count(*) FROM transfers)'));
  const seen = [];
  for (const part of many > 0 ? [0.5] : [0.25, 0.35, 0.45, 0.55, 0.65]) {
    if (!(await killedMove(database, target, whole * part))) break;
    seen.push(rows());
    const { stderr } = await runEpay(['merchant', 'list', '--database', target], { expected: 1 });
    assert.match(stderr, /not finished.*epay move/);
  }
  t.diagnostic(`killed ${seen.length} times, when ${seen.join(', ')} attempts, events and transfers had arrived`);
  assert.ok(seen.some((one) => one > 0), 'killed in the middle');
  // Unless one was as good as done when it was to be killed.
  if (askPostgres(target, 'SELECT ended_at IS NULL FROM moves') === 't') {
    const rest = await timed(() => patiently(['move', '--from', database, '--to', target]));
    t.diagnostic(`the rest after the last kill: ${(rest / 1_000).toFixed(1)} s`);
  }
  assert.equal(existsSync(file), false);

  const tables = inFile(aside, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'").split('\n');
  const ofItself = new Set(['schema_migrations', 'sequences', 'processes', 'outside_changes']);
  for (const table of tables.filter((name) => !ofItself.has(name))) {
    if (many === 0) {
      const [there, here] = contents(aside, target, table);
      const at = there === here ? -1 : there.split('\n').findIndex((line, i) => line !== here.split('\n')[i]);
      assert.ok(there === here, `${table}: row ${at} is ${here.split('\n')[at]}, was ${there.split('\n')[at]}`);
    }
    const count = `SELECT count(*) FROM ${table}`;
    assert.equal(askPostgres(target, count), inFile(aside, count), table);
  }
  told('verified', await timed(() => patiently(['verify', '--database', target])));
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
