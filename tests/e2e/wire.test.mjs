// The wire contract, to the byte: every endpoint's answer, every documented error, and the leniences clients rely on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError, assertText, createMerchant, momoCharge, newReference, request, runEpay, signIn, startEpay, wallets } from './harness.mjs';

const missing = 'Not a valid API request with missing parameters';
const customerOf = (one) =>
  `{"id":‹id›,"name":"${one.customer_name}","email":"${one.customer_email}","telephone":"${one.customer_telephone}","created_at":‹time›,"updated_at":‹time›}`;

// On one service nothing ever settles, on the other everything at once; both on one store would tread on each other.
let still, quick;

before(async () => {
  [still, quick] = await Promise.all(
    ['24h', '0'].map(async (delay) => {
      const epay = await startEpay({ delay });
      const merchant = await createMerchant(epay.database);
      return { epay, merchant, ...(await signIn(epay, merchant)) };
    }),
  );
});
after(async () => {
  await Promise.all([still?.epay.end(), quick?.epay.end()]);
});

async function newClient(epay = still.epay) {
  return signIn(epay, await createMerchant(epay.database));
}

function assertErrorsName(answer, fields, what) {
  const { errors } = answer.json;
  assert.ok(Array.isArray(errors), `${what}: no errors array in ${answer.text}`);
  for (const error of errors) assert.deepEqual(Object.keys(error).slice(0, 3), ['field', 'code', 'message'], what);
  assert.deepEqual(errors.map((error) => error.field).sort(), [...fields].sort(), `${what}: ${answer.text}`);
}

// ---- token ----

test('merchant create prints credentials of the documented shapes', async () => {
  const { merchant_key, app_id, app_secret, webhook_secret } = await createMerchant(still.epay.database, { webhook: 'http://127.0.0.1:9/hook' });
  assert.match(merchant_key, /^[A-Za-z0-9]{16}$/);
  assert.match(app_id, /^[0-9a-f]{13}$/);
  assert.match(app_secret, /^[A-Za-z0-9]{32}$/);
  assert.match(webhook_secret, /^whsec_[A-Za-z0-9+/]+=*$/);
  assert.equal(still.merchant.webhook_secret, null, 'there is none without a URL to sign for');
});

test('token: the answer, which clients split at its commas', async () => {
  const { merchant_key, app_id, app_secret } = still.merchant;
  const answer = await request(`${still.epay.url}/api/v1/token`, { method: 'POST', body: { merchant_key, app_id, app_secret } });
  assertText(answer.text, '{"success":true,"message":"Verification Successful","data":{"access_token":‹token›,"expires_at":‹time›}}');
  assert.equal(answer.status, 200);
  const expires = Date.parse(`${answer.json.data.expires_at.replace(' ', 'T')}Z`);
  assert.ok(Math.abs(expires - Date.now() - 3_600_000) < 10_000, `expires_at is ${answer.json.data.expires_at}`);
});

test('token: what is refused', async () => {
  const { merchant_key, app_id, app_secret } = still.merchant;
  const other = await createMerchant(still.epay.database);
  const unknown = "We couldn't verify your identity!";
  const rows = [
    ['an unknown key', { merchant_key: 'A'.repeat(16), app_id, app_secret }, unknown],
    ['an unknown app', { merchant_key, app_id: '0'.repeat(13), app_secret }, unknown],
    ["another merchant's app", { merchant_key, app_id: other.app_id, app_secret: other.app_secret }, unknown],
    ['a wrong secret', { merchant_key, app_id, app_secret: 'x'.repeat(32) }, "Your identity couldn't be validated!"],
  ];
  for (const [what, body, message] of rows) {
    assertError(await request(`${still.epay.url}/api/v1/token`, { method: 'POST', body }), 401, 'authentication_error', message, what);
  }
  for (const field of ['merchant_key', 'app_id', 'app_secret']) {
    const body = { merchant_key, app_id, app_secret, [field]: undefined };
    const answer = await request(`${still.epay.url}/api/v1/token`, { method: 'POST', body });
    assertError(answer, 400, 'invalid_request_error', missing, `without ${field}`);
    assertErrorsName(answer, [field], `without ${field}`);
  }
});

