// A new master key: every secret that the store keeps goes on working, sealed under another key.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { emit, hooked, verifies } from './endpoints.mjs';
import {
  createMerchant, filesBeside, newDatabaseOn, newReference, runEpay, signIn, startEpay, verify,
} from './harness.mjs';
import { askPostgres, startPostgres } from './postgres.mjs';
import { appCode, goodPassword, person, shop } from './people.mjs';

const boxes = (file) =>
  execFileSync('sqlite3', [file, `SELECT hex(secret_box) FROM endpoint_secrets UNION ALL SELECT hex(request_box) FROM endpoints WHERE request_box IS NOT NULL
    UNION ALL SELECT hex(totp_box) FROM users WHERE totp_box IS NOT NULL UNION ALL SELECT hex(body) FROM idempotency_keys WHERE typeof(body) = 'blob' OR body NOT LIKE '{%'`], { encoding: 'utf8' }).trim().split('\n');
const besideKey = (file) => readdirSync(path.dirname(file)).filter((name) => name.startsWith(`${path.basename(file)}.key`)).sort();

test('secrets go on working under a new master key, also when the change is interrupted', { timeout: 120_000 }, async (t) => {
  let epay = await startEpay();
  t.after(() => epay.end());
  const { database } = epay;
  const file = filesBeside(database);
  const rotate = (options) => runEpay(['rotate-key', '--database', database], options);
  let client = await signIn(epay, await createMerchant(database));
  const hook = await hooked(t, client, { headers: { 'X-Shop': 'accra' } });
  const key = newReference('K');
  const wanted = { url: hook.url, description: 'twice' };
  const made = await client.post('/api/v1/endpoints', wanted, { headers: { 'idempotency-key': key } });
  assert.equal(made.status, 200, made.text);
  const { email, owner } = await shop(epay);
  const page = await owner.get('/settings/security/second-factor');
  const secret = page.text.match(/<code[^>]*>([A-Z2-7 ]+)<\/code>/)[1];
  await owner.submit(page, { code: appCode(secret, Date.now() - 30_000) });
  assert.match((await rotate({ expected: 1 })).stderr, /another epay serves/);
  await epay.stop();

  const works = async () => {
    epay = await startEpay({ database });
    t.after(() => epay.end());
    client = client.at(epay);
    const count = hook.deliveries.length;
    await emit(client);
    const all = await hook.arrived(count + 2);  // of the two endpoints
    const told = all.slice(count).find((one) => one.headers['x-shop'] === 'accra');
    assert.ok(verifies(hook.secret, told), 'signed as before');
    const replayed = await client.post('/api/v1/endpoints', wanted, { headers: { 'idempotency-key': key } });
    assert.deepEqual([replayed.headers['idempotent-replayed'], replayed.text], ['true', made.text]);
    await epay.stop();
  };
  const before = boxes(file);
  assert.equal(before.length, 5, 'two secrets, headers, an answer, an authenticator app');
  const copy = path.join(path.dirname(file), 'copy.db');
  await runEpay(['backup', copy, '--database', database]);
  const oldKey = readFileSync(`${file}.key`);
  const { stdout } = await rotate();
  assert.match(stdout, /^5 secrets are sealed under a new master key/);
  const kept = stdout.match(/kept as (\S+):/)[1];
  assert.deepEqual(readFileSync(kept), oldKey);
  assert.notDeepEqual(readFileSync(`${file}.key`), oldKey);
  assert.equal(statSync(`${file}.key`).mode & 0o777, 0o600);
  assert.equal(besideKey(file).length, 2);
  assert.ok(boxes(file).every((box) => !before.includes(box)));
  await works();

  // Interrupted before the store was changed, and after it.
  for (const changed of [false, true]) {
    if (changed) {
      const present = readFileSync(`${file}.key`);
      await rotate();
      renameSync(`${file}.key`, `${file}.key.next`);
      writeFileSync(`${file}.key`, present, { mode: 0o600 });
    } else {
      writeFileSync(`${file}.key.next`, Buffer.alloc(32, 9), { mode: 0o600 });
    }
    assert.match((await runEpay(['serve', '--listen', '127.0.0.1:0', '--database', database], { expected: 1 })).stderr, /interrupted: `epay rotate-key` finishes it/);
    assert.match((await rotate()).stdout, changed ? /^0 secrets/ : /^5 secrets/);
    assert.ok(!existsSync(`${file}.key.next`));
    await works();
  }

  // The authenticator app too.
  epay = await startEpay({ database });
  const elsewhere = person(epay);
  const asked = await elsewhere.logIn(email, goodPassword);
  assert.match((await elsewhere.submit(asked, { code: appCode(secret) })).path, /^\/dashboard/);
  await epay.stop();
  await verify(database);

  // A key that is not the store's changes nothing and leaves nothing.
  const right = readFileSync(`${file}.key`);
  writeFileSync(`${file}.key`, Buffer.alloc(32, 1));
  const untouched = boxes(file);
  assert.match((await rotate({ expected: 1 })).stderr, /is not the one that this store's secrets are sealed with, which was .*epay\.db\.key/);
  assert.deepEqual(boxes(file), untouched);
  assert.ok(!existsSync(`${file}.key.next`));
  writeFileSync(`${file}.key`, right);
  // One secret that does not open, of whatever cause, stops it too.
  const [, secretBox] = execFileSync('sqlite3', [file, 'SELECT endpoint_id, hex(secret_box) FROM endpoint_secrets LIMIT 1'], { encoding: 'utf8' }).trim().split('|');
  execFileSync('sqlite3', [file, `UPDATE endpoint_secrets SET secret_box = x'00' WHERE secret_box = x'${secretBox}'`]);
  const broken = boxes(file);
  assert.match((await rotate({ expected: 1 })).stderr, /1 secrets in the store do not open/);
  assert.deepEqual(boxes(file), broken);
  execFileSync('sqlite3', [file, `UPDATE endpoint_secrets SET secret_box = x'${secretBox}' WHERE secret_box = x'00'`]);

  // The copy from before comes back with the key from before.
  rmSync(file);
  assert.match((await runEpay(['restore', copy, '--database', database], { expected: 1 })).stderr, /does not open the copy's secrets/);
  copyFileSync(kept, `${file}.key`);
  await runEpay(['restore', copy, '--database', database]);
  await works();
});

describe('on PostgreSQL', () => {
  let server;
  before(async () => (server = await startPostgres()));
  after(() => server.end());

  test('nobody serves meanwhile, and the other machines hear of it', { timeout: 180_000 }, async (t) => {
    const database = newDatabaseOn(server.url);
    const key = `${filesBeside(database)}.key`;
    const elsewhere = `${key}.elsewhere`;  // of another machine
    const rotate = (expected = 0) => runEpay(['rotate-key', '--database', database], { expected });
    const serve = async (args = []) => {
      const epay = await startEpay({ database, args });
      t.after(() => epay.end());
      return epay;
    };
    let epay = await serve();
    let client = await signIn(epay, await createMerchant(database));
    const hook = await hooked(t, client, { headers: { 'X-Shop': 'accra' } });
    const sealed = () => askPostgres(database, "SELECT encode(secret_box, 'hex') FROM endpoint_secrets").split('\n');
    const works = async () => {
      client = client.at(epay);
      const count = hook.deliveries.length;
      await emit(client);
      const told = (await hook.arrived(count + 1)).at(-1);
      assert.deepEqual([told.headers['x-shop'], verifies(hook.secret, told)], ['accra', true]);
    };
    await works();
    copyFileSync(key, elsewhere);

    // Served here, or on another machine.
    const before = sealed();
    assert.match((await rotate(1)).stderr, /epay serves this store as .+:\d+: stop it first/);
    assert.deepEqual([sealed(), existsSync(`${key}.next`)], [before, false]);

    // Of one that was killed the row stands; it is waited for, and found dead.
    await epay.kill9();
    assert.equal(askPostgres(database, 'SELECT count(*) FROM processes'), '1');
    const { stdout } = await rotate();
    assert.match(stdout, /waiting 10 s to hear whether .+ is alive\n2 secrets are sealed under a new master key, .*\ncopy it to every machine/);
    assert.equal(askPostgres(database, 'SELECT count(*) FROM processes'), '0');
    assert.ok(sealed().every((box) => !before.includes(box)));
    epay = await serve();
    await works();

    // The other machine still has the old key.
    const refused = (await runEpay(['serve', '--listen', '127.0.0.1:0', '--database', database, '--master-key-file', elsewhere], { expected: 1 })).stderr;
    assert.match(refused, /is not the one that this store's secrets are sealed with, which was .+:.*epay\.key: copy that file to .*elsewhere/);
    assert.equal(askPostgres(database, 'SELECT count(*) FROM processes'), '1', 'it has not joined');
    copyFileSync(key, elsewhere);
    const other = await serve(['--master-key-file', elsewhere]);
    await other.stop();
    await epay.stop();

    // Interrupted before the store was changed, and after it.
    writeFileSync(`${key}.next`, Buffer.alloc(32, 9), { mode: 0o600 });
    assert.match((await rotate()).stdout, /^2 secrets/);
    const present = readFileSync(key);
    await rotate();
    renameSync(key, `${key}.next`);
    writeFileSync(key, present, { mode: 0o600 });
    assert.match((await rotate()).stdout, /^0 secrets/);
    epay = await serve();
    await works();
    await epay.stop();
    await verify(database);

    // A key that is not the store's changes nothing and leaves nothing.
    writeFileSync(key, Buffer.alloc(32, 1));
    const untouched = sealed();
    assert.match((await rotate(1)).stderr, /is not the one that this store's secrets are sealed with/);
    assert.deepEqual([sealed(), existsSync(`${key}.next`)], [untouched, false]);
  });
});
