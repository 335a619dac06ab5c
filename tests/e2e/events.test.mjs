// Events and deliveries through the API: pages, the live stream, filters, sending again, examples.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertError, createMerchant, eventually, momoCharge, receiver, signIn, sleep, startEpay, wallets } from './harness.mjs';
import { openStream } from './stream.mjs';

let epay;

before(async () => {
  epay = await startEpay();
});
after(async () => {
  await epay.end();
});

async function newClient({ webhook } = {}) {
  return signIn(epay, await createMerchant(epay.database, { webhook }));
}

async function charge(client, fields) {
  const body = momoCharge(fields);
  const answer = await client.post('/api/v1/charge', body);
  assert.equal(answer.status, 200, answer.text);
  return body;
}

const ids = (answer) => answer.json.events.data.map((event) => event.id);
const names = (answer) => answer.json.deliveries.data.map((delivery) => delivery.id);

test('a client that is cut off twenty times sees each of a thousand events once', async () => {
  const client = await newClient();
  const total = 1000;
  const seen = [];
  let cuts = 0;
  let lastEventId = 0;
  const follow = async () => {
    while (seen.length < total) {
      // The first twenty are cut after some events, at times right after the head.
      const after = cuts < 20 ? (cuts % 5 === 4 ? 0 : 1 + Math.floor(Math.random() * 40)) : Infinity;
      let here = 0;
      const stream = await openStream(epay, client, '/api/v1/events/stream?after=0', {
        lastEventId,
        onEvent: (event, { cut }) => {
          seen.push(event);
          here += 1;
          if (here >= after || seen.length >= total) cut();
        },
      });
      assert.equal(stream.status, 200, stream.text);
      if (after === 0) stream.cut();
      await stream.ended;
      lastEventId = seen.at(-1)?.id ?? 0;
      cuts += 1;
    }
  };
  const pay = async () => {
    for (let i = 0; i < total / 20; i += 1) await charge(client);
  };
  await Promise.all([follow(), ...Array.from({ length: 20 }, pay)]);
  assert.ok(cuts >= 20, `only ${cuts} connections`);
  assert.deepEqual(seen.map((event) => Number(event.id)), Array.from({ length: total }, (_, i) => i + 1));
  assert.equal(new Set(seen.map((event) => JSON.parse(event.data).payload.transaction.reference)).size, total);

  const paged = [];
  for (let after = 0, more = true; more; ) {
    const { events } = (await client.get(`/api/v1/events?after=${after}&limit=100`)).json;
    paged.push(...events.data.map((event) => JSON.stringify(event)));
    ({ next_cursor: after, has_more: more } = events);
  }
  assert.deepEqual(paged, seen.map((event) => JSON.stringify(JSON.parse(event.data))), 'pages and stream show the same');
});

test('events: pages both ways, filters, one', async () => {
  const client = await newClient();
  assert.deepEqual((await client.get('/api/v1/events')).json.events, { data: [], next_cursor: 0, has_more: false });
  for (const type of ['ping', 'payout.failed', 'ping', 'payment.success', 'ping']) {
    assert.equal((await client.post('/api/v1/events', { type })).status, 200);
  }
  const rows = [
    ['', [1, 2, 3, 4, 5], 5, false],
    ['?limit=2', [1, 2], 2, true],
    ['?after=2&limit=2', [3, 4], 4, true],
    ['?after=5', [], 5, false],
    ['?type=ping', [1, 3, 5], 5, false],
    ['?type=payment.success,payout.failed&after=2', [4], 5, false],
    ['?order=newest', [5, 4, 3, 2, 1], 1, false],
    ['?before=4&limit=2', [3, 2], 2, true],
    ['?before=4&type=ping', [3, 1], 1, false],
  ];
  for (const [query, expected, cursor, more] of rows) {
    const answer = await client.get(`/api/v1/events${query}`);
    assert.deepEqual([ids(answer), answer.json.events.next_cursor, answer.json.events.has_more], [expected, cursor, more], query);
  }
  for (const query of ['?limit=0', '?limit=101', '?after=x', '?type=unknown', '?order=up', '?after=1&before=2', '?after=1&order=newest', '?before=1&order=oldest']) {
    assertError(await client.get(`/api/v1/events${query}`), 400, 'invalid_request_error', undefined, query);
  }
  assert.equal((await client.get('/api/v1/events/4')).json.event.type, 'payment.success');
  for (const id of ['6', '0', '-1', 'x', '99999999999999999999']) {
    assertError(await client.get(`/api/v1/events/${id}`), 404, 'invalid_request_error', undefined, id);
  }
  assertError(await (await newClient()).get('/api/v1/events/4'), 404, 'invalid_request_error', undefined, "another merchant's");
});

