// The emulated MTN MoMo: an independent client cannot tell, the published numbers mean what they mean, faults happen when
// they are asked for, and what it knows outlives a kill.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import { assertBooks, credentials, startEmulator } from './emulator.mjs';
import { eventually, receiver, request } from './harness.mjs';

const momo = createRequire(import.meta.url)('mtn-momo');
const { mtn } = credentials;

let emulator, hook;

before(async () => {
  emulator = await startEmulator('mtn', { switches: { 'decide.after': '50ms' } });
  hook = await receiver();
});
after(async () => {
  await hook?.close();
  if (emulator) await assertBooks(emulator);
  await emulator?.end();
});

// ---- as our own connector will speak to it ----

async function tokenOf(product, at = emulator) {
  const basic = Buffer.from(`${mtn.user}:${mtn.key}`).toString('base64');
  const answer = await request(`${at.url}/${product}/token/`, { method: 'POST', headers: { authorization: `Basic ${basic}`, 'ocp-apim-subscription-key': mtn[product] } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

async function callerOf(product, at = emulator) {
  const { access_token: token } = await tokenOf(product, at);
  const headers = { authorization: `Bearer ${token}`, 'ocp-apim-subscription-key': mtn[product], 'x-target-environment': 'sandbox' };
  const ask = (method, target, body, more = {}) => request(`${at.url}/${product}${target}`, { method, body, headers: { ...headers, ...more }, agent: undefined });
  return {
    ask,
    get: (target, more) => ask('GET', target, undefined, more),
    pay: (id, fields = {}, more = {}) =>
      ask('POST', '/v1_0/requesttopay', { amount: '10.50', currency: 'EUR', externalId: `ext${id.slice(0, 8)}`, payer: { partyIdType: 'MSISDN', partyId: '233241234567' }, payerMessage: 'Two tickets', payeeNote: '', ...fields }, { 'x-reference-id': id, ...more }),
    transfer: (id, number, fields = {}) =>
      ask('POST', '/v1_0/transfer', { amount: '5', currency: 'EUR', externalId: `out${id.slice(0, 8)}`, payee: { partyIdType: 'MSISDN', partyId: number }, ...fields }, { 'x-reference-id': id }),
  };
}

const settled = (caller, target) =>
  eventually(`${target} to be final`, async () => {
    const { json } = await caller.get(target);
    return ['SUCCESSFUL', 'FAILED'].includes(json.status) && json;
  });

// ---- the independent client ----

async function clientOf(product) {
  const users = momo.create({ callbackHost: 'shop.example.com', baseUrl: emulator.url }).Users({ primaryKey: mtn[product] });
  const userId = await users.create('shop.example.com');
  const { apiKey } = await users.login(userId);
  const open = momo.create({ callbackHost: 'shop.example.com', baseUrl: emulator.url });
  return open[product === 'collection' ? 'Collections' : 'Disbursements']({ primaryKey: mtn[product], userId, userSecret: apiKey });
}

test('mtn-momo provisions, collects, queries, and reads balances', async () => {
  const collections = await clientOf('collection');
  const before = Number((await collections.getBalance()).availableBalance);
  const reference = await collections.requestToPay({ amount: '50', currency: 'EUR', externalId: 'order-1', payer: { partyIdType: 'MSISDN', partyId: '256774290781' }, payerMessage: 'testing', payeeNote: 'hello' });
  const paid = await eventually('the payment to succeed', async () => {
    const transaction = await collections.getTransaction(reference);
    return transaction.status === 'SUCCESSFUL' && transaction;
  });
  assert.equal(paid.amount, '50');
  assert.match(paid.financialTransactionId, /^\d+$/);
  assert.deepEqual(paid.payer, { partyIdType: 'MSISDN', partyId: '256774290781' });
  assert.equal(Number((await collections.getBalance()).availableBalance), before + 50);
  assert.deepEqual(await collections.isPayerActive('256774290781'), { result: true });
  assert.deepEqual(await collections.isPayerActive('46733123451'), { result: false });
});

test('mtn-momo sees failures as errors of its own', async () => {
  const collections = await clientOf('collection');
  for (const [number, name] of [['46733123450', 'InternalProcessingError'], ['46733123451', 'ApprovalRejectedError'], ['46733123452', 'ExpiredError'], ['46733123455', 'PayerNotFoundError']]) {
    const reference = await collections.requestToPay({ amount: '50', currency: 'EUR', externalId: number, payer: { partyIdType: 'MSISDN', partyId: number } });
    const error = await eventually(`${number} to fail`, () => collections.getTransaction(reference).then((it) => it.status === 'FAILED', (reason) => reason));
    assert.equal(error.name, name, number);
  }
  await assert.rejects(collections.getTransaction(randomUUID()), { name: 'ResourceNotFoundError' });
  await assert.rejects(collections.requestToPay({ amount: '50', currency: 'UGX', externalId: 'x', payer: { partyIdType: 'MSISDN', partyId: '256774290781' } }), { name: 'InvalidCurrencyError' });
  await assert.rejects(collections.requestToPay({ amount: '50', currency: 'EUR', externalId: 'x', payer: { partyIdType: 'MSISDN', partyId: '256774290781' }, callbackUrl: 'https://elsewhere.example.com/x' }), { name: 'InvalidCallbackUrlHostError' });
});

test('mtn-momo pays out, once per reference', async () => {
  const disbursements = await clientOf('disbursement');
  const before = Number((await disbursements.getBalance()).availableBalance);
  const referenceId = randomUUID();
  const order = { referenceId, amount: '100', currency: 'EUR', externalId: 'payout-1', payee: { partyIdType: 'MSISDN', partyId: '256776564739' } };
  await disbursements.transfer(order);
  await assert.rejects(disbursements.transfer({ ...order, amount: '200' }), { name: 'ResourceAlreadyExistError' });
  const paid = await eventually('the transfer to succeed', async () => {
    const transaction = await disbursements.getTransaction(referenceId);
    return transaction.status === 'SUCCESSFUL' && transaction;
  });
  assert.equal(paid.amount, '100');
  assert.equal(paid.payerMessage, undefined, 'a transfer does not show its notes');
  assert.equal(Number((await disbursements.getBalance()).availableBalance), before - 100);
  assert.deepEqual(await emulator.moved('payout-1'), { times: 1, minor: 10_000 });
  assert.equal(await disbursements.isPayerActive('256776564739'), true, 'this client looks into the answer');
  const poor = await disbursements.transfer({ amount: '100', currency: 'EUR', externalId: 'x', payee: { partyIdType: 'MSISDN', partyId: '46733123455' } });
  const error = await eventually('it to fail', () => disbursements.getTransaction(poor).then((it) => it.status === 'FAILED', (reason) => reason));
  assert.equal(error.name, 'NotEnoughFundsError');
});

test('a key of one product is worth nothing for the other', async () => {
  const users = momo.create({ callbackHost: 'shop.example.com', baseUrl: emulator.url }).Users({ primaryKey: mtn.collection });
  const userId = await users.create('shop.example.com');
  const { apiKey } = await users.login(userId);
  const mixed = momo.create({ callbackHost: 'shop.example.com', baseUrl: emulator.url }).Disbursements({ primaryKey: mtn.disbursement, userId, userSecret: apiKey });
  await assert.rejects(mixed.getBalance(), { name: 'NotAllowedTargetEnvironmentError' });
});

// ---- what clients do not reach ----

test('a refund goes back to who paid, and not beyond what was paid', async () => {
  const [collection, disbursement] = [await callerOf('collection'), await callerOf('disbursement')];
  const paid = randomUUID();
  await collection.pay(paid);
  await settled(collection, `/v1_0/requesttopay/${paid}`);
  const refund = async (amount, referenceIdToRefund) => {
    const id = randomUUID();
    const answer = await disbursement.ask('POST', '/v1_0/refund', { amount, currency: 'EUR', externalId: `ref${id.slice(0, 8)}`, payerMessage: '', payeeNote: '', referenceIdToRefund }, { 'x-reference-id': id });
    assert.equal(answer.status, 202, answer.text);
    return settled(disbursement, `/v1_0/refund/${id}`);
  };
  assert.equal((await refund('4', paid)).status, 'SUCCESSFUL');
  assert.equal((await refund('6.50', paid)).status, 'SUCCESSFUL');
  assert.deepEqual([(await refund('0.01', paid)).reason, (await refund('1', randomUUID())).reason, (await refund('1', '4')).reason], ['NOT_ALLOWED', 'TRANSACTION_NOT_FOUND', 'EXPIRED']);
});

test('what is malformed is refused with an empty body, and nothing is made of it', async () => {
  const caller = await callerOf('collection');
  const orders = (await emulator.orders()).length;
  const id = randomUUID();
  for (const [fields, headers] of [
    [{}, { 'x-reference-id': 'no-uuid' }],
    [{ payerMessage: "Ama's tickets" }, {}],
    [{ payerMessage: 'x'.repeat(161) }, {}],
    [{ amount: '-1' }, {}],
    [{ amount: '1.234' }, {}],
    [{ payer: undefined }, {}],
    [{}, { 'x-callback-url': '' }],
  ]) {
    const answer = await caller.pay(id, fields, headers);
    assert.deepEqual([answer.status, answer.text], [400, ''], JSON.stringify([fields, headers]));
  }
  assert.equal((await emulator.orders()).length, orders);
  assert.equal((await caller.get('/v1_0/requesttopay/no-uuid')).status, 400);
  assert.deepEqual((await caller.get(`/v1_0/requesttopay/${id}`)).json, { code: 'RESOURCE_NOT_FOUND', message: 'Requested resource was not found.' });
  assert.equal((await caller.get('/v1_0/account/balance', { 'ocp-apim-subscription-key': 'wrong' })).json.statusCode, 401);
  assert.equal((await caller.get('/v1_0/account/balance', { authorization: 'Bearer wrong' })).json.statusCode, 401);
});

test('notices, names and account holders', async () => {
  const caller = await callerOf('collection');
  const id = randomUUID();
  await caller.pay(id);
  const notify = () => caller.ask('POST', `/v1_0/requesttopay/${id}/deliverynotification`, { notificationMessage: 'Thank you' });
  assert.deepEqual([(await notify()).status, (await notify()).status], [200, 429]);
  const info = (await caller.get('/v1_0/accountholder/msisdn/233241234567/basicuserinfo')).json;
  assert.equal(info.name, `${info.given_name} ${info.family_name}`);
  const active = async (number) => (await caller.get(`/v1_0/accountholder/MSISDN/${number}/active`)).status;
  assert.deepEqual([await active('46733123450'), await active('233240000452'), await active('46733123455'), await active('233241234567')], [404, 500, 503, 200]);
});

test('callbacks: PUT and POST in turn, without the reference id, as often as the number says', async () => {
  const caller = await callerOf('collection');
  const told = async (number) => {
    const id = randomUUID();
    const url = `${hook.url}/${id}`;
    await caller.pay(id, { payer: { partyIdType: 'MSISDN', partyId: number } }, { 'x-callback-url': url });
    const status = await settled(caller, `/v1_0/requesttopay/${id}`);
    return { status, arrived: () => hook.deliveries.filter((one) => one.url.endsWith(id)) };
  };
  const methods = new Set();
  for (let i = 0; i < 2; i += 1) {
    const { status, arrived } = await told('233241234567');
    await eventually('the callback', () => arrived().length === 1);
    methods.add(arrived()[0].method);
    assert.deepEqual(arrived()[0].json, status);
    assert.ok(!arrived()[0].text.includes('eference'), 'no reference id in it');
  }
  assert.deepEqual([...methods].sort(), ['POST', 'PUT']);
  const never = await told('233240000480');
  const thrice = await told('233240000481');
  await eventually('three', () => thrice.arrived().length === 3);
  const lying = await told('233240000487');
  await eventually('a lie and the truth', () => lying.arrived().length === 2);
  assert.deepEqual(lying.arrived().map((one) => one.json.status), ['FAILED', 'SUCCESSFUL']);
  assert.equal(never.arrived().length, 0);
  const failed = await told('233240000451');
  await eventually('it', () => failed.arrived().length === 1);
  assert.deepEqual([failed.arrived()[0].json.reason, failed.arrived()[0].json.financialTransactionId], ['APPROVAL_REJECTED', undefined]);
  const wrong = await told('233240000486');
  assert.equal(wrong.status.amount, '0.07', 'another amount than the 10.50 that was asked for');
});

test('a callback that comes before the answer', async () => {
  const caller = await callerOf('collection');
  const id = randomUUID();
  let answered = false, early;
  const eager = await receiver({ answer: () => ((early = !answered), 200) });
  await caller.pay(id, { payer: { partyIdType: 'MSISDN', partyId: '233240000482' } }, { 'x-callback-url': `${eager.url}/${id}` });
  answered = true;
  assert.equal(early, true);
  await eager.close();
});

test('answers that are lost, with the request carried out and without', async () => {
  const caller = await callerOf('collection');
  for (const [number, exists] of [['233240000484', true], ['233240000485', false]]) {
    const id = randomUUID();
    await assert.rejects(caller.pay(id, { payer: { partyIdType: 'MSISDN', partyId: number } }), { code: 'ECONNRESET' });
    assert.equal((await caller.get(`/v1_0/requesttopay/${id}`)).status, exists ? 200 : 404);
    const [entry] = (await emulator.journal({ method: 'POST', path: 'requesttopay' })).slice(-1);
    assert.equal(entry.status, 0, 'the journal knows that nobody got an answer');
  }
});

test('an outcome that a test asks for', async () => {
  const caller = await callerOf('collection');
  const id = randomUUID();
  await emulator.outcome({ hidden_for: '300ms', failure: 'SOMETHING_NEW' }, { reference: id });
  assert.equal((await caller.pay(id)).status, 202);
  assert.equal((await caller.get(`/v1_0/requesttopay/${id}`)).status, 404, 'not found yet');
  await eventually('it to be found', async () => (await caller.get(`/v1_0/requesttopay/${id}`)).status === 200);
  assert.equal((await settled(caller, `/v1_0/requesttopay/${id}`)).reason, 'SOMETHING_NEW');
  const turning = randomUUID();
  await emulator.outcome({ failure: 'EXPIRED', turn: { after: '100ms', succeeds: true } });
  await caller.pay(turning, { externalId: 'turns' });
  assert.equal((await settled(caller, `/v1_0/requesttopay/${turning}`)).status, 'FAILED');
  await eventually('it to change its mind', async () => (await caller.get(`/v1_0/requesttopay/${turning}`)).json.status === 'SUCCESSFUL');
  assert.deepEqual(await emulator.moved('turns'), { times: 1, minor: 1_050 });
});

// ---- faults ----

// What is on the wire, byte for byte, until the connection ends.
function raw(url, text) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () => socket.write(text));
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error) => (error.code === 'ECONNRESET' ? resolve(Buffer.concat(chunks)) : reject(error)));
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
}

