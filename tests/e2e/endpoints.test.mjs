// Endpoints through the API: their whole life, what is refused, what signs and who is sent what.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import dns from 'node:dns/promises';
import { hostname } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { assertError, assertText, createMerchant, eventually, newDatabase, receiver, runEpay, signIn, sleep, startEpay, verify } from './harness.mjs';

let epay;
before(async () => {
  epay = await startEpay();
});
after(async () => {
  await epay?.end();
  if (epay) await verify(epay.database);
});

const newClient = async (service = epay) => signIn(service, await createMerchant(service.database));

// A receiver with an endpoint of this merchant, both gone when the test ends.
async function hooked(t, client, fields = {}, answer) {
  const hook = await receiver({ answer });
  t.after(() => hook.close());
  const answered = await client.post('/api/v1/endpoints', { url: hook.url, ...fields });
  assert.equal(answered.status, 200, answered.text);
  const { endpoint, secret } = answered.json;
  const at = `/api/v1/endpoints/${endpoint.id}`;
  const ok = async (answer) => {
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  };
  return {
    ...hook,
    id: endpoint.id,
    at,
    secret,
    show: async () => (await ok(await client.get(at))).endpoint,
    patch: async (changes) => (await ok(await client.api('PATCH', at, changes))).endpoint,
    post: async (what, body) => ok(await client.post(`${at}/${what}`, body)),
  };
}

async function emit(client, type = 'payment.success', count = 1) {
  const ids = [];
  for (let i = 0; i < count; i += 1) {
    const answer = await client.post('/api/v1/events', { type });
    assert.equal(answer.status, 200, answer.text);
    ids.push(answer.json.event.id);
  }
  return ids;
}

function accepts(Verifier, secret, { text, headers }) {
  try {
    new Verifier(secret).verify(text, headers);
    return true;
  } catch {
    return false;
  }
}
const verifies = (secret, delivery) => {
  const [one, other] = [StandardWebhook, SvixWebhook].map((Verifier) => accepts(Verifier, secret, delivery));
  assert.equal(one, other, 'two verifiers of the same standard differ');
  return one;
};

