// The sample receivers of docs/webhooks.md, in every language that is at hand: with requests that are signed here, and
// with those of the real service.
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createMerchant, eventually, freePort, momoCharge, request, signIn, startEpay, wallets } from './harness.mjs';
import { folder, languages, prepared, run, startSample } from './samples.mjs';

// ---- signatures, as the test makes them ----

const keyOf = (secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const seconds = () => Math.floor(Date.now() / 1000);

const sign = (secret, id, timestamp, body) =>
  `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`;

// Standard Webhooks' published vectors (WEBHOOKS §1).
const vectors = [
  {
    secret: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: '1614265330',
    body: '{"test": 2432232314}',
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  {
    secret: 'whsec_plJ3nmyCDGBKInavdOK15jsl',
    id: 'msg_loFOjxBNrRLzqYUf',
    timestamp: '1731705121',
    body: '{"event_type":"ping","data":{"success":true}}',
    signature: 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
  },
];
const ed25519 = {
  ...vectors[0],
  secret: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
  signature: 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
};

const headersOf = ({ id, timestamp, signature }) => ({ 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature });

// What a verification function must say of a vector: [what, change of the vector, seconds since it was signed, verdict].
const verdicts = [
  ['as published', {}, 0, true],
  ['300 s later', {}, 300, true],
  ['301 s later', {}, 301, false],
  ['301 s earlier', {}, -301, false],
  ['another body', { body: '{"test": 2432232315}' }, 0, false],
  ['another id', { id: 'msg_another' }, 0, false],
  ['no signature', { signature: '' }, 0, false],
  ['a signature that is too short', { signature: 'v1,g0hM' }, 0, false],
];

// No connection is kept: which of these servers keep theirs, and how long, is not what is tested.
const post = (sample, body, headers, method = 'POST') => request(sample.url, { method, body, headers, agent: false });

// ---- what every sample must do ----

let ids = 0;

const payment = (reference, description = 'Payment for sample event') =>
  `{"success":true,"transaction":{"reference":"${reference}","payment_method":"momo","amount":"1","status":"success",` +
  `"description":"${description}","customer":{"name":"sam","email":"sam@gmail.com","telephone":"054********"},` +
  '"page":{"id":73,"name":"Event Demo App","description":"A demo payment page ","slug":"st-event-demo-app"}}}';

// One request, signed well unless the row changes it.
function delivery(secret, change = {}) {
  ids += 1;
  const one = { id: change.id ?? `msg_sample_${ids}`, timestamp: String(seconds() + (change.age ?? 0)), reference: `EP-Sample${ids}` };
  one.body = change.body?.(one.reference) ?? payment(one.reference);
  const signature = sign(change.secret ?? secret, one.id, one.timestamp, one.body);
  one.signature = change.signature ? change.signature(signature, one) : signature;
  one.headers = headersOf(one);
  for (const name of change.without ?? []) delete one.headers[name];
  Object.assign(one.headers, change.headers);
  one.sent = change.altered ? change.altered(one.body) : one.body;
  return one;
}

const oldSecret = newSecret();
const oldSignature = (one) => sign(oldSecret, one.id, one.timestamp, one.body);

const rows = [
  ['good', {}, 204],
  ['signed 4 minutes ago', { age: -240 }, 204],
  ['signed 4 minutes from now', { age: 240 }, 204],
  ['a signature of an old secret, then the good one', { signature: (good, one) => `${oldSignature(one)} ${good}` }, 204],
  ['the good signature, then one of an old secret', { signature: (good, one) => `${good} ${oldSignature(one)}` }, 204],
  ['an unknown version, then the good signature', { signature: (good) => `v2,AAAA v1a,AAAA ${good}` }, 204],
  ['a body beyond ASCII', { body: (reference) => payment(reference, 'Kɔkɔɔ ₵5 für zwei 🎉') }, 204],
  ['an event that is not a payment', { body: () => '{"type":"refund.success","timestamp":"2026-01-01T00:00:00Z","data":{}}' }, 204],
  ['an altered body', { altered: (body) => body.replace('"amount":"1"', '"amount":"9"') }, 400],
  ['one byte more', { altered: (body) => `${body} ` }, 400],
  ['no body', { altered: () => '' }, 400],
  ['the wrong secret', { secret: newSecret() }, 400],
  ['two signatures, both wrong', { signature: (_, one) => `${oldSignature(one)} ${oldSignature(one)}` }, 400],
  ['signed 6 minutes ago', { age: -360 }, 400],
  ['signed 6 minutes from now', { age: 360 }, 400],
  ['a timestamp that is no number', { headers: { 'webhook-timestamp': 'yesterday' } }, 400],
  ['a timestamp beyond any integer', { headers: { 'webhook-timestamp': '9'.repeat(400) } }, 400],
  ['another id', { headers: { 'webhook-id': 'msg_another' } }, 400],
  ['an empty id', { headers: { 'webhook-id': '' } }, 400],
  ['an empty id, signed as such', { id: '' }, 400],
  ['no webhook-id', { without: ['webhook-id'] }, 400],
  ['no webhook-timestamp', { without: ['webhook-timestamp'] }, 400],
  ['no webhook-signature', { without: ['webhook-signature'] }, 400],
  ['an empty signature', { signature: () => '' }, 400],
  ['a version without a signature', { signature: () => 'v1,' }, 400],
  ['a signature without a version', { signature: (good) => good.slice('v1,'.length) }, 400],
  ['an unknown version only', { signature: (good) => good.replace('v1,', 'v2,') }, 400],
  ['the signature cut short', { signature: (good) => good.slice(0, 20) }, 400],
  ['not base64', { signature: () => `v1,${'!'.repeat(44)}` }, 400],
  ['beyond ASCII', { signature: () => `v1,${'é'.repeat(44)}` }, 400],
];

const okLine = (reference, status, id = '\\S+') => new RegExp(`(^|\\s)ok ${id} ${reference} ${status}\\s*$`, 'm');

async function checkRows(sample, secret) {
  for (const [what, change, status] of rows) {
    const one = delivery(secret, change);
    const answer = await post(sample, one.sent, one.headers);
    assert.equal(answer.status, status, `${what}\n${sample.output()}`);
    assert.equal(answer.text, '', what);
    const accepted = status === 204 && one.body.includes('transaction');
    if (accepted) await eventually(() => `${what}: ok ${one.reference}\n${sample.output()}`, () => okLine(one.reference, 'success', one.id).test(sample.output()));
    else assert.ok(!sample.output().includes(` ${one.reference} `), `${what}: acted on\n${sample.output()}`);
  }
}

async function checkRepetition(sample, secret) {
  const one = delivery(secret);
  const later = String(seconds() + 1);
  const again = { ...one.headers, 'webhook-timestamp': later, 'webhook-signature': sign(secret, one.id, later, one.body) };
  for (const headers of [one.headers, one.headers, again]) assert.equal((await post(sample, one.body, headers)).status, 204);
  const marker = delivery(secret); // what the repetitions would have printed is printed before this
  assert.equal((await post(sample, marker.body, marker.headers)).status, 204);
  await eventually('the marker', () => sample.output().includes(marker.reference));
  assert.equal(sample.output().split(`ok ${one.id} `).length - 1, 1, `acted once\n${sample.output()}`);
}

async function checkOtherMethods(sample, secret) {
  const one = delivery(secret);
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await post(sample, method === 'PUT' ? one.body : undefined, one.headers, method);
    assert.equal(answer.status, 405, `${method}\n${sample.output()}`);
    if (method === 'GET') assert.match(answer.headers.allow ?? '', /\bPOST\b/);
  }
}

// Half a request, then silence from a sender that is gone: the next one is served.
async function checkBrokenSender(sample, secret) {
  await new Promise((resolve, reject) => {
    const socket = net.connect(sample.port, '127.0.0.1', () => {
      socket.write('POST /webhooks HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"success":', () => {
        socket.destroy();
        resolve();
      });
    });
    socket.once('error', reject);
  });
  const one = delivery(secret);
  assert.equal((await post(sample, one.body, one.headers)).status, 204, sample.output());
}

// A receiver without a secret must not accept what is signed with the empty key.
async function checkNoSecret(ready) {
  const sample = await startSample(ready, { secret: '' });
  try {
    if (sample.exited) {
      assert.notEqual(sample.exited.code, 0, sample.output());
      return;
    }
    const one = delivery('');
    // It may be about to end.
    const status = await post(sample, one.body, one.headers).then((answer) => answer.status, () => 'closed');
    assert.ok([500, 'closed'].includes(status), `${status}\n${sample.output()}`);
  } finally {
    await sample.stop();
  }
}

let epay;
before(async () => (epay = await startEpay()));
after(() => epay?.end());

async function checkRealDeliveries(sample, client) {
  for (const [status, wallet] of [
    ['success', wallets.good],
    ['failed', wallets.rejected],
  ]) {
    const charge = momoCharge({ mobile_wallet_number: wallet, payment_description: 'Kɔkɔɔ ₵5 🎉' });
    const answer = await client.post('/api/v1/charge', charge);
    assert.equal(answer.status, 200, answer.text);
    await eventually(
      () => `${charge.reference} ${status}\n${sample.output()}\n${epay.log(10)}`,
      () => okLine(charge.reference, status).test(sample.output()),
    );
  }
}

for (const language of languages) {
  const ready = prepared(language, language.file, language.name);
  const first = prepared(language, path.join('first', language.file), `first ${language.name}`);

  describe(language.name, { skip: language.reason }, () => {
    let sample, merchant, secret;
    before(async () => {
      const port = await freePort();
      merchant = await createMerchant(epay.database, { webhook: `http://127.0.0.1:${port}/webhooks` });
      secret = merchant.webhook_secret;
      sample = await startSample(ready, { secret, port });
      assert.equal(sample.exited, undefined, sample.output());
    });
    after(() => sample?.stop());

    test('believes what is signed, and nothing else', () => checkRows(sample, secret));
    test('acts once on what comes twice', () => checkRepetition(sample, secret));
    test('takes POST only', () => checkOtherMethods(sample, secret));
    test('survives a sender that goes away', () => checkBrokenSender(sample, secret));
    test('does not run without a secret', () => checkNoSecret(ready));
    test("accepts Epay's own deliveries", async () => checkRealDeliveries(sample, await signIn(epay, merchant)));

    test('the receiver of a few lines', async (t) => {
      const tiny = await startSample(first);
      t.after(() => tiny.stop());
      const one = delivery(secret);
      assert.equal((await post(tiny, one.body, one.headers)).status, 200, tiny.output());
      await eventually(() => `${one.reference}\n${tiny.output()}`, () => tiny.output().includes(one.reference));
    });
  });
}

// ---- the published vectors ----

test('the test signs as the published vectors do', () => {
  for (const { secret, id, timestamp, body, signature } of vectors) assert.equal(sign(secret, id, timestamp, body), signature);
});

test('Node: the published vectors', async () => {
  const symmetric = await import(path.join(folder, 'receiver.mjs'));
  const asymmetric = await import(path.join(folder, 'ed25519.mjs'));
  const check = (vector, isAuthentic, key) => {
    for (const [what, change, age, verdict] of verdicts) {
      const { body, ...rest } = { ...vector, ...change };
      assert.equal(isAuthentic(key, headersOf(rest), Buffer.from(body), Number(vector.timestamp) + age), verdict, `${vector.signature}: ${what}`);
    }
  };
  for (const vector of vectors) check(vector, symmetric.isAuthentic, symmetric.keyOf(vector.secret));
  check(ed25519, asymmetric.isAuthentic, asymmetric.publicKeyOf(ed25519.secret));
  const wrongKey = asymmetric.publicKeyOf(`whpk_${Buffer.alloc(32, 9).toString('base64')}`);
  assert.equal(asymmetric.isAuthentic(wrongKey, headersOf(ed25519), Buffer.from(ed25519.body), Number(ed25519.timestamp)), false);
});

test('Python: the published vectors', { skip: languages.find((one) => one.name === 'Python').reason }, async () => {
  const cases = vectors.flatMap((vector) =>
    verdicts.map(([, change, age]) => {
      const { secret, body, ...rest } = { ...vector, ...change };
      return { secret, body, headers: headersOf(rest), now: Number(vector.timestamp) + age };
    }),
  );
  const program = [
    'import json, sys',
    'sys.dont_write_bytecode = True',
    `sys.path.insert(0, ${JSON.stringify(folder)})`,
    'from receiver import is_authentic, key_of',
    'print(json.dumps([is_authentic(key_of(c["secret"]), c["headers"], c["body"].encode(), c["now"]) for c in json.load(sys.stdin)]))',
  ].join('\n');
  const answers = JSON.parse(await run('python3', ['-c', program], { input: JSON.stringify(cases) }));
  assert.deepEqual(answers, vectors.flatMap(() => verdicts.map(([, , , verdict]) => verdict)));
});
