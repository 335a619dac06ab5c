// Cards by the emulated gateway: its page and the way back, declined cards, notifications that are none, refunds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Customer } from './checkout.mjs';
import { assertBooks, credentials, startEmulator } from './emulator.mjs';
import { createMerchant, eventually, momoCharge, newDatabase, newReference, receiver, request, signIn, sleep, startEpay, verify } from './harness.mjs';
import { entryFor, withRails } from './rails.mjs';

const { secret } = credentials.mpgs;
const database = newDatabase();

let emulator, epay, hook, client;

before(async () => {
  emulator = await startEmulator('mpgs', { switches: { 'decide.after': '100ms' } });
  hook = await receiver();
  const merchant = await createMerchant(database, { webhook: hook.url });
  epay = await startEpay({ database, args: withRails([entryFor(emulator)]) });
  client = await signIn(epay, merchant);
});
after(async () => {
  await epay?.end();
  if (emulator) await assertBooks(emulator);
  await emulator?.end();
  await hook?.close();
  await verify(database);
});

const sessions = async () => emulator.journal({ kind: 'request', method: 'POST', path: '/session' });
// A card charge of the API: its page, and the order as the gateway was told of it.
async function charge(fields = {}) {
  const wanted = momoCharge({ payment_method: 'card', payment_description: newReference('Words'), ...fields });
  const answer = await client.post('/api/v1/charge', wanted);
  assert.equal(answer.status, 200, answer.text);
  const asked = (await sessions()).map((one) => JSON.parse(one.body)).find((one) => one.order.description === wanted.payment_description);
  return { reference: wanted.reference, page: answer.json.data.redirect_url, order: asked.order, interaction: asked.interaction };
}
const press = (page, fields = {}) => request(page, { method: 'POST', body: new URLSearchParams({ action: 'pay', number: '5123450000000008', expiry: '01/39', cvv: '100', ...fields }) });
const statusOf = async (reference) => (await client.get(`/api/v1/transactions/${reference}`)).json.transaction.status;
const notified = (order, count) => emulator.callbacks(count, { order: `order/${order.id}` });

test('a card is paid with on the gateway’s page', async () => {
  const { reference, page, order, interaction } = await charge({ amount: 12.5 });
  assert.match(page, new RegExp(`^${emulator.url}/checkout/pay/SESSION\\d+\\?checkoutVersion=1\\.0\\.0$`));
  assert.deepEqual([order.amount, order.currency, interaction.operation, interaction.merchant.name], ['12.50', 'GHS', 'PURCHASE', 'Epay']);
  assert.ok(interaction.timeout > 500 && interaction.timeout <= 570, `${interaction.timeout}`);
  assert.match(order.notificationUrl, new RegExp(`^${epay.url}/cb/mpgs/${order.id}\\.[0-9a-f]{32}$`));
  await press(page);
  const began = Date.now();
  assert.equal(await client.settled(reference), 'success');
  assert.ok(Date.now() - began < 5_000, 'by the notification');
  await hook.arrived(1, reference);
  await notified(order, 2);
  await sleep(200);
  assert.equal(hook.of(reference).length, 1, 'two notifications, one end');
  assert.deepEqual(await emulator.moved(order.id), { times: 1, minor: 1_250 });
});

test('a checkout: a card is declined, the customer leaves, comes back and pays with another', async () => {
  const reference = newReference('C');
  const answer = await client.post('/api/v1/charge/token', { reference, amount: 5, customer_name: 'Ama Mensah', customer_email: 'ama@example.com', customer_telephone: '0201234567', payment_description: 'Two tickets' });
  const customer = await new Customer(epay).open(`/checkout/${answer.json.token}`);
  await customer.send('choose', { method: 'card' });
  await customer.until('card');
  const page = () => customer.html.match(/href="([^"]*\/checkout\/pay\/SESSION[^"]*)"/)[1].replaceAll('&amp;', '&');
  const first = page();
  assert.match((await press(first, { expiry: '05/39' })).text, /declined/);
  const left = await press(first, { action: 'cancel' });
  assert.equal(left.status, 302);
  await customer.open(left.headers.location);
  assert.equal(await statusOf(reference), 'pending', 'the next card may be taken');
  await customer.until('card');
  assert.equal(page(), first, 'the same session');
  const back = await press(page());
  assert.equal(back.status, 302);
  const way = new URL(back.headers.location);
  assert.equal(way.origin, epay.url);
  assert.ok(way.searchParams.has('resultIndicator'));
  await customer.open(way.href);
  await customer.until('paid');
  assert.equal(await statusOf(reference), 'success');
});

