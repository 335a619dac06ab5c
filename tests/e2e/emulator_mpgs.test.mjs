// The emulated card gateway: a session, its page, orders, notifications, refunds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertBooks, credentials, startEmulator } from './emulator.mjs';
import { eventually, receiver, request } from './harness.mjs';

const { merchant, password, secret } = credentials.mpgs;
const authorization = `Basic ${Buffer.from(`merchant.${merchant}:${password}`).toString('base64')}`;
const base = `/api/rest/version/100/merchant/${merchant}`;

let emulator, hook;

before(async () => {
  hook = await receiver();
  emulator = await startEmulator('mpgs', { switches: { 'decide.after': '50ms', 'mpgs.webhook_url': hook.url } });
});
after(async () => {
  await hook?.close();
  if (emulator) await assertBooks(emulator);
  await emulator?.end();
});

let orders = 0;
const newOrder = () => `order${process.pid}x${(orders += 1)}`;
const ask = (method, target, body, headers = {}) => request(emulator.url + target, { method, body, headers: { authorization, ...headers } });
const open = (id, order = {}, more = {}) =>
  ask('POST', `${base}/session`, { apiOperation: 'INITIATE_CHECKOUT', interaction: { operation: 'PURCHASE', returnUrl: 'https://shop.example.com/back?x=1', cancelUrl: 'https://shop.example.com/left', merchant: { name: 'Shop' } }, order: { id, amount: '12.50', currency: 'GHS', description: 'Two tickets', ...order }, ...more });
const press = (session, fields) => request(`${emulator.url}/checkout/pay/${session}?checkoutVersion=1.0.0`, { method: 'POST', body: new URLSearchParams({ action: 'pay', number: '5123450000000008', expiry: '01/39', cvv: '100', ...fields }) });
const retrieve = async (id) => (await ask('GET', `${base}/order/${id}`)).json;
const told = (id) => hook.deliveries.filter((one) => one.json.order.id === id);

async function paid(amount = '12.50') {
  const id = newOrder();
  const { session } = (await open(id, { amount })).json;
  assert.equal((await press(session.id)).status, 302);
  return id;
}

test('a card is paid with: two notifications, the way back, the order', async () => {
  const id = newOrder();
  const opened = await open(id);
  assert.deepEqual([opened.status, opened.json.result], [201, 'SUCCESS']);
  const { session, successIndicator } = opened.json;
  assert.match((await request(`${emulator.url}/static/checkout/checkout.min.js`)).text, /showPaymentPage/);
  assert.match((await request(`${emulator.url}/checkout/pay/${session.id}`)).text, /GHS 12\.5/);
  const unpaid = await ask('GET', `${base}/order/${id}`);
  assert.deepEqual([unpaid.status, unpaid.json.result, unpaid.json.error.cause], [400, 'ERROR', 'INVALID_REQUEST'], 'nothing was tried: no order');
  const back = await press(session.id);
  const way = new URL(back.headers.location);
  assert.deepEqual([back.status, way.searchParams.get('resultIndicator'), way.searchParams.get('x')], [302, successIndicator, '1']);
  const order = await retrieve(id);
  assert.deepEqual([order.result, order.status, order.amount, order.currency, order.totalCapturedAmount], ['SUCCESS', 'CAPTURED', 12.5, 'GHS', 12.5]);
  assert.deepEqual(order.transaction.map((one) => [one.transaction.type, one.result]), [['AUTHENTICATION', 'SUCCESS'], ['PAYMENT', 'SUCCESS']]);
  await eventually('two notifications', () => told(id).length === 2);
  assert.deepEqual(told(id).map((one) => one.json.transaction.type).sort(), ['AUTHENTICATION', 'PAYMENT']);
  for (const one of told(id)) {
    assert.equal(one.headers['x-notification-secret'], secret);
    assert.equal(one.headers['x-notification-attempt'], '1');
    assert.match(one.headers['x-notification-id'], /^[0-9a-f]{32}$/);
  }
  assert.deepEqual(await emulator.moved(id), { times: 1, minor: 1_250 });
  assert.match((await press(session.id)).text, /Done already/);
});

test('a card that is declined leaves the page open for another', async () => {
  const id = newOrder();
  const { session } = (await open(id)).json;
  for (const [expiry, code] of [['05/39', 'DECLINED'], ['04/27', 'EXPIRED_CARD'], ['01/37', 'ACQUIRER_SYSTEM_ERROR']]) {
    assert.match((await press(session.id, { expiry })).text, /declined/);
    const order = await retrieve(id);
    assert.deepEqual([order.result, order.status, order.transaction.at(-1).response.gatewayCode], ['FAILURE', 'FAILED', code]);
  }
  assert.equal((await press(session.id, { action: 'cancel' })).headers.location, 'https://shop.example.com/left');
  assert.equal((await press(session.id)).status, 302);
  assert.equal((await retrieve(id)).status, 'CAPTURED');
  assert.equal((await open(id)).json.error.cause, 'REQUEST_REJECTED', 'paid already');
});

