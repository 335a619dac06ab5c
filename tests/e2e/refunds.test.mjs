// Refunds by the API and in the dashboard: whole and in parts, never more than was paid; what fails and what comes back is the merchant's again. And
// payouts that come back after they had succeeded.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { askStore, assertError, assertText, createMerchant, eventually, momoCharge, newReference, random, receiver, signIn, sleep, startEpay, verify } from './harness.mjs';
import { formsOf, member, shop, shown } from './people.mjs';

// Numbers that can be paid, and what is sent to them fails, waits, and so on (src/rails/simulator/scenario.cpp).
const wallets = { good: '0241234567', failed: '0240000470', refused: '0240000471', waits: '0240000472', lost: '0240000473', comesBack: '0240000474' };

let epay, hook, client;
before(async () => {
  epay = await startEpay();
  hook = await receiver();
  client = await signIn(epay, await createMerchant(epay.database, { webhook: hook.url }));
  const endpoint = (await client.get('/api/v1/endpoints')).json.endpoints.at(-1);
  const asked = await client.api('PATCH', `/api/v1/endpoints/${endpoint.id}`, { events: '*' });
  assert.equal(asked.status, 200, asked.text);
});
after(async () => {
  await epay.end();
  await hook.close();
  await verify(epay.database);
});

async function paid(fields = {}, by = client) {
  const charge = momoCharge({ amount: 10, ...fields });
  const answer = await by.post('/api/v1/charge', charge);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(await by.settled(charge.reference), 'success');
  return charge.reference;
}
const refund = (body, options) => client.post('/api/v1/refunds', body, options);
const ended = (reference, by = client) =>
  eventually(`${reference} to end`, async () => {
    const { json } = await by.get(`/api/v1/refunds/${reference}`);
    return json.refund.status !== 'pending' && json.refund.status;
  });
const eventsOf = (reference) => hook.deliveries.map(({ json }) => json).filter(({ data }) => data?.refund?.reference === reference);
const told = async (reference, type) => {
  await eventually(`${type} of ${reference}`, () => eventsOf(reference).some((event) => event.type === type));
  return eventsOf(reference);
};

