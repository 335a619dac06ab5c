// What an operator does to a service: watches it, stops it, puts it behind TLS or a proxy, backs it up, runs out of disk.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { describe, test } from 'node:test';
import {
  askStore, assertError, createMerchant, eventually, filesBeside, momoCharge, newDatabase, newReference, onPostgres, receiver, request, runEpay, signIn, sleep, startEpay, verify, wallets,
} from './harness.mjs';


test('healthz, readyz, metrics', async (t) => {
  const hook = await receiver();
  t.after(() => hook.close());
  const epay = await startEpay();
  t.after(() => epay.end());
  const client = await signIn(epay, await createMerchant(epay.database, { webhook: hook.url }));
  for (const number of [wallets.good, wallets.rejected]) {
    const charge = momoCharge({ mobile_wallet_number: number });
    await client.post('/api/v1/charge', charge);
    await client.settled(charge.reference);
  }
  await hook.arrived(2);
  assert.deepEqual([(await request(`${epay.url}/healthz`)).status, (await request(`${epay.url}/readyz`)).status], [200, 200]);
  const figure = async (line) => assert.ok((await request(`${epay.url}/metrics`)).text.split('\n').includes(line), `${line} is not in\n${(await request(`${epay.url}/metrics`)).text}`);
  await figure('epay_payments_total{kind="payment",status="success"} 1');
  await figure('epay_payments_total{kind="payment",status="failed"} 1');
  await eventually('both tries to be counted', async () => (await request(`${epay.url}/metrics`)).text.includes('epay_webhook_tries_total{result="delivered"} 2\n'));
  await figure('epay_webhook_in_flight 0');
});

test('a stop answers what is in flight, the webhook too', async (t) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const hook = await receiver({ answer: (_, n) => (n === 1 ? held.then(() => 200) : 200) });
  t.after(() => hook.close());
  const epay = await startEpay();
  t.after(() => epay.end());
  const { database } = epay;
  const client = await signIn(epay, await createMerchant(database, { webhook: hook.url }));
  const first = momoCharge();
  await client.post('/api/v1/charge', first);
  await hook.arrived(1, first.reference);
  // Half of a second charge is sent; the rest comes after the stop has begun.
  const body = JSON.stringify(momoCharge());
  const options = { method: 'POST', headers: { authorization: `Bearer ${client.token}`, 'content-type': 'application/json', 'content-length': body.length } };
  const sent = http.request(`${epay.url}/api/v1/charge`, options);
  const answered = new Promise((resolve, reject) => sent.on('response', resolve).on('error', reject));
  sent.write(body.slice(0, 100));
  await sleep(100);
  const stopped = epay.stop();
  await eventually('the stop to begin', () => epay.log().includes('"event":"stopping"'));
  await assert.rejects(request(`${epay.url}/healthz`, { agent: new http.Agent() }), 'nobody new is let in');
  sent.end(body.slice(100));
  const answer = await answered;
  assert.deepEqual([answer.statusCode, answer.headers.connection], [200, 'close']);
  answer.resume();
  await sleep(100);
  assert.equal(epay.exit, undefined, 'it waits for the receiver');
  release();
  await stopped;
  await verify(database);

  // What was delivered is not sent again; what had no time to be sent is.
  const again = await startEpay({ database });
  t.after(() => again.end());
  await hook.arrived(2);
  await sleep(300);
  assert.equal(hook.of(first.reference).length, 1);
  assert.equal(hook.deliveries.length, 2);
});

test('TLS, with a certificate of its own', async (t) => {
  const database = newDatabase();
  const folder = path.dirname(filesBeside(database));
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => path.join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', certificate,
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'], { stdio: 'ignore' });
  const epay = await startEpay({ database, args: ['--tls-certificate', certificate, '--tls-key', key] });
  t.after(() => epay.end());
  const merchant = await createMerchant(database);
  const ca = readFileSync(certificate);
  const call = (target, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const content = body && JSON.stringify(body);
      const options = { host: '127.0.0.1', port: epay.port, path: target, method: body ? 'POST' : 'GET', servername: 'localhost', ca, agent: false };
      const sent = https.request({ ...options, headers: { host: `localhost:${epay.port}`, ...(body ? { 'content-type': 'application/json' } : {}), ...headers } }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => (text += chunk)).on('end', () => resolve({ status: answer.statusCode, json: JSON.parse(text) }));
      });
      sent.on('error', reject).end(content);
    });
  const token = await call('/api/v1/token', merchant);
  assert.equal(token.status, 200);
  const authorization = `Bearer ${token.json.data.access_token}`;
  const card = await call('/api/v1/charge', momoCharge({ payment_method: 'card' }), { authorization });
  assert.ok(card.json.data.redirect_url.startsWith(`https://localhost:${epay.port}/`), card.json.data.redirect_url);
  const list = await call('/api/v1/customers', undefined, { authorization });
  assert.equal(list.json.customers.path, `https://localhost:${epay.port}/api/v1/customers`);
  await assert.rejects(request(`${epay.url}/healthz`, { timeout: 3_000 }), 'plain HTTP is not spoken here');
  assert.equal((await call('/api/v1/customers', undefined, { authorization })).status, 200);
});

