// docs/openapi.yaml tells the truth: every operation is called, for its success and for every error that it documents, and what comes back is
// held against the document; so is what receivers get. And it tells all of it: no route, key, header or type of event is missing.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createMerchant, eventually, momoCharge, newReference, receiver, request, root, signIn, startEpay, wallets } from './harness.mjs';
import { assertAnswerFits, assertFits, assertRequestFits, assertWebhookFits, document, examples, operations, text } from './openapi.mjs';
import { openStream } from './stream.mjs';

// Not provoked for each operation: too many requests (once below), and our own failure.
const notProvoked = [429, 503];

let epay, merchant, client, hook, hanging;
// Of each operation, the statuses that were seen.
const seen = new Map(operations.map(({ name }) => [name, new Set()]));

before(async () => {
  epay = await startEpay();
  hook = await receiver();
  hanging = await receiver({ answer: () => 'hang' });
  merchant = await createMerchant(epay.database, { webhook: hook.url });
  client = await signIn(epay, merchant);
});
after(async () => {
  await Promise.all([hook.close(), hanging.close()]);
  await epay.end();
});

const ok = async (answer) => {
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const post = async (target, body) => ok(await client.post(`/api/v1${target}`, body));
const operationOf = (name) => operations.find((operation) => operation.name === name);

function targetOf({ path: at }, { params = {}, query = '' }) {
  const filled = at.replace(/\{(\w+)\}/g, (_, name) => {
    assert.notEqual(params[name], undefined, `${at}: ${name} is needed`);
    return encodeURIComponent(params[name]);
  });
  return `/api/v1${filled}${query}`;
}

// Calls an operation, holds its answer against the document, and notes its status.
async function call(operation, what, { token = client.token, headers = {}, body, ...rest } = {}) {
  const all = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers };
  const answer = await request(epay.url + targetOf(operation, rest), { method: operation.method, body, headers: all });
  assert.equal(answer.status, what, `${operation.name}: ${answer.text.slice(0, 500)}`);
  assertAnswerFits(operation, answer);
  seen.get(operation.name).add(answer.status);
  return answer;
}

// ---- what each operation is called with ----

const paid = async () => {
  const charge = momoCharge({ amount: 5 });
  await post('/charge', charge);
  await client.settled(charge.reference);
  return charge.reference;
};
const delivery = async () => {
  const { headers } = (await hook.arrived(1, await paid()))[0];
  const id = headers['webhook-id'];
  await eventually('the try to be recorded', async () => (await ok(await client.get(`/api/v1/deliveries/${id}`))).delivery.tries === 1);
  return { id };
};
const endpoint = async (fields = {}) => ({ id: (await post('/endpoints', { url: hook.url, ...fields })).endpoint.id });
// One that cannot end by itself.
const redelivery = async () => {
  const { id } = await endpoint({ url: hanging.url, events: ['ping'] });
  for (let i = 0; i < 25; i += 1) await post('/events', { type: 'ping' });
  return { id: (await post(`/endpoints/${id}/replay`, { since: '2020-01-01' })).redelivery.id };
};
const payout = (fields = {}) => ({ reference: newReference('P'), amount: 1, payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: '0541234567', payout_description: 'Wages', ...fields });
const recipient = async () => (await post('/recipients', { name: 'Akosua', payout_method: 'bank', bank_code: 'gcb', account_number: '1234567890' })).recipient.id;
const bulk = async () => ({ id: (await post('/bulk_payouts', { name: 'January', csv: 'amount,mobile_wallet_number,mobile_wallet_network,description\n1,0241234567,mtn,x\n2,1,mtn,x' })).bulk_payout.id });
const checkout = () => ({ reference: newReference(), amount: '2.50', customer_name: 'A', customer_email: 'a@example.com', customer_telephone: '0201234567' });
const wholeEndpoint = () => ({
  url: hook.url,
  description: 'All of it',
  mode: 'all',
  events: '*',
  enabled: true,
  rate_limit: 100,
  in_flight_max: 5,
  timeout: 10,
  retry_schedule: [5, 60],
  headers: { 'X-Shop': 'accra' },
  credentials: { type: 'basic', username: 'epay', password: 'secret' },
  signature: 'v1a',
});

