// Payments, payouts and refunds by Hubtel, against its emulator: what is Paid is paid, what is Unpaid is open, and nothing is ever sent twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertBooks, credentials, startEmulator } from './emulator.mjs';
import { assertError, createMerchant, eventually, freePort, momoCharge, newDatabase, newReference, receiver, request, signIn, sleep, startEpay, verify } from './harness.mjs';
import { entryFor, withRails } from './rails.mjs';

const { pos, prepaid } = credentials.hubtel;
const database = newDatabase();

let emulator, epay, hook, client, args;

before(async () => {
  emulator = await startEmulator('hubtel', { switches: { 'decide.after': '100ms' } });
  args = withRails([entryFor(emulator)]);
  hook = await receiver();
  const merchant = await createMerchant(database, { webhook: hook.url });
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

// What Hubtel was sent with these words in it.
async function sent(description, path = 'receive/mobilemoney') {
  const asked = await emulator.journal({ kind: 'request', method: 'POST' });
  return asked.filter((one) => one.target.includes(path) && one.body.includes(description));
}
const bodyOf = (one) => JSON.parse(one.body);
// A charge with words of its own, by which Hubtel's journal has it.
async function charge(fields = {}) {
  const description = newReference('Words');
  const wanted = momoCharge({ payment_description: description, ...fields });
  const answer = await client.post('/api/v1/charge', wanted);
  return { answer, reference: wanted.reference, description };
}
const statusOf = async (reference) => (await client.get(`/api/v1/transactions/${reference}`)).json.transaction.status;
async function orderOf(description, path) {
  const [first] = await eventually(`Hubtel to be asked for ${description}`, async () => {
    const all = await sent(description, path);
    return all.length > 0 && all;
  });
  return bodyOf(first);
}
async function paid(amount) {
  const { reference, description } = await charge({ amount });
  assert.equal(await client.settled(reference), 'success');
  return { reference, order: await orderOf(description) };
}

test('a wallet pays: the request, the callback, the question, the books', async () => {
  const { answer, reference, description } = await charge({ amount: 12.5, mobile_wallet_number: '0201234567', mobile_wallet_network: 'telecel', voucher: '123456' });
  assert.equal(answer.status, 200, answer.text);
  const began = Date.now();
  assert.equal(await client.settled(reference), 'success');
  assert.ok(Date.now() - began < 5_000, 'by the callback, not by a poll a minute later');
  const [delivery] = await hook.arrived(1, reference);
  assert.equal(delivery.json.transaction.amount, '12.5');
  const order = await orderOf(description);
  assert.deepEqual([order.CustomerMsisdn, order.Channel, order.Amount, order.CustomerName], ['233201234567', 'vodafone-gh', 12.5, 'Ama Mensah']);
  assert.match((await sent(description))[0].body, /"Amount":12\.50,/);
  assert.match(order.PrimaryCallbackURL, new RegExp(`^${epay.url}/cb/hubtel/${order.ClientReference}\\.[0-9a-f]{32}$`));
  assert.deepEqual(await emulator.moved(order.ClientReference), { times: 1, minor: 1_250 });
  const asked = (await emulator.journal({ kind: 'request', method: 'GET', path: order.ClientReference }));
  assert.ok(asked.length >= 1, 'a callback is a reason to ask');
});

test('a customer who declines is Unpaid, and Unpaid is no failure yet', async () => {
  const { reference, description } = await charge({ mobile_wallet_number: '0240000451' });
  const order = await orderOf(description);
  await emulator.callbacks(1, { order: `receive/${(await emulator.order(order.ClientReference)).id}` });
  await eventually('Epay to ask', async () => (await emulator.journal({ kind: 'request', method: 'GET', path: order.ClientReference })).length > 0);
  await sleep(200);
  assert.equal(await statusOf(reference), 'pending');
  assert.equal(hook.of(reference).filter((one) => one.json.transaction.status === 'failed').length, 0);
});

test('what Hubtel refuses has failed at once, and says why to the operator', async () => {
  await emulator.set({ 'hubtel.channels': 'mtn-gh' });
  const { answer, reference } = await charge({ mobile_wallet_number: '0271234567', mobile_wallet_network: 'airteltigo' });
  await emulator.set({ 'hubtel.channels': 'mtn-gh,vodafone-gh,tigo-gh' });
  assertError(answer, 402, 'momo_error');
  assert.equal(await statusOf(reference), 'failed');
});

test('a forged callback changes nothing, and a wrong address hears nothing', async () => {
  const { reference, description } = await charge({ mobile_wallet_number: '0240000453' });
  const order = await orderOf(description);
  const claim = { ResponseCode: '0000', Message: 'success', Data: { ClientReference: order.ClientReference, Amount: 1 } };
  assert.equal((await request(order.PrimaryCallbackURL, { method: 'POST', body: claim })).status, 200);
  assert.equal((await request(order.PrimaryCallbackURL, { method: 'PUT', body: 'garbage' })).status, 200);
  const wrong = order.PrimaryCallbackURL.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
  assert.equal((await request(wrong, { method: 'POST', body: claim })).status, 404);
  assert.equal((await request(`${epay.url}/cb/hubtel`, { method: 'POST', body: claim })).status, 404);
  await eventually('Epay to ask', async () => (await emulator.journal({ kind: 'request', method: 'GET', path: order.ClientReference })).length > 0);
  await sleep(200);
  assert.equal(await statusOf(reference), 'pending');
});

test('a callback that says the opposite raises an alert, and moves nothing', async () => {
  const { reference, description } = await charge({ mobile_wallet_number: '0240000487' });
  const order = await orderOf(description);
  assert.equal(await client.settled(reference), 'success');
  await eventually('the alert', () => epay.lines().some((line) => line.alert === 'callback_contradicts' && line.reference === order.ClientReference));
  assert.equal(await statusOf(reference), 'success');
});

test('an answer that is lost, and one that leaves the state open, are waited for and never sent again', async () => {
  const lost = await charge({ mobile_wallet_number: '0240000484' });
  assert.equal(await client.settled(lost.reference), 'success', 'the callback came although the answer did not');
  await emulator.set({ 'hubtel.answer': '0005' });
  const open = await charge();
  await emulator.set({ 'hubtel.answer': '0001' });
  assert.equal(await client.settled(open.reference), 'success');
  for (const { description } of [lost, open]) {
    assert.equal((await sent(description)).length, 1);
    assert.deepEqual(await emulator.moved((await orderOf(description)).ClientReference), { times: 1, minor: 100 });
  }
});

test('what Hubtel does not know is not sent again either', async () => {
  const { reference, description } = await charge({ mobile_wallet_number: '0240000485' });
  const order = await orderOf(description);
  for (let times = 1; times <= 2; times += 1) {
    await request(order.PrimaryCallbackURL, { method: 'POST', body: {} });
    await eventually('Epay to ask', async () => (await emulator.journal({ kind: 'request', method: 'GET', path: order.ClientReference })).length >= times);
  }
  await sleep(200);
  assert.equal(await statusOf(reference), 'pending');
  assert.equal((await sent(description)).length, 1);
});

test('an answer to a request that is broken in any way: it is waited for, never sent again', { timeout: 60_000 }, async () => {
  const processed = [
    { kind: 'close' }, { kind: 'cut_head' }, { kind: 'truncate', bytes: 3 }, { kind: 'garbage' }, { kind: 'close_after' }, { kind: 'drip', bytes: 60, delay: '20ms' }, { kind: 'slow_head', delay: '300ms' },
    { kind: 'none', delay: '500ms' }, { kind: 'status', status: 500, processed: true }, { kind: 'status', status: 502, body: 'html', processed: true }, { kind: 'status', status: 200, body: 'html', processed: true },
    { kind: 'status', status: 429, body: 'empty', processed: true }, { kind: 'chunked', bytes: 5 }, { kind: 'empty' }, { kind: 'html' }, { kind: 'malformed' }, { kind: 'utf16' }, { kind: 'duplicate_keys' }, { kind: 'unknown_fields' },
    { kind: 'numbers_as_strings' }, { kind: 'strings_as_numbers' }, { kind: 'huge' },
  ];
  const unprocessed = [{ kind: 'close', processed: false }, { kind: 'status', status: 500 }, { kind: 'status', status: 503, body: 'empty' }, { kind: 'status', status: 504, body: 'html' }];
  const broken = async (fault) => {
    await emulator.fault({ method: 'POST', path: '*/receive/mobilemoney', ...fault });
    return { ...(await charge()), fault: JSON.stringify(fault) };
  };
  const moved = async ({ description }) => emulator.moved((await orderOf(description)).ClientReference);
  for (const fault of processed) {
    const one = await broken(fault);
    assert.equal(one.answer.status, 200, one.fault);
    assert.equal(await client.settled(one.reference), 'success', one.fault);
    assert.deepEqual(await moved(one), { times: 1, minor: 100 }, one.fault);
    assert.equal((await sent(one.description)).length, 1, one.fault);
  }
  for (const fault of unprocessed) {
    const one = await broken(fault);
    assert.equal(one.answer.status, 200, one.fault);
    const order = await orderOf(one.description);
    await request(order.PrimaryCallbackURL, { method: 'POST', body: {} });
    await eventually('Epay to ask', async () => (await emulator.journal({ kind: 'request', method: 'GET', path: order.ClientReference })).length > 0);
    await sleep(100);
    assert.equal(await statusOf(one.reference), 'pending', one.fault);
    assert.deepEqual(await moved(one), { times: 0, minor: 0 }, one.fault);
    assert.equal((await sent(one.description)).length, 1, one.fault);
  }
});

test('an answer to a question that is broken in any way: the next one counts', { timeout: 60_000 }, async () => {
  for (const kind of ['garbage', 'html', 'empty', 'malformed', 'utf16', 'truncate', 'gzip']) {
    const { reference, description } = await charge({ mobile_wallet_number: '0240000480' });
    const order = await orderOf(description);
    await eventually('it to be paid', async () => (await emulator.moved(order.ClientReference)).times === 1);
    await emulator.fault({ method: 'GET', path: '*/status*', kind, bytes: 9 });
    const asked = async () => (await emulator.journal({ kind: 'request', method: 'GET', path: order.ClientReference })).length;
    await request(order.PrimaryCallbackURL, { method: 'POST', body: {} });
    await eventually('Epay to ask', async () => (await asked()) > 0);
    await sleep(100);
    assert.equal(await statusOf(reference), 'pending', kind);
    await request(order.PrimaryCallbackURL, { method: 'POST', body: {} });
    assert.equal(await client.settled(reference), 'success', kind);
  }
});

test('another amount than was asked for is not credited', async () => {
  const { reference, description } = await charge({ amount: 5, mobile_wallet_number: '0240000486' });
  const order = await orderOf(description);
  await eventually('the alert', () => epay.lines().some((line) => line.alert === 'wrong_amount' && line.reference === order.ClientReference));
  assert.equal(await statusOf(reference), 'pending');
});

test('payouts: to a wallet and to a bank, from the prepaid account', async () => {
  await paid(500);
  const payout = (fields) => ({ reference: newReference('P'), amount: 5, payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: '0241234567', payout_description: newReference('Wages'), ...fields });
  const wallet = payout();
  assert.equal((await client.post('/api/v1/payout', wallet)).status, 200);
  assert.equal(await client.settled(wallet.reference), 'success');
  const [asked] = await sent(wallet.payout_description, `/api/merchants/${prepaid}/send/mobilemoney`);
  assert.deepEqual([bodyOf(asked).RecipientMsisdn, bodyOf(asked).Amount], ['233241234567', 5]);
  assert.deepEqual(await emulator.moved(bodyOf(asked).ClientReference), { times: 1, minor: 500 });

  const bank = payout({ payout_method: 'bank', bank_code: 'gcb', account_number: '1441002256080', mobile_wallet_network: undefined, mobile_wallet_number: undefined });
  const answer = await client.post('/api/v1/payout', bank);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(await client.settled(bank.reference), 'success');
  assert.equal(bodyOf((await sent(bank.payout_description, `/api/merchants/${prepaid}/send/bank/gh/300304`))[0]).BankAccountNumber, '1441002256080');

  const failing = payout({ mobile_wallet_number: '0240000457' });
  await client.post('/api/v1/payout', failing);
  assert.equal(await client.settled(failing.reference), 'failed', "a payout's status names its failure");
});

test('a recipient is looked up by Hubtel', async () => {
  const answer = await client.post('/api/v1/recipients', { name: 'Ama', payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: '0241234567' });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.recipient.check, 'verified');
  assert.ok(answer.json.recipient.account_name);
});

test('a refund gives back the whole; a part goes as a payout', async () => {
  const refunded = (reference) =>
    eventually(`${reference} to end`, async () => {
      const { status } = (await client.get(`/api/v1/refunds/${reference}`)).json.refund;
      return status !== 'pending' && status;
    });
  const whole = await paid(20);
  const answer = await client.post('/api/v1/refunds', { transaction_reference: whole.reference });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(await refunded(answer.json.refund.reference), 'success');
  const asked = await emulator.journal({ kind: 'request', method: 'POST', path: `/refund/${pos}/order/` });
  assert.equal(asked.length, 1);
  assert.equal((await emulator.order(whole.order.ClientReference)).status, 'succeeded');

  const some = await paid(20);
  const part = await client.post('/api/v1/refunds', { transaction_reference: some.reference, amount: 7.5 });
  assert.equal(part.status, 200, part.text);
  assert.equal(await refunded(part.json.refund.reference), 'success');
  assert.equal((await emulator.journal({ kind: 'request', method: 'POST', path: '/refund/' })).length, 1, 'by a payout');
});

// Starts Epay once more on the same port, kills it while Hubtel keeps the answer to itself, and starts it again.
async function killedWhile(path, ask) {
  const listen = ['--listen', `127.0.0.1:${await freePort()}`];
  await epay.end();
  epay = await startEpay({ database, args: [...args, ...listen] });
  client = client.at(epay);
  await emulator.fault({ method: 'POST', path, kind: 'hang', delay: '20s' });
  const { description, request: sending } = ask();
  const asking = sending.catch(() => 'cut off');
  const order = await orderOf(description, path.slice(2));
  await epay.kill9();
  assert.equal(await asking, 'cut off');
  epay = await startEpay({ database, args: [...args, ...listen] });
  client = client.at(epay);
  // The emulator's callback met nobody; a late one is as good.
  assert.equal((await request(order.PrimaryCallbackURL ?? order.PrimaryCallbackUrl, { method: 'POST', body: {} })).status, 200);
  return order;
}

test('killed while the answer to a charge is on its way: nothing is sent again, and the end is right', async () => {
  const wanted = momoCharge({ payment_description: newReference('Killed') });
  const order = await killedWhile('*/receive/mobilemoney', () => ({ description: wanted.payment_description, request: client.post('/api/v1/charge', wanted) }));
  assert.equal(await client.settled(wanted.reference, 20_000), 'success');
  assert.equal((await sent(wanted.payment_description)).length, 1);
  assert.deepEqual(await emulator.moved(order.ClientReference), { times: 1, minor: 100 });
});

test('killed while the answer to a payout is on its way: nothing is sent again, and the end is right', async () => {
  const wanted = { reference: newReference('P'), amount: 5, payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: '0241234567', payout_description: newReference('Killed') };
  const order = await killedWhile('*/send/mobilemoney', () => ({ description: wanted.payout_description, request: client.post('/api/v1/payout', wanted) }));
  assert.equal(await client.settled(wanted.reference, 20_000), 'success');
  assert.equal((await sent(wanted.payout_description, 'send/mobilemoney')).length, 1);
  assert.deepEqual(await emulator.moved(order.ClientReference), { times: 1, minor: 500 });
});
