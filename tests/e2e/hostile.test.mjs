// Clients that mean harm, or do not know better: a clear 4xx or a closed connection, and the others are served all the while.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import net from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { assertError, createMerchant, momoCharge, request, signIn, sleep, startEpay, verify } from './harness.mjs';

let epay, client, before_total;
const total = async () => (await client.get('/api/v1/transactions')).json.transactions.total;

before(async () => {
  epay = await startEpay({ delay: '24h', args: ['--header-timeout', '1s', '--body-timeout', '1s'] });
  client = await signIn(epay, await createMerchant(epay.database));
  before_total = await total();
});
after(async () => {
  await epay?.end();
  if (epay) await verify(epay.database);
});
afterEach(async () => {
  assert.equal(epay.exit, undefined, `epay died: ${JSON.stringify(epay.exit)}\n${epay.log()}`);
  assert.equal((await request(`${epay.url}/healthz`)).status, 200);
  assert.equal(await total(), before_total, 'nothing was half-written');
  assert.equal((await client.post('/api/v1/charge', momoCharge())).status, 200, 'an honest client is served');
  before_total += 1;
});

// Sends bytes over a connection of its own. Resolves to what came back until the other side closed, or `wait` ms passed:
// {text, status (0: none), closed, took}.
function raw(bytes, { wait = 5_000, drip } = {}) {
  return new Promise((resolve) => {
    const start = Date.now();
    const chunks = [];
    let timer, dripping;
    const finish = (closed) => {
      clearTimeout(timer);
      clearInterval(dripping);
      socket.destroy();
      const text = Buffer.concat(chunks).toString('latin1');
      resolve({ text, status: Number(text.match(/^HTTP\/1\.[01] (\d{3})/)?.[1] ?? 0), closed, took: Date.now() - start });
    };
    const socket = net.connect(epay.port, '127.0.0.1', () => {
      socket.write(bytes);
      if (drip) dripping = setInterval(() => socket.write(drip), 200);
    });
    socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => finish(true)).on('close', () => finish(true)).on('end', () => finish(true));
    timer = setTimeout(() => finish(false), wait);
  });
}

// All rows of bytes at once, since who is refused is listened to for a while more. Resolves to [name, outcome] pairs.
const rawAll = (rows) => Promise.all(Object.entries(rows).map(async ([what, bytes]) => [what, await raw(bytes)]));

const head = (extra = '') => `POST /api/v1/charge HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.token}\r\nContent-Type: application/json\r\n${extra}`;
const refused = (outcome) => (outcome.status >= 400 && outcome.status < 500) || outcome.status === 501 || outcome.status === 505 || (outcome.status === 0 && outcome.closed);

test('bodies that are not a JSON object are a 400', async () => {
  const bytes = (...values) => Buffer.concat(values.map((value) => Buffer.from(value)));
  const good = JSON.stringify(momoCharge());
  const rows = {
    'nothing': '',
    'cut off': good.slice(0, -1),
    'trailing text': `${good}x`,
    'a comma too many': good.replace(/}$/, ',}'),
    'a leading zero': good.replace('"amount":1', '"amount":01'),
    'single quotes': good.replaceAll('"', "'"),
    'an array': '[1]',
    'a string': '"charge"',
    'null': 'null',
    'a NUL': good.replace('Ama', 'A\0a'),
    'a control character': good.replace('Ama', 'A\x01a'),
    'half a surrogate pair': good.replace('Ama', 'A\\ud800'),
    'invalid UTF-8': bytes(good.slice(0, 20), [0xff, 0xfe], good.slice(20)),
    'an overlong UTF-8 form': bytes(good.replace('Mensah"', ''), [0xc0, 0xaf], '"}'),
    'an unfinished UTF-8 character': bytes(good.replace(/Mensah.*/, ''), [0xe2, 0x82], '"}'),
    'deep arrays': '['.repeat(100_000),
    'deep objects': '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000),
    'deep inside a known field': good.replace('"Ama Mensah"', '['.repeat(5000) + ']'.repeat(5000)),
    'a huge number': good.replace('"amount":1', `"amount":${'9'.repeat(5000)}`),
    'a huge exponent': good.replace('"amount":1', '"amount":1e999999999'),
  };
  for (const [what, body] of Object.entries(rows)) {
    assertError(await client.post('/api/v1/charge', body), 400, 'invalid_request_error', undefined, what);
  }
});

