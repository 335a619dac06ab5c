// Logos of payment pages: uploaded by the dashboard's form, shown to customers, whatever was in the file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { newReference, request, root, signIn, startEpay } from './harness.mjs';
import { formsOf, member, shop, shown } from './people.mjs';

const seed = (name) => readFileSync(path.join(root, 'tests/seeds/images', name));

let epay, owner;
before(async () => {
  epay = await startEpay();
  ({ owner } = await shop(epay));
});
after(() => epay?.end());

// The body of a form with a file, as browsers send it.
function multipart(fields, file) {
  const boundary = '----logos4f0c';
  const parts = Object.entries(fields).map(([name, value]) => Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`));
  if (file) {
    const type = file.type ?? 'image/png';
    parts.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="logo"; filename="${file.name}"\r\nContent-Type: ${type}\r\n\r\n`), file.bytes, Buffer.from('\r\n'));
  }
  return { body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]), headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}

let pages = 0;
// Sends the form of a new payment page with that file as its logo.
async function make(file, { by = owner } = {}) {
  const empty = await by.get('/payment-pages/new');
  const form = formsOf(empty).find((one) => 'name' in one.fields && 'csrf' in one.fields);
  assert.ok(form, `${empty.status} ${shown(empty).slice(0, 200)}`);
  const { logo, ...fields } = form.fields;
  const name = `Harvest ${(pages += 1)}`;
  const answer = await by.get(form.action, { method: 'POST', ...multipart({ ...fields, name, currency: 'GHS', amount_kind: 'open', active: '1' }, file) });
  return { name, answer };
}

const logoOf = (page) => page.text.match(/\/images\/\d+\/\d+/)?.[0];

test('a picture of every format is shown to customers, as WebP without anything else', async () => {
  for (const file of ['quadrants.png', 'turned.jpg', 'lossy.webp', 'moving.gif']) {
    // What the client says of it counts for nothing.
    const { answer } = await make({ name: '../../etc/passwd.svg', type: 'text/html', bytes: Buffer.concat([seed(file), Buffer.from('<script>alert(1)</script>')]) });
    assert.match(answer.path, /done=page_made/, `${file}: ${answer.status} ${shown(answer).slice(0, 400)}`);
    const address = logoOf(answer);
    assert.ok(address, `${file} is shown in the dashboard`);
    const image = await request(epay.url + address);
    assert.equal(image.status, 200);
    assert.equal(image.headers['content-type'], 'image/webp');
    assert.equal(image.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(image.headers['x-content-type-options'], 'nosniff');
    assert.equal(image.headers['content-security-policy'], "default-src 'none'; sandbox");
    assert.ok(image.text.startsWith('RIFF'));
    assert.doesNotMatch(image.text, /script|took it|Exif/);
  }
});

test('the rest is refused beside the field, and what was typed stays', async () => {
  const noise = Buffer.alloc(1_010_000, 7);
  const rows = [
    ['an SVG', { name: 'logo.svg', type: 'image/svg+xml', bytes: seed('script.svg') }],
    ['an SVG that says it is a PNG', { name: 'logo.png', bytes: seed('script.svg') }],
    ['a page', { name: 'logo.png', bytes: Buffer.from('<!doctype html><script>alert(1)</script>') }],
    ['100 megapixels', { name: 'logo.png', bytes: seed('hundred_megapixels.png') }],
    ['half a picture', { name: 'logo.png', bytes: seed('interlaced16.png').subarray(0, 150) }],
    ['more than a megabyte', { name: 'logo.png', bytes: Buffer.concat([seed('quadrants.png'), noise]) }],
  ];
  for (const [what, file] of rows) {
    const began = Date.now();
    const { name, answer } = await make(file);
    assert.equal(answer.status, 422, `${what}: ${answer.status} ${shown(answer).slice(0, 300)}`);
    assert.match(answer.text, /id="logo-error">[^<]+</, what);
    assert.ok(answer.text.includes(`value="${name}"`), `${what}: what was typed stays`);
    assert.ok(Date.now() - began < 3_000, `${what}: soon`);
  }
  assert.equal((await request(`${epay.url}/healthz`)).status, 200);
});

test('many uploads at once are decoded one after the other while the service goes on', async () => {
  const file = { name: 'logo.png', bytes: seed('quadrants.png') };
  const [answers, health] = await Promise.all([
    Promise.all(Array.from({ length: 12 }, () => make(file))),
    Promise.all(Array.from({ length: 20 }, () => request(`${epay.url}/healthz`))),
  ]);
  for (const { answer } of answers) assert.match(answer.path, /done=page_made/, shown(answer).slice(0, 200));
  for (const { status } of health) assert.equal(status, 200);
});

test('who may not edit pages uploads nothing, and no image is guessed', async () => {
  const { person: viewer } = await member(epay, owner, 'viewer');
  const { fields } = formsOf(await owner.get('/payment-pages/new')).find((one) => 'name' in one.fields && 'csrf' in one.fields);
  const answer = await viewer.get('/payment-pages/new', { method: 'POST', ...multipart({ ...fields, name: 'Mine' }, { name: 'logo.png', bytes: seed('quadrants.png') }) });
  assert.equal(answer.status, 403);
  for (const address of ['/images/1/999999', '/images/999999/1', '/images/1/x', '/images/1/-1', '/images/1/1e3', '/images/1']) {
    assert.equal((await request(epay.url + address)).status, 404, address);
  }
});

test("the business's own logo is shown where a page has none, and on checkouts of the API", async () => {
  const { owner: person, merchant } = await shop(epay);
  const client = await signIn(epay, merchant);
  const { csrf } = formsOf(await person.get('/settings'))[0].fields;
  const send = (fields, file) => person.get('/settings/logo', { method: 'POST', ...multipart({ csrf, ...fields }, file) });
  const charged = await client.post('/api/v1/charge/token', { reference: newReference('logo'), amount: 5, customer_name: 'Ama', customer_email: 'ama@example.com', customer_telephone: '0240000000' });
  const customer = (target) => request(epay.url + target, { headers: { accept: 'text/html' } });
  const { name, answer } = await make(undefined, { by: person });
  const link = answer.text.match(/href="[^"]*(\/pay\/[^"]+)"/)[1];
  const places = [`/checkout/${charged.json.token}`, link];
  for (const place of places) assert.equal(logoOf(await customer(place)), undefined, place);

  const refused = await send({}, { name: 'logo.svg', bytes: seed('script.svg') });
  assert.equal(refused.status, 422);
  assert.match(refused.text, /id="logo-error">Please choose a PNG/);

  const saved = await send({}, { name: 'logo.png', bytes: seed('quadrants.png') });
  assert.equal(saved.path, '/settings?done=saved');
  const address = logoOf(saved);
  assert.ok(address);
  for (const place of places) assert.equal(logoOf(await customer(place)), address, place);
  const preview = await person.post('/payment-pages/preview', { csrf, name, currency: 'GHS', amount_kind: 'open' });
  assert.equal(logoOf(preview), address);

  assert.equal((await send({})).path, '/settings', 'nothing chosen, nothing changed');
  assert.equal(logoOf(await person.get('/settings')), address);
  assert.equal(logoOf(await send({ logo_gone: '1' })), undefined);
  for (const place of places) assert.equal(logoOf(await customer(place)), undefined, place);
});
