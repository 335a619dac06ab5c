// Cards by the emulated gateway: its page and the way back, declined cards, notifications that are none, refunds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Customer } from './checkout.mjs';
import { assertBooks, credentials, startEmulator } from './emulator.mjs';
import { createMerchant, eventually, momoCharge, newDatabase, newReference, receiver, request, signIn, sleep, startEpay, verify } from './harness.mjs';
import { entryFor, withRails } from './rails.mjs';

const { secret } = credentials.mpgs;
const database = newDatabase();

let emulator, epay, hook, client, args;

before(async () => {
  emulator = await startEmulator('mpgs', { switches: { 'decide.after': '100ms' } });
  hook = await receiver();
  const merchant = await createMerchant(database, { webhook: hook.url });
  args = withRails([entryFor(emulator)]);
  epay = await startEpay({ database, args });
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
  await emulator.callbacks(2, { order: `order/${order.id}` });
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
  const authenticated = { order: { id: order.id }, result: 'SUCCESS', response: { gatewayCode: 'APPROVED' }, transaction: { id: 'auth-1', type: 'AUTHENTICATION' } };
  assert.equal((await request(order.notificationUrl, { method: 'POST', body: authenticated, headers: { 'x-notification-secret': secret } })).status, 200);
  await eventually('Epay to ask', async () => (await emulator.journal({ kind: 'request', method: 'GET', path: `/order/${order.id}` })).length > 0);
  await sleep(200);
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

test('a session whose answer is lost or broken is opened again, and paid once', { timeout: 90_000 }, async () => {
  const faults = [{ kind: 'close' }, { kind: 'close', processed: false }, { kind: 'garbage' }, { kind: 'truncate', bytes: 9 }, { kind: 'malformed' }, { kind: 'empty' }, { kind: 'html' }, { kind: 'status', status: 500 }, { kind: 'status', status: 502, body: 'html', processed: true }, { kind: 'status', status: 503, processed: true }];
  for (const fault of faults) {
    const what = JSON.stringify(fault);
    await emulator.fault({ method: 'POST', path: '*/session', ...fault });
    const wanted = momoCharge({ payment_method: 'card', payment_description: newReference('Lost') });
    const ask = () => client.post('/api/v1/charge', wanted, { headers: { 'idempotency-key': wanted.reference } });
    const first = await ask();
    // A connection that was kept and has died is replaced at once, by the same request once more.
    if (first.status !== 200) assert.equal(first.status, 503, what);
    const answer = first.status === 200 ? first : await ask();
    assert.equal(answer.status, 200, `${what} ${answer.text}`);
    const asked = (await sessions()).filter((one) => one.body.includes(wanted.payment_description));
    const { order } = JSON.parse(asked[0].body);
    assert.deepEqual(new Set(asked.map((one) => JSON.parse(one.body).order.id)), new Set([order.id]), what);
    assert.equal(await statusOf(wanted.reference), 'pending', what);
    await press(answer.json.data.redirect_url);
    assert.equal(await client.settled(wanted.reference), 'success', what);
    assert.deepEqual(await emulator.moved(order.id), { times: 1, minor: 100 }, what);
  }
});

test('an answer to a question that is broken in any way: the next one counts', async () => {
  for (const kind of ['garbage', 'html', 'empty', 'malformed', 'utf16', 'truncate', 'gzip']) {
    await emulator.outcome({ callback: 'never' });
    const { reference, page, order } = await charge();
    await press(page);
    await emulator.fault({ method: 'GET', path: '*/order/*', kind, bytes: 9 });
    const wake = () => request(order.notificationUrl, { method: 'POST', body: {}, headers: { 'x-notification-secret': secret } });
    assert.equal((await wake()).status, 200);
    await eventually('Epay to ask', async () => (await emulator.journal({ kind: 'request', method: 'GET', path: `/order/${order.id}` })).length > 0);
    await sleep(100);
    assert.equal(await statusOf(reference), 'pending', kind);
    await wake();
    assert.equal(await client.settled(reference), 'success', kind);
  }
});

// What became of a refund, once it is decided.
const refunded = (name) =>
  eventually(
    `${name} to end`,
    async () => {
      const { status } = (await client.get(`/api/v1/refunds/${name}`)).json.refund;
      return status !== 'pending' && status;
    },
    60_000,
  );

test('a refund whose answer is lost or broken is made once', { timeout: 90_000 }, async () => {
  const { reference, page, order } = await charge({ amount: 20 });
  await press(page);
  assert.equal(await client.settled(reference), 'success');
  const names = [];
  for (const fault of [{ kind: 'close' }, { kind: 'garbage' }, { kind: 'malformed' }, { kind: 'status', status: 500, processed: true }]) {
    await emulator.fault({ method: 'PUT', path: '*/transaction/*', ...fault });
    const answer = await client.post('/api/v1/refunds', { transaction_reference: reference, amount: 2 });
    assert.equal(answer.status, 200, answer.text);
    names.push(answer.json.refund.reference);
  }
  for (const name of names) assert.equal(await refunded(name), 'success');
  const puts = await emulator.journal({ kind: 'request', method: 'PUT', path: `/order/${order.id}/transaction/` });
  assert.equal(new Set(puts.map((one) => one.target)).size, names.length);
  for (const put of puts) assert.deepEqual(await emulator.moved(put.target.split('/').at(-1)), { times: 1, minor: 200 });
});

test('refunds in parts, each a transaction of its own', async () => {
  const { reference, page, order } = await charge({ amount: 20 });
  await press(page);
  assert.equal(await client.settled(reference), 'success');
  for (const amount of [7.5, 12.5]) {
    const answer = await client.post('/api/v1/refunds', { transaction_reference: reference, amount });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(await refunded(answer.json.refund.reference), 'success');
  }
  const puts = await emulator.journal({ kind: 'request', method: 'PUT', path: `/order/${order.id}/transaction/` });
  assert.deepEqual(puts.map((one) => JSON.parse(one.body).transaction), [{ amount: '7.50', currency: 'GHS' }, { amount: '12.50', currency: 'GHS' }]);
});

test('killed while the answers are on their way: one session more, and one refund', { timeout: 120_000 }, async () => {
  const paid = await charge({ amount: 20 });
  await press(paid.page);
  assert.equal(await client.settled(paid.reference), 'success');
  await emulator.fault({ method: 'POST', path: '*/session', kind: 'hang', delay: '30s' });
  await emulator.fault({ method: 'PUT', path: '*/transaction/*', kind: 'hang', delay: '30s' });
  const wanted = momoCharge({ payment_method: 'card', payment_description: newReference('Killed') });
  const asking = [client.post('/api/v1/charge', wanted), client.post('/api/v1/refunds', { transaction_reference: paid.reference, amount: 5 })].map((one) => one.catch(() => 'cut off'));
  const asked = async () => (await sessions()).filter((one) => one.body.includes(wanted.payment_description));
  const puts = () => emulator.journal({ kind: 'request', method: 'PUT', path: `/order/${paid.order.id}/transaction/` });
  await eventually('both to be asked for', async () => (await asked()).length > 0 && (await puts()).length > 0);
  await epay.kill9();
  assert.deepEqual(await Promise.all(asking), ['cut off', 'cut off']);
  epay = await startEpay({ database, args });
  client = client.at(epay);
  const again = await eventually('a second session', async () => (await asked()).filter((one) => one.answer).at(1), 60_000);
  const { order } = JSON.parse(again.body);
  await press(`${emulator.url}/checkout/pay/${JSON.parse(again.answer).session.id}?checkoutVersion=1.0.0`);
  await request(`${epay.url}/cb/mpgs`, { method: 'POST', body: { order: { id: order.id } }, headers: { 'x-notification-secret': secret } });
  assert.equal(await client.settled(wanted.reference), 'success');
  const [{ reference }] = (await client.get('/api/v1/refunds')).json.refunds.data.filter((one) => one.transaction_reference === paid.reference);
  assert.equal(await refunded(reference), 'success');
  const [put] = await puts();
  assert.deepEqual(await emulator.moved(put.target.split('/').at(-1)), { times: 1, minor: 500 });
});
