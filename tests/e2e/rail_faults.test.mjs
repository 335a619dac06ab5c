// Epay against the emulated MTN and Paystack: whatever happens to a request, money moves once, and both books say so.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertBooks, startEmulator } from './emulator.mjs';
import { createMerchant, momoCharge, newReference, receiver, signIn, startEpay, verify } from './harness.mjs';
import { entryFor, withRails } from './rails.mjs';

// Epay asks 5 s after a request that nobody answered, and again after 5 s and 10 s.
const settled = 60_000;

let rails, epay, hook, client;

before(async () => {
  rails = {
    mtn: await startEmulator('mtn', { switches: { 'mtn.target': 'mtnghana' } }),
    paystack: await startEmulator('paystack'),
  };
  const routes = [{ network: 'mtn', rails: ['mtn'] }, { network: 'airteltigo', rails: ['paystack'] }];
  epay = await startEpay({ args: withRails(Object.values(rails).map((rail) => entryFor(rail)), routes) });
  await rails.paystack.set({ 'paystack.webhook_url': `${epay.url}/cb/paystack` });
  hook = await receiver();
  client = await signIn(epay, await createMerchant(epay.database, { webhook: hook.url }));
});
after(async () => {
  await epay?.end();
  await hook?.close();
  if (epay) await verify(epay.database);
  for (const rail of Object.values(rails ?? {})) {
    await assertBooks(rail);
    await rail.end();
  }
});

const networks = { mtn: { network: 'mtn', good: '0241234567', ours: '0240000' }, paystack: { network: 'airteltigo', good: '0271234567', ours: '0270000' } };
const creates = { mtn: '*/requesttopay', paystack: '/charge' };
const statuses = { mtn: '*/requesttopay/*', paystack: '/transaction/verify/*' };

async function charge(rail, number = networks[rail].good) {
  const fields = momoCharge({ mobile_wallet_number: number, mobile_wallet_network: networks[rail].network, amount: 12.5 });
  const answer = await client.post('/api/v1/charge', fields);
  assert.equal(answer.status, 200, answer.text);
  return fields.reference;
}

// What the rail's books say of the orders that were made since.
async function movementsSince(rail, count) {
  const { movements } = await rails[rail].ledger();
  return movements.slice(count).filter((one) => !['opening', 'fee'].includes(one.kind));
}
const movementCount = async (rail) => (await rails[rail].ledger()).movements.length;