describe('by the API', () => {
  test('a whole payment', async () => {
    const reference = await paid();
    const answer = await refund({ transaction_reference: reference, reason: 'Out of stock' });
    assert.equal(answer.status, 200, answer.text);
    assertText(
      answer.text,
      `{"success":true,"message":"The refund is on its way","refund":{"id":‹id›,"reference":‹text›,"transaction_reference":"${reference}","amount":"10","currency":"GHS","status":‹text›,"reason":"Out of stock","created_at":‹time›,"updated_at":‹time›}}`,
    );
    const name = answer.json.refund.reference;
    assert.match(name, /^RF-[A-Za-z0-9]{11}$/);
    assert.equal(await ended(name), 'success');
    const [event] = await told(name, 'refund.success');
    assert.equal(event.data.transaction.reference, reference);
    assert.equal(event.data.transaction.amount_refunded, '10');
    assert.equal(event.data.refund.amount, '10');
    const shownAs = (await client.get(`/api/v1/transactions/${name}`)).json.transaction;
    assert.deepEqual([shownAs.type, shownAs.status, shownAs.amount, shownAs.payment_no], ['refunds', 'success', '10', wallets.good]);
    assert.equal((await client.get(`/api/v1/transactions/${reference}`)).json.transaction.amount_refunded, '10');
    assertError(await refund({ transaction_reference: reference }), 409, 'invalid_request_error', `All of ${reference} has been refunded`);
  });

  test('parts, under names of the merchant, and then the rest', async () => {
    const reference = await paid();
    const names = [newReference('F'), newReference('F')];
    for (const name of names) assert.equal((await refund({ transaction_reference: reference, reference: name, amount: '3.50' })).status, 200);
    assertError(await refund({ transaction_reference: reference, amount: 3.01 }), 409, 'invalid_request_error', `Of ${reference} only 3 GHS is left to refund`);
    assertError(await refund({ transaction_reference: reference, reference: names[0], amount: 1 }), 409, 'invalid_request_error');
    const rest = await refund({ transaction_reference: reference, currency: 'GHS' });
    assert.equal(rest.json.refund.amount, '3');
    const list = (await client.get('/api/v1/refunds')).json.refunds;
    assert.deepEqual(list.data.slice(0, 3).map((one) => [one.reference, one.amount]), [[rest.json.refund.reference, '3'], [names[1], '3.5'], [names[0], '3.5']]);
    assert.ok(list.total >= 3);
  });

  test('a card payment', async () => {
    const charge = momoCharge({ amount: 4, payment_method: 'card', mobile_wallet_number: undefined, mobile_wallet_network: undefined });
    const { json } = await client.post('/api/v1/charge', charge);
    const page = new URL(json.data.redirect_url);
    await client.post(page.pathname, new URLSearchParams({ decision: 'approve' }));
    assert.equal(await client.settled(charge.reference), 'success');
    const answer = await refund({ transaction_reference: charge.reference, amount: 1 });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(await ended(answer.json.refund.reference), 'success');
  });

  test('one that fails gives the money back, and may be made again', async () => {
    const reference = await paid({ mobile_wallet_number: wallets.failed });
    const name = (await refund({ transaction_reference: reference })).json.refund.reference;
    assert.equal(await ended(name), 'failed');
    await told(name, 'refund.failed');
    assert.equal('amount_refunded' in (await client.get(`/api/v1/transactions/${reference}`)).json.transaction, false);
    assert.equal((await refund({ transaction_reference: reference })).status, 200);
  });

  test('one that is refused at once', async () => {
    const reference = await paid({ mobile_wallet_number: wallets.refused });
    assertError(await refund({ transaction_reference: reference }), 402, 'api_error', 'The refund was refused: NOT_ALLOWED');
  });

  test('one whose answer is lost is asked for', async () => {
    const reference = await paid({ mobile_wallet_number: wallets.lost });
    const answer = await refund({ transaction_reference: reference });
    assert.equal(answer.json.refund.status, 'pending');
    assert.equal(await ended(answer.json.refund.reference), 'success');
  });

  test('what is not paid, not there, or not covered', async () => {
    const waiting = momoCharge({ mobile_wallet_number: '0240000453' });
    await client.post('/api/v1/charge', waiting);
    assertError(await refund({ transaction_reference: waiting.reference }), 409, 'invalid_request_error', `Only payments that have succeeded can be refunded, and ${waiting.reference} is none`);
    assertError(await refund({ transaction_reference: 'nothing' }), 404, 'invalid_request_error', 'There is no transaction with the reference nothing');
    assertError(await refund({ amount: 1 }), 400, 'invalid_request_error', 'Not a valid API request with missing parameters');
    const reference = await paid();
    for (const [fields, field] of [[{ amount: 0 }, 'amount'], [{ amount: -1 }, 'amount'], [{ amount: '1.005' }, 'amount'], [{ currency: 'USD' }, 'currency'], [{ reason: 'x'.repeat(1001) }, 'reason']]) {
      const answer = await refund({ transaction_reference: reference, ...fields });
      assertError(answer, 400, 'invalid_request_error');
      assert.equal(answer.json.errors[0].field, field);
    }
    const poor = await signIn(epay, await createMerchant(epay.database));
    const spent = await paid({}, poor);
    const payout = await poor.post('/api/v1/payout', { reference: newReference('P'), amount: 9.5, payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: wallets.good, payout_description: 'Wages' });
    assert.equal(payout.status, 200, payout.text);
    assertError(await poor.post('/api/v1/refunds', { transaction_reference: spent }), 402, 'api_error', 'The balance available does not cover this amount');
    assert.equal((await poor.post('/api/v1/refunds', { transaction_reference: spent, amount: 0.5 })).status, 200);
    assertError(await poor.post('/api/v1/refunds', { transaction_reference: reference }), 404, 'invalid_request_error');
    assertError(await poor.get(`/api/v1/refunds/${spent}`), 404, 'invalid_request_error', `There is no refund with the reference ${spent}`);
  });

  test('the same key is the same refund; another body is a conflict', async () => {
    const reference = await paid();
    const options = { headers: { 'idempotency-key': newReference('K') } };
    const first = await refund({ transaction_reference: reference, amount: 2 }, options);
    const again = await refund({ transaction_reference: reference, amount: 2 }, options);
    assert.equal(again.text, first.text);
    assert.equal(again.headers['idempotent-replayed'], 'true');
    assert.equal((await refund({ transaction_reference: reference, amount: 3 }, options)).status, 409);
    assert.equal((await client.get(`/api/v1/transactions/${reference}`)).json.transaction.amount_refunded, '2');
  });

  test('a hundred at once are never more than was paid', async () => {
    const reference = await paid();
    await paid({ amount: 1000 });
    const answers = await Promise.all(Array.from({ length: 100 }, () => refund({ transaction_reference: reference, amount: 0.3 })));
    const made = answers.filter(({ status }) => status === 200);
    assert.equal(made.length, 33);
    for (const answer of answers) if (answer.status !== 200) assertError(answer, 409, 'invalid_request_error', `Of ${reference} only 0.1 GHS is left to refund`);
    assert.equal((await client.get(`/api/v1/transactions/${reference}`)).json.transaction.amount_refunded, '9.9');
  });

  test('a customer has them among the transactions', async () => {
    const reference = await paid({ customer_email: 'returns@example.com' });
    const { id } = (await client.get('/api/v1/customers')).json.customers.data.find(({ email }) => email === 'returns@example.com');
    const name = (await refund({ transaction_reference: reference, amount: 1 })).json.refund.reference;
    const { transactions } = (await client.get(`/api/v1/customers/${id}`)).json.data;
    assert.deepEqual(transactions.map((one) => [one.reference, one.type]), [[name, 'refunds'], [reference, 'payments']]);
  });
});