// Standard Webhooks' v1a, by nothing but the standard library.
function verifiesEd25519(publicKey, { text, headers }) {
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey.slice('whpk_'.length), 'base64').toString('base64url') } });
  const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`);
  return headers['webhook-signature']
    .split(' ')
    .filter((one) => one.startsWith('v1a,'))
    .some((one) => verifySignature(null, signed, key, Buffer.from(one.slice(4), 'base64')));
}

const deliveriesOf = async (client, id) => (await client.get(`/api/v1/deliveries?endpoint=${id}`)).json.deliveries.data;
const fieldsOf = (answer) => answer.json.errors.map((error) => error.field);

// ---- its life ----

describe('the life of an endpoint', () => {
  const plain =
    '"description":null,"mode":"test","events":["payment.success","payment.failed"],"enabled":true,"disabled_reason":null,"disabled_at":null,' +
    '"rate_limit":null,"in_flight_max":10,"timeout":15,"retry_schedule":null,"headers":{},"authorization":null,"signature":"v1",' +
    '"status":"enabled","failing_since":null,"failures":0,"rests_until":null,"created_at":‹time›,"updated_at":‹time›}';
  const url = 'http://127.0.0.1:9/hook';

  test('made with nothing but a URL, shown, listed, deleted', async () => {
    const client = await newClient();
    const made = await client.post('/api/v1/endpoints', { url });
    assertText(made.text, `{"success":true,"message":"Endpoint created Successfully","endpoint":{"id":‹id›,"url":"${url}",${plain},"secret":‹text›}`);
    assert.match(made.json.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    const { id } = made.json.endpoint;
    const one = `{"id":${id},"url":"${url}",${plain}`;
    assertText((await client.get(`/api/v1/endpoints/${id}`)).text, `{"success":true,"message":"Endpoint retrieved Successfully","endpoint":${one}}`);
    assertText((await client.get('/v1/endpoints')).text, `{"success":true,"message":"Endpoints retrieved Successfully","endpoints":[${one}]}`);
    assertText(
      (await client.get(`/api/v1/endpoints/${id}/secret`)).text,
      `{"success":true,"message":"Secret retrieved Successfully","secret":"${made.json.secret}",` +
        `"secrets":[{"secret":"${made.json.secret}","signature":"v1","created_at":‹time›,"expires_at":null}]}`,
    );
    assertText((await client.api('DELETE', `/api/v1/endpoints/${id}`)).text, '{"success":true,"message":"Endpoint deleted Successfully"}');
    for (const [method, path] of [['GET', ''], ['PATCH', ''], ['DELETE', ''], ['GET', '/secret'], ['POST', '/rotate'], ['POST', '/test']]) {
      assertError(await client.api(method, `/api/v1/endpoints/${id}${path}`), 404, 'invalid_request_error', `There is no endpoint ${id}`, `${method} ${path}`);
    }
    assert.deepEqual((await client.get('/api/v1/endpoints')).json.endpoints, []);
  });

  const everything = {
    url,
    description: 'Till',
    mode: 'all',
    events: ['payment.success', 'ping'],
    enabled: false,
    rate_limit: 20,
    in_flight_max: 3,
    timeout: 7,
    retry_schedule: [5, 300],
    headers: { 'X-Shop': 'north' },
    credentials: { type: 'basic', username: 'me', password: 's3cret' },
    signature: 'v1a',
  };
  const { credentials, ...shown } = everything;

  test('made with everything; an update keeps what was not given, null goes back to the default', async () => {
    const client = await newClient();
    const made = await client.post('/api/v1/endpoints', everything);
    assert.equal(made.status, 200, made.text);
    assert.match(made.json.secret, /^whpk_[A-Za-z0-9+/]{43}=$/);
    assert.ok(!made.text.includes('s3cret') && !made.text.includes(Buffer.from('me:s3cret').toString('base64')), made.text);
    const at = `/api/v1/endpoints/${made.json.endpoint.id}`;
    const expect = async (changes, expected) => {
      const answer = await client.api('PATCH', at, changes);
      assert.equal(answer.status, 200, answer.text);
      const { id, created_at, updated_at, disabled_at, failing_since, failures, rests_until, ...endpoint } = answer.json.endpoint;
      assert.deepEqual(endpoint, expected, JSON.stringify(changes));
      assert.deepEqual((await client.get(at)).json.endpoint, answer.json.endpoint);
    };
    let state = { ...shown, authorization: 'basic', disabled_reason: 'merchant', status: 'disabled' };
    const step = async (changes, difference) => {
      state = { ...state, ...difference };
      await expect(changes, state);
    };
    await step({}, {});
    await step({ enabled: true }, { enabled: true, disabled_reason: null, status: 'enabled' });
    await step({ description: 'Shop', timeout: '9' }, { description: 'Shop', timeout: 9 });
    await step({ events: '*' }, { events: ['*'] });
    await step({ headers: { 'X-Till': '2' } }, { headers: { 'X-Till': '2' } });
    await step({ credentials: { type: 'bearer', token: 'abc' } }, { authorization: 'bearer' });
    await step({ enabled: false }, { enabled: false, disabled_reason: 'merchant', status: 'disabled' });
    await step(
      { description: null, mode: null, events: null, enabled: null, rate_limit: null, in_flight_max: null, timeout: null, retry_schedule: null, headers: null, credentials: null },
      {
        description: null,
        mode: 'test',
        events: ['payment.success', 'payment.failed'],
        enabled: true,
        disabled_reason: null,
        rate_limit: null,
        in_flight_max: 10,
        timeout: 15,
        retry_schedule: null,
        headers: {},
        authorization: null,
        status: 'enabled',
      },
    );
    await step({ signature: 'v1a', url: 'http://127.0.0.1:9/other' }, { url: 'http://127.0.0.1:9/other' });
    assert.deepEqual(fieldsOf(await client.api('PATCH', at, { signature: 'v1' })), ['signature']);
    for (const empty of ['', null]) assert.deepEqual(fieldsOf(await client.api('PATCH', at, { url: empty })), ['url']);
  });

  test('a form makes the same', async () => {
    const client = await newClient();
    const form = new URLSearchParams({ url, description: 'Till', mode: 'all', enabled: '0', rate_limit: '20', in_flight_max: '3', timeout: '7', retry_schedule: '5,300', signature: 'v1a' });
    form.append('events[]', 'payment.success');
    form.append('events[]', 'ping');
    form.append('headers[X-Shop]', 'north');
    form.append('credentials[type]', 'basic');
    form.append('credentials[username]', 'me');
    const made = await client.post('/api/v1/endpoints', form);
    assert.equal(made.status, 200, made.text);
    const { id, created_at, updated_at, disabled_at, failing_since, failures, rests_until, ...endpoint } = made.json.endpoint;
    assert.deepEqual(endpoint, { ...shown, authorization: 'basic', disabled_reason: 'merchant', status: 'disabled' });
  });

  test('all that is wrong is named at once', async () => {
    const client = await newClient();
    const wrong = {
      mode: 'both',
      events: ['payment.succes'],
      enabled: 'maybe',
      rate_limit: 0,
      in_flight_max: 101,
      timeout: 31,
      retry_schedule: [0],
      headers: { Authorization: 'x', 'webhook-id': 'x', 'X-A': 'é' },
      credentials: { type: 'digest' },
      signature: 'v2',
      description: 'x'.repeat(501),
    };
    const answer = await client.post('/api/v1/endpoints', wrong);
    assertError(answer, 400, 'invalid_request_error', 'Not a valid API request with missing parameters');
    const expected = ['url', 'enabled', 'signature', 'description', 'mode', 'events', 'rate_limit', 'in_flight_max', 'timeout', 'retry_schedule'];
    expected.push('headers.Authorization', 'headers.webhook-id', 'headers.X-A', 'credentials.type');
    assert.deepEqual(fieldsOf(answer), expected);
    for (const error of answer.json.errors) assert.ok(error.message.startsWith(error.field), error.message);
    assert.deepEqual((await client.get('/api/v1/endpoints')).json.endpoints, []);
  });

  test("another merchant's endpoints are not there", async () => {
    const [mine, other] = [await newClient(), await newClient()];
    const { id } = (await mine.post('/api/v1/endpoints', { url })).json.endpoint;
    for (const [method, path, body] of [
      ['GET', ''],
      ['PATCH', '', { enabled: false }],
      ['DELETE', ''],
      ['GET', '/secret'],
      ['POST', '/rotate', {}],
      ['POST', '/test', {}],
      ['POST', '/recover', { since: 0 }],
      ['POST', '/replay', { since: 0 }],
    ]) {
      assertError(await other.api(method, `/api/v1/endpoints/${id}${path}`, body), 404, 'invalid_request_error', `There is no endpoint ${id}`);
    }
    assertError(await other.get('/api/v1/endpoints/none'), 404, 'invalid_request_error', 'There is no endpoint none');
    assert.equal((await mine.get(`/api/v1/endpoints/${id}`)).json.endpoint.enabled, true);
  });

  test('there are at most 100', async () => {
    const client = await newClient();
    const make = () => client.post('/api/v1/endpoints', { url });
    const made = await Promise.all(Array.from({ length: 100 }, make));
    assert.deepEqual([...new Set(made.map((answer) => answer.status))], [200]);
    assertError(await make(), 409, 'invalid_request_error', 'There are 100 endpoints already, as many as an account may have; delete one first');
    await client.api('DELETE', `/api/v1/endpoints/${made[0].json.endpoint.id}`);
    assert.equal((await make()).status, 200);
    assert.equal((await client.get('/api/v1/endpoints')).json.endpoints.length, 100);
  });
});

// ---- addresses ----

test('an address that is not public is refused, with the reason and what to do', async (t) => {
  const service = await startEpay({ allow: [] });
  t.after(() => service.end());
  const client = await newClient(service);
  const made = await client.post('/api/v1/endpoints', { url: 'https://1.1.1.1/hook' });
  assert.equal(made.status, 200, made.text);
  const notPublic = 'is not on the public internet. Use a URL that can be reached from anywhere. To receive events on a computer of your own use a tunnel.';
  const notDecimal = "The URL's host must be a name, or an address of four decimal numbers.";
  const rows = [
    ['http://127.0.0.1:8080/hook', `The address 127.0.0.1 ${notPublic}`],
    ['http://[::1]/hook', `The address ::1 ${notPublic}`],
    ['http://[::ffff:127.0.0.1]/hook', `The address ::ffff:127.0.0.1 ${notPublic}`],
    ['http://10.1.2.3/hook', `The address 10.1.2.3 ${notPublic}`],
    ['http://169.254.169.254/latest/meta-data', `The address 169.254.169.254 ${notPublic}`],
    ['http://localhost:8080/hook', `localhost has the address 127.0.0.1, which ${notPublic}`],
    ['http://2130706433/', notDecimal],
    ['http://0x7f.1/', notDecimal],
    ['http://017700000001/', notDecimal],
    ['http://user:secret@1.1.1.1/', 'The URL must not contain a user name or password.'],
    ['ftp://example.com/', 'The URL must begin with https:// or http://.'],
    ['not a url', 'The URL must not contain blanks or control characters.'],
    [`https://1.1.1.1/${'x'.repeat(2000)}`, 'It is longer than 2000 characters.'],
  ];
  // The machine's own name leads to a private address on most.
  const [own] = await dns.lookup(hostname(), { all: true }).catch(() => []);
  if (own && /^(10|127|172\.(1[6-9]|2\d|3[01])|192\.168|169\.254)\./.test(own.address)) {
    rows.push([`http://${hostname()}/`, `${hostname().toLowerCase()} has the address ${own.address}, which ${notPublic}`]);
  }
  for (const [url, reason] of rows) {
    const message = `url cannot be used: ${reason}`;
    for (const answer of [await client.post('/api/v1/endpoints', { url }), await client.api('PATCH', `/api/v1/endpoints/${made.json.endpoint.id}`, { url })]) {
      // Where localhost is ::1 as well, that one may be named.
      const told = url.includes('localhost') ? answer.json.message.replace('::1', '127.0.0.1') : answer.json.message;
      assert.equal(told, message, url);
      assert.deepEqual([answer.status, fieldsOf(answer)], [400, ['url']], url);
    }
  }
  const { endpoints } = (await client.get('/api/v1/endpoints')).json;
  assert.deepEqual(endpoints.map((endpoint) => endpoint.url), ['https://1.1.1.1/hook']);
});

