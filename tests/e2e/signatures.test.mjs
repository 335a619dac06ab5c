// Signatures over whatever a merchant's customers are called: random texts go through the whole product, and others'
// libraries accept what arrives and refuse it when one byte is another.
// EPAY_SIGNED=10000 for a long run; EPAY_SIGNED_SEED=n repeats the texts.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { createMerchant, eventually, momoCharge, newReference, random, receiver, signIn, startEpay, wallets } from './harness.mjs';

const payloads = Number(process.env.EPAY_SIGNED ?? 300);
const seed = Number(process.env.EPAY_SIGNED_SEED ?? Date.now() % 100_000);
const callers = 8;
const alterations = 4;  // of each part of each delivery
const shops = 3;

const chance = random(seed);
const below = (limit) => Math.floor(chance() * limit);
const one = (list) => list[below(list.length)];

// What JSON, HTTP, databases and string functions stumble over. Control characters (below U+0020, and U+007F) the API
// refuses; U+FFFD is what a decoder makes of broken bytes, which would hide that they were broken.
const awkward = [
  '"', '\\', '/', '\\"', '\\u0000', '\\n', "'", '<', '>', '&', '</script>', '<!--', '%00', '%', '{', '}', '${x}', '$1', ';--', '\u0080', '\u009f', '\u00a0', '\u00ad',
  '\u2028', '\u2029', '\u200b', '\u200d', '\u202e', '\ufeff', '\ufffe', '\uffff', 'é', 'e\u0301', 'ß', 'İ', 'Ɛ', 'ɔ', 'Akɔsua', '你好', 'नमस्ते', 'مرحبا', '👩‍👩‍👧‍👦', '🇬🇭', '𐍈', '\u{10ffff}', '  ', '.', 'v1,', 'null', 'true',
];

const randomCharacter = () => {
  for (;;) {
    const limit = one([0x7f, 0x800, 0x1_0000, 0x11_0000]);
    const code = 0x20 + below(limit - 0x20);
    if (code === 0x7f || code === 0xfffd || (code >= 0xd800 && code <= 0xdfff)) continue;
    return String.fromCodePoint(code);
  }
};

// Up to `most` characters of Unicode, at least one.
function randomText(most) {
  const wanted = 1 + below(Math.min(one([8, 40, most]), most));
  let text = '';
  for (let length = 0; ; ) {
    const piece = chance() < 0.4 ? one(awkward) : randomCharacter();
    length += [...piece].length;
    if (length > wanted) break;
    text += piece;
  }
  return text || 'x';
}

const randomCharge = (number) =>
  momoCharge({
    // Beside the random text a number: a reference is taken for ever, and a customer has one name.
    reference: `${newReference('S')} ${randomText(60)}`,
    customer_email: `ama${number}@example.com`,
    amount: one([1, 0.01, 22.5, 1_000_000, 99.99]),
    customer_name: randomText(190),
    customer_telephone: randomText(30),
    payment_description: chance() < 0.1 ? '' : randomText(900),
    mobile_wallet_number: one([wallets.good, wallets.rejected]),
  });

const headersOf = ({ headers }) => ({ 'webhook-id': headers['webhook-id'], 'webhook-timestamp': headers['webhook-timestamp'], 'webhook-signature': headers['webhook-signature'] });

// Another byte in the place of a random one.
function altered(bytes, printable) {
  const copy = Buffer.from(bytes);
  const at = below(copy.length);
  const before = copy[at];
  while (copy[at] === before) copy[at] = printable ? 0x21 + below(0x5e) : below(256);
  return copy;
}

function verdict(Verifier, secret, body, headers) {
  try {
    return { accepted: true, json: new Verifier(secret).verify(body, headers) };
  } catch (error) {
    return { accepted: false, error };
  }
}

describe(`${payloads} random payloads (EPAY_SIGNED_SEED=${seed})`, () => {
  let epay, hook;
  const merchants = [];
  const charges = new Map();  // by reference

  before(async () => {
    epay = await startEpay({ args: ['--rate-limit', '0'] });
    hook = await receiver();
    for (let i = 0; i < shops; i += 1) {
      const merchant = await createMerchant(epay.database, { webhook: `${hook.url}/${i}` });
      merchants.push({ ...merchant, client: await signIn(epay, merchant) });
    }
  });
  after(async () => {
    await epay?.end();
    await hook?.close();
  });

  test('are accepted by the API and delivered as they were given', { timeout: 60_000 + payloads * 50 }, async () => {
    let sent = 0;
    await Promise.all(
      Array.from({ length: callers }, async () => {
        while (sent < payloads) {
          const shop = merchants[sent % shops];
          sent += 1;
          const charge = randomCharge(sent);
          charges.set(charge.reference, charge);
          const answer = await shop.client.post('/api/v1/charge', charge);
          assert.ok([200, 402].includes(answer.status), `${answer.status} ${answer.text}\n${JSON.stringify(charge)}`);
        }
      }),
    );
    assert.equal(charges.size, payloads);
    await eventually(() => `${payloads} deliveries; ${hook.deliveries.length} came`, () => hook.deliveries.length >= payloads, 30_000);
    assert.equal(hook.deliveries.length, payloads);
    for (const delivery of hook.deliveries) {
      const { success, transaction } = delivery.json;
      const charge = charges.get(transaction.reference);
      assert.ok(charge, `nobody asked for ${delivery.text}`);
      assert.equal(success, charge.mobile_wallet_number === wallets.good);
      assert.equal(transaction.description, charge.payment_description || null);
      assert.equal(transaction.customer.telephone, charge.customer_telephone);
      assert.equal(transaction.customer.name, charge.customer_name);
      assert.equal(Buffer.from(delivery.text).compare(delivery.body), 0, 'the body is UTF-8');
    }
  });

  for (const [name, Verifier] of Object.entries({ standardwebhooks: StandardWebhook, svix: SvixWebhook })) {
    test(`${name} accepts each, and refuses it with one byte altered or another merchant's secret`, { timeout: 60_000 + payloads * 50 }, (t) => {
      let refused = 0;
      for (const delivery of hook.deliveries) {
        const shop = Number(delivery.url.split('/').pop());
        const secret = merchants[shop].webhook_secret;
        const headers = headersOf(delivery);
        const good = verdict(Verifier, secret, delivery.body, headers);
        assert.ok(good.accepted, `${good.error}: ${delivery.text} ${JSON.stringify(headers)}`);
        assert.deepEqual(good.json, delivery.json);
        const bad = [['another secret', merchants[(shop + 1) % shops].webhook_secret, delivery.body, headers]];
        for (let i = 0; i < alterations; i += 1) {
          bad.push(['body', secret, altered(delivery.body, false), headers]);
          for (const field of Object.keys(headers)) bad.push([field, secret, delivery.body, { ...headers, [field]: altered(headers[field], true).toString() }]);
        }
        for (const [what, key, body, changed] of bad) {
          assert.ok(!verdict(Verifier, key, body, changed).accepted, `${what} altered, and accepted: ${body.toString('latin1')} ${JSON.stringify(changed)}, it was ${delivery.text} ${JSON.stringify(headers)}`);
          refused += 1;
        }
      }
      t.diagnostic(`${hook.deliveries.length} accepted, ${refused} altered ones refused`);
    });
  }
});