test('faults below HTTP and around it', async () => {
  const caller = await callerOf('collection');
  const { access_token: token } = await tokenOf('collection');
  const head = `GET /collection/v1_0/account/balance HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nOcp-Apim-Subscription-Key: ${mtn.collection}\r\nX-Target-Environment: sandbox\r\n`;
  const once = async (fault, connection = 'keep-alive') => {
    await emulator.fault({ method: 'GET', path: '/collection/*/account/balance', ...fault });
    return (await raw(emulator.url, `${head}Connection: ${connection}\r\n\r\n`)).toString('latin1');
  };
  const balance = async (fault) => {
    await emulator.fault({ path: '*/account/balance', ...fault });
    return caller.get('/v1_0/account/balance');
  };
  assert.equal(await once({ kind: 'close' }), '');
  assert.match(await once({ kind: 'cut_head' }), /^HTTP\/1\.1 200 OK\r\n(?!.*\r\n\r\n)/s);
  assert.match(await once({ kind: 'truncate', bytes: 5 }), /Content-Length: [1-9]\d+\r\n(?:.*\r\n)?\r\n.{5}$/s);
  assert.ok(!(await once({ kind: 'garbage' })).startsWith('HTTP'));
  assert.match(await once({ kind: 'close_after' }), /Connection: keep-alive.*"currency":"EUR"}$/s);
  assert.ok(!(await once({ kind: 'drip', bytes: 100, delay: '1ms' }, 'close')).includes('X-Emulator'));

  let began = Date.now();
  assert.equal((await balance({ kind: 'drip', bytes: 50, delay: '40ms' })).json.currency, 'EUR');
  assert.ok(Date.now() - began > 100);
  began = Date.now();
  assert.equal((await balance({ kind: 'slow_head', delay: '200ms' })).json.currency, 'EUR');
  assert.equal((await balance({ delay: '200ms' })).json.currency, 'EUR');
  assert.ok(Date.now() - began > 390);

  const busy = await balance({ kind: 'status', status: 429, retry_after: 7 });
  assert.deepEqual([busy.status, busy.headers['retry-after'], busy.json.statusCode], [429, '7', 429]);
  const page = await balance({ kind: 'status', status: 502, body: 'html' });
  assert.deepEqual([page.status, page.headers['content-type']], [502, 'text/html; charset=utf-8']);
  assert.match((await balance({ kind: 'html' })).text, /^<!DOCTYPE html>/);
  assert.equal((await balance({ kind: 'empty' })).text, '');
  assert.throws(() => JSON.parse('{'));
  const malformed = await balance({ kind: 'malformed' });
  assert.throws(() => malformed.json, SyntaxError);
  const twice = await balance({ kind: 'duplicate_keys' });
  assert.equal(twice.text.split('"currency"').length, 3);
  assert.equal(twice.json.currency, 'EUR', 'the last counts');
  assert.ok((await balance({ kind: 'huge', bytes: 500_000 })).text.length > 500_000);
  assert.deepEqual((await balance({ kind: 'without_fields', fields: ['availableBalance'] })).json, { currency: 'EUR' });
  assert.equal((await balance({ kind: 'unknown_fields' })).json.x_new.since[2], true);
  assert.equal(typeof (await balance({ kind: 'strings_as_numbers' })).json.availableBalance, 'number');
  assert.equal((await balance({ kind: 'chunked', bytes: 3 })).headers['transfer-encoding'], 'chunked');
  assert.equal((await balance({ kind: 'utf16' })).text.length > 10, true);
  const packed = await once({ kind: 'gzip' }, 'close');
  assert.match(packed, /Content-Encoding: gzip/);
  assert.match(gunzipSync(Buffer.from(packed.slice(packed.indexOf('\r\n\r\n') + 4), 'latin1')).toString(), /"currency":"EUR"/);

  assert.equal((await balance({ kind: 'expire_tokens' })).status, 401);
  assert.equal((await (await callerOf('collection')).get('/v1_0/account/balance')).status, 200);
  await emulator.fault({ path: '/collection/token', kind: 'status', status: 503, count: 0 });
  await assert.rejects(tokenOf('collection'), /503|is unavailable/);
  await emulator.clearFaults();
  await tokenOf('collection');
});