// ---- what signs ----

describe('rotation', () => {
  test('old and new secret both verify while the old one lives; with 0 hours it is gone at once', async (t) => {
    const client = await newClient();
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
    const client = await newClient();
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
    const client = await newClient();
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
    const client = await newClient();
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
    client = await newClient();
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

// ---- how it is treated ----

test('own headers and credentials arrive', async (t) => {
  const client = await newClient();
  const hook = await hooked(t, client, { headers: { 'X-Shop': 'north 7', 'x-empty': '' }, credentials: { type: 'basic', username: 'Aladdin', password: 'open sesame' } });
  await emit(client);
  const [first] = await hook.arrived(1);
  assert.equal(first.headers['x-shop'], 'north 7');
  assert.equal(first.headers['x-empty'], '');
  assert.equal(first.headers.authorization, 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
  await hook.patch({ headers: {}, credentials: { type: 'bearer', token: 't0ken' } });
  await emit(client);
  const [, second] = await hook.arrived(2);
  assert.deepEqual([second.headers['x-shop'], second.headers.authorization], [undefined, 'Bearer t0ken']);
});

test('a rate limit is kept', async (t) => {
  const client = await newClient();
  const hook = await hooked(t, client, { rate_limit: 20, in_flight_max: 100 });
  await Promise.all(Array.from({ length: 60 }, () => emit(client)));
  const all = await hook.arrived(60, undefined, 15_000);
  for (const [i, one] of all.entries()) {
    const within = all.slice(i).filter((other) => other.at < one.at + 1_000).length;
    assert.ok(within <= 24, `${within} within a second`);
  }
  const took = all.at(-1).at - all[0].at;
  assert.ok(took >= 2_500 && took < 6_000, `60 at 20/s took ${took} ms`);
});

test('it gets what it asks for and nothing else; * is everything', async (t) => {
  const client = await newClient();
  const [some, every, usual] = [await hooked(t, client, { events: ['payout.failed', 'ping'] }), await hooked(t, client, { events: '*' }), await hooked(t, client)];
  const types = (await client.get('/api/v1/event_types')).json.event_types.map((one) => one.type);
  for (const type of types) await emit(client, type);
  await every.arrived(types.length);
  await sleep(300);
  const got = (hook) => hook.deliveries.map((one) => one.headers['epay-event']).sort();
  assert.deepEqual([got(some), got(every), got(usual)], [['payout.failed', 'ping'], [...types].sort(), ['payment.failed', 'payment.success']]);
});

test('a disabled one gets nothing, and what waited goes out when it is enabled', async (t) => {
  const client = await newClient();
  const hook = await hooked(t, client, { retry_schedule: [2, 2, 2] }, (_, n) => (n === 1 ? 500 : 200));
  const [waiting] = await emit(client);
  await hook.arrived(1);
  await eventually('the try to be recorded', async () => (await hook.show()).failures === 1);
  assert.equal((await hook.patch({ enabled: false })).status, 'disabled');
  await emit(client);
  await sleep(3_000);
  assert.equal(hook.deliveries.length, 1);
  const enabled = await hook.patch({ enabled: true });
  assert.deepEqual([enabled.status, enabled.failures, enabled.failing_since], ['enabled', 0, null]);
  const [, second] = await hook.arrived(2);
  assert.equal(second.headers['webhook-id'], `msg_${waiting}_${hook.id}`);
  await sleep(300);
  assert.equal(hook.deliveries.length, 2, 'what happened meanwhile was not addressed to it');
});

test('it is failing, rests when it asks for it, is well again, and 410 disables it', async (t) => {
  const client = await newClient();
  const answers = [500, { status: 503, headers: { 'retry-after': '2' } }, 200, 410];
  const hook = await hooked(t, client, { retry_schedule: [1, 1, 1, 1] }, (_, n) => answers[n - 1] ?? 200);
  const becomes = (status) => eventually(`the endpoint to be ${status}`, async () => (await hook.show()).status === status && hook.show());
  await emit(client);
  const failing = await becomes('failing');
  assert.equal(failing.failures, 1);
  assert.match(failing.failing_since, /^\d{4}-/);
  const resting = await becomes('resting');
  assert.match(resting.rests_until, /^\d{4}-/);
  const well = await becomes('enabled');
  assert.deepEqual([well.failing_since, well.failures, well.rests_until], [null, 0, null]);
  await emit(client);
  const gone = await becomes('disabled');
  assert.deepEqual([gone.enabled, gone.disabled_reason], [false, 'gone']);
  assert.match(gone.disabled_at, /^\d{4}-/);
  // The reason stays when its owner disables it as well.
  assert.equal((await hook.patch({ enabled: false })).disabled_reason, 'gone');
});

test('deleting one cancels what waits for it', async (t) => {
  const client = await newClient();
  const hook = await hooked(t, client, { retry_schedule: [1, 1, 1] }, () => 500);
  const [event] = await emit(client);
  await hook.arrived(1);
  await client.api('DELETE', hook.at);
  await eventually('the delivery to be cancelled', async () => {
    const answer = await client.get(`/api/v1/deliveries/msg_${event}_${hook.id}`);
    return answer.json.delivery.status === 'cancelled';
  });
  const before = hook.deliveries.length;
  await emit(client);
  await sleep(1_500);
  assert.equal(hook.deliveries.length, before);
});

// ---- tests ----

describe('a test', () => {
  test('is sent at once, and the answer shows the attempt', async (t) => {
    const client = await newClient();
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

  test('goes to this endpoint alone, also to one that is disabled or asks for other events', async (t) => {
    const client = await newClient();
    const [hook, other] = [await hooked(t, client, { enabled: false, events: ['payout.failed'] }), await hooked(t, client, { events: '*' })];
    const sent = await hook.post('test', { type: 'customer.created' });
    assert.equal(sent.delivery.status, 'delivered');
    await sleep(300);
    assert.deepEqual([hook.deliveries.length, other.deliveries.length], [1, 0]);
  });

  test('says when nobody answers, and what type there is not', async (t) => {
    const client = await newClient();
    const hook = await hooked(t, client, { timeout: 1 }, () => 'hang');
    const hung = await hook.post('test', {});
    assert.deepEqual([hung.delivery.attempts[0].status, typeof hung.delivery.attempts[0].failure], [null, 'string']);
    assert.deepEqual(fieldsOf(await client.post(`${hook.at}/test`, { type: 'payment.maybe' })), ['type']);
  });
});

// ---- modes ----

test('a token sees the endpoints of its own mode and of both', async (t) => {
  const merchant = await createMerchant(epay.database);
  const appSecret = 'L'.repeat(32);
  const file = epay.database.slice('sqlite:'.length);
  execFileSync('sqlite3', ['-cmd', '.timeout 5000', file,
    `INSERT INTO integrations (merchant_id, id, app_id, app_secret_hash, mode, created_at) VALUES (${merchant.merchant_id}, 999999, 'abcdef0123456',
      x'${createHash('sha256').update(appSecret).digest('hex')}', 2, 0)`]);
  const client = await signIn(epay, merchant);
  const live = await signIn(epay, { ...merchant, app_id: 'abcdef0123456', app_secret: appSecret });
  const [testing, living, both] = [await hooked(t, client), await hooked(t, live), await hooked(t, client, { mode: 'all' })];
  const idsOf = async (who) => (await who.get('/api/v1/endpoints')).json.endpoints.map((one) => [one.id, one.mode]);
  assert.deepEqual(await idsOf(client), [[testing.id, 'test'], [both.id, 'all']]);
  assert.deepEqual(await idsOf(live), [[living.id, 'live'], [both.id, 'all']]);
  for (const [who, hook] of [[client, living], [live, testing]]) {
    for (const [method, path, body] of [['GET', ''], ['PATCH', '', { enabled: false }], ['DELETE', ''], ['GET', '/secret'], ['POST', '/rotate', {}], ['POST', '/test', {}], ['POST', '/replay', { since: 0 }]]) {
      assertError(await who.api(method, hook.at + path, body), 404, 'invalid_request_error', `There is no endpoint ${hook.id}`);
    }
  }
  for (const [who, other] of [[client, 'live'], [live, 'test']]) {
    for (const answer of [await who.post('/api/v1/endpoints', { url: both.url, mode: other }), await who.api('PATCH', both.at, { mode: other })]) {
      assert.deepEqual([answer.status, fieldsOf(answer)], [400, ['mode']]);
    }
  }
  await emit(client);
  await Promise.all([testing.arrived(1), both.arrived(1)]);
  await sleep(300);
  assert.equal(living.deliveries.length, 0);
  // Also a live endpoint's test is of test mode.
  const sent = (await live.post(`${living.at}/test`, {})).json;
  assert.deepEqual([sent.delivery.status, sent.delivery.mode], ['delivered', 'test']);
  assert.equal(living.deliveries[0].headers['epay-mode'], 'test');
  // A redelivery is seen by whoever sees its endpoint.
  const walk = (await living.post('replay', { since: 0 })).redelivery;
  assert.deepEqual((await live.get('/api/v1/redeliveries')).json.redeliveries.map((one) => one.id), [walk.id]);
  assert.deepEqual((await client.get('/api/v1/redeliveries')).json.redeliveries, []);
  assertError(await client.get(`/api/v1/redeliveries/${walk.id}`), 404, 'invalid_request_error', `There is no redelivery ${walk.id}`);
});

// ---- sending again ----

describe('sending again', () => {
  const finished = (client, { id }) =>
    eventually(`the redelivery ${id} to be done`, async () => {
      const { redelivery } = (await client.get(`/api/v1/redeliveries/${id}`)).json;
      return redelivery.status === 'done' && redelivery.delivered === redelivery.sent && redelivery;
    });

  test('recover sends what failed, once each', async (t) => {
    const client = await newClient();
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
    const client = await newClient();
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
    const client = await newClient();
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
    const client = await newClient();
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

// ---- once ----

test('a POST under an Idempotency-Key has one effect and one answer', async (t) => {
  const client = await newClient();
  const hook = await hooked(t, client);
  const posts = [
    ['/api/v1/endpoints', { url: hook.url }],
    [`${hook.at}/rotate`, { old_secret_hours: 1 }],
    [`${hook.at}/test`, {}],
    [`${hook.at}/replay`, { since: 0 }],
    ['/api/v1/webhooks/verify', { endpoint_id: hook.id, webhook_id: 'a', webhook_timestamp: 1, webhook_signature: 'v1,x', body: '{}' }],
  ];
  for (const [n, [path, body]] of posts.entries()) {
    const options = { headers: { 'idempotency-key': `once-${n}` } };
    const answers = await Promise.all([1, 2, 3].map(() => client.post(path, body, options)));
    answers.push(await client.post(path, body, options));
    assert.equal(answers[0].status, 200, answers[0].text);
    assert.equal(new Set(answers.map((answer) => answer.text)).size, 1, path);
    assert.equal(answers[3].headers['idempotent-replayed'], 'true', path);
    assertError(await client.post(path, { ...body, extra: 1 }, options), 409, 'invalid_request_error', 'This Idempotency-Key was used for a different request');
  }
  assert.equal((await client.get('/api/v1/endpoints')).json.endpoints.length, 2);
  assert.equal((await client.get(`${hook.at}/secret`)).json.secrets.length, 2);
  assert.equal((await client.get('/api/v1/redeliveries')).json.redeliveries.length, 1);
  const pings = hook.deliveries.filter((one) => one.headers['epay-event'] === 'ping' && one.headers['epay-delivery-attempt'] === '1');
  assert.equal(pings.length, 1);
  // Answers with a secret are sealed.
  const file = epay.database.slice('sqlite:'.length);
  const stored = execFileSync('sqlite3', ['-cmd', '.timeout 5000', file, "SELECT hex(body) FROM idempotency_keys WHERE idempotency_key LIKE 'once-%'"], { encoding: 'utf8' });
  const texts = stored.trim().split('\n').map((hex) => Buffer.from(hex, 'hex').toString('latin1'));
  assert.equal(texts.length, posts.length);
  assert.ok(texts.every((text) => !text.includes('whsec_')), 'a signing secret stands in the store in clear');
});

// ---- what others changed ----

test('what the API makes survives a restart', async (t) => {
  const database = newDatabase();
  const first = await startEpay({ database });
  t.after(() => first.end());
  const client = await newClient(first);
  const hook = await hooked(t, client, { headers: { 'X-Shop': '7' }, credentials: { type: 'bearer', token: 'abc' } });
  const shown = await hook.show();
  await first.stop();
  const second = await startEpay({ database });
  t.after(() => second.end());
  const again = client.at(second);
  assert.deepEqual((await again.get(hook.at)).json.endpoint, shown);
  await emit(again);
  const [one] = await hook.arrived(1);
  assert.deepEqual([one.headers['x-shop'], one.headers.authorization, verifies(hook.secret, one)], ['7', 'Bearer abc', true]);
  await runEpay(['verify', '--database', database, '--json']);
});
