// The emulated Hubtel: what its documents say, and the traps in it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertBooks, credentials, startEmulator } from './emulator.mjs';
import { eventually, receiver, request } from './harness.mjs';

const { id, key, pos, prepaid } = credentials.hubtel;
const authorization = `Basic ${Buffer.from(`${id}:${key}`).toString('base64')}`;

let emulator, hook;

before(async () => {
  emulator = await startEmulator('hubtel', { switches: { 'decide.after': '50ms' } });
  hook = await receiver();
});
after(async () => {
  await hook?.close();
  await emulator?.end();
});

let references = 0;
const newReference = () => `hubtel${process.pid}x${(references += 1)}`;
const ask = (method, target, body, headers = {}) => request(emulator.url + target, { method, body, headers: { authorization, ...headers } });
const receive = (fields = {}) =>
  ask('POST', `/merchantaccount/merchants/${pos}/receive/mobilemoney`, { CustomerName: 'Ama', CustomerMsisdn: '233241234567', Channel: 'mtn-gh', Amount: 12.5, PrimaryCallbackURL: hook.url, Description: 'Two tickets', ClientReference: newReference(), ...fields });
const status = async (reference) => (await ask('GET', `/transactions/${pos}/status?clientReference=${reference}`)).json;
const arrives = (reference) => eventually(`a callback of ${reference}`, () => hook.deliveries.find((one) => one.json.Data.ClientReference === reference));

test('money is received: pending, callback, Paid', async () => {
  const reference = newReference();
  const answer = await receive({ ClientReference: reference });
  assert.deepEqual([answer.status, answer.json.ResponseCode], [200, '0001']);
  assert.deepEqual([answer.json.Data.Amount, answer.json.Data.Charges, answer.json.Data.AmountAfterCharges, answer.json.Data.ClientReference], [12.5, 0.13, 12.37, reference]);
  const { json } = await arrives(reference);
  assert.deepEqual([json.ResponseCode, json.Message, json.Data.TransactionId], ['0000', 'success', answer.json.Data.TransactionId]);
  const asked = await status(reference);
  assert.deepEqual([asked.responseCode, asked.data.status, asked.data.amount, asked.data.currencyCode], ['0000', 'Paid', 12.5, null]);
  assert.deepEqual(await emulator.moved(reference), { times: 1, minor: 1_250 });
  assert.equal((await ask('GET', `/transactions/${pos}/status?hubtelTransactionId=${asked.data.transactionId}`)).json.data.clientReference, reference);
});

test('Unpaid does not tell a failure from what is still open', async () => {
  const [failed, open] = [newReference(), newReference()];
  await receive({ ClientReference: failed, CustomerMsisdn: '233240000451' });
  await receive({ ClientReference: open, CustomerMsisdn: '233240000453' });
  const { json } = await arrives(failed);
  assert.deepEqual([json.ResponseCode, json.Message], ['2001', 'failed: the customer entered a wrong PIN or declined']);
  for (const reference of [failed, open]) {
    const asked = await status(reference);
    assert.deepEqual([asked.responseCode, asked.data.status], ['0000', 'Unpaid']);
  }
  const elsewhere = newReference();
  await receive({ ClientReference: elsewhere, CustomerMsisdn: '233201234567' });
  assert.match((await arrives(elsewhere)).json.Message, /does not match the channel/);
});

test('a reference that is sent twice is paid twice, unless it is refused', async () => {
  const reference = newReference();
  await receive({ ClientReference: reference });
  await receive({ ClientReference: reference });
  await eventually('both', async () => (await emulator.moved(reference)).times === 2);
  await assert.rejects(assertBooks(emulator), /moved money 2 times/);
  await emulator.set({ 'hubtel.duplicate': 'refused' });
  const answer = await receive({ ClientReference: reference });
  assert.deepEqual([answer.status, answer.json.ResponseCode], [400, '4000']);
});

