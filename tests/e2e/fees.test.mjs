// What an operator takes: rules by the command line, what they cost merchants and customers, and where the money stands.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { askStore, createMerchant, momoCharge, newReference, rowsOf, runEpay, signIn, startEpay, verify } from './harness.mjs';
import { formsOf, person, shown } from './people.mjs';

let epay, merchant, client;
before(async () => {
  epay = await startEpay();
});
after(async () => {
  await epay.end();
  await verify(epay.database);
});
const fresh = async () => {
  merchant = await createMerchant(epay.database);
  client = await signIn(epay, merchant);
};
const fees = (verb, flags = [], options) => runEpay(['merchant', 'fees', verb, '--database', epay.database, '--merchant', String(merchant.merchant_id), ...flags], options);
const set = (...flags) => fees('set', flags);
const paid = async (fields) => {
  const charge = momoCharge({ amount: 100, ...fields });
  const answer = await client.post('/api/v1/charge', charge);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(await client.settled(charge.reference), 'success');
  return { charge, answer };
};
// In minor units.
function accounts() {
  const kinds = { 1: 'clearing', 2: 'available', 3: 'held', 4: 'fees' };
  const rows = rowsOf(epay.database, `SELECT code, credits_minor - debits_minor AS minor FROM accounts WHERE merchant_id = ${merchant.merchant_id}`);
  return Object.fromEntries(rows.map(({ code, minor }) => [kinds[Math.floor(code / 10_000) % 100], Number(minor)]));
}

describe('the rules', () => {
  test('are set, listed, changed and taken away', async () => {
    await fresh();
    await set('--percent', '1.95', '--fixed', '0.50', '--least', '1', '--most', '20');
    await set('--kind', 'payout', '--rail', 'simulator', '--fixed', '1');
    await set('--percent', '3', '--rail', 'paystack', '--bearer', 'customer', '--currency', 'USD');
    await fees('default', ['--percent', '1.5']);
    assert.equal(
      (await fees('list')).stdout,
      'payment  any        GHS  1.95 % + 0.5, at least 1, at most 20, borne by the merchant\n' +
        'payment  paystack   USD  3 % + 0, at least 0, at most any, borne by the customer\n' +
        'payout   simulator  GHS  0 % + 1, at least 0, at most any, borne by the merchant\n' +
        'payments without a rule: 1.5 %\n',
    );
    await set('--percent', '2');
    await fees('remove', ['--rail', 'paystack', '--currency', 'USD']);
    const rules = (await fees('list', ['--json'])).stdout.trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(rules[0], { kind: 'payment', rail: 'any', currency: 'GHS', percent: '2', fixed: '0', least: '0', most: null, bearer: 'merchant' });
    assert.equal(rules.length, 2);
  });

  test('say what is wrong with them', async () => {
    for (const [flags, message] of [
      [['--percent', '101'], /the percentage must be from 0 to 100/],
      [['--percent', 'much'], /--percent: must be a number such as 1.95/],
      [['--fixed', '0.001'], /--fixed: /],
      [['--least', '2', '--most', '1'], /the most must not be below the least/],
      [['--kind', 'tax'], /--kind: must be payment, payout or refund/],
      [['--rail', 'post'], /--rail: must be any, simulator, mtn, paystack, hubtel or mpgs/],
      [['--currency', 'XXX'], /--currency: must be an active ISO 4217 code/],
      [['--bearer', 'nobody'], /--bearer: must be merchant or customer/],
      [['--kind', 'payout', '--bearer', 'customer'], /only of payments the customer can bear the fee/],
    ]) {
      assert.match((await fees('set', flags, { expected: null })).stderr, message, flags.join(' '));
    }
    merchant = { merchant_id: 999_999 };
    assert.match((await fees('set', ['--percent', '1'], { expected: 1 })).stderr, /There is no merchant 999999/);
    assert.match((await fees('remove', [], { expected: 1 })).stderr, /There is no such rule/);
  });
});