test('every other endpoint asks for the bearer token', async () => {
  const endpoints = [
    ['POST', '/api/v1/charge'],
    ['POST', '/api/v1/charge/token'],
    ['POST', '/api/v1/customers'],
    ['POST', '/api/v1/payout'],
    ['GET', '/api/v1/customers'],
    ['GET', '/api/v1/customers/1'],
    ['GET', '/api/v1/transactions'],
    ['GET', '/api/v1/transactions/x'],
  ];
  for (const [method, path] of endpoints) {
    for (const authorization of [undefined, 'Bearer', 'Bearer nothing-of-ours', `Basic ${still.token}`, still.token]) {
      const answer = await request(still.epay.url + path, {
        method,
        body: method === 'POST' ? momoCharge() : undefined,
        headers: authorization ? { authorization } : {},
      });
      assertError(answer, 401, 'authentication_error', 'Authorization Failed! ', `${method} ${path} with ${authorization}`);
    }
  }
  for (const scheme of ['bearer', 'BEARER']) {
    const answer = await still.get('/api/v1/customers', { headers: { authorization: `${scheme} ${still.token}` } });
    assert.equal(answer.status, 200, `${scheme}: ${answer.text}`);
  }
});

// ---- charge ----

test('charge: mobile money, each network', async () => {
  for (const [network, number, voucher] of [
    ['mtn', '0241234567', ''],
    ['vodafone', '0201234567', '123456'],
    ['telecel', '0501234567', '123456'],
    ['airtel', '0261234567', ''],
    ['tigo', '0271234567', ''],
    ['airteltigo', '0561234567', ''],
  ]) {
    const charge = momoCharge({ mobile_wallet_network: network, mobile_wallet_number: number, voucher, amount: 1.5 });
    const answer = await still.post('/api/v1/charge', charge);
    assertText(
      answer.text,
      `{"success":true,"message":"A payment request has been sent to the mobile wallet. Please Approve Payment.","data":{"customer":${customerOf(charge)},` +
        `"transaction":{"reference":"${charge.reference}","payment_method":"momo","description":"Two tickets","amount":1.5,` +
        `"mobile_wallet_number":"${number}","mobile_wallet_network":"${network}"}}}`,
      network,
    );
    assert.equal(answer.status, 200);
  }
});

test('charge: a wallet number is shown in its national form, a telephone as it came', async () => {
  for (const written of ['0241234567', '+233241234567', '233241234567', '00233 24 123 4567', '024-123-4567']) {
    const charge = momoCharge({ mobile_wallet_number: written, customer_telephone: '+233 20 123 4567' });
    const { status, text, json } = await still.post('/api/v1/charge', charge);
    assert.equal(status, 200, `${written}: ${text}`);
    assert.equal(json.data.transaction.mobile_wallet_number, '0241234567', written);
    assert.equal(json.data.customer.telephone, '+233 20 123 4567');
    assert.equal((await still.get(`/api/v1/transactions/${charge.reference}`)).json.transaction.payment_no, '0241234567', written);
  }
});

test('charge: card', async () => {
  const charge = momoCharge({ payment_method: 'card', mobile_wallet_number: undefined, mobile_wallet_network: undefined, voucher: undefined });
  const answer = await still.post('/api/v1/charge', charge);
  assertText(
    answer.text,
    `{"success":true,"message":"Redirect to url provided to complete payment","data":{"customer":${customerOf(charge)},` +
      `"transaction":{"reference":"${charge.reference}","payment_method":"card","description":"Two tickets","amount":1.0},"redirect_url":‹url›}}`,
  );
  assert.equal(answer.status, 200);
  const shown = await still.get(`/api/v1/transactions/${charge.reference}`);
  assert.equal(shown.json.transaction.payment_no, 'card');
});

test('charge/token', async () => {
  const { customer_name, customer_email, customer_telephone } = momoCharge();
  const body = { reference: newReference(), amount: 5, customer_name, customer_email, customer_telephone };
  const answer = await still.post('/api/v1/charge/token', body);
  assertText(answer.text, '{"success":true,"token":‹token32›,"message":"Charge created successfully"}');
  assert.equal(answer.status, 200);
  const empty = await still.post('/api/v1/charge/token', {});
  assertError(empty, 400, 'invalid_request_error', missing);
  assertErrorsName(empty, Object.keys(body));
});

