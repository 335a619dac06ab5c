// The webhook: the documented body to the byte, signatures that others' libraries accept, and delivery in the end.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import {
  createMerchant, eventually, filesBeside, momoCharge, newDatabase, receiver, root, runEpay, signIn, sleep, startEpay, verify, wallets,
} from './harness.mjs';

const tries = ['--retry-schedule', Array(9).fill('100ms').join(), '--webhook-timeout', '1s'];
const outcomes = [
  ['success', true, wallets.good],
  ['failed', false, wallets.rejected],
];

const expectedBody = (charge, success, status) =>
  `{"success":${success},"transaction":{"reference":"${charge.reference}","payment_method":"momo","amount":"1","status":"${status}",` +
  `"description":"Two tickets","customer":{"name":"Ama Mensah","email":"ama@example.com","telephone":"0201234567"},"page":null}}`;

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// Whether a verifier of someone else accepts this delivery.
function accepted(Verifier, secret, text, headers) {
  try {
    new Verifier(secret).verify(text, headers);
    return true;
  } catch {
    return false;
  }
}

describe('one delivery', () => {
  let epay, hook, merchant, client;
  before(async () => {
    epay = await startEpay({ args: tries });
    hook = await receiver();
    merchant = await createMerchant(epay.database, { webhook: hook.url });
    client = await signIn(epay, merchant);
  });
  after(async () => {
    await epay?.end();
    await hook?.close();
  });

  for (const [status, success, wallet] of outcomes) {
    test(`${status}: body, headers, signatures`, async () => {
      const charge = momoCharge({ mobile_wallet_number: wallet });
      const answer = await client.post('/api/v1/charge', charge);
      assert.equal(answer.status, 200, answer.text);
      const [one] = await hook.arrived(1, charge.reference);
      assert.equal(one.text, expectedBody(charge, success, status));
      assert.equal(one.method, 'POST');
      assert.equal(one.url, '/hook');
      assert.match(one.headers['content-type'], /^application\/json/);
      assert.match(one.headers['user-agent'], /^Epay-Webhooks\/\d/);
      assert.equal(one.headers['epay-event'], `payment.${status}`);
      assert.equal(one.headers['epay-delivery-attempt'], '1');
      assert.match(one.headers['webhook-id'], /^[^.\s]+$/);
      assert.match(one.headers['webhook-signature'], /^v1,[A-Za-z0-9+/]{43}=$/);
      assert.ok(Math.abs(Number(one.headers['webhook-timestamp']) - Date.now() / 1000) < 10, one.headers['webhook-timestamp']);

      const changedBody = one.text.replace('"amount":"1"', '"amount":"2"');
      const changedHeader = (name, value) => ({ ...one.headers, [name]: value });
      const rows = [
        ['as it came', one.text, one.headers, true],
        ['one byte of the body changed', changedBody, one.headers, false],
        ['one byte added', `${one.text} `, one.headers, false],
        ['another id', one.text, changedHeader('webhook-id', `${one.headers['webhook-id']}x`), false],
        ['another time', one.text, changedHeader('webhook-timestamp', String(Number(one.headers['webhook-timestamp']) - 1)), false],
        ['another signature', one.text, changedHeader('webhook-signature', `v1,${'A'.repeat(43)}=`), false],
      ];
      for (const [name, Verifier] of Object.entries({ standardwebhooks: StandardWebhook, svix: SvixWebhook })) {
        for (const [what, text, headers, expected] of rows) {
          assert.equal(accepted(Verifier, merchant.webhook_secret, text, headers), expected, `${name}, ${what}: ${JSON.stringify(headers)}`);
        }
      }
      await sleep(300);
      assert.equal(hook.of(charge.reference).length, 1, 'delivered once');
    });
  }
});

test("the documented PHP receiver (php -S) just works", async (t) => {
  const port = await freePort();
  const database = newDatabase();
  const received = `${filesBeside(database)}.received`;
  const php = spawn('php', ['-S', `127.0.0.1:${port}`, path.join(root, 'tests/e2e/receiver.php')], { env: { ...process.env, RECEIVED: received }, stdio: 'ignore' });
  t.after(() => php.kill());
  const epay = await startEpay({ database, args: tries });
  t.after(() => epay.end());
  const client = await signIn(epay, await createMerchant(database, { webhook: `http://127.0.0.1:${port}/` }));
  for (const [status, success, wallet] of outcomes) {
    const charge = momoCharge({ mobile_wallet_number: wallet });
    await client.post('/api/v1/charge', charge);
    const line = await eventually(`PHP to receive ${status}`, () =>
      readFileSync(received, 'utf8').split('\n').filter(Boolean).map(JSON.parse).find((one) => one.reference === charge.reference),
    );
    assert.equal(Buffer.from(line.body, 'base64').toString(), expectedBody(charge, success, status));
    assert.equal(line.status, status);
  }
});