test('what comes back in the browser, and a notification that lies, prove nothing', async () => {
  const { reference, order } = await charge();
  const claim = { order: { id: order.id }, result: 'SUCCESS', response: { gatewayCode: 'APPROVED' }, transaction: { id: '1', type: 'PAYMENT' } };
  const post = (url, headers) => request(url, { method: 'POST', body: claim, headers });
  const withSecret = { 'x-notification-secret': secret };
  assert.equal((await post(order.notificationUrl)).status, 401);
  assert.equal((await post(order.notificationUrl, { 'x-notification-secret': secret.toLowerCase() })).status, 401);
  assert.equal((await post(`${epay.url}/cb/mpgs`)).status, 401);
  assert.equal((await post(order.notificationUrl, withSecret)).status, 200);
  assert.equal((await post(`${epay.url}/cb/mpgs`, withSecret)).status, 200);
  await eventually('Epay to ask', async () => (await emulator.journal({ kind: 'request', method: 'GET', path: `/order/${order.id}` })).length > 0);
  await sleep(200);
  assert.equal(await statusOf(reference), 'pending');
});

test('an authentication is no payment, and what the gateway does not know is no failure', async () => {
  await emulator.set({ 'decide.after': '1500ms' });
  const { reference, page, order } = await charge();
  await press(page, { expiry: '08/28' });
  await notified(order, 1);
  await sleep(300);
  assert.equal(await statusOf(reference), 'pending');
  await emulator.set({ 'decide.after': '100ms' });
  assert.equal(await client.settled(reference), 'success');
});

test('another amount than was asked for is not credited', async () => {
  await emulator.outcome({ amount: '0.07' });
  const { reference, page, order } = await charge({ amount: 5 });
  await press(page);
  await eventually('the alert', () => epay.lines().some((line) => line.alert === 'wrong_amount' && line.reference === order.id));
  assert.equal(await statusOf(reference), 'pending');
});

test('a session whose answer is lost is opened again, and paid once', { timeout: 60_000 }, async () => {
  await emulator.fault({ method: 'POST', path: '*/session', kind: 'close', processed: true });
  const wanted = momoCharge({ payment_method: 'card', payment_description: newReference('Lost') });
  const answer = await client.post('/api/v1/charge', wanted);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(await statusOf(wanted.reference), 'pending');
  const asked = await eventually(
    'a second session',
    async () => {
      const all = (await sessions()).filter((one) => one.body.includes(wanted.payment_description));
      return all.length > 1 && all;
    },
    40_000,
  );
  const { order } = JSON.parse(asked[0].body);
  assert.equal(JSON.parse(asked[1].body).order.id, order.id);
  const { id } = JSON.parse(asked[1].answer).session;
  await press(`${emulator.url}/checkout/pay/${id}?checkoutVersion=1.0.0`);
  assert.equal(await client.settled(wanted.reference), 'success');
  assert.deepEqual(await emulator.moved(order.id), { times: 1, minor: 100 });
});

test('refunds in parts, each a transaction of its own', async () => {
  const { reference, page, order } = await charge({ amount: 20 });
  await press(page);
  assert.equal(await client.settled(reference), 'success');
  for (const amount of [7.5, 12.5]) {
    const answer = await client.post('/api/v1/refunds', { transaction_reference: reference, amount });
    assert.equal(answer.status, 200, answer.text);
    const name = answer.json.refund.reference;
    assert.equal(await eventually(`${name} to end`, async () => {
      const { status } = (await client.get(`/api/v1/refunds/${name}`)).json.refund;
      return status !== 'pending' && status;
    }), 'success');
  }
  const puts = await emulator.journal({ kind: 'request', method: 'PUT', path: `/order/${order.id}/transaction/` });
  assert.deepEqual(puts.map((one) => JSON.parse(one.body).transaction), [{ amount: '7.50', currency: 'GHS' }, { amount: '12.50', currency: 'GHS' }]);
});