// `good`: requests that succeed, each {params, query, body} or a function that gives one. `bad`: one that gets 400, likewise. `missing`: gets
// 404, where the usual unknown id does not. `refused`: gets 402. `unknown`: gets 401, where a missing token does not.
const cases = {
  'POST /token': {
    good: [() => ({ token: null, body: { merchant_key: merchant.merchant_key, app_id: merchant.app_id, app_secret: merchant.app_secret } })],
    bad: { token: null, body: { merchant_key: 'x' } },
    unknown: () => ({ body: { merchant_key: merchant.merchant_key, app_id: merchant.app_id, app_secret: 'wrong' } }),
  },
  'POST /charge': {
    good: [() => ({ body: momoCharge() }), () => ({ body: momoCharge({ payment_method: 'card', mobile_wallet_number: undefined, mobile_wallet_network: undefined, voucher: undefined }) })],
    bad: { body: { amount: -1 } },
    refused: () => ({ body: momoCharge({ mobile_wallet_number: wallets.refusedAtOnce }) }),
  },
  'POST /charge/token': { good: [() => ({ body: checkout() })], bad: { body: {} } },
  'GET /transactions': {
    good: [
      async () => {
        await paid();
        await post('/charge/token', checkout());
        return {};
      },
      { query: '?page=9' },
    ],
    bad: { query: '?page=0' },
  },
  'GET /transactions/{reference}': { good: [async () => ({ params: { reference: await paid() } })] },
  'POST /transactions/{reference}/input': {
    good: [
      async () => {
        const charge = momoCharge({ mobile_wallet_number: wallets.wantsInput });
        await post('/charge', charge);
        return { params: { reference: charge.reference }, body: { input: '123456' } };
      },
    ],
    bad: { params: { reference: 'any' }, body: {} },
  },
  'GET /customers': { good: [{}], bad: { query: '?page=x' } },
  'POST /customers': { good: [{ body: { name: 'Ama', email: 'ama@example.com', telephone: '0240000000' } }], bad: { body: { name: 'Ama' } } },
  'GET /customers/{id}': { good: [async () => ({ params: { id: (await post('/charge', momoCharge())).data.customer.id } })] },
  'POST /payout': {
    good: [
      async () => {
        await paid();
        return { body: payout() };
      },
      async () => {
        await paid();
        return { body: payout({ payout_method: 'bank', bank_code: 'gcb', account_number: '1234567890', mobile_wallet_network: undefined, mobile_wallet_number: undefined }) };
      },
      async () => {
        await paid();
        return { body: { reference: newReference('P'), amount: 1, payout_description: 'Wages', recipient_id: await recipient() } };
      },
    ],
    missing: () => ({ body: payout({ recipient_id: 999999999 }) }),
    bad: { body: { reference: 'x' } },
    refused: () => ({ body: payout({ amount: 1_000_000 }) }),
  },
  'GET /bulk_payouts': {
    good: [
      async () => {
        await bulk();
        return {};
      },
    ],
  },
  'POST /bulk_payouts': { good: [{ body: { name: 'January', currency: 'GHS', csv: 'amount,bank_code,account_number,description\n1,gcb,1234567890,x' } }], bad: { body: { name: 'x', csv: 'x' } } },
  'GET /bulk_payouts/{id}': { good: [async () => ({ params: await bulk() })] },
  'GET /bulk_payouts/{id}/lines': { good: [async () => ({ params: await bulk() }), async () => ({ params: await bulk(), query: '?from=2&limit=1' })], bad: async () => ({ params: await bulk(), query: '?limit=0' }) },
  'POST /bulk_payouts/{id}/start': { good: [async () => ({ params: await bulk() })] },
  'POST /bulk_payouts/{id}/discard': { good: [async () => ({ params: await bulk() })] },
  'GET /recipients': {
    good: [
      async () => {
        await recipient();
        return {};
      },
    ],
    bad: { query: '?page=0' },
  },
  'POST /recipients': {
    good: [{ body: { name: 'Ama', payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: '0241234567' } }, { body: { name: 'Akosua', payout_method: 'bank', bank_code: 'gcb', account_number: '1234567890' } }],
    bad: { body: { name: 'Ama', payout_method: 'bank', bank_code: 'none', account_number: '1' } },
  },
  'GET /recipients/{id}': { good: [async () => ({ params: { id: await recipient() } })] },
  'DELETE /recipients/{id}': { good: [async () => ({ params: { id: await recipient() } })] },
  'GET /banks': { good: [{}] },
  'GET /refunds': {
    good: [
      async () => {
        await post('/refunds', { transaction_reference: await paid() });
        return {};
      },
    ],
    bad: { query: '?page=0' },
  },
  'POST /refunds': {
    good: [async () => ({ body: { transaction_reference: await paid(), amount: 1, reason: 'Returned' } }), async () => ({ body: { transaction_reference: await paid(), reference: newReference('F'), currency: 'GHS' } })],
    bad: { body: { amount: 1 } },
    missing: { body: { transaction_reference: 'nothing' } },
    refused: async () => {
      const charge = momoCharge({ mobile_wallet_number: '0240000471' });
      await post('/charge', charge);
      await client.settled(charge.reference);
      return { body: { transaction_reference: charge.reference } };
    },
  },
  'GET /refunds/{reference}': { good: [async () => ({ params: { reference: (await post('/refunds', { transaction_reference: await paid() })).refund.reference } })] },
  'GET /events': { good: [{}, { query: '?order=newest&limit=1&type=payment.success' }, { query: '?after=0&limit=1' }], bad: { query: '?limit=0' } },
  'POST /events': { good: document.components.schemas.EventType.enum.map((type) => ({ body: { type } })), bad: { body: { type: 'unknown' } } },
  'GET /events/stream': { bad: { query: '?after=x' } }, // its success lasts: see below
  'GET /events/{id}': { good: [async () => ({ params: { id: (await post('/events', { type: 'payment.success' })).event.id } })] },
  'GET /event_types': { good: [{}] },
  'GET /rails': { good: [{}, { query: '?currency=EUR' }], bad: { query: '?currency=xx' } },
  'GET /deliveries': {
    good: [{}, { query: '?limit=1' }, { query: '?status=delivered&since=2020-01-01&until=2999-01-01T00:00:00Z&type=payment.success&endpoint=1&event=1&reference=x' }],
    bad: { query: '?status=sent' },
  },
  'GET /deliveries/{id}': { good: [async () => ({ params: await delivery() })] },
  'POST /deliveries/{id}/resend': { good: [async () => ({ params: await delivery() })] },
  'GET /endpoints': { good: [{}] },
  'POST /endpoints': { good: [() => ({ body: { url: hook.url } }), () => ({ body: wholeEndpoint() })], bad: { body: { url: 'nowhere' } } },
  'GET /endpoints/{id}': { good: [async () => ({ params: await endpoint(wholeEndpoint()) })] },
  'PATCH /endpoints/{id}': {
    good: [async () => ({ params: await endpoint(), body: { enabled: false, description: null, retry_schedule: [1, 2], credentials: { type: 'bearer', token: 't' } } })],
    bad: async () => ({ params: await endpoint(), body: { timeout: 31 } }),
  },
  'DELETE /endpoints/{id}': { good: [async () => ({ params: await endpoint() })] },
  'GET /endpoints/{id}/secret': { good: [async () => ({ params: await endpoint() }), async () => ({ params: await endpoint({ signature: 'v1a' }) })] },
  'POST /endpoints/{id}/rotate': {
    good: [async () => ({ params: await endpoint(), body: { old_secret_hours: 1, signature: 'v1', secret: `whsec_${'A'.repeat(32)}` } })],
    bad: async () => ({ params: await endpoint(), body: { old_secret_hours: 169 } }),
  },
  'POST /endpoints/{id}/test': {
    good: [async () => ({ params: await endpoint(), body: { type: 'payout.failed' } }), async () => ({ params: await endpoint({ url: `${hook.url}-refused` }), body: {} })],
    bad: async () => ({ params: await endpoint(), body: { type: 'unknown' } }),
  },
  'POST /endpoints/{id}/recover': {
    good: [async () => ({ params: await endpoint(), body: { since: '2026-01-25 12:53:29', until: '2999-01-01' } })],
    bad: async () => ({ params: await endpoint(), body: { since: 'soon' } }),
  },
  'POST /endpoints/{id}/replay': {
    good: [async () => ({ params: await endpoint(), body: { since: 0, delivered_too: true } })],
    bad: async () => ({ params: await endpoint(), body: {} }),
  },
  'GET /redeliveries': {
    good: [
      async () => {
        await redelivery();
        return {};
      },
    ],
  },
  'GET /redeliveries/{id}': { good: [async () => ({ params: await redelivery() })] },
  'POST /redeliveries/{id}/cancel': { good: [async () => ({ params: await redelivery() })] },
  'POST /redeliveries/{id}/resume': {
    good: [
      async () => {
        const params = await redelivery();
        await post(`/redeliveries/${params.id}/cancel`);
        return { params };
      },
    ],
  },
  'POST /webhooks/verify': {
    good: [
      { body: document.paths['/webhooks/verify'].post.requestBody.content['application/json'].example },
      async () => ({ body: { endpoint_id: (await endpoint()).id, webhook_id: 'msg_1_1', webhook_timestamp: '1', webhook_signature: 'v1,x', body: '{}' } }),
    ],
    bad: { body: {} },
    missing: { body: { endpoint_id: 999_999_999, webhook_id: 'msg_1_1', webhook_timestamp: '1', webhook_signature: 'v1,x', body: '{}' } },
  },
};