test('the stream: from now on, by type, as many as there are places, until the service stops', async () => {
  const own = await startEpay();
  try {
    const client = await signIn(own, await createMerchant(own.database));
    await client.post('/api/v1/events', { type: 'ping' });
    const stream = await openStream(own, client, '/api/v1/events/stream?type=payout.success');
    assert.equal(stream.headers['content-type'], 'text/event-stream');
    assert.equal(stream.headers['cache-control'], 'no-store');
    const plain = await openStream(own, client, '/api/v1/events/stream?after=now');
    await client.post('/api/v1/events', { type: 'ping' });
    await client.post('/api/v1/events', { type: 'payout.success' });
    await eventually('both to hear', () => stream.events.length === 1 && plain.events.length === 2);
    assert.deepEqual(stream.events.map(({ id, type }) => [id, type]), [['3', 'payout.success']]);
    assert.deepEqual(JSON.parse(stream.events[0].data), (await client.get('/api/v1/events?after=2')).json.events.data[0]);
    assert.equal((await openStream(own, client, '/api/v1/events/stream?after=x')).status, 400);
    assert.equal((await openStream(own, client, '/api/v1/events/stream', { lastEventId: 'x' })).status, 400);
    assert.equal((await openStream(own, { token: 'unknown' }, '/api/v1/events/stream')).status, 401);

    const all = [stream, plain];
    while (all.length < 20) all.push(await openStream(own, client, '/api/v1/events/stream?after=0'));
    const refused = await openStream(own, client, '/api/v1/events/stream');
    assert.equal(refused.status, 429);
    assert.equal(JSON.parse(refused.text).error_type, 'api_error');
    assert.ok(refused.headers['retry-after']);
    // A place is free again soon after its client has gone.
    all.pop().cut();
    const again = await eventually('a free place', async () => {
      const next = await openStream(own, client, '/api/v1/events/stream');
      return next.status === 200 && next;
    });
    all.push(again);
    const began = Date.now();
    await own.stop();
    await Promise.all(all.map(({ ended }) => ended));
    assert.ok(Date.now() - began < 5_000, 'streams do not hold up a stop');
  } finally {
    await own.end();
  }
});