test('what is wrong with a request has a code', async () => {
  for (const [fields, code] of [
    [{ Amount: 1.234 }, '4000'],
    [{ ClientReference: 'with-dashes' }, '4000'],
    [{ ClientReference: 'x'.repeat(37) }, '4000'],
    [{ CustomerMsisdn: '0241234567' }, '4000'],
    [{ Channel: 'glo-gh' }, '4000'],
    [{ Description: '' }, '4000'],
    [{ PrimaryCallbackURL: undefined }, '4000'],
  ]) {
    assert.equal((await receive(fields)).json.ResponseCode, code, JSON.stringify(fields));
  }
  await emulator.set({ 'hubtel.channels': 'mtn-gh', 'hubtel.minimum': '0.50' });
  assert.equal((await receive({ Channel: 'tigo-gh', CustomerMsisdn: '233271234567' })).json.ResponseCode, '4103');
  assert.equal((await receive({ Amount: 0.49 })).json.ResponseCode, '4070');
  await emulator.set({ 'hubtel.channels': 'mtn-gh,vodafone-gh,tigo-gh', 'hubtel.minimum': '0.01' });
  assert.equal((await ask('GET', '/transactions/99/status?clientReference=x')).json.ResponseCode, '4101');
  assert.equal((await ask('GET', `/transactions/${pos}/status?clientReference=x`, undefined, { authorization: 'Basic eDp5' })).status, 401);
  // Names of members in any case.
  assert.equal((await receive({ PrimaryCallbackURL: undefined, PrimaryCallbackUrl: hook.url })).json.ResponseCode, '0001');
});

test('an answer that says that nobody knows; an unknown reference', async () => {
  await emulator.set({ 'hubtel.answer': '0005' });
  const reference = newReference();
  assert.equal((await receive({ ClientReference: reference })).json.ResponseCode, '0005');
  await emulator.set({ 'hubtel.answer': '0001' });
  await eventually('it to be paid all the same', async () => (await status(reference)).data.status === 'Paid');
  const unknown = () => ask('GET', `/transactions/${pos}/status?clientReference=none`);
  assert.equal((await unknown()).status, 404);
  await emulator.set({ 'hubtel.status_unknown': 'null' });
  assert.deepEqual([(await unknown()).status, (await unknown()).json.data], [200, null]);
});

test('sending to a wallet and to a bank, and refunds', async () => {
  const [wallet, bank] = [newReference(), newReference()];
  const common = { Amount: 3, PrimaryCallbackURL: hook.url, Description: 'Wages' };
  await ask('POST', `/api/merchants/${prepaid}/send/mobilemoney`, { ...common, RecipientName: 'Kofi', RecipientMsisdn: '233271234567', Channel: 'tigo-gh', ClientReference: wallet });
  await ask('POST', `/api/merchants/${prepaid}/send/bank/gh/300304`, { ...common, BankAccountNumber: '0123456789', ClientReference: bank });
  for (const reference of [wallet, bank]) {
    assert.equal((await arrives(reference)).json.ResponseCode, '0000');
    assert.deepEqual(await emulator.moved(reference), { times: 1, minor: 300 });
    assert.equal((await ask('GET', `/api/merchants/${prepaid}/transactions/status?clientReference=${reference}`)).json.Data.transactionStatus, 'success');
  }
  assert.equal((await ask('POST', `/api/merchants/${prepaid}/send/bank/gh/999999`, { ...common, BankAccountNumber: '1', ClientReference: newReference() })).json.ResponseCode, '4000');
  const paid = newReference();
  const { TransactionId } = (await receive({ ClientReference: paid })).json.Data;
  await arrives(paid);
  const refund = await ask('POST', `/refund/${pos}/order/${TransactionId}`, { callbackUrl: hook.url, amount: 2.5 });
  assert.equal(refund.json.ResponseCode, '0001');
  await arrives(`refund:${paid}`);
  assert.equal((await ask('POST', `/refund/${pos}/order/${TransactionId}`, { callbackUrl: hook.url, amount: 10.01 })).json.ResponseCode, '4000');
});

test('names', async () => {
  const wallet = async (number, channel = 'mtn-gh') => (await ask('GET', `/merchantaccount/merchants/${pos}/mobilemoney/verify?channel=${channel}&customerMsisdn=${number}`)).json.Data;
  assert.equal((await wallet('233241234567')).IsRegistered, true);
  assert.match((await wallet('233241234567')).Name, / /);
  assert.equal((await wallet('233240000450')).IsRegistered, false);
  assert.equal((await wallet('233240000451')).Status, 'barred');
  assert.equal((await wallet('233241234567', 'vodafone-gh')).IsRegistered, false);
  const bank = await ask('GET', `/v2/merchantaccount/merchants/${pos}/bank/verify/300304/0123456789`);
  assert.match(bank.json.Data.Name, / /);
});

test('an address that is not listed sees a closed door, or nothing at all', async () => {
  await emulator.set({ 'hubtel.listed_ip': '10.0.0.1' });
  assert.equal((await receive()).status, 403);
  await emulator.set({ 'hubtel.unlisted_ip': 'hang' });
  await assert.rejects(request(`${emulator.url}/transactions/${pos}/status`, { headers: { authorization }, timeout: 300, agent: undefined }), /no answer within/);
  await emulator.set({ 'hubtel.listed_ip': '' });
});
