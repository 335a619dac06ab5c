// Sending on purpose: tests of an endpoint, and what was missed once more.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { deliveriesOf, emit, fieldsOf, hooked, newClient, verifies } from './endpoints.mjs';
import {
  assertError, assertText, eventually, onPostgres, sleep, startEpay, verify,
} from './harness.mjs';

let epay;
before(async () => {
  epay = await startEpay();
});
after(async () => {
  await epay?.end();
  if (epay) await verify(epay.database);
});

describe('a test', () => {
  test('is sent at once, and the answer shows the attempt', async (t) => {
    const client = await newClient(epay);
    const hook = await hooked(t, client, { headers: { 'X-Shop': '7' } }, (_, n) => (n === 2 ? { status: 500, body: 'oops' } : 200));
    const sent = await hook.post('test', {});
    assert.equal(sent.message, 'Test event delivered Successfully');
    const [first] = await hook.arrived(1);
    assert.ok(verifies(hook.secret, first));
    assert.equal(first.headers['epay-event'], 'ping');
    assert.equal(first.headers['x-shop'], '7');
    assert.equal(first.headers['webhook-id'], sent.delivery.id);
    assert.deepEqual(sent.delivery.payload, first.json);
    assert.deepEqual([sent.delivery.status, sent.delivery.type, sent.delivery.mode, sent.delivery.tries], ['delivered', 'ping', 'test', 1]);
    assert.equal(sent.delivery.attempts.length, 1);
    assert.deepEqual([sent.delivery.attempts[0].status, sent.delivery.attempts[0].url], [200, hook.url]);

    const failed = await hook.post('test', { type: 'payment.failed' });
    assert.equal(failed.message, 'Test event sent and not accepted');
    assert.deepEqual([failed.delivery.status, failed.delivery.attempts[0].status, failed.delivery.attempts[0].answer], ['waiting', 500, 'oops']);
    assert.equal(hook.deliveries[1].json.transaction.status, 'failed');
  });

  test('shows the first 512 bytes of an answer, and whether it was longer', async (t) => {
    const client = await newClient(epay);
    const lengths = [2, 511, 513, 100_000];
    const hook = await hooked(t, client, {}, (_, n) => ({ status: 500, body: `é${'x'.repeat(lengths[n - 1] - 2)}` }));
    for (const length of lengths) {
      const [attempt] = (await hook.post('test', {})).delivery.attempts;
      assert.deepEqual([attempt.answer, attempt.answer_cut], [`é${'x'.repeat(Math.min(length, 512) - 2)}`, length > 512], `${length}`);
    }
  });

  test('goes to this endpoint alone, also to one that is disabled or asks for other events', async (t) => {
    const client = await newClient(epay);
    const [hook, other] = [await hooked(t, client, { enabled: false, events: ['payout.failed'] }), await hooked(t, client, { events: '*' })];
    const sent = await hook.post('test', { type: 'customer.created' });
    assert.equal(sent.delivery.status, 'delivered');
    await sleep(300);
    assert.deepEqual([hook.deliveries.length, other.deliveries.length], [1, 0]);
  });

  test('says when nobody answers, and what type there is not', async (t) => {
    const client = await newClient(epay);
    const hook = await hooked(t, client, { timeout: 1 }, () => 'hang');
    const hung = await hook.post('test', {});
    assert.deepEqual([hung.delivery.attempts[0].status, typeof hung.delivery.attempts[0].failure], [null, 'string']);
    assert.deepEqual(fieldsOf(await client.post(`${hook.at}/test`, { type: 'payment.maybe' })), ['type']);
  });

  test('of many at once waits its turn, and none is lost or sent twice', async (t) => {
    const client = await newClient(epay);
    const hook = await hooked(t, client, { in_flight_max: 100 }, async () => {
      await sleep(1_000);
      return 200;
    });
    const sent = await Promise.all(Array.from({ length: 50 }, () => hook.post('test', {})));
    const waiting = sent.filter((one) => one.message === 'Test event recorded; it is sent in its turn');
    const delivered = sent.filter((one) => one.message === 'Test event delivered Successfully');
    assert.ok(waiting.length > 0, 'all 50 were sent at once');
    assert.equal(waiting.length + delivered.length, 50);
    for (const one of waiting) assert.deepEqual([one.delivery.status, one.delivery.attempts], ['waiting', []]);
    await hook.arrived(50);
    await sleep(1_500);
    assert.equal(hook.deliveries.length, 50);
    assert.equal(new Set(hook.deliveries.map((one) => one.headers['webhook-id'])).size, 50);
  });

  test('whose answer a crash has taken is not sent anew under its key, and goes out as any event', async (t) => {
    const first = await startEpay();
    t.after(() => first.end());
    const client = await newClient(first);
    const hook = await hooked(t, client, {}, (_, n) => (n === 1 ? 'hang' : 200));
    const options = { headers: { 'idempotency-key': 'once' } };
    const lost = client.post(`${hook.at}/test`, {}, options).catch((error) => error);
    await hook.arrived(1);
    await first.kill9();
    assert.ok((await lost) instanceof Error);
    const second = await startEpay({ database: first.database });
    t.after(() => second.end());
    // Where several serve, the other may be at it until it is known to be dead.
    const answer = await eventually('an answer', async () => {
      const one = await client.at(second).post(`${hook.at}/test`, {}, options);
      return !(onPostgres && one.text.includes('is being worked on')) && one;
    }, 20_000);
    assertError(answer, 409, 'invalid_request_error', 'An earlier request with this Idempotency-Key has sent a test, and its answer was lost; see its deliveries, or use another key');
    await hook.arrived(2);
    await sleep(500);
    assert.equal(hook.deliveries.length, 2);
    assert.equal(new Set(hook.deliveries.map((one) => one.headers['webhook-id'])).size, 1);
  });
});