// A request of a case, made: with parameters of nothing where it does not matter.
async function made(operation, one) {
  const given = typeof one === 'function' ? await one() : (one ?? {});
  return { params: unknownParams(operation), ...given };
}

function unknownParams(operation) {
  const id = operation.path.startsWith('/deliveries') ? 'msg_999999_999999' : '999999999';
  return { id, reference: 'unknown' };
}

async function callForErrors(operation, one) {
  const documented = (status) => operation.statuses.includes(status);
  if (documented(401)) {
    if (one.unknown) await call(operation, 401, { ...(await made(operation, one.unknown)), token: null });
    else {
      await call(operation, 401, { ...(await made(operation)), token: null });
      await call(operation, 401, { ...(await made(operation)), token: 'unknown' });
    }
  }
  if (documented(400)) await call(operation, 400, await made(operation, one.bad));
  if (documented(402)) await call(operation, 402, await made(operation, one.refused));
  if (documented(404)) {
    const body = operation.operation.requestBody ? (await made(operation, one.good[0])).body : undefined;
    await call(operation, 404, await made(operation, one.missing ?? { body }));
  }
  if (documented(415)) {
    const good = await made(operation, one.good[0]);
    await call(operation, 415, { ...good, body: 'text', headers: { 'content-type': 'text/plain' } });
  }
  if (documented(409)) {
    // The key was used before, for something else.
    const headers = { 'idempotency-key': newReference('key') };
    await ok(await client.post('/api/v1/customers', { name: 'Kofi', email: 'kofi@example.com', telephone: '0240000001' }, { headers }));
    await call(operation, 409, { ...(await made(operation, one.good[0])), headers });
  }
}