test('a fault for the second of two, with the request carried out', async () => {
  const caller = await callerOf('disbursement');
  await emulator.fault({ method: 'POST', path: '/disbursement/v1_0/transfer', nth: 2, kind: 'status', status: 500, processed: true });
  const ids = [randomUUID(), randomUUID(), randomUUID()];
  const statuses = [];
  for (const id of ids) statuses.push((await caller.transfer(id, '233241234567')).status);
  assert.deepEqual(statuses, [202, 500, 202]);
  assert.equal((await settled(caller, `/v1_0/transfer/${ids[1]}`)).status, 'SUCCESSFUL');
});

test('two at once with one reference: one is made', async () => {
  const caller = await callerOf('disbursement');
  const id = randomUUID();
  const statuses = (await Promise.all([1, 2, 3].map(() => caller.transfer(id, '233241234567', { externalId: 'at-once' })))).map((answer) => answer.status);
  assert.deepEqual(statuses.sort(), [202, 409, 409]);
  await settled(caller, `/v1_0/transfer/${id}`);
  assert.deepEqual(await emulator.moved('at-once'), { times: 1, minor: 500 });
});

test('a message by hand: forged, changed, many times', async () => {
  const caller = await callerOf('collection');
  const id = randomUUID();
  await caller.pay(id, { externalId: 'byhand', payer: { partyIdType: 'MSISDN', partyId: '233240000453' } }, { 'x-callback-url': `${hook.url}/${id}` });
  const arrived = () => hook.deliveries.filter((one) => one.url.endsWith(id));
  assert.deepEqual(await emulator.callback({ order: id, status: 'succeeded', amount: '99.99', times: 2 }), [200, 200]);
  assert.deepEqual([arrived()[0].json.status, arrived()[0].json.amount], ['SUCCESSFUL', '99.99']);
  assert.equal((await caller.get(`/v1_0/requesttopay/${id}`)).json.status, 'PENDING', 'which it is not');
  await emulator.callback({ order: id, status: 'failed', depth: 50, method: 'PUT', headers: { 'content-type': 'text/plain' } });
  assert.deepEqual([arrived()[2].text, arrived()[2].method, arrived()[2].headers['content-type']], ['['.repeat(50) + ']'.repeat(50), 'PUT', 'text/plain']);
  await emulator.callback({ order: id, status: 'succeeded', pad: 100_000 });
  assert.ok(arrived()[3].text.length > 100_000);
  const journal = await emulator.journal({ kind: 'callback', order: `requesttopay/${id}` });
  assert.equal(journal.length, 4);
});