test('a receiver that fails twice and hangs once gets it in the end, under the same id', async (t) => {
  const answers = [500, 500, 'hang', 200];
  const hook = await receiver({ answer: (_, n) => answers[n - 1] ?? 200 });
  t.after(() => hook.close());
  const epay = await startEpay({ args: tries });
  t.after(() => epay.end());
  const merchant = await createMerchant(epay.database, { webhook: hook.url });
  const charge = momoCharge();
  await (await signIn(epay, merchant)).post('/api/v1/charge', charge);
  const all = await hook.arrived(4);
  await sleep(500);
  assert.equal(hook.deliveries.length, 4, 'none after the 200');
  assert.equal(new Set(all.map((one) => one.headers['webhook-id'])).size, 1, 'one id');
  assert.equal(new Set(all.map((one) => one.text)).size, 1, 'one body');
  assert.deepEqual(all.map((one) => one.headers['epay-delivery-attempt']), ['1', '2', '3', '4']);
  for (const one of all) assert.ok(accepted(StandardWebhook, merchant.webhook_secret, one.text, one.headers), `try ${one.n} is signed anew`);
});

test('only 2xx counts as delivered; a redirect is not followed', async (t) => {
  const answers = [{ status: 302, headers: { location: '/elsewhere' } }, 'reset', 404, 204];
  const hook = await receiver({ answer: (_, n) => answers[n - 1] ?? 200 });
  t.after(() => hook.close());
  const epay = await startEpay({ args: tries });
  t.after(() => epay.end());
  const client = await signIn(epay, await createMerchant(epay.database, { webhook: hook.url }));
  await client.post('/api/v1/charge', momoCharge());
  // The reset may cost one immediate second try on a new connection.
  await hook.arrived(4);
  await sleep(500);
  assert.ok(hook.deliveries.length <= 5, `${hook.deliveries.length} deliveries`);
  assert.deepEqual([...new Set(hook.deliveries.map((one) => one.url))], ['/hook']);
});

for (const ending of ['stop', 'kill9']) {
  test(`a receiver that was down gets it after a restart of both (${ending})`, async (t) => {
    const args = ['--retry-schedule', Array(40).fill('500ms').join()];
    const down = await receiver();
    await down.close();
    const first = await startEpay({ args });
    t.after(() => first.end());
    const { database } = first;
    const merchant = await createMerchant(database, { webhook: down.url });
    const client = await signIn(first, merchant);
    const charge = momoCharge();
    await client.post('/api/v1/charge', charge);
    assert.equal(await client.settled(charge.reference), 'success');
    await first[ending]();
    const hook = await receiver({ port: down.port });
    t.after(() => hook.close());
    const second = await startEpay({ database, args });
    t.after(() => second.end());
    const [one] = await hook.arrived(1, charge.reference, 15_000);
    assert.equal(one.text, expectedBody(charge, true, 'success'));
    await verify(database);
  });
}

test('one merchant whose receiver hangs does not hold up another', async (t) => {
  const [dead, live] = [await receiver({ answer: () => 'hang' }), await receiver()];
  t.after(() => Promise.all([dead.close(), live.close()]));
  const epay = await startEpay({ args: ['--webhook-timeout', '10s'] });
  t.after(() => epay.end());
  const clients = [];
  for (const hook of [dead, live]) clients.push(await signIn(epay, await createMerchant(epay.database, { webhook: hook.url })));
  await Promise.all(Array.from({ length: 50 }, () => clients[0].post('/api/v1/charge', momoCharge())));
  await eventually('the hanging receiver to be busy', () => dead.deliveries.length > 0);
  await clients[1].post('/api/v1/charge', momoCharge());
  await live.arrived(1, undefined, 2_000);
});

describe('addresses that are not public', () => {
  const refused = [
    'http://127.0.0.1:8080/hook',
    'http://localhost:8080/hook',
    'http://[::1]/hook',
    'http://[::ffff:127.0.0.1]/hook',
    'http://10.1.2.3/hook',
    'http://192.168.1.1/hook',
    'http://169.254.169.254/latest/meta-data',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://0/',
    'http://user:secret@192.0.2.1/',
    'ftp://example.com/',
    'not a url',
  ];
  test('are refused when the URL is saved', async () => {
    const database = newDatabase();
    for (const url of refused) {
      const args = ['merchant', 'create', '--database', database, '--json', '--name', 'M', '--email', 'm@example.com', '--telephone', '0241234567'];
      const { code, stdout, stderr } = await runEpay([...args, '--webhook-url', url], { expected: null });
      assert.ok(code > 0 && code < 128, `${url}: exit ${code}\n${stdout}${stderr}`);
      assert.ok((stdout + stderr).trim(), `${url}: says nothing`);
    }
  });

  test('are refused again when connecting', async (t) => {
    const hook = await receiver();
    t.after(() => hook.close());
    const epay = await startEpay({ allow: [], args: tries });
    t.after(() => epay.end());
    const client = await signIn(epay, await createMerchant(epay.database, { webhook: hook.url }));
    const charge = momoCharge();
    await client.post('/api/v1/charge', charge);
    assert.equal(await client.settled(charge.reference), 'success');
    await sleep(700);
    assert.equal(hook.deliveries.length, 0);
  });
});
