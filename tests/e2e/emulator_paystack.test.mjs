// The emulated Paystack: three independent clients work against it unchanged, and verify its webhooks.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { createPaystack, verifyPaystackWebhookSignature } from '@alexasomba/paystack-node';
import { assertBooks, credentials, startEmulator } from './emulator.mjs';
import { eventually, receiver, request } from './harness.mjs';

const require = createRequire(import.meta.url);
const PaystackApi = require('paystack-api');
const PaystackSdk = require('paystack-sdk');
const { secret } = credentials.paystack;

let emulator, hook, typed, classic, sdk;

before(async () => {
  hook = await receiver();
  emulator = await startEmulator('paystack', { switches: { 'decide.after': '50ms', 'paystack.webhook_url': hook.url } });
  typed = createPaystack({ secretKey: secret, baseUrl: emulator.url });
  classic = new PaystackApi(secret);
  classic.endpoint = emulator.url;
  // This one's address is a constant; the function that it calls is not.
  const { fetch } = globalThis;
  globalThis.fetch = (url, init) => fetch(String(url.url ?? url).startsWith('https://api.paystack.co') ? String(url).replace('https://api.paystack.co', emulator.url) : url, init);
  sdk = new PaystackSdk(secret);
});
after(async () => {
  await hook?.close();
  if (emulator) await assertBooks(emulator);
  await emulator?.end();
});

let references = 0;
const newReference = () => `paystack-test-${process.pid}-${(references += 1)}`;
const customer = { email: 'ama@example.com', currency: 'GHS' };
const mtnWallet = { phone: '0551234987', provider: 'mtn' };
const told = (event, reference) => hook.deliveries.find((one) => one.json.event === event && [one.json.data.reference, one.json.data.transaction_reference].includes(reference));
const arrives = (event, reference) => eventually(`${event} of ${reference}`, () => told(event, reference));
const ask = (method, target, body, headers = {}) => request(emulator.url + target, { method, body, headers: { authorization: `Bearer ${secret}`, ...headers } });

async function paidCharge(client = typed, amount = 2_000) {
  const reference = newReference();
  const { data, error } = await client.charge_create({ body: { ...customer, amount, reference, mobile_money: mtnWallet } });
  assert.ifError(error && new Error(JSON.stringify(error)));
  assert.equal(data.data.status, 'pay_offline');
  await eventually('the charge to succeed', async () => (await client.transaction_verify({ params: { path: { reference } } })).data.data.status === 'success');
  return reference;
}

test('@alexasomba/paystack-node: a prompt, its check, its webhook', async () => {
  const before = (await typed.balance_fetch()).data.data[0].balance;
  const reference = await paidCharge();
  const { data } = await typed.charge_check({ params: { path: { reference } } });
  assert.equal(data.data.status, 'success');
  const delivery = await arrives('charge.success', reference);
  assert.ok(verifyPaystackWebhookSignature({ rawBody: delivery.body, signature: delivery.headers['x-paystack-signature'], secret }));
  assert.ok(!verifyPaystackWebhookSignature({ rawBody: `${delivery.text} `, signature: delivery.headers['x-paystack-signature'], secret }));
  assert.equal(delivery.text, JSON.stringify(delivery.json), 'compact, as JavaScript writes it');
  assert.deepEqual([delivery.json.data.amount, delivery.json.data.fees, delivery.json.data.channel, delivery.json.data.domain], [2_000, 39, 'mobile_money', 'test']);
  assert.equal((await typed.balance_fetch()).data.data[0].balance, before + 2_000 - 39);
  const list = (await typed.transaction_list({ params: { query: { status: 'success' } } })).data;
  assert.ok(list.data.some((one) => one.reference === reference));
  assert.equal(list.meta.total >= 1, true);
});

test('paystack-api: charge, verify, refund, recipient, transfer; and its own check of webhooks', async () => {
  const reference = newReference();
  const charged = await classic.charge.charge({ ...customer, amount: 5_000, reference, mobile_money: mtnWallet });
  assert.equal(charged.data.display_text.length > 10, true);
  const paid = await eventually('it to succeed', async () => {
    const { data } = await classic.transaction.verify({ reference });
    return data.status === 'success' && data;
  });
  const delivery = await arrives('charge.success', reference);
  const seen = new Promise((resolve) => classic.Events.on('charge.success', resolve));
  classic.Events.middleware({ body: delivery.json, headers: delivery.headers }, { sendStatus() {} });
  assert.equal((await seen).reference, reference);

  const refund = await classic.refund.create({ transaction: paid.id, amount: 1_500 });
  assert.equal(refund.data.status, 'pending');
  await arrives('refund.pending', reference);
  const processed = await arrives('refund.processed', reference);
  assert.equal(processed.json.data.amount, '1500', 'a text here');
  assert.equal((await classic.refund.get({ trans_id: refund.data.id })).data.status, 'processed');

  const recipient = await classic.transfer_recipient.create({ type: 'mobile_money', name: 'Kofi', account_number: '0551234987', bank_code: 'MTN', currency: 'GHS' });
  const payout = newReference();
  const sent = await classic.transfer.create({ source: 'balance', amount: 700, recipient: recipient.data.recipient_code, reference: payout, reason: 'Wages' });
  assert.deepEqual([sent.message, sent.data.status], ['Transfer has been queued', 'pending']);
  await arrives('transfer.success', payout);
  assert.equal((await classic.transfer.verify({ reference: payout })).data.status, 'success');
  assert.deepEqual(await emulator.moved(payout), { times: 1, minor: 700 });
  await assert.rejects(classic.transfer.create({ source: 'balance', amount: 700, recipient: recipient.data.recipient_code, reference: payout }), /unique reference/);
});