test('in time that a test moves: repetitions, a late ending, a reversal', async () => {
  const slow = await startEmulator('mtn', { clock: 'manual', switches: { 'mtn.callback.retry': 'storm' } });
  const deaf = await receiver({ answer: () => 500 });
  const caller = await callerOf('collection', slow);
  const id = randomUUID(), late = randomUUID();
  await caller.pay(id, {}, { 'x-callback-url': deaf.url });
  await caller.pay(late, { externalId: 'late', payer: { partyIdType: 'MSISDN', partyId: '233240000483' } });
  const status = async (which) => (await (await callerOf('collection', slow)).get(`/v1_0/requesttopay/${which}`)).json.status;
  assert.equal(await status(id), 'PENDING', 'time stands still');
  await slow.advance('1s');
  assert.equal(await status(id), 'SUCCESSFUL');
  await slow.advance('4m');
  assert.equal(deaf.deliveries.length, 1 + 20 + 1, '20 at once, the next two minutes later');
  assert.equal(await status(late), 'PENDING');
  await slow.advance('20m');
  assert.equal(await status(late), 'SUCCESSFUL');
  await slow.advance('24h');
  assert.equal(deaf.deliveries.length, 1 + 20 + 30 + 23);
  await slow.reverse(late);
  assert.equal(await status(late), 'FAILED');
  assert.deepEqual(await slow.moved('late'), { times: 0, minor: 0 });
  assert.equal((await caller.get('/v1_0/account/balance')).status, 401, 'an hour has passed for the token');
  await deaf.close();
  await assertBooks(slow);
  await slow.end();
});

