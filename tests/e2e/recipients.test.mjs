// Payouts to bank accounts, and recipients: by the API and in the dashboard.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { assertError, assertText, createMerchant, filesBeside, momoCharge, newReference, runEpay, signIn, startEpay, verify } from './harness.mjs';
import { formsOf, shop, shown } from './people.mjs';

let epay, client;
const good = '1234567890';
const none = '0000000457';  // src/rails/simulator/scenario.cpp
const silent = '0000000463';
const fails = '0000000451';

async function paid(by = client) {
  const charge = momoCharge({ amount: 100 });
  assert.equal((await by.post('/api/v1/charge', charge)).status, 200);
  assert.equal(await by.settled(charge.reference), 'success');
}
before(async () => {
  epay = await startEpay();
  client = await signIn(epay, await createMerchant(epay.database));
  await paid();
});
after(async () => {
  await epay.end();
  await verify(epay.database);
});
const payout = (fields, by = client) => by.post('/api/v1/payout', { reference: newReference('P'), amount: 2.5, payout_method: 'bank', bank_code: 'gcb', account_number: good, payout_description: 'Rent', ...fields });
const keep = (fields) => client.post('/api/v1/recipients', { name: 'Akosua', payout_method: 'bank', bank_code: 'gcb', account_number: good, ...fields });

describe('a payout to a bank account', () => {
  test('is answered with the account, and settled', async () => {
    const reference = newReference('P');
    const answer = await payout({ reference, account_name: 'Kofi Owusu' });
    assertText(
      answer.text,
      `{"success":true,"message":"A payout was successfully sent to the bank account ${good}","data":{"transaction":{"reference":"${reference}","payment-method":"bank","payout_description":"Rent","amount":2.5,"bank_code":"gcb","account_number":"${good}","account_name":"Kofi Owusu"}}}`,
    );
    assert.equal(await client.settled(reference), 'success');
    const { transaction } = (await client.get(`/api/v1/transactions/${reference}`)).json;
    assert.deepEqual([transaction.type, transaction.payment_method, transaction.payment_no], ['payouts', 'bank', good]);
  });

  test('that the bank refuses gives the money back', async () => {
    const reference = newReference('P');
    assert.equal((await payout({ reference, account_number: fails })).status, 200);
    assert.equal(await client.settled(reference), 'failed');
  });

  test('names what is wrong', async () => {
    for (const [fields, field, message] of [
      [{ bank_code: 'none' }, 'bank_code', 'bank_code names no bank; GET /api/v1/banks lists them'],
      [{ account_number: '12' }, 'account_number', 'account_number must be 4 to 40 digits and capital letters'],
      [{ account_number: '12 34 56' }, 'account_number', 'account_number must be 4 to 40 digits and capital letters'],
      [{ payout_method: 'card', mobile_wallet_network: 'mtn', mobile_wallet_number: '0241234567' }, 'payout_method', 'payout_method must be one of momo, bank'],
    ]) {
      const answer = await payout(fields);
      assertError(answer, 400, 'invalid_request_error', message);
      assert.equal(answer.json.errors[0].field, field);
    }
    const answer = await payout({ bank_code: undefined, account_number: undefined });
    assert.deepEqual(answer.json.errors.map(({ field }) => field), ['account_number', 'bank_code']);
  });
});

describe('recipients', () => {
  test('are kept with the name that the network tells, and paid', async () => {
    const kept = await keep();
    assertText(
      kept.text,
      `{"success":true,"message":"Recipient created Successfully","recipient":{"id":‹id›,"name":"Akosua","payout_method":"bank","bank_code":"gcb","account_number":"${good}","bank_name":"GCB Bank","account_name":‹text›,"check":"verified","checked_at":‹time›,"created_at":‹time›}}`,
    );
    const { id, account_name } = kept.json.recipient;
    // The same account is the same recipient.
    const again = (await keep({ name: 'Auntie' })).json.recipient;
    assert.deepEqual([again.id, again.name], [id, 'Auntie']);
    const reference = newReference('P');
    const made = await client.post('/api/v1/payout', { reference, amount: 1, recipient_id: id, payout_description: 'Rent' });
    assert.equal(made.status, 200, made.text);
    assert.equal(made.json.data.transaction.account_name, account_name);
    assert.equal(await client.settled(reference), 'success');
    const wallet = (await client.post('/api/v1/recipients', { name: 'Ama', payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: '0241234567' })).json.recipient;
    assert.deepEqual([wallet.mobile_wallet_number, wallet.check], ['0241234567', 'verified']);
    assert.equal((await client.post('/api/v1/payout', { reference: newReference('P'), amount: 1, recipient_id: wallet.id, payout_description: 'Rent' })).json.data.transaction.mobile_wallet_number, '0241234567');
    const list = (await client.get('/api/v1/recipients')).json.recipients;
    assert.deepEqual(list.data.map((one) => one.id), [wallet.id, id]);
    assert.equal(list.total, 2);
    assert.deepEqual((await client.get(`/api/v1/recipients/${id}`)).json.recipient, again);
    assert.equal((await client.api('DELETE', `/api/v1/recipients/${id}`)).status, 200);
    assertError(await client.get(`/api/v1/recipients/${id}`), 404, 'invalid_request_error', `There is no recipient ${id}`);
    assertError(await client.api('DELETE', `/api/v1/recipients/${id}`), 404, 'invalid_request_error');
    assertError(await client.post('/api/v1/payout', { reference: newReference('P'), amount: 1, recipient_id: id, payout_description: 'Rent' }), 404, 'invalid_request_error', `There is no recipient ${id}`);
  });

  test('whom the network does not know, and where it does not answer', async () => {
    assertError(await keep({ account_number: none }), 400, 'invalid_request_error', 'account_number names no account that money can be sent to');
    const unknown = (await keep({ account_number: silent })).json.recipient;
    assert.deepEqual([unknown.check, unknown.account_name], ['unverified', null]);
  });

  test("are a merchant's own", async () => {
    const { id } = (await keep()).json.recipient;
    const other = await signIn(epay, await createMerchant(epay.database));
    assertError(await other.get(`/api/v1/recipients/${id}`), 404, 'invalid_request_error');
    await paid(other);
    assertError(await other.post('/api/v1/payout', { reference: newReference('P'), amount: 1, recipient_id: id, payout_description: 'Rent' }), 404, 'invalid_request_error');
  });
});

