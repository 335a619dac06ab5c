// What signs an endpoint's deliveries: secrets that are replaced while deliveries are under way, and the checker.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { emit, fieldsOf, hooked, newClient, verifies, verifiesEd25519 } from './endpoints.mjs';
import { assertError, startEpay, verify } from './harness.mjs';

let epay;
before(async () => {
  epay = await startEpay();
});
after(async () => {
  await epay?.end();
  if (epay) await verify(epay.database);
});

describe('rotation', () => {
  test('old and new secret both verify while the old one lives; with 0 hours it is gone at once', async (t) => {
    const client = await newClient(epay);
    const hook = await hooked(t, client);
    const rotated = await hook.post('rotate', {});
    assert.notEqual(rotated.secret, hook.secret);
    assert.deepEqual(rotated.secrets.map((one) => one.secret), [rotated.secret, hook.secret]);
    assert.deepEqual(rotated.secrets.map((one) => one.expires_at !== null), [false, true]);
    const life = new Date(`${rotated.secrets[1].expires_at}Z`) - Date.now();
    assert.ok(Math.abs(life - 24 * 3_600_000) < 60_000, `${life} ms`);
    await emit(client);
    const [first] = await hook.arrived(1);
    assert.deepEqual([verifies(hook.secret, first), verifies(rotated.secret, first)], [true, true]);
    assert.equal(first.headers['webhook-signature'].split(' ').length, 2);

    const again = await hook.post('rotate', { old_secret_hours: 0 });
    assert.deepEqual(again.secrets.map((one) => one.secret), [again.secret]);
    await emit(client);
    const [, second] = await hook.arrived(2);
    assert.deepEqual([hook.secret, rotated.secret, again.secret].map((secret) => verifies(secret, second)), [false, false, true]);
  });

  test('a retry is signed with the secrets of its own moment', async (t) => {
    const client = await newClient(epay);
    const hook = await hooked(t, client, { retry_schedule: [1, 1, 1] }, (_, n) => (n < 3 ? 500 : 200));
    await emit(client);
    await hook.arrived(1);
    const { secret } = await hook.post('rotate', { old_secret_hours: 1 });
    await hook.arrived(2);
    const last = (await hook.post('rotate', { old_secret_hours: 0 })).secret;
    const [first, second, third] = await hook.arrived(3);
    const seen = [first, second, third].map((one) => [hook.secret, secret, last].map((each) => verifies(each, one)));
    assert.deepEqual(seen, [[true, false, false], [true, true, false], [false, false, true]]);
    assert.equal(new Set(hook.deliveries.map((one) => one.headers['webhook-id'])).size, 1);
  });

  test("one's own secret, and from HMAC to Ed25519 and back", async (t) => {
    const client = await newClient(epay);
    const hook = await hooked(t, client);
    const own = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    assert.equal((await hook.post('rotate', { secret: own, old_secret_hours: 0 })).secret, own);
    await emit(client);
    assert.ok(verifies(own, (await hook.arrived(1))[0]));

    const asymmetric = await hook.post('rotate', { signature: 'v1a' });
    assert.match(asymmetric.secret, /^whpk_/);
    assert.deepEqual(asymmetric.secrets.map((one) => one.signature), ['v1a', 'v1']);
    assert.equal((await hook.show()).signature, 'v1a');
    await emit(client);
    const [, both] = await hook.arrived(2);
    assert.ok(verifiesEd25519(asymmetric.secret, both));
    assert.ok(verifies(own, both));
    assert.ok(!verifiesEd25519(asymmetric.secret, { ...both, text: `${both.text} ` }));

    // Without a word about it the kind of signature stays.
    assert.match((await hook.post('rotate', { old_secret_hours: 0 })).secret, /^whpk_/);
    await hook.post('rotate', { old_secret_hours: 0, signature: 'v1' });
    await emit(client);
    assert.match((await hook.arrived(3))[2].headers['webhook-signature'], /^v1,[^ ]+$/);
  });

  test('what is wrong with a rotation is named', async (t) => {
    const client = await newClient(epay);
    const hook = await hooked(t, client);
    const rows = [
      [{ old_secret_hours: 169 }, ['old_secret_hours']],
      [{ old_secret_hours: -1, signature: 'v3' }, ['old_secret_hours', 'signature']],
      [{ secret: 'whsec_' }, ['secret']],
      [{ secret: `whsec_${Buffer.alloc(23).toString('base64')}` }, ['secret']],
      [{ secret: `whsec_${Buffer.alloc(65).toString('base64')}` }, ['secret']],
      [{ secret: Buffer.alloc(32).toString('base64') }, ['secret']],
      [{ secret: `whsec_${Buffer.alloc(32).toString('base64')}`, signature: 'v1a' }, ['secret']],
    ];
    for (const [body, fields] of rows) {
      const answer = await client.post(`${hook.at}/rotate`, body);
      assert.deepEqual([answer.status, fieldsOf(answer)], [400, fields], JSON.stringify(body));
    }
    assert.equal((await client.get(`${hook.at}/secret`)).json.secret, hook.secret);
  });
});

