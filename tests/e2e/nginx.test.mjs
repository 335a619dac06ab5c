// Epay behind the real nginx, with the configuration that the project ships (packaging/nginx/epay.conf).
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { assertError, createMerchant, eventually, freePort, momoCharge, request, root, signIn, startEpay } from './harness.mjs';

const host = 'pay.example.com';
const shipped = readFileSync(path.join(root, 'packaging/nginx/epay.conf'), 'utf8');

// The shipped text on ports of this machine; whoever changes the text finds out that this has to follow.
function changed(text, changes) {
  for (const [words, others, times = 1] of changes) {
    assert.equal(text.split(words).length - 1, times, `"${words}" stands ${times} times in epay.conf`);
    text = text.replaceAll(words, others);
  }
  return text;
}

// An exchange over TLS, with nginx or with whatever `port` is: {status, headers, bytes, text, json}.
function call(port, target, { method = 'GET', body, headers = {}, agent = false, localAddress, onAnswer } = {}) {
  const content = body === undefined || Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body);
  const options = { host: '127.0.0.1', port, path: target, method, agent, localAddress, servername: host, rejectUnauthorized: false };
  options.headers = { host, ...(content === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }), ...headers };
  return new Promise((resolve, reject) => {
    const sent = https.request(options, (answer) => {
      if (onAnswer) return resolve(onAnswer(answer));
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(chunks), text, get json() { return JSON.parse(text); } });
      });
    });
    sent.setTimeout(20_000, () => sent.destroy(new Error(`no answer: ${method} ${target}`)));
    sent.on('error', reject);
    sent.end(content);
  });
}

// Connections that were closed lately and had this port on either end.
function closedLately(port) {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  return lines.filter((line) => new RegExp(`:${hex} .* 06 |:${hex} 06 `).test(line)).length;
}