test('wrong types are a 400 that names the field', async () => {
  for (const field of Object.keys(momoCharge()).filter((name) => name !== 'voucher')) {
    for (const value of [{}, [], ['x'], true]) {
      const what = `${field}: ${JSON.stringify(value)}`;
      const answer = await client.post('/api/v1/charge', momoCharge({ [field]: value }));
      assertError(answer, 400, 'invalid_request_error', undefined, what);
      assert.ok(answer.json.errors.some((error) => error.field === field), `${what}: ${answer.text}`);
    }
  }
});

test('unknown fields and repeated keys do no harm', async () => {
  const charge = momoCharge({ __proto__: { a: 1 }, unknown: { deep: [1, 2, { three: null }] }, 'a\u0000b': 1, id: 5, status: 'success', merchant_id: 1 });
  const answer = await client.post('/api/v1/charge', charge);
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await client.get(`/api/v1/transactions/${charge.reference}`)).json.transaction.status, 'pending');
  before_total += 1;
});

test('texts of any kind come back as they went in, or are refused', async () => {
  for (const name of ['Ɔkyere Ɛkua', '𝒜ma 🎟', '"quoted" \\ /', '<script>alert(1)</script>', "'; DROP TABLE payments; --", 'a\tb', 'x'.repeat(100_000), '\u202e', '%s%n{}']) {
    const answer = await client.post('/api/v1/charge', momoCharge({ customer_name: name }));
    if (answer.status === 200) {
      assert.equal(answer.json.data.customer.name, name);
      before_total += 1;
    } else {
      assertError(answer, 400, 'invalid_request_error', undefined, name.slice(0, 40));
    }
  }
});

test('a body of 10 MB is refused, announced or not', async () => {
  const filler = 'x'.repeat(10 << 20);
  const rows = {
    'announced, and sent': head(`Content-Length: ${filler.length}\r\n\r\n${filler}`),
    'announced only': head('Content-Length: 10485760\r\n\r\n'),
    'in one chunk': head(`Transfer-Encoding: chunked\r\n\r\na00000\r\n${filler}\r\n0\r\n\r\n`),
    'in many chunks': head(`Transfer-Encoding: chunked\r\n\r\n${`400\r\n${'x'.repeat(1024)}\r\n`.repeat(10240)}0\r\n\r\n`),
  };
  for (const [what, outcome] of await rawAll(rows)) {
    assert.ok(outcome.status === 413 || (outcome.status === 0 && outcome.closed), `${what}: ${outcome.status}, closed: ${outcome.closed}`);
  }
});

test('bad HTTP is refused', async () => {
  const rows = {
    'not HTTP': 'hello there\r\n\r\n',
    'binary': Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 37) % 256)),
    'a TLS greeting': Buffer.from('16030100c8010000c40303', 'hex'),
    'a version of the future': 'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
    'no host': 'GET /api/v1/customers HTTP/1.1\r\n\r\n',
    'a target without a slash': 'GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n',
    'two lengths': head('Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'),
    'a length and chunks': head('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    'a negative length': head('Content-Length: -1\r\n\r\n'),
    'a length that overflows': head('Content-Length: 18446744073709551617\r\n\r\n'),
    'a bad chunk size': head('Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n'),
    'an unknown transfer coding': head('Transfer-Encoding: gzip\r\n\r\nhello'),
    'a folded header': 'GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n',
    'a blank before the colon': 'GET / HTTP/1.1\r\nHost : x\r\n\r\n',
    'a NUL in a header': 'GET / HTTP/1.1\r\nHost: x\r\nA: a\0b\r\n\r\n',
    'a header of 100 KB': `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(100_000)}\r\n\r\n`,
    '10,000 headers': `GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(10_000)}\r\n`,
    'a target of 100 KB': `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'a broken percent escape': `GET /api/v1/transactions/%zz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.token}\r\nConnection: close\r\n\r\n`,
    'a way out of the tree': 'GET /../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  };
  for (const [what, outcome] of await rawAll(rows)) {
    assert.ok(refused(outcome), `${what}: status ${outcome.status}, closed: ${outcome.closed}\n${outcome.text.slice(0, 300)}`);
  }
});

test('requests in one packet are answered in order', async () => {
  const get = (target, more = '') => `GET ${target} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
  const { text } = await raw(get('/healthz') + get('/api/v1/customers') + get('/healthz', 'Connection: close\r\n'));
  assert.deepEqual([...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1]), ['200', '401', '200'], text);
});