test('what it knows outlives a kill', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'epay-emulator-'));
  const state = path.join(folder, 'mtn.state');
  const settings = { state, clock: 'manual' };
  let first = await startEmulator('mtn', settings);
  const caller = await callerOf('disbursement', first);
  const [paid, open] = [randomUUID(), randomUUID()];
  await caller.transfer(paid, '233241234567', { externalId: 'kept' });
  await first.advance('1s');
  await caller.transfer(open, '233241234567', { externalId: 'still-open' });
  const { place } = first;
  await first.kill9();

  first = await startEmulator('mtn', { ...settings, ...place });
  assert.equal((await caller.get(`/v1_0/transfer/${paid}`)).json.status, 'SUCCESSFUL', 'the token is still good, too');
  assert.equal((await caller.get(`/v1_0/transfer/${open}`)).json.status, 'PENDING');
  assert.equal((await caller.transfer(paid, '233241234567')).status, 409);
  await first.advance('1s');
  assert.equal((await caller.get(`/v1_0/transfer/${open}`)).json.status, 'SUCCESSFUL');
  assert.deepEqual([await first.moved('kept'), await first.moved('still-open')], [{ times: 1, minor: 500 }, { times: 1, minor: 500 }]);
  assert.equal((await first.journal({ method: 'POST', path: 'transfer' })).length, 3);
  await assertBooks(first);
  await first.end();
  rmSync(folder, { recursive: true });
});