test('amounts are exact decimals within their currency', async () => {
  // What is written after "amount":, the currency, and what the charge answers and the transaction shows; null: 400.
  const rows = [
    ['1', 'GHS', '1.0', '1'],
    ['"1.00"', 'GHS', '1.0', '1'],
    ['1.00', 'GHS', '1.0', '1'],
    ['0.1', 'GHS', '0.1', '0.1'],
    ['"0.05"', 'GHS', '0.05', '0.05'],
    ['22', 'GHS', '22.0', '22'],
    ['1.001', 'BHD', '1.001', '1.001'],
    ['500', 'JPY', '500.0', '500'],
    ...['1e3', '"1e3"', '-1', '"-1"', '"+1"', '"NaN"', '"Infinity"', '0', '"0.00"', '1234567890123456789', '"1234567890123456789"'].map((amount) => [amount, 'GHS', null]),
    ...['1.001', '"1.001"', '"1,000"', '"0x10"', '" 1"', '"1."', '".5"', '"abc"', 'true', '{}', '[1]'].map((amount) => [amount, 'GHS', null]),
    ['1.0001', 'BHD', null],
    ['1.5', 'JPY', null],
  ];
  for (const [amount, currency, number, text] of rows) {
    const what = `amount ${amount} ${currency}`;
    const charge = momoCharge({ amount: undefined, currency });
    const answer = await still.post('/api/v1/charge', `{"amount":${amount},${JSON.stringify(charge).slice(1)}`);
    if (number === null) {
      assertError(answer, 400, 'invalid_request_error', undefined, what);
      assertErrorsName(answer, ['amount'], what);
      assert.equal((await still.get(`/api/v1/transactions/${charge.reference}`)).status, 404, what);
    } else {
      assert.equal(answer.status, 200, `${what}: ${answer.text}`);
      assert.ok(answer.text.includes(`"amount":${number},`), `${what}: ${answer.text}`);
      const shown = await still.get(`/api/v1/transactions/${charge.reference}`);
      assert.equal(shown.json.transaction.amount, text, what);
    }
  }
  const answer = await still.post('/api/v1/charge', JSON.stringify(momoCharge()).replace('"amount":1,', '"amount":NaN,'));
  assertError(answer, 400, 'invalid_request_error', undefined, 'NaN is not JSON');
});

test('charge: every missing field is named at once', async () => {
  const always = ['reference', 'amount', 'payment_method', 'customer_name', 'customer_email', 'customer_telephone'];
  const wallet = ['mobile_wallet_number', 'mobile_wallet_network'];
  const without = (...fields) => momoCharge(Object.fromEntries(fields.map((field) => [field, undefined])));
  const rows = [
    ['nothing at all', {}, always],
    ...[...always.filter((field) => field !== 'payment_method'), ...wallet].map((field) => [`no ${field}`, without(field), [field]]),
    ['no payment_method', without('payment_method'), ['payment_method']],
    ['neither wallet field', without(...wallet), wallet],
    ['null counts as missing', momoCharge({ amount: null }), ['amount']],
    ['empty counts as missing', momoCharge({ reference: '' }), ['reference']],
    ['no voucher on vodafone', momoCharge({ mobile_wallet_network: 'vodafone', mobile_wallet_number: '0201234567' }), ['voucher']],
  ];
  for (const [what, body, fields] of rows) {
    const answer = await still.post('/api/v1/charge', body);
    assertError(answer, 400, 'invalid_request_error', missing, what);
    assertErrorsName(answer, fields, what);
  }
});

test('charge: a malformed field is named, with the reason', async () => {
  const rows = [
    [{ payment_method: 'cash' }, ['payment_method']],
    [{ mobile_wallet_network: 'orange' }, ['mobile_wallet_network']],
    [{ mobile_wallet_number: 'abc' }, ['mobile_wallet_number']],
    [{ currency: 'XXX' }, ['currency']],
    [{ customer_email: 'nobody' }, ['customer_email']],
    [{ customer_name: ['Ama'] }, ['customer_name']],
    [{ mobile_wallet_network: 'vodafone', mobile_wallet_number: '0201234567', voucher: '12' }, ['voucher']],
    [{ reference: 'r'.repeat(1000) }, ['reference']],
    [{ amount: -1, currency: 'XXX', customer_email: 'nobody' }, ['amount', 'currency', 'customer_email']],
  ];
  for (const [fields, names] of rows) {
    const what = JSON.stringify(fields).slice(0, 100);
    const answer = await still.post('/api/v1/charge', momoCharge(fields));
    assertError(answer, 400, 'invalid_request_error', undefined, what);
    assert.notEqual(answer.json.message, missing, what);
    // An amount cannot be checked without a currency; naming it or not is both fine then.
    const named = answer.json.errors.map((error) => error.field);
    for (const name of names) if (name !== 'amount' || !fields.currency) assert.ok(named.includes(name), `${what}: ${answer.text}`);
    assert.ok(named.some((name) => answer.json.message.includes(name)), `${what}: the message names no field: ${answer.text}`);
  }
});