test('slow senders are let go', async () => {
  const rows = {
    'nothing at all': ['', {}],
    'half a header, then silence': ['POST /api/v1/charge HT', {}],
    'a header, drop by drop': ['GET / HTTP/1.1\r\nHost: x\r\nA: ', { drip: 'a' }],
    'half a body, then silence': [head('Content-Length: 100\r\n\r\n{"a":'), {}],
    'a body, drop by drop': [head('Content-Length: 1000\r\n\r\n{"a":"'), { drip: 'a' }],
  };
  await Promise.all(
    Object.entries(rows).map(async ([what, [bytes, options]]) => {
      const outcome = await raw(bytes, { wait: 10_000, ...options });
      assert.ok(outcome.closed && (outcome.status === 408 || outcome.status === 0), `${what}: status ${outcome.status}, closed: ${outcome.closed}`);
      assert.ok(outcome.took >= 500, `${what}: let go after ${outcome.took} ms already`);
    }),
  );
});

test('clients that leave in the middle', async () => {
  const body = JSON.stringify(momoCharge());
  const whole = head(`Content-Length: ${body.length}\r\n\r\n${body.slice(0, -5)}`);
  for (let cut = 1; cut < whole.length; cut += 7) {
    const socket = net.connect(epay.port, '127.0.0.1');
    socket.on('error', () => {});
    await new Promise((resolve) => socket.on('connect', resolve));
    socket.write(whole.slice(0, cut));
    if (cut % 2) socket.resetAndDestroy();
    else socket.end();
  }
});

test('thousands of idle connections do not shut the others out', { timeout: 60_000 }, async (t) => {
  const limit = Number(execFileSync('sh', ['-c', 'ulimit -n']).toString().replace('unlimited', '1000000'));
  const count = limit >= 12_000 ? 10_000 : Math.min(2_000, Math.max(100, limit - 500));
  const idle = await startEpay({ database: epay.database.replace('.db', '-idle.db'), args: ['--header-timeout', '60s'] });
  t.after(() => idle.end());
  const other = await signIn(idle, await createMerchant(idle.database));
  const sockets = [];
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  for (let i = 0; i < count; i += 200) {
    await Promise.all(
      Array.from({ length: 200 }, () =>
        new Promise((resolve, reject) => {
          const socket = net.connect(idle.port, '127.0.0.1', resolve);
          socket.on('error', reject);
          sockets.push(socket);
        }),
      ),
    );
  }
  const start = Date.now();
  for (let i = 0; i < 20; i += 1) {
    const answer = await other.post('/api/v1/charge', momoCharge());
    assert.equal(answer.status, 200, answer.text);
  }
  const took = Date.now() - start;
  t.diagnostic(`${sockets.length} idle connections; 20 charges took ${took} ms`);
  assert.ok(took < 5_000, `20 charges took ${took} ms beside ${sockets.length} idle connections`);
  await sleep(100);
  assert.ok(sockets.filter((socket) => !socket.destroyed).length >= count * 0.99, 'the idle connections are kept');
});