test('wrong flags say what is wrong', async () => {
  const rows = [
    [['--listen', 'nowhere'], /--listen/],
    [['--tls-certificate', '/nonexistent.pem'], /--tls-key/],
    [['--tls-certificate', '/nonexistent.pem', '--tls-key', '/nonexistent.pem'], /nonexistent\.pem/],
    [['--simulator-delay', 'soon'], /--simulator-delay/],
    [['--retry-schedule', '1s,,2s'], /--retry-schedule/],
    [['--trusted-proxy', '10.0.0.0/99'], /--trusted-proxy/],
    [['--public-url', 'ftp://x'], /--public-url/],
    [['--database', 'mysql:x'], /--database/],
    [['--log-level', 'loud'], /--log-level/],
  ];
  const database = newDatabase();
  for (const [flags, words] of rows) {
    const { code, stderr } = await runEpay(['serve', '--database', database, '--listen', '127.0.0.1:0', ...flags], { expected: null });
    assert.ok(code === 1 || code === 2, `${flags}: exit ${code}`);
    assert.match(stderr, words, `${flags}`);
  }
});

test('a file of flags is good for every verb; the command line and the environment come first', async (t) => {
  const database = newDatabase();
  const file = path.join(path.dirname(filesBeside(database)), 'epay.conf');
  writeFileSync(file, `# Epay\ndatabase = ${database}\nmaster-key-file = ${filesBeside(database)}.key\nlisten = 127.0.0.1:0\ntrusted-proxy = 127.0.0.1\ntrusted-proxy = ::1\nsimulator-delay = 0\n` +
    'public-url = "https://file.example"\nmail-from = Epay <pay@example.com>\nsms-url = http://127.0.0.1:1/\nsms-body = {"to":"{to}","text":"{text}"}\nmail-tls-required = false\n');
  const merchant = JSON.parse((await runEpay(['merchant', 'create', '--config', file, '--json', '--name', 'Shop', '--email', 'a@example.com', '--telephone', '0240000000'])).stdout);
  await runEpay(['verify', `--config=${file}`]);
  await runEpay(['verify'], { env: { EPAY_CONFIG: file } });
  if (!onPostgres) assert.ok(existsSync(filesBeside(database)));
  for (const [args, env, origin] of [
    [[], {}, 'https://file.example'],
    [[], { EPAY_PUBLIC_URL: 'https://environment.example' }, 'https://environment.example'],
    [['--public-url', 'https://line.example'], { EPAY_PUBLIC_URL: 'https://environment.example' }, 'https://line.example'],
    [['--public-url=https://line.example'], {}, 'https://line.example'],
  ]) {
    const epay = await startEpay({ database, args: ['--config', file, ...args], env });
    t.after(() => epay.end());
    const { json } = await (await signIn(epay, merchant)).get('/api/v1/customers', { headers: { 'x-forwarded-for': '203.0.113.7', 'x-request-id': 'seen-by-proxy' } });
    assert.equal(json.customers.path, `${origin}/api/v1/customers`);
    const line = await eventually('the request to be logged', () => epay.lines().find((one) => one.request_id === 'seen-by-proxy'));
    assert.equal(line.client, '203.0.113.7', 'the proxies of the file');
    await epay.stop();
  }
  for (const [text, words] of [
    ['database = sqlite:x\nlisten 127.0.0.1:0\n', /epay\.conf: line 2 is not `name = value`/],
    ['\n\nlisen = 127.0.0.1:0\n', /epay\.conf, line 3: no flag is called --lisen/],
    ['log-level = loud\n', /--log-level/],
  ]) {
    writeFileSync(file, text);
    assert.match((await runEpay(['serve', '--config', file], { expected: 2 })).stderr, words);
  }
  for (const missing of [`${file}.none`, path.dirname(file)]) {
    assert.match((await runEpay(['verify', '--config', missing], { expected: 2 })).stderr, /--config: cannot read/);
  }
});