test('charge: a rail that refuses at once is a 402', async () => {
  const answer = await still.post('/api/v1/charge', momoCharge({ mobile_wallet_number: wallets.refusedAtOnce }));
  assertError(answer, 402, 'momo_error', 'Ooops! We encountered an issue trying to charge the mobile wallet');
});

test('payout: one that is refused at once is a 402, and holds nothing', async () => {
  const client = await newClient(quick.epay);
  const charge = momoCharge({ amount: 5 });
  await client.post('/api/v1/charge', charge);
  const payout = (number) => ({ reference: newReference('P'), amount: 5, payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: number, payout_description: 'Wages' });
  const refused = payout(wallets.refusedAtOnce);
  assertError(await client.post('/api/v1/payout', refused), 402, 'api_error');
  assert.equal((await client.get(`/api/v1/transactions/${refused.reference}`)).json.transaction.status, 'failed');
  assert.equal((await client.post('/api/v1/payout', payout('0541234567'))).status, 200);
});

test('a reference is used once, whatever for', async () => {
  const charge = momoCharge();
  assert.equal((await still.post('/api/v1/charge', charge)).status, 200);
  const { reference, amount, customer_name, customer_email, customer_telephone } = charge;
  assertError(await still.post('/api/v1/charge', charge), 409, 'invalid_request_error', undefined, 'charge');
  const checkout = { reference, amount, customer_name, customer_email, customer_telephone };
  assertError(await still.post('/api/v1/charge/token', checkout), 409, 'invalid_request_error', undefined, 'charge/token');
  assert.equal((await (await newClient()).post('/api/v1/charge', charge)).status, 200, 'another merchant may use it too');
});

// ---- leniences ----

test('paths: with and without /api, repeated slashes, one at the end', async () => {
  for (const path of ['/v1/charge', '/api//v1/charge', '/api/v1/charge/', '//api/v1///charge/']) {
    assert.equal((await still.post(path, momoCharge())).status, 200, path);
  }
  for (const path of ['/v1/customers', '/api//v1/transactions?page=1', '/api/v1/customers/?page=1']) {
    assert.equal((await still.get(path)).status, 200, path);
  }
  for (const path of ['/', '/api/v1', '/api/v1/nothing', '/api/v2/charge', '/api/v1/charge/token/more']) {
    const answer = await still.get(path);
    if (path.startsWith('/api')) assertError(answer, 404, 'invalid_request_error', undefined, path);
    else assert.ok(answer.status < 500, path);
  }
  const wrongMethod = await still.api('DELETE', '/api/v1/charge');
  assert.ok([404, 405].includes(wrongMethod.status), wrongMethod.text);
});

test('content types', async () => {
  const rows = [
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['application/json;charset=UTF-8', 200],
    ['  application/json  ', 200],
    ['Application/JSON', 200],
    ['text/plain', 415],
    ['application/xml', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/jsonp', 415],
  ];
  for (const [type, status] of rows) {
    const answer = await still.post('/api/v1/charge', momoCharge(), { headers: { 'content-type': type } });
    assert.equal(answer.status, status, `${type}: ${answer.text}`);
    if (status === 415) assertError(answer, 415, 'invalid_request_error', undefined, type);
  }
});

test('forms carry the same fields', async () => {
  const charge = momoCharge({ customer_name: 'Ama & Söhne +1' });
  const answer = await still.post('/api/v1/charge', new URLSearchParams(charge));
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.data.customer.name, 'Ama & Söhne +1');
  const { merchant_key, app_id, app_secret } = still.merchant;
  const token = await request(`${still.epay.url}/api/v1/token`, { method: 'POST', body: new URLSearchParams({ merchant_key, app_id, app_secret }) });
  assert.equal(token.status, 200, token.text);
});