// The methods that an address takes; none when there is nothing.
async function methodsAt(at) {
  const answer = await request(epay.url + targetOf({ path: at }, { params: { id: '1', reference: 'x' } }), { method: 'OPTIONS' });
  assert.ok([404, 405].includes(answer.status), `${at}: ${answer.status}`);
  return answer.status === 405 ? answer.headers.allow.split(', ') : [];
}

for (const operation of operations) {
  test(`${operation.name} answers as documented`, async () => {
    const one = cases[operation.name];
    assert.ok(one, `there is no case for ${operation.name}`);
    for (const good of one.good ?? []) {
      const given = await made(operation, good);
      if (given.body) assertRequestFits(operation, given.body);
      await call(operation, 200, given);
    }
    await callForErrors(operation, one);
  });
}

test('the stream sends what is documented', async () => {
  const operation = operationOf('GET /events/stream');
  const stream = await openStream(epay, client, '/api/v1/events/stream?after=0&type=payment.success,ping');
  assertAnswerFits(operation, stream);
  seen.get(operation.name).add(stream.status);
  await post('/events', { type: 'ping' });
  await eventually('two events', () => stream.events.length >= 2);
  stream.cut();
  for (const event of stream.events) {
    assertFits(['components', 'schemas', 'Event'], JSON.parse(event.data), 'a streamed event');
    assert.equal(JSON.parse(event.data).type, event.type);
    assert.equal(String(JSON.parse(event.data).id), event.id);
  }
});