test('paystack-sdk: hosted checkout, banks, account names, recipients, transfers, refunds', async () => {
  const reference = newReference();
  const started = await sdk.transaction.initialize({ ...customer, amount: '1000', reference, callback_url: 'https://shop.example.com/back' });
  assert.equal((await sdk.transaction.verify(reference)).data.status, 'abandoned', 'not paid yet');
  const page = started.data.authorization_url;
  assert.match((await request(page)).text, /GHS 10/);
  const press = (fields) => request(page, { method: 'POST', body: new URLSearchParams(fields) });
  assert.match((await press({ action: 'leave' })).text, /You left/);
  assert.match((await press({ action: 'pay', card: '4084080000005408' })).text, /Declined/);
  assert.equal((await sdk.transaction.verify(reference)).data.status, 'abandoned', 'another card may be tried');
  const back = await press({ action: 'pay', card: '4084084084084081' });
  assert.deepEqual([back.status, back.headers.location], [302, `https://shop.example.com/back?trxref=${reference}&reference=${reference}`]);
  const paid = (await sdk.transaction.verify(reference)).data;
  assert.deepEqual([paid.status, paid.channel, paid.authorization.last4], ['success', 'card', '4081']);
  assert.match((await press({ action: 'pay' })).text, /Done already/);
  assert.equal((await sdk.transaction.fetch(paid.id)).data.reference, reference);

  const banks = await sdk.misc.banks({ currency: 'GHS', type: 'ghipss' });
  const { code } = banks.data.find((one) => one.name.startsWith('GCB'));
  const resolved = await sdk.verification.resolveAccount({ account_number: '1234567890', bank_code: code });
  assert.match(resolved.data.account_name, / /);
  await assert.rejects(sdk.verification.resolveAccount({ account_number: '1234567450', bank_code: code }), { status: 422 });
  const details = { type: 'ghipss', name: resolved.data.account_name, account_number: '1234567890', bank_code: code, currency: 'GHS' };
  const recipient = await sdk.recipient.create(details);
  assert.equal((await sdk.recipient.create(details)).data.recipient_code, recipient.data.recipient_code, 'the same again');
  const payout = newReference();
  await sdk.transfer.initiate({ source: 'balance', amount: 500, recipient: recipient.data.recipient_code, reference: payout, reason: 'x' });
  await arrives('transfer.success', payout);
  const [found] = (await sdk.transfer.list()).data.filter((one) => one.reference === payout);
  assert.equal((await sdk.transfer.fetch(found.transfer_code)).data.status, 'success');
  const refund = await sdk.refund.create({ transaction: reference });
  assert.equal(refund.data.amount, 1_000, 'all of it');
  await assert.rejects(sdk.refund.create({ transaction: reference, amount: 1 }), { status: 400 });
  await arrives('refund.processed', reference);
});

test('a voucher: wrong, right, too often wrong, too late', async () => {
  const start = async () => {
    const reference = newReference();
    const answer = await typed.charge_create({ body: { ...customer, amount: 300, reference, mobile_money: { phone: '0201234567', provider: 'vod' } } });
    assert.equal(answer.data.data.status, 'send_otp');
    return reference;
  };
  const submit = (reference, otp) => typed.charge_submitOtp({ body: { otp, reference } });
  const status = async (reference) => (await typed.transaction_verify({ params: { path: { reference } } })).data.data.status;
  const good = await start();
  assert.equal((await submit(good, '000000')).response.status, 400);
  assert.equal((await submit(good, '123456')).data.data.status, 'pay_offline');
  await arrives('charge.success', good);
  assert.equal((await submit(good, '123456')).response.status, 400, 'used already');
  const bad = await start();
  for (let i = 0; i < 3; i += 1) await submit(bad, '000000');
  assert.equal(await status(bad), 'failed');
});