describe('sending again', () => {
  const finished = (client, { id }) =>
    eventually(`the redelivery ${id} to be done`, async () => {
      const { redelivery } = (await client.get(`/api/v1/redeliveries/${id}`)).json;
      return redelivery.status === 'done' && redelivery.delivered === redelivery.sent && redelivery;
    });

  test('recover sends what failed, once each', async (t) => {
    const client = await newClient(epay);
    let works = false;
    const hook = await hooked(t, client, { retry_schedule: [1] }, () => (works ? 200 : 404));
    await emit(client, 'payment.success', 3);
    await eventually('all to have failed', async () => (await deliveriesOf(client, hook.id)).every((one) => one.status === 'failed'), 15_000);
    works = true;
    await emit(client);
    await eventually('the new one to arrive', () => hook.deliveries.some((one) => one.headers['epay-delivery-attempt'] === '1' && one.n > 6));
    const before = hook.deliveries.length;
    const begun = await hook.post('recover', { since: Math.floor(Date.now() / 1000) - 3600 });
    assertText(
      JSON.stringify(begun.redelivery),
      `{"id":‹id›,"endpoint_id":${hook.id},"kind":"recover","status":"running","since":‹time›,"until":‹time›,"delivered_too":false,"total":3,"sent":0,"delivered":0,` +
        '"progress":0,"created_at":‹time›,"updated_at":‹time›}',
    );
    const done = await finished(client, begun.redelivery);
    assert.deepEqual([done.total, done.sent, done.delivered, done.progress], [3, 3, 3, 100]);
    await sleep(300);
    const again = hook.deliveries.slice(before);
    assert.equal(new Set(again.map((one) => one.headers['webhook-id'])).size, 3);
    assert.equal(again.length, 3);
  });

  test('replay sends everything to an endpoint made later, in any form of time; delivered ones only when asked', async (t) => {
    const client = await newClient(epay);
    const began = new Date(Date.now() - 1000);
    const early = await hooked(t, client);
    const ids = await emit(client, 'payment.success', 30);
    await emit(client, 'payout.success');
    await early.arrived(30);
    const late = await hooked(t, client);
    await finished(client, (await late.post('replay', { since: began.toISOString() })).redelivery);
    assert.deepEqual(late.deliveries.map((one) => Number(one.headers['webhook-id'].split('_')[1])).sort((a, b) => a - b), ids);

    const wire = began.toISOString().replace('T', ' ').slice(0, 19);
    const none = await finished(client, (await late.post('replay', { since: wire })).redelivery);
    assert.equal(none.sent, 0);
    const all = await finished(client, (await late.post('replay', { since: wire, delivered_too: true })).redelivery);
    assert.equal(all.sent, 30);
    assert.equal(late.deliveries.length, 60);
    assert.equal(early.deliveries.length, 30);
    const listed = (await client.get('/api/v1/redeliveries')).json.redeliveries;
    assert.deepEqual(listed.map((one) => [one.endpoint_id, one.kind, one.delivered_too, one.sent]), [[late.id, 'replay', true, 30], [late.id, 'replay', false, 0], [late.id, 'replay', false, 30]]);
  });

  test('one can be cancelled, and goes on where it was when resumed', async (t) => {
    const client = await newClient(epay);
    await emit(client, 'payment.success', 100);
    const hook = await hooked(t, client, { rate_limit: 20 });
    const { redelivery } = await hook.post('replay', { since: 0 });
    assertError(await client.post(`${hook.at}/replay`, { since: 0 }), 409, 'invalid_request_error');
    assertError(await client.post(`/api/v1/redeliveries/${redelivery.id}/resume`), 409, 'invalid_request_error');
    await hook.arrived(5);
    const cancelled = (await client.post(`/api/v1/redeliveries/${redelivery.id}/cancel`)).json;
    assert.deepEqual([cancelled.message, cancelled.redelivery.status], ['Redelivery cancelled Successfully', 'cancelled']);
    assertError(await client.post(`/api/v1/redeliveries/${redelivery.id}/cancel`), 409, 'invalid_request_error');
    // What was handed over is still sent.
    await sleep(2_500);
    const sent = hook.deliveries.length;
    assert.ok(sent < 60, `${sent} came of one that was cancelled`);
    await sleep(500);
    assert.equal(hook.deliveries.length, sent, 'nothing more comes');
    const resumed = (await client.post(`/api/v1/redeliveries/${redelivery.id}/resume`)).json;
    assert.equal(resumed.redelivery.status, 'running');
    await hook.arrived(100, undefined, 15_000);
    await finished(client, redelivery);
    assert.equal(new Set(hook.deliveries.map((one) => one.headers['webhook-id'])).size, 100);
    assert.equal(hook.deliveries.length, 100);
  });

  test('what is wrong is named', async (t) => {
    const client = await newClient(epay);
    const hook = await hooked(t, client);
    const rows = [
      [{}, ['since']],
      [{ since: 'yesterday' }, ['since']],
      [{ since: '2026-02-30' }, ['since']],
      [{ since: 100, until: 99 }, ['since']],
      [{ since: Math.floor(Date.now() / 1000) + 3600 }, ['since']],
      [{ since: 0, until: true, delivered_too: 'x' }, ['until', 'delivered_too']],
    ];
    for (const [body, fields] of rows) {
      const answer = await client.post(`${hook.at}/replay`, body);
      assert.deepEqual([answer.status, fieldsOf(answer)], [400, fields], JSON.stringify(body));
    }
    await hook.patch({ enabled: false });
    assertError(await client.post(`${hook.at}/recover`, { since: 0 }), 409, 'invalid_request_error', `The endpoint ${hook.id} is disabled; enable it first`);
    for (const what of ['', '/cancel', '/resume']) {
      assertError(await client.api(what ? 'POST' : 'GET', `/api/v1/redeliveries/999999${what}`), 404, 'invalid_request_error', 'There is no redelivery 999999');
    }
  });
});
