// One key, one effect: however often, however many at once, before and after a restart.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { assertError, createMerchant, momoCharge, newReference, receiver, signIn, sleep, startEpay, verify } from './harness.mjs';

let epay, hook, client, merchant, database;

before(async () => {
  epay = await startEpay();
  database = epay.database;
  hook = await receiver();
  merchant = await createMerchant(database, { webhook: hook.url });
  client = await signIn(epay, merchant);
});
after(async () => {
  await epay?.end();
  await hook?.close();
});

const keyed = (key) => ({ headers: { 'idempotency-key': key } });
const total = async (list = 'transactions') => (await client.get(`/api/v1/${list}`)).json[list].total;

// Sends as a careful client does: while the first request with the key is in flight, the answer is "409, try again after".
async function send(path, body, options) {
  for (;;) {
    const answer = await client.post(path, body, options);
    if (answer.status !== 409 || !answer.headers['retry-after']) return answer;
    await sleep(100 + Math.random() * 200);
  }
}

function assertAllEqual(answers, what) {
  const kinds = new Map();
  for (const { status, text } of answers) kinds.set(`${status} ${text}`, (kinds.get(`${status} ${text}`) ?? 0) + 1);
  assert.equal(kinds.size, 1, `${what}: ${kinds.size} different answers:\n${[...kinds].slice(0, 5).map(([text, n]) => `${n} × ${text}`).join('\n')}`);
  assert.equal(answers[0].status, 200, answers[0].text);
}

test('1,000 at once with one key: one payment, 1,000 equal answers, one webhook', async () => {
  const charge = momoCharge();
  const before = await total();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1000 });
  const answers = await Promise.all(
    Array.from({ length: 1000 }, () => send('/api/v1/charge', charge, { ...keyed('thousand'), agent, timeout: 60_000 })),
  );
  agent.destroy();
  assertAllEqual(answers, 'one key');
  assert.equal(await total(), before + 1);
  await hook.arrived(1, charge.reference);
  await sleep(300);
  assert.equal(hook.of(charge.reference).length, 1);
});

test('100 at once with one reference and no key: one payment, 99 conflicts', async () => {
  const charge = momoCharge();
  const answers = await Promise.all(Array.from({ length: 100 }, () => client.post('/api/v1/charge', charge)));
  const statuses = answers.map((answer) => answer.status).sort();
  assert.deepEqual([statuses[0], statuses[1], statuses[99]], [200, 409, 409], JSON.stringify(statuses));
  assertError(answers.find((answer) => answer.status === 409), 409, 'invalid_request_error');
});

// A POST of each kind, made anew on every call.
const person = () => ({ name: 'Kofi', email: `${newReference('k')}@example.com`, telephone: '0241112223' });
const checkout = () => {
  const { customer_name, customer_email, customer_telephone, reference } = momoCharge();
  return { reference, amount: 3, customer_name, customer_email, customer_telephone };
};
const payout = () => ({
  reference: newReference('P'),
  amount: '0.1',
  payout_method: 'momo',
  mobile_wallet_network: 'mtn',
  mobile_wallet_number: '0541234567',
  payout_description: 'Wages',
});
const posts = [
  ['momo charge', '/api/v1/charge', momoCharge, 'transactions'],
  ['card charge', '/api/v1/charge', () => momoCharge({ payment_method: 'card' }), 'transactions'],
  ['checkout', '/api/v1/charge/token', checkout, 'transactions'],
  ['customer', '/api/v1/customers', person, 'customers'],
  ['payout', '/api/v1/payout', payout, 'transactions'],
];

test('every POST replays its answer byte for byte, and refuses the key for anything else', async () => {
  for (const [what, path, make, list] of posts) {
    const body = make();
    const first = await send(path, body, keyed(`every-${what}`));
    assert.equal(first.status, 200, `${what}: ${first.text}`);
    const before = await total(list);
    assertAllEqual([first, await send(path, body, keyed(`every-${what}`))], what);
    assert.equal((await send(path, make(), keyed(`every-${what}`))).status, 409, `${what}: another body`);
    assertError(await send('/api/v1/customers', person(), keyed(`every-${what}`)), 409, 'invalid_request_error', undefined, `${what}: another request`);
    assert.equal(await total(list), before, `${what}: nothing was added`);
  }
});

test('a token is replayed too', async () => {
  const { merchant_key, app_id, app_secret } = merchant;
  const credentials = { merchant_key, app_id, app_secret };
  const first = await client.post('/api/v1/token', credentials, keyed('token'));
  assertAllEqual([first, await client.post('/api/v1/token', credentials, keyed('token'))], 'token');
  assert.notEqual(first.json.data.access_token, (await client.post('/api/v1/token', credentials, keyed('token-2'))).json.data.access_token);
  assert.equal((await client.get('/api/v1/customers', { headers: { authorization: `Bearer ${first.json.data.access_token}` } })).status, 200);
  assertError(await client.post('/api/v1/token', { ...credentials, more: 1 }, keyed('token')), 409, 'invalid_request_error');
});

test('keys of other shapes', async () => {
  for (const key of ['order 17', '"8e03978e-40d5-43e8-bc93-6894a57f9324"', 'x'.repeat(255)]) {
    const charge = momoCharge();
    assertAllEqual([await send('/api/v1/charge', charge, keyed(key)), await send('/api/v1/charge', charge, keyed(key))], key);
  }
  for (const key of ['', 'x'.repeat(256), 'caf\u00e9']) assertError(await client.post('/api/v1/charge', momoCharge(), keyed(key)), 400, 'invalid_request_error', undefined, key);
});

test("another merchant's keys are their own", async () => {
  const other = await signIn(epay, await createMerchant(database));
  const charge = momoCharge();
  const first = await send('/api/v1/charge', charge, keyed('mine'));
  const second = await other.post('/api/v1/charge', charge, keyed('mine'));
  assert.equal(second.status, 200, second.text);
  assert.notEqual(first.json.data.customer.id, undefined);
});

for (const ending of ['stop', 'kill9']) {
  test(`the answer is the same after a restart (${ending})`, async () => {
    const sent = [];
    for (const [what, path, make] of posts) {
      const body = make();
      sent.push([what, path, body, await send(path, body, keyed(`restart-${ending}-${what}`))]);
    }
    await epay[ending]();
    epay = await startEpay({ database });
    client = client.at(epay);
    for (const [what, path, body, first] of sent) {
      assertAllEqual([first, await send(path, body, keyed(`restart-${ending}-${what}`))], what);
    }
    await verify(database);
  });
}