test('failures, duplicates and unknown references, in the vendor\'s words', async () => {
  const reference = newReference();
  const charge = { ...customer, amount: 300, reference, mobile_money: { phone: '0240000455', provider: 'mtn' } };
  assert.equal((await ask('POST', '/charge', charge)).status, 200);
  await eventually('it to fail', async () => (await ask('GET', `/transaction/verify/${reference}`)).json.data.status === 'failed');
  assert.equal((await ask('GET', `/transaction/verify/${reference}`)).json.data.gateway_response, 'Mobile money account holder not found');
  const again = await ask('POST', '/charge', charge);
  assert.deepEqual([again.status, again.json.message, again.json.code], [400, 'Duplicate Transaction Reference', 'duplicate_reference']);
  assert.equal(told('charge.success', reference), undefined);
  const unknown = [(await ask('GET', '/transaction/verify/nothing')).status, (await ask('GET', '/transaction/verify/nothing')).status];
  assert.deepEqual(unknown.sort(), [400, 404], 'as sources say: both');
  assert.equal((await ask('GET', '/balance', undefined, { authorization: 'Bearer sk_test_other' })).json.code, 'invalid_Key');
  for (const [fields, code] of [[{ amount: 0 }, 'invalid_params'], [{ email: 'x' }, 'invalid_params'], [{ currency: 'XOF' }, 'unsupported_currency'], [{ reference: 'a b' }, 'invalid_params'], [{ mobile_money: undefined }, 'missing_params']]) {
    const answer = await ask('POST', '/charge', { ...charge, reference: newReference(), ...fields });
    assert.deepEqual([answer.status, answer.json.code, answer.json.status], [400, code, false], JSON.stringify(fields));
  }
});

test('payouts: OTP, an empty balance, a batch, and money that comes back', async () => {
  const { data: recipient } = (await typed.transferrecipient_create({ body: { type: 'mobile_money', name: 'Yaw', account_number: '0241234567', bank_code: 'MTN', currency: 'GHS' } })).data;
  const send = (fields) => ask('POST', '/transfer', { source: 'balance', recipient: recipient.recipient_code, amount: 100, reference: newReference(), ...fields });
  assert.equal((await send({ amount: 10_000_000_000 })).json.code, 'insufficient_balance');
  assert.equal((await send({ recipient: 'RCP_none' })).json.code, 'invalid_transfer_recipient');
  assert.equal((await send({ reference: 'Too short' })).status, 400);

  await emulator.set({ 'paystack.transfer.otp': 'on' });
  const waiting = (await send({})).json.data;
  await emulator.set({ 'paystack.transfer.otp': 'off' });
  assert.equal(waiting.status, 'otp');
  assert.equal((await ask('POST', '/transfer/finalize_transfer', { transfer_code: waiting.transfer_code, otp: '000000' })).status, 400);
  await ask('POST', '/transfer/finalize_transfer', { transfer_code: waiting.transfer_code, otp: '123456' });
  await arrives('transfer.success', waiting.reference);

  const references = [newReference(), newReference()];
  const batch = await ask('POST', '/transfer/bulk', { currency: 'GHS', source: 'balance', transfers: references.map((reference) => ({ reference, amount: 50, recipient: recipient.recipient_code, reason: 'x' })) });
  assert.equal(batch.json.message, '2 transfers queued.');
  for (const reference of references) await arrives('transfer.success', reference);

  await emulator.reverse(references[0]);
  const reversed = await arrives('transfer.reversed', references[0]);
  assert.equal(reversed.json.data.status, 'reversed');
  assert.deepEqual(await emulator.moved(references[0]), { times: 0, minor: 0 });
  assert.equal((await ask('GET', `/transfer/verify/${references[0]}`)).json.data.status, 'reversed');
});

test('webhooks that are not taken come again; signatures that lie', async () => {
  let refusals = 2;
  const deaf = await receiver({ answer: () => (refusals-- > 0 ? 503 : 200) });
  const slow = await startEmulator('paystack', { clock: 'manual', switches: { 'paystack.webhook_url': deaf.url } });
  const at = (method, target, body) => request(slow.url + target, { method, body, headers: { authorization: `Bearer ${secret}` } });
  const reference = newReference();
  await at('POST', '/charge', { ...customer, amount: 100, reference, mobile_money: mtnWallet });
  const vouchered = newReference();
  await at('POST', '/charge', { ...customer, amount: 100, reference: vouchered, mobile_money: { phone: '0201234567', provider: 'vod' } });
  await slow.advance('1s');
  assert.equal(deaf.deliveries.length, 1);
  await slow.advance('3m');
  assert.equal(deaf.deliveries.length, 2);
  await slow.advance('72h');
  assert.equal(deaf.deliveries.length, 3);
  assert.equal((await at('GET', `/transaction/verify/${vouchered}`)).json.data.status, 'failed', 'nobody gave a voucher within 180 s');

  await slow.callback({ order: reference, spaced: true, stale_signature: true });
  await slow.callback({ order: reference, status: 'succeeded', amount: '9' });
  await slow.callback({ order: reference, headers: { 'x-paystack-signature': null } });
  const [stale, other, none] = deaf.deliveries.slice(-3);
  const good = (one) => verifyPaystackWebhookSignature({ rawBody: one.body, signature: one.headers['x-paystack-signature'] ?? '', secret });
  assert.deepEqual([good(stale), good(other), good(none)], [false, true, false]);
  assert.equal(other.json.data.amount, 900);
  await deaf.close();
  await slow.end();
});