describe('the signature checker', () => {
  let client, delivery, hook;
  before(async () => {
    client = await newClient(epay);
    const once = { after: () => {} };
    hook = await hooked(once, client);
    await emit(client);
    [delivery] = await hook.arrived(1);
  });
  after(() => hook?.close());

  const received = (changes = {}) => ({
    webhook_id: delivery.headers['webhook-id'],
    webhook_timestamp: delivery.headers['webhook-timestamp'],
    webhook_signature: delivery.headers['webhook-signature'],
    body: delivery.text,
    ...changes,
  });

  test('says yes, by endpoint and by secret', async () => {
    for (const who of [{ endpoint_id: hook.id }, { secret: hook.secret }]) {
      const answer = await client.post('/api/v1/webhooks/verify', received(who));
      assert.equal(answer.text, '{"success":true,"message":"Signature checked Successfully","valid":true,"reason":null}');
    }
  });

  test('says no, and why', async () => {
    const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
    const now = Math.floor(Date.now() / 1000);
    const rows = [
      [{ body: `${delivery.text}\n` }, /byte for byte/],
      [{ secret: other, endpoint_id: undefined }, /another secret/],
      [{ webhook_timestamp: now - 400 }, /4\d\d s old/],
      [{ webhook_timestamp: String(now + 400) }, /in the future/],
      [{ webhook_timestamp: 'today' }, /number of seconds/],
      [{ webhook_signature: 'sha256=abc' }, /known version/],
      [{ webhook_signature: '' }, /webhook-signature is missing/],
      [{ webhook_id: undefined }, /webhook-id is missing/],
    ];
    for (const [changes, reason] of rows) {
      const answer = await client.post('/api/v1/webhooks/verify', received({ endpoint_id: hook.id, ...changes }));
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json.valid, false);
      assert.match(answer.json.reason, reason);
    }
  });

  test('asks for what it needs', async () => {
    const rows = [
      [{}, 400, ['endpoint_id']],
      [{ endpoint_id: hook.id, secret: hook.secret }, 400, ['secret']],
      [{ secret: 'abc' }, 400, ['secret']],
      [{ secret: `whpk_${Buffer.alloc(32).toString('base64')}` }, 400, ['secret']],
      [{ endpoint_id: hook.id, body: undefined }, 400, ['body']],
      [{ endpoint_id: hook.id, body: { a: 1 } }, 400, ['body']],
    ];
    for (const [changes, status, fields] of rows) {
      const answer = await client.post('/api/v1/webhooks/verify', received(changes));
      assert.deepEqual([answer.status, fieldsOf(answer)], [status, fields], JSON.stringify(changes));
    }
    assertError(await client.post('/api/v1/webhooks/verify', received({ endpoint_id: 999_999 })), 404, 'invalid_request_error', 'There is no endpoint 999999');
  });
});