test('too many requests are answered as documented', async () => {
  const slow = await startEpay({ args: ['--rate-limit', '1'] });
  try {
    const someone = await signIn(slow, await createMerchant(slow.database));
    const answers = [];
    for (let i = 0; i < 5; i += 1) answers.push(await someone.get('/api/v1/events'));
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length > 0);
    assertAnswerFits(operationOf('GET /events'), refused[0]);
  } finally {
    await slow.end();
  }
});

// ---- nothing is left out ----

test('every documented status was seen, and every case belongs to an operation', () => {
  for (const name of Object.keys(cases)) assert.ok(operationOf(name), `${name} is not documented`);
  for (const { name, statuses } of operations) {
    const unseen = statuses.filter((status) => !seen.get(name).has(status) && !notProvoked.includes(status));
    assert.deepEqual(unseen, [], `${name}: not seen`);
  }
});

// Routes as the sources add them; the binary says which methods each takes.
function routesOfSources() {
  const found = new Set();
  const folder = path.join(root, 'src/api');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpp'))) {
    const source = readFileSync(path.join(folder, file), 'utf8');
    const added = [...source.matchAll(/\badd\(router,\s*"(\w+)",\s*"([^"]+)"/g)];
    for (const [, method, at] of added) found.add(`${method} ${at}`);
    assert.equal(added.length, [...source.matchAll(/\badd\(router,/g)].length, `${file} adds a route in a way that is not understood here`);
    assert.ok(!/router\.add\([^)]*"\/(api\/)?v1\//.test(source), `${file} adds a route past Api::add`);
  }
  return found;
}

test('every route is documented, and every operation is a route', async () => {
  const routes = routesOfSources();
  assert.ok(routes.size > 15, 'the routes were not found');
  for (const route of routes) assert.ok(operationOf(route), `${route} is served and not documented`);
  for (const { name } of operations) assert.ok(routes.has(name), `${name} is documented and not served`);
  const paths = new Set(operations.map(({ path: at }) => at));
  for (const at of paths) {
    const documented = operations.filter((operation) => operation.path === at).map(({ method }) => method);
    assert.deepEqual((await methodsAt(at)).sort(), documented.sort(), at);
  }
});

test('every parameter of a query is documented', () => {
  const readers = { 'events.cpp': ['GET /events'], 'event_stream.cpp': ['GET /events/stream'], 'deliveries.cpp': ['GET /deliveries'] };
  for (const [file, names] of Object.entries(readers)) {
    const source = readFileSync(path.join(root, 'src/api', file), 'utf8');
    const read = [...source.matchAll(/reader\.(?:id<\w+>|choice|types|text|time|number)\("(\w+)"/g)].map(([, name]) => name);
    if (/reader\.limit\(\)/.test(source)) read.push('limit');
    for (const name of names) {
      const documented = operationOf(name).parameters.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name);
      assert.deepEqual([...new Set(read)].sort(), documented.sort(), `${name}, as ${file} reads it`);
    }
  }
});

test('every POST takes an idempotency key, and every operation but the token wants a bearer', () => {
  for (const { name, method, operation, parameters } of operations) {
    assert.equal(parameters.some((parameter) => parameter.name === 'Idempotency-Key'), method === 'POST', name);
    assert.equal(operation.security?.length === 0, name === 'POST /token', name);
    assert.ok(operation.summary && operation.description && operation.operationId, name);
  }
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length);
});

test('every example fits its schema', () => {
  const all = examples();
  assert.ok(all.length > 60);
  for (const [keys, value, what] of all) assertFits(keys, value, what);
  for (const operation of operations) {
    const content = operation.operation.requestBody?.content['application/json'];
    if (content) assert.ok(content.example ?? content.examples, `${operation.name}: its request has no example`);
    const [success] = Object.values(operation.operation.responses['200'].content);
    assert.ok(success.example ?? success.examples, `${operation.name}: its answer has no example`);
  }
});

// ---- webhooks ----

test("the document's webhooks are the catalogue", async () => {
  const { event_types: catalogue } = await ok(await client.get('/api/v1/event_types'));
  const names = catalogue.map(({ type }) => type);
  assert.deepEqual(Object.keys(document.webhooks), names);
  assert.deepEqual(document.components.schemas.EventType.enum, names);
  for (const { type, description, schema, example } of catalogue) {
    const { post: webhook } = document.webhooks[type];
    const content = webhook.requestBody.content['application/json'];
    assert.deepEqual(content.schema, schema, type);
    assert.deepEqual(content.example, example, type);
    assert.ok(webhook.description.startsWith(description), `${type}: ${description}`);
  }
});

test('what receivers get is what the document says', async (t) => {
  const own = await receiver();
  t.after(own.close);
  const someone = await signIn(epay, await createMerchant(epay.database, { webhook: own.url }));
  const [{ id }] = (await ok(await someone.get('/api/v1/endpoints'))).endpoints;
  await ok(await someone.api('PATCH', `/api/v1/endpoints/${id}`, { events: '*' }));
  // Really: as they happen; then as examples.
  const charges = [momoCharge({ amount: 10 }), momoCharge({ mobile_wallet_number: wallets.rejected }), momoCharge({ payment_method: 'card' })];
  for (const charge of charges) await ok(await someone.post('/api/v1/charge', charge));
  assert.equal(await someone.settled(charges[0].reference), 'success');
  assert.equal(await someone.settled(charges[1].reference), 'failed');
  for (const body of [payout(), payout({ mobile_wallet_number: wallets.rejected })]) {
    await ok(await someone.post('/api/v1/payout', body));
    await someone.settled(body.reference);
  }
  await own.arrived(5);
  for (const type of Object.keys(document.webhooks)) await ok(await someone.post('/api/v1/events', { type }));
  const { event } = await ok(await someone.post('/api/v1/events', { type: 'payment.success' }));
  await eventually('the last of them', () => own.deliveries.some(({ headers }) => headers['webhook-id'].startsWith(`msg_${event.id}_`)));
  await eventually('all types', () => Object.keys(document.webhooks).every((type) => own.deliveries.some(({ headers }) => headers['epay-event'] === type)));
  for (const arrived of own.deliveries) assertWebhookFits(arrived);
});

test('the service shows its document', async () => {
  const served = await request(`${epay.url}/openapi.yaml`);
  assert.equal(served.status, 200);
  assert.match(served.headers['content-type'], /^application\/yaml/);
  assert.equal(served.text, text);
});