// ---- customers and transactions ----

test('customers: create, show, list by pages', async () => {
  const client = await newClient();
  const empty = await client.get('/api/v1/customers');
  const link = `${still.epay.url}/api/v1/customers`;
  const envelope = (page, data, { from, to, last, next, previous, total }) =>
    `{"success":true,"message":"Customers retrieved Successfully","customers":{"current_page":${page},"data":[${data}],` +
    `"first_page_url":"${link}?page=1","from":${from},"last_page":${last},"last_page_url":"${link}?page=${last}","next_page_url":${next},` +
    `"path":"${link}","per_page":20,"prev_page_url":${previous},"to":${to},"total":${total}}}`;
  assertText(empty.text, envelope(1, '', { from: null, to: null, last: 1, next: null, previous: null, total: 0 }));

  const shapes = [];
  for (let i = 1; i <= 32; i += 1) {
    const person = { name: `Customer ${i}`, email: `c${i}@example.com`, telephone: `02412340${String(i).padStart(2, '0')}` };
    const shape = `{"id":‹id›,"name":"${person.name}","email":"${person.email}","telephone":"${person.telephone}","created_at":‹time›,"updated_at":‹time›}`;
    const answer = await client.post('/api/v1/customers', person);
    assertText(answer.text, `{"success":true,"message":"Customer created Successfully","data":{"customer":[${shape}]}}`);
    assert.equal(answer.status, 200);
    shapes.unshift(shape);
  }
  const first = await client.get('/api/v1/customers');
  const next = `"${link}?page=2"`;
  assertText(first.text, envelope(1, shapes.slice(0, 20).join(','), { from: 1, to: 20, last: 2, next, previous: null, total: 32 }));
  assert.equal((await client.get('/api/v1/customers?page=1')).text, first.text);
  const second = await client.get('/api/v1/customers?page=2');
  assertText(second.text, envelope(2, shapes.slice(20).join(','), { from: 21, to: 32, last: 2, next: null, previous: `"${link}?page=1"`, total: 32 }));
  const beyond = await client.get('/api/v1/customers?page=9');
  assert.deepEqual([beyond.json.customers.data, beyond.json.customers.from, beyond.json.customers.to], [[], null, null]);

  const incomplete = await client.post('/api/v1/customers', { name: 'A' });
  assertError(incomplete, 400, 'invalid_request_error', missing);
  assertErrorsName(incomplete, ['email', 'telephone']);
});

test('a customer is shown with their transactions, newest first', async () => {
  const client = await newClient();
  const charges = [momoCharge(), momoCharge({ amount: '2.50' })];
  let id;
  for (const charge of charges) id = (await client.post('/api/v1/charge', charge)).json.data.customer.id;
  const shape = (charge, amount) =>
    `{"id":‹id›,"reference":"${charge.reference}","payment_method":"momo","payment_no":"${wallets.good}","amount":"${amount}","status":"pending",` +
    `"created_at":‹time›,"updated_at":‹time›,"type":"payments","description":"Two tickets"}`;
  const answer = await client.get(`/api/v1/customers/${id}`);
  assertText(
    answer.text,
    `{"success":true,"message":"Transactions retrieved Successfully","data":{"customer":${customerOf(charges[0])},` +
      `"transactions":[${shape(charges[1], '2.5')},${shape(charges[0], '1')}]}}`,
  );
  for (const unknown of ['999999', '0', '-1', 'abc', '99999999999999999999']) {
    assertError(await client.get(`/api/v1/customers/${unknown}`), 404, 'invalid_request_error', undefined, unknown);
  }
  assertError(await (await newClient()).get(`/api/v1/customers/${id}`), 404, 'invalid_request_error', undefined, "another merchant's customer");
});