describe('borne by the merchant', () => {
  test('a payment is credited less its fee', async () => {
    await fresh();
    await set('--percent', '1.95', '--fixed', '0.05');
    await paid();
    assert.deepEqual(accounts(), { clearing: -10_000, available: 9_800, fees: 200 });
  });

  test('a payout holds its fee with it; settled with it, given back with it', async () => {
    await set('--kind', 'payout', '--fixed', '1');
    const payout = async (wallet, amount) => {
      const reference = newReference('P');
      const answer = await client.post('/api/v1/payout', { reference, amount, payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: wallet, payout_description: 'Wages' });
      return { answer, reference };
    };
    assert.equal((await payout('0241234567', 97.01)).answer.status, 402, 'the fee must be covered too');
    const open = await payout('0240000472', 10);
    assert.equal(open.answer.status, 200, open.answer.text);
    assert.deepEqual(accounts(), { clearing: -10_000, available: 8_700, held: 1_100, fees: 200 });
    const sent = await payout('0241234567', 20);
    assert.equal(await client.settled(sent.reference), 'success');
    assert.deepEqual(accounts(), { clearing: -8_000, available: 6_600, held: 1_100, fees: 300 });
    const failed = await payout('0240000470', 20);
    assert.equal(await client.settled(failed.reference), 'failed');
    assert.deepEqual(accounts(), { clearing: -8_000, available: 6_600, held: 1_100, fees: 300 });
  });

  test('a refund costs what its rule says, and the fee of the payment stays', async () => {
    await fresh();
    await fees('default', ['--percent', '2']);
    await set('--kind', 'refund', '--fixed', '0.50');
    const { charge } = await paid();
    await paid();
    const refund = await client.post('/api/v1/refunds', { transaction_reference: charge.reference });
    assert.equal(refund.status, 200, refund.text);
    assert.equal(await client.settled(refund.json.refund.reference), 'success');
    assert.deepEqual(accounts(), { clearing: -10_000, available: 9_550, held: 0, fees: 450 });
  });
});

describe('borne by the customer', () => {
  before(async () => {
    await fresh();
    await set('--percent', '2', '--fixed', '0.10', '--bearer', 'customer');
  });

  test('a charge asks for it on top; the merchant gets, and is told, what it asked for', async () => {
    const { charge, answer } = await paid();
    assert.equal(answer.json.data.transaction.amount, 100);
    assert.equal((await client.get(`/api/v1/transactions/${charge.reference}`)).json.transaction.amount, '100');
    assert.deepEqual(accounts(), { clearing: -10_210, available: 10_000, fees: 210 });
    const refund = await client.post('/api/v1/refunds', { transaction_reference: charge.reference });
    assert.equal(refund.json.refund.amount, '100');
    assert.equal(await client.settled(refund.json.refund.reference), 'success');
    assert.deepEqual(accounts(), { clearing: -210, available: 0, held: 0, fees: 210 });
  });

  const open = async (amount) => {
    const reference = newReference();
    const { json } = await client.post('/api/v1/charge/token', { reference, amount, customer_name: 'Ama', customer_email: 'ama@example.com', customer_telephone: '0241234567' });
    return { reference, path: `/checkout/${json.token}` };
  };
  const asked = () => Number(askStore(epay.database, 'SELECT max(amount_minor) FROM simulator_orders'));

  test('a checkout shows it before it is paid, by mobile money and by card', async () => {
    const customer = person(epay);
    const { reference, path } = await open(500);
    const confirm = await customer.submit(await customer.get(path), { method: 'momo', number: '0240000480', network: 'mtn' });
    assert.match(shown(confirm), /GHS 510\.10 GHS 500\.00 and a fee of GHS 10\.10/);
    await customer.submit(confirm, {});
    assert.equal(asked(), 51_010);
    assert.equal(await client.settled(reference, 20_000), 'success');
    assert.match(shown(await customer.get(path)), /GHS 510\.10.*Amount GHS 500\.00 Fee GHS 10\.10/);
    const card = await open(600);
    const before = await customer.submit(await customer.get(card.path), { method: 'card' });
    assert.match(shown(before), /GHS 612\.10 GHS 600\.00 and a fee of GHS 12\.10/);
    const page = await customer.submit(before, {}, { follow: false });
    assert.equal(page.status, 303);
    assert.equal(asked(), 61_210);
  });

  test('nobody pays another fee than was shown', async () => {
    const customer = person(epay);
    const { reference, path } = await open(50);
    const confirm = await customer.submit(await customer.get(path), { method: 'momo', number: '0241234567', network: 'mtn' });
    await set('--percent', '4', '--bearer', 'customer');
    const again = await customer.submit(confirm, {});
    assert.match(shown(again), /GHS 52\.00 GHS 50\.00 and a fee of GHS 2\.00/);
    assert.equal((await client.get(`/api/v1/transactions/${reference}`)).json.transaction.status, 'pending');
    await customer.submit(again, {});
    assert.equal(await client.settled(reference), 'success');
    assert.equal(formsOf(confirm).find((one) => one.fields.surcharge).fields.surcharge, '110');
  });
});
