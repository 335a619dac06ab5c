// Receives Epay's webhooks, believes only what Epay signed, and acts once on each.
//   EPAY_WEBHOOK_SECRET=whsec_… PORT=3000 node receiver.mjs
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const TOLERANCE_SECONDS = 300;
const BODY_BYTES_MAX = 65_536;

// Whether Epay signed this body (a Buffer) with this key, no more than five minutes ago.
export function isAuthentic(key, headers, body, now = Date.now() / 1000) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!id || !signatures || !/^\d+$/.test(timestamp)) return false;
  if (Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) return false;

  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

export function keyOf(secret = '') {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (key.length === 0) throw new Error('EPAY_WEBHOOK_SECRET is not set to a whsec_… secret');
  return key;
}

async function bodyOf(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error('the body is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function actOn(id, { transaction }) {
  if (!transaction) return; // not a payment: an event type that this receiver does not know
  console.log(`ok ${id} ${transaction.reference} ${transaction.status}`);
}

function main() {
  const key = keyOf(process.env.EPAY_WEBHOOK_SECRET);
  // In your application: a unique key in the database, inserted in the transaction of the event's effect.
  const seen = new Set();

  async function receive(request, response) {
    if (request.method !== 'POST') return response.writeHead(405, { allow: 'POST' }).end();
    const body = await bodyOf(request);
    if (!isAuthentic(key, request.headers, body)) return response.writeHead(400).end();
    const id = request.headers['webhook-id'];
    if (!seen.has(id)) {
      seen.add(id);
      actOn(id, JSON.parse(body));
    }
    return response.writeHead(204).end();
  }

  createServer((request, response) => {
    receive(request, response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  }).listen(process.env.PORT ?? 3000, '127.0.0.1');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main();