test('a payout and a refund that come back after they had succeeded', { timeout: 90_000 }, async () => {
  const reference = await paid({ mobile_wallet_number: wallets.comesBack });
  const name = (await refund({ transaction_reference: reference })).json.refund.reference;
  const wages = newReference('P');
  const payout = await client.post('/api/v1/payout', { reference: wages, amount: 5, payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: wallets.comesBack, payout_description: 'Wages' });
  assert.equal(payout.status, 200, payout.text);
  assert.equal(await client.settled(wages), 'success');
  assert.equal(await ended(name), 'success');
  const news = () => hook.of(wages).map(({ json }) => json);
  const types = () => hook.deliveries.map(({ json }) => json).filter(({ data }) => data?.transaction?.reference === wages).map(({ type }) => type);
  assert.deepEqual(news(), []);
  await eventually('the money to come back', () => types().includes('payout.reversed') && eventsOf(name).some(({ type }) => type === 'refund.failed'), 60_000);
  assert.deepEqual(types(), ['payout.success', 'payout.reversed']);
  assert.deepEqual(eventsOf(name).map(({ type }) => type), ['refund.success', 'refund.failed']);
  assert.equal((await client.get(`/api/v1/transactions/${wages}`)).json.transaction.status, 'failed');
  assert.equal((await client.get(`/api/v1/refunds/${name}`)).json.refund.status, 'failed');
  assert.equal((await refund({ transaction_reference: reference })).status, 200);
});

describe('in the dashboard', () => {
  let owner, api, people;
  before(async () => {
    const created = await shop(epay);
    owner = created.owner;
    api = await signIn(epay, created.merchant);
    people = { finance: (await member(epay, owner, 'finance')).person, viewer: (await member(epay, owner, 'viewer')).person, developer: (await member(epay, owner, 'developer')).person };
  });
  const pageOf = async (reference, who = owner) => {
    const list = await who.get(`/revenue?q=${encodeURIComponent(reference)}`);
    return who.get(list.text.match(new RegExp(`href="(/revenue/\\d+)">${reference}<`))[1]);
  };

  test('asked once more, made once, followed', async () => {
    const reference = await paid({}, api);
    const page = await pageOf(reference);
    const at = page.text.match(/href="(\/revenue\/\d+\/refund)"/)[1];
    const confirm = await owner.submit(await owner.get(at), { amount: '4', reason: 'Broken' });
    assert.match(shown(confirm), /Is this right\?.*GHS 4\.00.*024 123 4567.*Broken/);
    const made = await owner.submit(confirm, { confirmed: '1' });
    assert.match(made.path, /^\/revenue\/\d+\?done=refund_made/);
    assert.match(shown(made), new RegExp(`Refund · Mobile money.*Refund of ${reference}`));
    const twice = await owner.submit(confirm, { confirmed: '1' });
    assert.equal(twice.path.split('?')[0], made.path.split('?')[0]);
    const after = shown(await pageOf(reference));
    assert.match(after, /Refunds −GHS 4\.00/);
    assert.match(shown(await owner.get('/wallet')), /Refund: sent/);
    assert.match(shown(await owner.get('/revenue?kind=refund')), /Refund · Mobile money/);
    assert.match(shown(await owner.get('/settings/activity')), /Refund made/);
    const left = await owner.get(at);
    assert.equal(formsOf(left).find((one) => one.fields.reference).fields.amount, '6');
    for (const [fields, id, text] of [[{ amount: '6.01' }, 'amount', /more than is left/], [{ amount: 'all' }, 'amount', /not an amount/], [{ reason: 'x'.repeat(141) }, 'reason', /too long/]]) {
      const wrong = await owner.submit(await owner.get(at), fields);
      assert.equal(wrong.status, 422, JSON.stringify(fields));
      assert.match(wrong.text.match(new RegExp(`id="${id}-wrong">([^<]*)<`))[1], text);
    }
  });

  test('by those who may move money, of payments that were paid', async () => {
    const reference = await paid({}, api);
    const at = (await pageOf(reference)).text.match(/href="(\/revenue\/\d+\/refund)"/)[1];
    for (const [role, may] of [['finance', true], ['viewer', false], ['developer', false]]) {
      assert.equal((await pageOf(reference, people[role])).text.includes(at), may, role);
      assert.equal((await people[role].get(at)).status, may ? 200 : 403, role);
    }
    const other = await shop(epay);
    assert.equal((await other.owner.get(at)).status, 404);
    await api.post('/api/v1/refunds', { transaction_reference: reference });
    assert.equal((await owner.get(at)).path, at.replace('/refund', ''));
    assert.equal((await pageOf(reference)).text.includes(at), false);
  });
});