test('what the gateway does not know is no failure', async () => {
  const id = newOrder();
  const { session } = (await open(id)).json;
  await emulator.set({ 'decide.after': '400ms' });
  await press(session.id, { expiry: '08/28' });
  assert.equal((await retrieve(id)).result, 'PENDING');
  await emulator.set({ 'decide.after': '50ms' });
  await eventually('it to be known', async () => (await retrieve(id)).status === 'CAPTURED');
});

test('refunds in parts, not beyond, the same id once; a void', async () => {
  const id = await paid();
  const refund = (transaction, amount) => ask('PUT', `${base}/order/${id}/transaction/${transaction}`, { apiOperation: 'REFUND', transaction: { amount, currency: 'GHS' } });
  assert.equal((await refund('r1', '2.50')).status, 201);
  const again = await refund('r1', '2.50');
  assert.deepEqual([again.status, again.json.transaction.id, again.json.result], [200, 'r1', 'SUCCESS']);
  assert.deepEqual([(await retrieve(id)).status, (await retrieve(id)).totalRefundedAmount], ['PARTIALLY_REFUNDED', 2.5]);
  assert.equal((await refund('r2', '10.01')).json.error.cause, 'INVALID_REQUEST');
  assert.equal((await refund('r3', '10')).json.order.status, 'REFUNDED');
  assert.deepEqual(await emulator.moved('r1'), { times: 1, minor: 250 });
  assert.equal((await ask('GET', `${base}/order/${id}/transaction/r3`)).json.transaction.amount, 10);
  await eventually('the refunds to be told', () => told(id).filter((one) => one.json.transaction.type === 'REFUND').length === 2);

  const other = await paid();
  const target = (await retrieve(other)).transaction.find((one) => one.transaction.type === 'PAYMENT').transaction.id;
  const voided = await ask('PUT', `${base}/order/${other}/transaction/v1`, { apiOperation: 'VOID', transaction: { targetTransactionId: target } });
  assert.equal(voided.status, 201);
  assert.equal((await retrieve(other)).status, 'CANCELLED');
  assert.deepEqual(await emulator.moved(other), { times: 0, minor: 0 });
});

test('versions, keys and fields', async () => {
  assert.equal((await ask('POST', `/api/rest/version/62/merchant/${merchant}/session`, { apiOperation: 'INITIATE_CHECKOUT' })).json.error.field, 'apiOperation');
  const old = await ask('POST', `/api/rest/version/62/merchant/${merchant}/session`, { apiOperation: 'CREATE_CHECKOUT_SESSION', interaction: { operation: 'PURCHASE' }, order: { id: newOrder(), amount: 5, currency: 'GHS' } });
  assert.equal(old.json.result, 'SUCCESS');
  assert.equal((await ask('GET', `${base}/order/x`, undefined, { authorization: 'Basic eDp5' })).status, 401);
  for (const [order, field] of [[{ amount: '1.234' }, 'order.amount'], [{ currency: 'XXX9' }, 'order.currency'], [{ id: 'x'.repeat(41) }, 'order.id']]) {
    assert.equal((await open(newOrder(), order)).json.error.field, field);
  }
  assert.equal((await open(newOrder(), {}, { interaction: {} })).json.error.field, 'interaction.operation');
});

test('a notification of its own address, forged and repeated', async () => {
  const mine = await receiver({ answer: (_, n) => (n === 1 ? 500 : 200) });
  const slow = await startEmulator('mpgs', { clock: 'manual', switches: { 'mpgs.3ds': 'off' } });
  const id = newOrder();
  const body = { apiOperation: 'INITIATE_CHECKOUT', interaction: { operation: 'PURCHASE' }, order: { id, amount: '1', currency: 'GHS', notificationUrl: mine.url } };
  const { session } = (await request(`${slow.url}${base}/session`, { method: 'POST', body, headers: { authorization } })).json;
  await request(`${slow.url}/checkout/pay/${session.id}`, { method: 'POST', body: new URLSearchParams({ action: 'pay', number: '5123450000000008', expiry: '01/39' }) });
  await slow.advance('1m');
  assert.deepEqual(mine.deliveries.map((one) => one.headers['x-notification-attempt']), ['1', '2']);
  await slow.callback({ order: id, status: 'failed', headers: { 'X-Notification-Secret': 'wrong' } });
  const forged = mine.deliveries.at(-1);
  assert.deepEqual([forged.json.result, forged.headers['x-notification-secret']], ['FAILURE', 'wrong']);
  await mine.close();
  await slow.end();
});
