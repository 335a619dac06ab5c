// The customer's side of test mode: the code that a network sends, and the card page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError, assertText, createMerchant, momoCharge, receiver, request, signIn, sleep, startEpay, verify, wallets } from './harness.mjs';

let epay, hook, client;

before(async () => {
  epay = await startEpay({ delay: '20ms' });
  hook = await receiver();
  client = await signIn(epay, await createMerchant(epay.database, { webhook: hook.url }));
});
after(async () => {
  await epay?.end();
  await hook?.close();
  if (epay) await verify(epay.database);
});

const submit = (reference, input, headers) => client.post(`/api/v1/transactions/${reference}/input`, { input }, { headers });

test('a network that asks for a code', async () => {
  for (const [code, status] of [['123456', 'success'], ['000000', 'failed']]) {
    const charge = momoCharge({ mobile_wallet_number: wallets.wantsInput });
    const answer = await client.post('/api/v1/charge', charge);
    assert.equal(answer.status, 200, answer.text);
    assertText(answer.text, `{‹more›"mobile_wallet_number":"${wallets.wantsInput}","mobile_wallet_network":"mtn"},"next_action":"submit_input"}}`.replace('{‹more›', '{"success":true‹more›'));
    await sleep(60);
    assert.equal((await client.get(`/api/v1/transactions/${charge.reference}`)).json.transaction.status, 'pending', 'it waits for the code');
    const key = { 'idempotency-key': `code-${charge.reference}` };
    const submitted = await submit(charge.reference, code, key);
    assertText(submitted.text, '{"success":true,"message":"Code submitted successfully","transaction":{"id":‹id›‹more›}');
    assert.equal((await submit(charge.reference, code, key)).text, submitted.text, 'replayed under its key');
    const began = Date.now();
    assert.equal(await client.settled(charge.reference), status);
    assert.ok(Date.now() - began < 2_000, 'without waiting for a poll');
    const [delivery] = await hook.arrived(1, charge.reference);
    assert.equal(delivery.json.transaction.status, status);
    assertError(await submit(charge.reference, code), 409, 'invalid_request_error', undefined, 'it is decided');
  }
});

test('what is wrong with a code is said', async () => {
  const charge = momoCharge({ mobile_wallet_number: wallets.wantsInput });
  await client.post('/api/v1/charge', charge);
  assertError(await client.post(`/api/v1/transactions/${charge.reference}/input`, {}), 400, 'invalid_request_error');
  assertError(await submit(charge.reference, '1'.repeat(100)), 400, 'invalid_request_error');
  assertError(await submit('unknown', '123456'), 404, 'invalid_request_error');
  const other = await signIn(epay, await createMerchant(epay.database));
  assertError(await other.post(`/api/v1/transactions/${charge.reference}/input`, { input: '123456' }), 404, 'invalid_request_error', undefined, "another merchant's");
  const plain = momoCharge({ mobile_wallet_number: wallets.neverDecides });
  await client.post('/api/v1/charge', plain);
  assertError(await submit(plain.reference, '123456'), 409, 'invalid_request_error', undefined, 'none is asked for');
});

test('the card page: approve or decline, once', async () => {
  for (const [decision, status] of [['approve', 'success'], ['decline', 'failed']]) {
    const charge = momoCharge({ payment_method: 'card', payment_description: 'Two <b>tickets</b>' });
    const url = (await client.post('/api/v1/charge', charge)).json.data.redirect_url;
    const shown = await request(url);
    assert.equal(shown.status, 200);
    assert.match(shown.headers['content-type'], /^text\/html/);
    assert.match(shown.headers['content-security-policy'], /default-src 'none'/);
    assert.match(shown.text, />Approve<[^]*>Decline</);

    const decide = (value) => request(url, { method: 'POST', body: new URLSearchParams(value) });
    for (const wrong of [{}, { decision: 'maybe' }, { decision: '' }]) assert.equal((await decide(wrong)).status, 400, JSON.stringify(wrong));
    const decided = await decide({ decision });
    assert.equal(decided.status, 303, decided.text);
    assert.equal(new URL(decided.headers.location, url).href, url, 'a reload sends nothing again');
    assert.equal(await client.settled(charge.reference), status);
    const [delivery] = await hook.arrived(1, charge.reference);
    assert.deepEqual([delivery.json.success, delivery.json.transaction.payment_method], [status === 'success', 'card']);
    const after = await request(url);
    assert.doesNotMatch(after.text, />Approve</);
    assert.match(after.text, status === 'success' ? /Approved/ : /Declined/);

    assert.equal((await decide({ decision: decision === 'approve' ? 'decline' : 'approve' })).status, 303);
    await sleep(100);
    assert.equal(await client.settled(charge.reference), status, 'the first decision stands');
    assert.equal(hook.of(charge.reference).length, 1);
  }
});

test('the card page knows cards only', async () => {
  const card = (await client.post('/api/v1/charge', momoCharge({ payment_method: 'card' }))).json.data.redirect_url;
  const [base, reference] = [card.slice(0, card.lastIndexOf('/') + 1), card.slice(card.lastIndexOf('/') + 1)];
  const charge = momoCharge({ mobile_wallet_number: wallets.wantsInput });
  await client.post('/api/v1/charge', charge);
  // References of the simulator count up: the wallet's is the next after the card's.
  const [head, number, tail] = reference.split('z');
  const walletReference = `${head}z${(parseInt(number, 16) + 1).toString(16).padStart(number.length, '0')}z${tail}`;
  for (const other of [walletReference, 'unknown', charge.reference, 'x'.repeat(5000)]) {
    assert.equal((await request(base + other)).status, 404, other.slice(0, 40));
    assert.equal((await request(base + other, { method: 'POST', body: new URLSearchParams({ decision: 'approve' }) })).status, 404, other.slice(0, 40));
  }
  await sleep(60);
  assert.equal((await client.get(`/api/v1/transactions/${charge.reference}`)).json.transaction.status, 'pending');
});