test('transactions: show and list', async () => {
  const client = await newClient();
  const charges = Array.from({ length: 21 }, () => momoCharge());
  for (const charge of charges) assert.equal((await client.post('/api/v1/charge', charge)).status, 200);
  const shape = ({ reference }) =>
    `{"id":‹id›,"reference":"${reference}","payment_method":"momo","payment_no":"${wallets.good}","amount":"1","customer_id":"‹id›","status":"pending",` +
    `"created_at":‹time›,"updated_at":‹time›,"type":"payments","description":"Two tickets"}`;
  const { reference } = charges[0];
  const shown = await client.get(`/api/v1/transactions/${reference}`);
  assertText(shown.text, `{"success":true,"message":"Transactions retrieved Successfully","transaction":${shape(charges[0])}}`);
  assertError(await client.get('/api/v1/transactions/unknown'), 404, 'invalid_request_error');
  assertError(await (await newClient()).get(`/api/v1/transactions/${reference}`), 404, 'invalid_request_error', undefined, "another merchant's");

  const link = `${still.epay.url}/api/v1/transactions`;
  const data = charges.slice(1).reverse().map(shape).join(',');
  assertText(
    (await client.get('/api/v1/transactions')).text,
    `{"success":true,"message":"Transactions retrieved Successfully","transactions":{"current_page":1,"data":[${data}],` +
      `"first_page_url":"${link}?page=1","from":1,"last_page":2,"last_page_url":"${link}?page=2","next_page_url":"${link}?page=2",` +
      `"path":"${link}","per_page":20,"prev_page_url":null,"to":20,"total":21}}`,
  );
});

test('a charge ends as success or failed', async () => {
  for (const [number, status] of [[wallets.good, 'success'], [wallets.rejected, 'failed'], [wallets.lowBalance, 'failed']]) {
    const charge = momoCharge({ mobile_wallet_number: number });
    assert.equal((await quick.post('/api/v1/charge', charge)).status, 200);
    assert.equal(await quick.settled(charge.reference), status, number);
  }
});

// ---- payout ----

test('payout: from what was earned, and no more', async () => {
  const client = await newClient(quick.epay);
  const payout = (fields = {}) => ({
    reference: newReference('P'),
    amount: 1,
    payout_method: 'momo',
    mobile_wallet_network: 'mtn',
    mobile_wallet_number: '0541234567',
    payout_description: 'Wages',
    ...fields,
  });
  assertError(await client.post('/api/v1/payout', payout()), 402, 'api_error', undefined, 'an empty wallet');

  const charge = momoCharge({ amount: '10' });
  await client.post('/api/v1/charge', charge);
  assert.equal(await client.settled(charge.reference), 'success');
  for (const body of [payout(), payout({ payout_method: undefined, 'payment-method': 'momo' })]) {
    const answer = await client.post('/api/v1/payout', body);
    assertText(
      answer.text,
      '{"success":true,"message":"A payout was successfully sent to the mobile wallet 0541234567","data":{"transaction":' +
        `{"reference":"${body.reference}","payment-method":"momo","payout_description":"Wages","amount":1.0,"mobile_wallet_network":"mtn",` +
        '"mobile_wallet_number":"0541234567"}}}',
    );
    assert.equal(answer.status, 200);
    assert.equal(await client.settled(body.reference), 'success');
    const shown = await client.get(`/api/v1/transactions/${body.reference}`);
    assertText(
      shown.text,
      `{"success":true,"message":"Transactions retrieved Successfully","transaction":{"id":‹id›,"reference":"${body.reference}","payment_method":"momo",` +
        '"payment_no":"0541234567","amount":"1","customer_id":‹any›,"status":"success","created_at":‹time›,"updated_at":‹time›,"type":"payouts","description":"Wages"}}',
    );
  }
  assertError(await client.post('/api/v1/payout', payout({ amount: 8.01 })), 402, 'api_error', undefined, 'more than is left');
  assertError(await client.post('/api/v1/payout', payout({ reference: charge.reference })), 409, 'invalid_request_error', undefined, "a charge's reference");
  const failing = payout({ amount: 8, mobile_wallet_number: wallets.rejected });
  assert.equal((await client.post('/api/v1/payout', failing)).status, 200);
  assert.equal(await client.settled(failing.reference), 'failed');
  assert.equal((await client.post('/api/v1/payout', payout({ amount: 8 }))).status, 200, 'the failed payout released its 8.00');

  const empty = await client.post('/api/v1/payout', {});
  assertError(empty, 400, 'invalid_request_error', missing);
  const required = ['reference', 'amount', 'payout_method', 'mobile_wallet_network', 'mobile_wallet_number', 'payout_description'];
  assertErrorsName(empty, required);
  await runEpay(['verify', '--database', quick.epay.database]);
});