test('deliveries: listed over endpoints with every filter, shown with their tries, sent again', async (t) => {
  let status = 200;
  const hook = await receiver({ answer: () => ({ status, body: `said ${status}` }) });
  t.after(hook.close);
  const client = await newClient({ webhook: hook.url });
  const paid = await charge(client);
  await hook.arrived(1, paid.reference);
  status = 410;
  const failed = await charge(client, { mobile_wallet_number: wallets.rejected });
  await hook.arrived(1, failed.reference);
  const list = async (query) => names(await client.get(`/api/v1/deliveries${query}`));
  await eventually('the first to be recorded', async () => (await list('?status=delivered')).length === 1);

  const [newest, oldest] = await list('?type=payment.success,payment.failed');
  const endpoint = Number(newest.split('_')[2]);
  const rows = [
    ['?status=delivered', [oldest]],
    ['?status=waiting', [newest]],
    ['?status=failed', []],
    ['?type=payment.failed', [newest]],
    [`?reference=${paid.reference}`, [oldest]],
    [`?reference=${paid.reference}&status=waiting`, []],
    ['?reference=unknown', []],
    ['?event=1', [oldest]],
    [`?event=2&reference=${paid.reference}`, []],
    ['?event=77', []],
    [`?endpoint=${endpoint}&type=payment.success`, [oldest]],
    ['?endpoint=99999', []],
    ['?since=2020-01-01&type=payment.failed', [newest]],
    ['?since=2999-01-01T00:00:00Z', []],
    ['?until=1577836800', []],
    [`?before=${newest}&type=payment.success,payment.failed`, [oldest]],
  ];
  for (const [query, expected] of rows) assert.deepEqual(await list(query), expected, query);
  const page = (await client.get('/api/v1/deliveries?limit=1&type=payment.success,payment.failed')).json.deliveries;
  assert.deepEqual([page.data.length, page.next_cursor, page.has_more], [1, newest, true]);
  for (const query of ['?status=sent', '?endpoint=x', '?event=-1', '?since=soon', '?until=0x', '?before=17', '?limit=1000', '?type=']) {
    const answer = await client.get(`/api/v1/deliveries${query}`);
    if (query === '?type=') assert.equal(answer.status, 200, 'an empty parameter is as good as none');
    else assertError(answer, 400, 'invalid_request_error', undefined, query);
  }

  const shown = (await client.get(`/api/v1/deliveries/${newest}`)).json.delivery;
  assert.deepEqual([shown.status, shown.reference, shown.tries], ['waiting', failed.reference, 1]);
  assert.match(shown.next_try_at, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.deepEqual(shown.payload, hook.of(failed.reference)[0].json);
  const [attempt] = shown.attempts;
  assert.deepEqual([attempt.number, attempt.status, attempt.url, attempt.answer, attempt.failure], [1, 410, hook.url, 'said 410', null]);
  const sent = hook.of(failed.reference)[0].headers;
  for (const [name, value] of Object.entries(attempt.request_headers)) assert.equal(sent[name], value, name);
  assert.ok(attempt.total_ms > 0 && attempt.total_ms >= attempt.first_byte_ms);

  // The endpoint answered 410 and is disabled; what waits for it stays.
  assertError(await client.post(`/api/v1/deliveries/${newest}/resend`), 409, 'invalid_request_error');
  for (const name of ['msg_1_99999', 'msg_99_1', 'msg_1', 'x', `${newest}0`]) {
    assertError(await client.get(`/api/v1/deliveries/${name}`), 404, 'invalid_request_error', undefined, name);
    assertError(await client.post(`/api/v1/deliveries/${name}/resend`), 404, 'invalid_request_error', undefined, name);
  }
  assertError(await (await newClient()).get(`/api/v1/deliveries/${newest}`), 404, 'invalid_request_error', undefined, "another merchant's");
});

test('a delivery is sent again, once per idempotency key', async (t) => {
  const hook = await receiver();
  t.after(hook.close);
  const client = await newClient({ webhook: hook.url });
  const { reference } = await charge(client);
  const [first] = await hook.arrived(1, reference);
  const target = `/api/v1/deliveries/${first.headers['webhook-id']}/resend`;
  const headers = { 'idempotency-key': 'again' };
  const answers = [await client.post(target, undefined, { headers }), await client.post(target, undefined, { headers })];
  assert.equal(answers[0].status, 200, answers[0].text);
  assert.equal(answers[1].text, answers[0].text);
  assert.equal(answers[1].headers['idempotent-replayed'], 'true');
  const [, second] = await hook.arrived(2, reference);
  assert.deepEqual([second.headers['webhook-id'], second.text], [first.headers['webhook-id'], first.text]);
  assert.equal(second.headers['epay-delivery-attempt'], '2');
  await sleep(200);
  assert.equal(hook.of(reference).length, 2);
});

test('example events go to the feed, and to endpoints that ask for them', async (t) => {
  const hook = await receiver();
  t.after(hook.close);
  const client = await newClient({ webhook: hook.url });
  const headers = { 'idempotency-key': 'one' };
  const made = await client.post('/api/v1/events', { type: 'payment.success' }, { headers });
  assert.equal(made.status, 200, made.text);
  assert.equal((await client.post('/api/v1/events', { type: 'payment.success' }, { headers })).text, made.text);
  const { event } = made.json;
  const [arrived] = await hook.arrived(1);
  assert.deepEqual(arrived.json, event.payload);
  const pending = await client.post('/api/v1/events', { type: 'payment.pending' });
  assert.equal(pending.json.event.id, event.id + 1, 'kept, though no endpoint asks for it');
  assertError(await client.post('/api/v1/events', {}), 400, 'invalid_request_error', 'Not a valid API request with missing parameters');
  assertError(await client.post('/api/v1/events', { type: 'payment' }), 400, 'invalid_request_error');
  await sleep(200);
  assert.equal(hook.deliveries.length, 1);
});