describe('behind nginx', { timeout: 120_000 }, () => {
  let folder;
  let nginx;
  let epay;
  let epayPort;
  let plainPort;
  let port;
  let client;
  let log = '';

  const startService = async (database) => startEpay({ database, args: ['--listen', `127.0.0.1:${epayPort}`, '--trusted-proxy', '127.0.0.1'] });

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'epay-nginx-'));
    [epayPort, plainPort, port] = [await freePort(), await freePort(), await freePort()];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path.join(folder, 'key.pem'),
      '-out', path.join(folder, 'certificate.pem'), '-subj', `/CN=${host}`, '-days', '2'], { stdio: 'ignore' });
    writeFileSync(path.join(folder, 'epay.conf'), changed(shipped, [
      ['server 127.0.0.1:8080;', `server 127.0.0.1:${epayPort};`],
      ['  listen [::]:80;\n', ''],
      ['  listen [::]:443 ssl http2;\n', ''],
      ['listen 80;', `listen 127.0.0.1:${plainPort};`],
      ['listen 443 ssl http2;', `listen 127.0.0.1:${port} ssl http2;`],
      ['/etc/letsencrypt/live/pay.example.com/fullchain.pem', path.join(folder, 'certificate.pem')],
      ['/etc/letsencrypt/live/pay.example.com/privkey.pem', path.join(folder, 'key.pem')],
    ]));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
    writeFileSync(path.join(folder, 'nginx.conf'), `${process.getuid() === 0 ? 'user root;' : ''} daemon off; master_process on; worker_processes 1;
      pid ${folder}/nginx.pid; error_log stderr warn; events { worker_connections 1024; }
      http { access_log off; ${temporary} include ${folder}/epay.conf; }`);
    execFileSync('/usr/sbin/nginx', ['-t', '-q', '-p', folder, '-c', path.join(folder, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
    nginx = spawn('/usr/sbin/nginx', ['-p', folder, '-c', path.join(folder, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
    nginx.stderr.setEncoding('utf8').on('data', (chunk) => (log += chunk));
    epay = await startService();
    client = await signIn(epay, await createMerchant(epay.database));
    await eventually(() => `nginx to answer\n${log}`, async () => (await call(port, '/healthz')).status === 200);
  });
  after(async () => {
    nginx?.kill('SIGTERM');
    if (nginx) await new Promise((resolve) => (nginx.exitCode === null ? nginx.once('exit', resolve) : resolve()));
    await epay?.end();
    rmSync(folder, { recursive: true, force: true });
  });
  const authorized = (headers = {}) => ({ authorization: `Bearer ${client.token}`, ...headers });

  test('Epay knows the client and its own address, whatever the client says about them', async () => {
    const forged = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', 'x-request-id': 'through-nginx' };
    const { json } = await call(port, '/api/v1/customers', { headers: authorized(forged), localAddress: '127.0.0.9' });
    assert.equal(json.customers.path, `https://${host}/api/v1/customers`);
    const line = await eventually('the request to be logged', () => epay.lines().find((one) => one.request_id === 'through-nginx'));
    assert.equal(line.client, '127.0.0.9');
  });

  test('plain HTTP is sent to HTTPS', async () => {
    const { status, headers } = await request(`http://127.0.0.1:${plainPort}/pay/shop?a=b`, { headers: { host } });
    assert.deepEqual([status, headers.location], [301, `https://${host}/pay/shop?a=b`]);
    assert.equal((await call(port, '/login')).headers['strict-transport-security'], 'max-age=31536000');
  });

  test('live events come at once, one by one', async (t) => {
    let text = '';
    let answer;
    await call(port, '/api/v1/events/stream', {
      headers: authorized({ accept: 'text/event-stream' }),
      onAnswer: (incoming) => {
        answer = incoming;
        incoming.setEncoding('utf8').on('data', (chunk) => (text += chunk)).on('error', () => {});
      },
    });
    t.after(() => answer.destroy());
    assert.equal(answer.statusCode, 200);
    assert.match(answer.headers['content-type'], /^text\/event-stream/);
    for (let i = 0; i < 3; i += 1) {
      const charge = momoCharge();
      assert.equal((await call(port, '/api/v1/charge', { method: 'POST', body: charge, headers: authorized() })).status, 200);
      const began = Date.now();
      await eventually(() => `${charge.reference} in the stream:\n${text}`, () => text.includes(charge.reference), 5_000);
      assert.ok(Date.now() - began < 1_000, 'held back');
    }
  });

  test('bodies: what Epay takes gets through, what is too large is refused', async () => {
    const body = (bytes) => JSON.stringify(momoCharge({ payment_description: 'x'.repeat(bytes) }));
    // Epay reads it whole, and finds the description too long.
    assertError(await call(port, '/api/v1/charge', { method: 'POST', body: body(900_000), headers: authorized() }), 400, 'invalid_request_error');
    const tooLarge = await call(port, '/api/v1/charge', { method: 'POST', body: body(1_500_000), headers: authorized() });
    assert.equal(tooLarge.status, 413);
    assert.equal(tooLarge.json.success, false, 'in Epay\'s own words');
    const refused = await call(port, '/api/v1/charge', { method: 'POST', body: body(3_000_000), headers: authorized() }).catch((error) => error);
    assert.ok(refused.status === 413 || refused.code === 'EPIPE' || refused.code === 'ECONNRESET', String(refused.status ?? refused));
  });

  test('connections to Epay are kept', async () => {
    const before = closedLately(epayPort);
    for (let i = 0; i < 150; i += 1) assert.equal((await call(port, '/healthz')).status, 200);
    const closed = closedLately(epayPort) - before;
    assert.ok(closed < 15, `${closed} connections to Epay were closed after 150 requests`);
  });

  test('pages and what they load come compressed, once', async () => {
    const page = await call(port, '/login');
    const asset = page.text.match(/href="(\/assets\/[^"]+\.css)"/)[1];
    const compressed = await call(port, asset, { headers: { 'accept-encoding': 'gzip' } });
    assert.deepEqual([compressed.status, compressed.headers['content-encoding']], [200, 'gzip']);
    assert.equal(gunzipSync(compressed.bytes).toString(), (await call(port, asset)).text);
  });

  test('what is for operators stays inside', async () => {
    for (const target of ['/metrics', '/healthz/webhooks']) {
      assert.equal((await call(port, target)).status, 404, target);
      assert.equal((await request(epay.url + target)).status, 200, target);
    }
  });

  test('while Epay is started anew, the API says so; then all goes on', async () => {
    const { database } = epay;
    await epay.kill9();
    const away = await call(port, '/api/v1/charge', { method: 'POST', body: momoCharge(), headers: authorized() });
    assertError(away, 503, 'api_error');
    assert.equal(away.headers['retry-after'], '2');
    assert.equal((await call(port, '/login')).status, 502);
    epay = await startService(database);
    assert.equal((await call(port, '/api/v1/charge', { method: 'POST', body: momoCharge(), headers: authorized() })).status, 200);
  });
});