for (const rail of ['mtn', 'paystack']) {
  test(`${rail}: an answer to a charge that is lost, broken or wrong`, async () => {
    const faults = [
      { kind: 'close' },
      { kind: 'close', processed: false },
      { kind: 'cut_head' },
      { kind: 'truncate', bytes: 3 },
      { kind: 'garbage' },
      { kind: 'close_after' },
      { kind: 'drip', bytes: 60, delay: '20ms' },
      { kind: 'slow_head', delay: '500ms' },
      { kind: 'none', delay: '1s' },
      { kind: 'status', status: 500, processed: true },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 502, body: 'html' },
      { kind: 'status', status: 502, body: 'html', processed: true },
      { kind: 'status', status: 503, body: 'empty' },
      { kind: 'status', status: 504, processed: true },
      { kind: 'status', status: 200, body: 'html', processed: true },
      { kind: 'chunked', bytes: 5 },
    ];
    // MTN's answer is its status: there is nothing in it to be wrong.
    if (rail === 'paystack') {
      for (const kind of ['empty', 'html', 'malformed', 'utf16', 'duplicate_keys', 'unknown_fields', 'numbers_as_strings', 'strings_as_numbers', 'huge']) faults.push({ kind });
    }
    const count = await movementCount(rail);
    const references = [];
    for (const fault of faults) {
      await rails[rail].fault({ method: 'POST', path: creates[rail], ...fault });
      references.push([await charge(rail), fault]);
    }
    const endings = await Promise.all(references.map(async ([reference, fault]) => [JSON.stringify(fault), await client.settled(reference, settled)]));
    for (const [fault, ending] of endings) assert.equal(ending, 'success', fault);
    const moved = await movementsSince(rail, count);
    assert.equal(moved.length, faults.length, 'each once');
    assert.equal(new Set(moved.map((one) => one.client_reference)).size, faults.length);
  });

  test(`${rail}: an answer to a question that is lost, broken or wrong`, async () => {
    // Nobody calls back, so that the question is all there is.
    const kinds = ['close', 'garbage', 'html', 'empty', 'malformed', 'utf16', 'huge', 'gzip', 'duplicate_keys', 'unknown_fields', 'strings_as_numbers', 'truncate'];
    const count = await movementCount(rail);
    for (const kind of kinds) await rails[rail].fault({ method: 'GET', path: statuses[rail], kind });
    await rails[rail].fault({ method: 'GET', path: statuses[rail], kind: 'status', status: 429, retry_after: 1 });
    await rails[rail].outcome({ callback: 'never' }, { next: kinds.length + 1 });
    const references = [];
    for (let i = 0; i <= kinds.length; i += 1) references.push(await charge(rail));
    const endings = await Promise.all(references.map((reference) => client.settled(reference, settled)));
    assert.deepEqual(new Set(endings), new Set(['success']));
    assert.equal((await movementsSince(rail, count)).length, references.length);
  });

  test(`${rail}: the numbers of tests end as they say`, async () => {
    const { ours } = networks[rail];
    const count = await movementCount(rail);
    const expected = new Map();
    for (const suffix of ['450', '451', '452', '455', '456', '457', '462', '463']) expected.set(await charge(rail, ours + suffix), 'failed');
    for (const suffix of ['480', '481', '482', '484', '485', '487']) expected.set(await charge(rail, ours + suffix), 'success');
    for (const [reference, ending] of expected) assert.equal(await client.settled(reference, settled), ending, reference);
    assert.equal((await movementsSince(rail, count)).length, 6);
  });

  test(`${rail}: an answer to a payout that is lost, broken or wrong`, async () => {
    // Each is carried out: one that the rail does not know is asked for during five minutes before it is sent again.
    const faults = [{ kind: 'close' }, { kind: 'garbage' }, { kind: 'cut_head' }, { kind: 'status', status: 500, processed: true }, { kind: 'status', status: 502, body: 'html', processed: true }, { kind: 'none', delay: '1s' }];
    await Promise.all([await charge(rail), await charge(rail)].map((reference) => client.settled(reference, settled)));
    const count = await movementCount(rail);
    const references = [];
    for (const fault of faults) {
      await rails[rail].fault({ method: 'POST', path: rail === 'mtn' ? '*/transfer' : '/transfer', ...fault });
      const reference = newReference('P');
      const { network, good } = networks[rail];
      const answer = await client.post('/api/v1/payout', { reference, amount: 1, payout_method: 'momo', mobile_wallet_network: network, mobile_wallet_number: good, payout_description: 'Wages' });
      assert.equal(answer.status, 200, answer.text);
      references.push(reference);
    }
    for (const reference of references) assert.equal(await client.settled(reference, settled), 'success', reference);
    const moved = await movementsSince(rail, count);
    assert.deepEqual(moved.map((one) => [one.kind, one.minor]), faults.map(() => ['transfer', 100]));
    assert.equal(new Set(moved.map((one) => one.client_reference)).size, faults.length);
  });

  test(`${rail}: a message that lies changes nothing`, async () => {
    const before = new Set((await rails[rail].orders()).map((one) => one.id));
    const reference = await charge(rail, `${networks[rail].ours}453`);
    const order = (await rails[rail].orders()).find((one) => !before.has(one.id));
    const lies = [{ status: 'succeeded' }, { status: 'succeeded', amount: '999' }, { status: 'failed' }, { status: 'succeeded', depth: 500 }, { status: 'succeeded', pad: 200_000 }, { status: 'succeeded', body: '' }, { status: 'succeeded', times: 20 }, { status: 'succeeded', method: 'PUT' }, { status: 'succeeded', headers: { 'content-type': 'text/plain' } }];
    for (const lie of lies) await rails[rail].callback({ order: `${order.kind}/${order.id}`, ...lie }).catch((error) => assert.match(error.message, /says nothing/));
    assert.equal((await client.get(`/api/v1/transactions/${reference}`)).json.transaction.status, 'pending');
    assert.deepEqual(await rails[rail].moved(order.client_reference), { times: 0, minor: 0 });
    await rails[rail].decide(`${order.kind}/${order.id}`, 'failed', 'EXPIRED');
    assert.equal(await client.settled(reference, settled), 'failed');
  });
}