test('refunds through kill -9 move money once', { timeout: 120_000 }, async (t) => {
  const chance = random(7);
  const crashing = { epay: await startEpay({ delay: '30ms', args: ['--rate-limit', '0'] }) };
  const { database } = crashing.epay;
  t.after(() => crashing.epay.end());
  let by = await signIn(crashing.epay, await createMerchant(database));
  const references = [];
  for (let i = 0; i < 20; i += 1) references.push(await paid({ amount: 10 }, by));
  const wanted = references.flatMap((reference) => [1, 2, 3, 4].map((amount) => ({ transaction_reference: reference, reference: newReference('F'), amount })));
  let next = 0;
  const names = [];
  async function caller() {
    while (next < wanted.length) {
      const body = wanted[(next += 1) - 1];
      for (;;) {
        try {
          const answer = await by.post('/api/v1/refunds', body, { headers: { 'idempotency-key': body.reference }, timeout: 5_000 });
          if (answer.status === 200) break;
          assert.ok(answer.status >= 500 || (answer.status === 409 && answer.headers['retry-after']), `${answer.status} ${answer.text}`);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
        }
        await sleep(20);
      }
      names.push(body.reference);
    }
  }
  let done = false;
  const run = Promise.all(Array.from({ length: 8 }, caller)).finally(() => (done = true));
  run.catch(() => {});
  for (let crashes = 0; !done && crashes < 6; crashes += 1) {
    await sleep(20 + chance() * 80);
    await crashing.epay.kill9();
    crashing.epay = await startEpay({ database, delay: '30ms', args: ['--rate-limit', '0'] });
    by = by.at(crashing.epay);
  }
  await run;
  // One that a crash kept from its network is sent again, under the same reference, when the network has not known it for five minutes.
  await eventually('the refunds that were sent', async () => {
    const left = [];
    for (const name of names) {
      const { status } = (await by.get(`/api/v1/refunds/${name}`)).json.refund;
      assert.notEqual(status, 'failed', name);
      if (status === 'pending') left.push(name);
    }
    const unsent = Number(askStore(database, "SELECT count(*) FROM attempts WHERE status = 5 AND failure = 'not found at the rail'"));
    return left.length === unsent && left.length <= 8 * 6;
  }, 30_000);
  for (const reference of references) assert.equal((await by.get(`/api/v1/transactions/${reference}`)).json.transaction.amount_refunded, '10');
  assert.equal((await by.get('/api/v1/refunds')).json.refunds.total, wanted.length);
  // The network's own books: nothing but what was asked for, each once.
  const sent = Number(askStore(database, 'SELECT coalesce(sum(amount_minor), 0) FROM simulator_orders WHERE kind = 2'));
  const settled = Number(askStore(database, 'SELECT coalesce(sum(amount_minor), 0) FROM transfers WHERE reason = 8'));
  assert.equal(sent, settled);
  await verify(database);
});