test('only a trusted proxy is believed about scheme and host', async (t) => {
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'pay.example.com', 'x-forwarded-for': '203.0.113.7' };
  for (const [args, origin, client] of [
    [['--trusted-proxy', '127.0.0.0/8'], 'https://pay.example.com', '203.0.113.7'],
    [['--trusted-proxy', '10.0.0.0/8'], undefined, '127.0.0.1'],
    [['--trusted-proxy', '127.0.0.1', '--public-url', 'https://other.example'], 'https://other.example', '203.0.113.7'],
    [[], undefined, '127.0.0.1'],
  ]) {
    const epay = await startEpay({ args });
    t.after(() => epay.end());
    const { api } = await signIn(epay, await createMerchant(epay.database));
    const { json } = await api('GET', '/api/v1/customers', undefined, { headers: { ...forwarded, 'x-request-id': 'seen-by-proxy' } });
    assert.equal(json.customers.path, `${origin ?? epay.url}/api/v1/customers`, `${args}`);
    const line = await eventually('the request to be logged', () => epay.lines().find((one) => one.request_id === 'seen-by-proxy'));
    assert.equal(line.client, client, `${args}`);
  }
});

describe('the log', () => {
  test('is JSON, names requests, and keeps secrets and numbers to itself', async (t) => {
    const hook = await receiver({ answer: (_, n) => (n % 3 ? 200 : 500) });
    t.after(() => hook.close());
    const epay = await startEpay({ args: ['--log-level', 'debug', '--retry-schedule', '50ms,50ms'] });
    t.after(() => epay.end());
    const merchant = await createMerchant(epay.database, { webhook: hook.url });
    const client = await signIn(epay, merchant);
    const [voucher, otp, telephone, wallet] = ['847291', '593817', '0559182736', '0247391826'];
    const references = [];
    for (const fields of [
      { mobile_wallet_number: wallet },
      { mobile_wallet_number: '0507391826', mobile_wallet_network: 'telecel', voucher },
      { mobile_wallet_number: wallets.rejected },
      { mobile_wallet_number: wallets.refusedAtOnce },
      { mobile_wallet_number: '0240000484' },
      { mobile_wallet_number: '0240000486' },
      { mobile_wallet_number: '0240000487' },
      { payment_method: 'card' },
      { mobile_wallet_number: wallets.wantsInput },
      { mobile_wallet_number: 'x' + wallet },
      { amount: -1 },
    ]) {
      const charge = momoCharge({ customer_telephone: telephone, ...fields });
      references.push(charge.reference);
      await client.post('/api/v1/charge', charge, { headers: { 'x-request-id': `id-${charge.reference}`, 'idempotency-key': `key-${charge.reference}` } });
    }
    await client.post(`/api/v1/transactions/${references[8]}/input`, { input: otp });
    await client.post('/api/v1/token', { ...merchant, app_secret: 'x'.repeat(32) });
    await client.get(`/api/v1/nothing/${wallet}?token=${client.token}`);
    await client.get(`/api/v1/transactions/${wallet}`);
    await request(`${epay.url}/api/v1/customers`, { headers: { authorization: `Bearer ${client.token}x` } });
    await client.post('/api/v1/payout', { reference: newReference('P'), amount: 1, payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: wallet, payout_description: 'Wages' });
    await hook.arrived(6);
    await sleep(300);
    await epay.stop();

    const text = epay.log(100_000);
    const lines = epay.lines();
    assert.equal(lines.length, text.split('\n').length, 'every line is JSON');
    for (const line of lines) assert.ok(line.time && line.level && line.event, JSON.stringify(line));
    const request1 = lines.find((line) => line.request_id === `id-${references[0]}`);
    const { event, method, route, status, took_us, client: address } = request1;
    assert.deepEqual({ event, method, route, status, address }, { event: 'request', method: 'POST', route: '/api/v1/charge', status: 200, address: '127.0.0.1' });
    assert.ok(took_us > 0);
    const numbers = [wallet, telephone, '0507391826', wallets.rejected, wallets.refusedAtOnce, '0240000484', '0240000486', '0240000487', wallets.wantsInput];
    const secrets = [client.token, merchant.app_secret, merchant.webhook_secret.slice(6), merchant.merchant_key, voucher, otp, ...numbers, ...numbers.map((number) => number.slice(1))];
    for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} is in the log:\n${text.split('\n').find((line) => line.includes(secret))}`);
  });
});

test('who asks too fast is asked to slow down, and nobody else', async (t) => {
  const epay = await startEpay({ args: ['--rate-limit', '5'] });
  t.after(() => epay.end());
  const busy = await signIn(epay, await createMerchant(epay.database, {}));
  const calm = await signIn(epay, await createMerchant(epay.database, {}));
  const answers = await Promise.all(Array.from({ length: 30 }, () => busy.get('/api/v1/transactions')));
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length >= 15 && refused.length < 30, `${refused.length} of 30 refused`);
  assertError(refused[0], 429, 'api_error');
  assert.equal(refused[0].headers['retry-after'], '1');
  assert.equal((await calm.get('/api/v1/transactions')).status, 200);
});

// A file that belongs to one service; PostgreSQL has its own tests of several.
const aFile = { skip: onPostgres && 'of stores that are files' };

test('a second service on the same file is refused', aFile, async (t) => {
  const epay = await startEpay();
  t.after(() => epay.end());
  const second = spawnSync('build/release/epay', ['serve', '--listen', '127.0.0.1:0', '--database', epay.database], { encoding: 'utf8', timeout: 10_000 });
  assert.equal(second.status, 1, second.stdout + second.stderr);
  assert.match(second.stderr, /another epay serves/);
});

test('a master key that is missing is not replaced', async () => {
  const database = newDatabase();
  await createMerchant(database, { webhook: 'https://93.184.216.34/hook' });
  rmSync(`${filesBeside(database)}.key`);
  const { stderr } = await runEpay(['serve', '--listen', '127.0.0.1:0', '--database', database], { expected: 1 });
  assert.match(stderr, /master key file .* is missing/);
  assert.equal(existsSync(`${filesBeside(database)}.key`), false);
  await verify(database);
});

test('a store is served with its own master key only, and whoever has another hears which file to copy', async (t) => {
  const database = newDatabase();
  await createMerchant(database, { webhook: 'https://93.184.216.34/hook' });
  const own = `${filesBeside(database)}.key`;
  const other = `${filesBeside(database)}.other-key`;
  writeFileSync(other, Buffer.alloc(32, 7), { mode: 0o600 });
  const refused = async (words) => {
    for (const verb of [['serve', '--listen', '127.0.0.1:0'], ['merchant', 'list'], ['merchant', 'create', '--name', 'B', '--email', 'b@example.com', '--telephone', '0241234567']]) {
      const { stderr } = await runEpay([...verb, '--database', database, '--master-key-file', other], { expected: 1 });
      assert.match(stderr, words, verb.join(' '));
    }
    assert.equal(askStore(database, 'SELECT count(*) FROM merchants'), '1');
  };
  await refused(new RegExp(`is not the one that this store's secrets are sealed with, which was .+:.*${path.basename(own)}: copy that file to .*other-key`));
  // From before stores were marked: a secret tells.
  askStore(database, 'DELETE FROM master_keys');
  await refused(/copy the key file of whoever served it before to .*other-key/);
  assert.equal(askStore(database, 'SELECT count(*) FROM master_keys'), '0');
  const epay = await startEpay({ database });
  t.after(() => epay.end());
  await epay.stop();
  assert.equal(askStore(database, 'SELECT count(*) FROM master_keys'), '1');
  await refused(/copy that file/);
});

test('a store without secrets gets its master key when it is first wanted', async (t) => {
  for (const verb of ['migrate', 'verify']) {
    const database = newDatabase();
    await runEpay([verb, '--database', database]);
    assert.equal(existsSync(`${filesBeside(database)}.key`), false, `${verb} seals nothing`);
    const epay = await startEpay({ database });
    t.after(() => epay.end());
    await signIn(epay, await createMerchant(database, { webhook: 'https://93.184.216.34/hook' }));
    await epay.stop();
    rmSync(`${filesBeside(database)}.key`);
    const { stderr } = await runEpay(['serve', '--listen', '127.0.0.1:0', '--database', database], { expected: 1 });
    assert.match(stderr, /master key file .* is missing/, 'now there is a secret');
  }
});

test('a store written by a newer version is left alone', async () => {
  const database = newDatabase();
  await createMerchant(database);
  askStore(database, "INSERT INTO schema_migrations (version, name, applied_at) VALUES (999, 'of the future', 0)");
  for (const args of [['serve', '--listen', '127.0.0.1:0'], ['verify'], ['merchant', 'list']]) {
    const { stderr } = await runEpay([...args, '--database', database], { expected: 1 });
    assert.match(stderr, /newer epay.*999/, args[0]);
  }
});

test('verbs beside a busy service; a backup taken meanwhile is whole', aFile, async (t) => {
  const hook = await receiver();
  t.after(() => hook.close());
  const epay = await startEpay({ delay: '20ms' });
  t.after(() => epay.end());
  const { database } = epay;
  const client = await signIn(epay, await createMerchant(database, { webhook: hook.url }));
  let busy = true;
  let charged = 0;
  const callers = Array.from({ length: 8 }, async () => {
    while (busy) {
      const answer = await client.post('/api/v1/charge', momoCharge());
      assert.equal(answer.status, 200, answer.text);
      charged += 1;
    }
  });
  const copy = newDatabase();
  for (let round = 0; round < 4; round += 1) {
    const other = await signIn(epay, await createMerchant(database));
    assert.equal((await other.post('/api/v1/charge', momoCharge())).status, 200);
    await verify(database);
    rmSync(filesBeside(copy), { force: true });
    await runEpay(['backup', filesBeside(copy), '--database', database]);
    await verify(copy);
  }
  busy = false;
  await Promise.all(callers);
  assert.ok(charged > 20, `${charged} charges went on beside`);
  await hook.arrived(charged, undefined, 30_000);
  await verify(database);
  // The copy serves, with the key that is kept beside it.
  execFileSync('cp', [`${filesBeside(database)}.key`, `${filesBeside(copy)}.key`]);
  const restored = await startEpay({ database: copy });
  t.after(() => restored.end());
  const list = (await client.at(restored).get('/api/v1/transactions')).json.transactions;
  assert.ok(list.total > 0 && list.total <= charged, `${list.total} of ${charged}`);
  const { stderr } = await runEpay(['backup', filesBeside(copy), '--database', database], { expected: 1 });
  assert.match(stderr, /exists/, 'a file that is there is not overwritten');
});

// A small disk of its own, in a mount namespace that needs no rights of root.
test('a full disk: 503, nothing half-written, and on once there is room', aFile, async (t) => {
  if (spawnSync('unshare', ['-Urm', 'true']).status !== 0) return t.skip('this machine lets nobody make a mount namespace');
  const seed = newDatabase();
  const hook = await receiver();
  t.after(() => hook.close());
  const merchant = await createMerchant(seed, { webhook: hook.url });
  const disk = path.join(path.dirname(filesBeside(seed)), 'disk');
  mkdirSync(disk);
  const prepare = `mount -t tmpfs -o size=3m tmpfs ${disk} && cp ${filesBeside(seed)}* ${disk}/ && head -c 1500000 /dev/zero >${disk}/ballast && exec "$@"`;
  const epay = await startEpay({ database: `sqlite:${disk}/epay.db`, delay: '0', wrap: ['unshare', '-Urm', 'sh', '-c', prepare, 'sh'] });
  t.after(() => epay.end());
  const inside = `/proc/${epay.pid}/root${disk}`;
  assert.ok(existsSync(`${inside}/ballast`));
  const client = await signIn(epay, merchant);
  const answered = [];
  let refused;
  for (let i = 0; i < 20_000 && !refused; i += 1) {
    const charge = momoCharge({ customer_email: `c${i}@example.com`, payment_description: 'x'.repeat(900) });
    const answer = await client.post('/api/v1/charge', charge);
    if (answer.status === 200) answered.push(charge.reference);
    else refused = answer;
  }
  assertError(refused, 503, 'api_error', undefined, 'no room');
  assert.ok(refused.headers['retry-after']);
  assert.doesNotMatch(refused.text, /disk|sqlite|full/i, 'no internals');
  for (let i = 0; i < 5; i += 1) await client.post('/api/v1/charge', momoCharge());
  assert.equal((await client.get('/api/v1/transactions')).status, 200, 'reading goes on');
  assert.equal(epay.exit, undefined, epay.log());
  const before = (await client.get('/api/v1/transactions')).json.transactions.total;
  rmSync(`${inside}/ballast`);
  const charge = momoCharge();
  assert.equal((await client.post('/api/v1/charge', charge)).status, 200, 'there is room again');
  answered.push(charge.reference);
  for (const reference of answered) await client.settled(reference);
  assert.ok((await client.get('/api/v1/transactions')).json.transactions.total >= before + 1);
  await eventually(() => `${answered.length} webhooks; ${hook.deliveries.length} came\n${epay.log(5)}`, () => {
    const told = new Set(hook.deliveries.map((one) => one.json.transaction.reference));
    return answered.every((reference) => told.has(reference));
  }, 20_000);
  await runEpay(['verify', '--database', `sqlite:${inside}/epay.db`, '--json']);
});
