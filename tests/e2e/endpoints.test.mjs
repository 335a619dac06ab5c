// Endpoints through the API: their whole life, what is refused, and who is sent what.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import dns from 'node:dns/promises';
import { hostname } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { emit, fieldsOf, hooked, newClient, verifies } from './endpoints.mjs';
import {
  askStore, assertError, assertText, bytesLiteral, createMerchant, eventually, newDatabase, onPostgres, signIn, sleep, startEpay, verify,
} from './harness.mjs';

let epay;
before(async () => {
  epay = await startEpay();
});
after(async () => {
  await epay?.end();
  if (epay) await verify(epay.database);
});

// ---- its life ----

describe('the life of an endpoint', () => {
  const plain =
    '"description":null,"mode":"test","events":["payment.success","payment.failed"],"enabled":true,"disabled_reason":null,"disabled_at":null,' +
    '"rate_limit":null,"in_flight_max":10,"timeout":15,"retry_schedule":null,"headers":{},"authorization":null,"signature":"v1",' +
    '"status":"enabled","failing_since":null,"failures":0,"rests_until":null,"created_at":‹time›,"updated_at":‹time›}';
  const url = 'http://127.0.0.1:9/hook';

  test('made with nothing but a URL, shown, listed, deleted', async () => {
    const client = await newClient(epay);
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
    const client = await newClient(epay);
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
    const client = await newClient(epay);
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
    const client = await newClient(epay);
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
    const [mine, other] = [await newClient(epay), await newClient(epay)];
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
    const client = await newClient(epay);
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
  const notPublic = 'is not on the public internet. Use a URL that can be reached from anywhere. To receive events on a computer of your own use epay listen.';
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

// ---- how it is treated ----

test('own headers and credentials arrive', async (t) => {
  const client = await newClient(epay);
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
  const client = await newClient(epay);
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
  const client = await newClient(epay);
  const [some, every, usual] = [await hooked(t, client, { events: ['payout.failed', 'ping'] }), await hooked(t, client, { events: '*' }), await hooked(t, client)];
  const types = (await client.get('/api/v1/event_types')).json.event_types.map((one) => one.type);
  for (const type of types) await emit(client, type);
  await every.arrived(types.length);
  await sleep(300);
  const got = (hook) => hook.deliveries.map((one) => one.headers['epay-event']).sort();
  assert.deepEqual([got(some), got(every), got(usual)], [['payout.failed', 'ping'], [...types].sort(), ['payment.failed', 'payment.success']]);
});

test('a disabled one gets nothing, and what waited goes out when it is enabled', async (t) => {
  const client = await newClient(epay);
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
  const client = await newClient(epay);
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
  const client = await newClient(epay);
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

// ---- modes ----

test('a token sees the endpoints of its own mode and of both', async (t) => {
  const merchant = await createMerchant(epay.database);
  const appSecret = 'L'.repeat(32);
  askStore(epay.database,
    `INSERT INTO integrations (merchant_id, id, app_id, app_secret_hash, mode, created_at) VALUES (${merchant.merchant_id}, 999999, 'abcdef0123456',
      ${bytesLiteral(createHash('sha256').update(appSecret).digest('hex'))}, 2, 0)`);
  const client = await signIn(epay, merchant);
  const live = await signIn(epay, { ...merchant, app_id: 'abcdef0123456', app_secret: appSecret });
  const [testing, living, both] = [await hooked(t, client), await hooked(t, live), await hooked(t, live, { mode: 'all' })];
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
  // What hears of real money is not a test token's to change, nor its secret to see.
  const forLive = 'This endpoint hears of live payments: it is changed with an access token of live mode';
  for (const [method, target, body] of [
    ['PATCH', both.at, { enabled: false }], ['PATCH', testing.at, { mode: 'all' }], ['DELETE', both.at], ['GET', `${both.at}/secret`],
    ['POST', `${both.at}/rotate`, {}], ['POST', '/api/v1/endpoints', { url: both.url, mode: 'all' }],
  ]) {
    assertError(await client.api(method, target, body), 409, 'invalid_request_error', forLive, `${method} ${target}`);
  }
  assert.equal((await live.api('PATCH', both.at, { description: 'ours' })).status, 200);
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

// ---- once ----

test('a POST under an Idempotency-Key has one effect and one answer', async (t) => {
  const client = await newClient(epay);
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
  const hex = onPostgres ? "encode(body, 'hex')" : 'hex(body)';
  const stored = askStore(epay.database, `SELECT ${hex} FROM idempotency_keys WHERE idempotency_key LIKE 'once-%'`);
  const texts = stored.trim().split('\n').map((line) => Buffer.from(line, 'hex').toString('latin1'));
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
  await verify(database);
});

test('of a secret that does not open nothing is shown in part, and its endpoint can still be deleted', async (t) => {
  const database = newDatabase();
  const epay = await startEpay({ database });
  t.after(() => epay.end());
  const again = await newClient(epay);
  const hook = await hooked(t, again);
  askStore(database, `UPDATE endpoint_secrets SET secret_box = ${bytesLiteral(randomBytes(72).toString('hex'))}`);
  for (const answer of [await again.get(hook.at), await again.get('/api/v1/endpoints'), await again.get(`${hook.at}/secret`), await again.post(`${hook.at}/rotate`)]) {
    assertError(answer, 503, 'api_error', 'Something went wrong on our side. Please try again shortly.');
  }
  assert.equal((await again.api('DELETE', hook.at)).status, 200);
});