describe('in the dashboard', () => {
  let owner;
  before(async () => {
    const created = await shop(epay);
    owner = created.owner;
    await paid(await signIn(epay, created.merchant));
  });
  const typed = { amount: '5', to: 'bank', bank: 'gcb', account: '12 3456 7890', description: 'Rent' };

  test('a transfer to a bank account shows whose it is, and keeps the recipient', async () => {
    const confirm = await owner.submit(await owner.get('/transfers/new'), typed);
    const text = shown(confirm);
    assert.match(text, /GHS 5\.00.*GCB Bank · 1234567890/);
    const holder = text.match(/Account holder (\w+ \w+)/)[1];
    const made = await owner.submit(confirm, { keep: '1', keep_as: 'Landlord' }, { action: '/transfers' });
    assert.match(made.path, /^\/revenue\/\d+\?done=transfer_made/);
    assert.match(shown(made), /Transfer · Bank account/);
    const list = await owner.get('/transfers/recipients');
    assert.match(shown(list), new RegExp(`Landlord Account holder: ${holder} GCB Bank · 1234567890`));
    const next = await owner.get(list.text.match(/href="(\/transfers\/new\?to=\d+)"/)[1]);
    const again = await owner.submit(next, { amount: '1', description: 'Rent' });
    assert.match(shown(again), /Recipient Landlord To GCB Bank · 1234567890/);
    const sent = await owner.submit(again, {}, { action: '/transfers' });
    assert.match(sent.path, /done=transfer_made/);
    const remove = formsOf(list).find((one) => one.action?.endsWith('/delete'));
    assert.match(shown(await owner.post(remove.action, remove.fields)), /No recipients yet/);
  });

  test('what cannot be is told beside the field', async () => {
    for (const [fields, id, text] of [
      [{ bank: '' }, 'bank', /choose the bank/],
      [{ account: '1' }, 'account', /not an account number/],
      [{ account: none }, 'account', /no such account/],
      [{ to: '999999' }, 'to', /no such recipient/],
    ]) {
      const page = await owner.submit(await owner.get('/transfers/new'), { ...typed, ...fields });
      assert.equal(page.status, 422, JSON.stringify(fields));
      assert.match(page.text.match(new RegExp(`id="${id}-wrong">([^<]*)<`))[1], text);
    }
    const silently = await owner.submit(await owner.get('/transfers/new'), { ...typed, account: silent });
    assert.match(shown(silently), /The network does not tell/);
  });
});

test('an operator replaces the list of banks', async () => {
  const file = `${filesBeside(epay.database)}.banks.json`;
  writeFileSync(file, '[{"code":"village","name":"Village Bank","hubtel":"1"}]');
  const other = await startEpay({ args: ['--banks-file', file] });
  const by = await signIn(other, await createMerchant(other.database));
  assert.deepEqual((await by.get('/api/v1/banks')).json.banks, [{ code: 'village', name: 'Village Bank' }]);
  await other.end();
  writeFileSync(file, '[{"code":"Village"}]');
  const { stderr } = await runEpay(['serve', '--database', other.database, '--banks-file', file], { expected: null });
  assert.match(stderr, /--banks-file: .*: bank 1 has no code of 2 to 20 lower-case letters and digits/);
  const banks = (await client.get('/api/v1/banks')).json.banks;
  assert.ok(banks.length > 20 && banks.some(({ code }) => code === 'gcb'));
});
