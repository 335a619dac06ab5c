// A merchant with endpoints, for the tests of what the API does with them.
import assert from 'node:assert/strict';
import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { createMerchant, receiver, signIn } from './harness.mjs';

export const newClient = async (service) => signIn(service, await createMerchant(service.database));

// A receiver with an endpoint of this merchant; the receiver is gone when the test ends.
export async function hooked(t, client, fields = {}, answer) {
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

// Example events, as POST /events makes them: their ids.
export async function emit(client, type = 'payment.success', count = 1) {
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
// Whether two verifiers of others accept it.
export const verifies = (secret, delivery) => {
  const [one, other] = [StandardWebhook, SvixWebhook].map((Verifier) => accepts(Verifier, secret, delivery));
  assert.equal(one, other, 'two verifiers of the same standard differ');
  return one;
};

// Standard Webhooks' v1a, by nothing but the standard library.
export function verifiesEd25519(publicKey, { text, headers }) {
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey.slice('whpk_'.length), 'base64').toString('base64url') } });
  const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`);
  return headers['webhook-signature']
    .split(' ')
    .filter((one) => one.startsWith('v1a,'))
    .some((one) => verifySignature(null, signed, key, Buffer.from(one.slice(4), 'base64')));
}

export const deliveriesOf = async (client, id) => (await client.get(`/api/v1/deliveries?endpoint=${id}`)).json.deliveries.data;
export const fieldsOf = (answer) => answer.json.errors.map((error) => error.field);
