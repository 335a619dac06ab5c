// What guards the pages of webhooks, integrations and payment pages: roles on every route, forged forms, another merchant's ids, stored
// script, and forms that keep what was typed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { receiver, request, startEpay } from './harness.mjs';
import { formsOf, member, person, shop, shown } from './people.mjs';

let epay, sink;
before(async () => {
  sink = await receiver();
  epay = await startEpay();
});
after(async () => {
  await epay.end();
  await sink.close();
});

const tokenOf = async (who) => formsOf(await who.get('/settings'))[0].fields.csrf;

// A shop with one endpoint that a test was sent to, one payment page and its integration: {…shop, endpoint, delivery, page}, as paths.
async function busyShop(options) {
  const made = await shop(epay, options);
  const csrf = await tokenOf(made.owner);
  const hooked = await made.owner.post('/settings/webhooks', { csrf, url: sink.url, asked: 'payments' });
  const endpoint = hooked.path.split('?')[0];
  const tested = await made.owner.post(`${endpoint}/test`, { csrf });
  assert.match(tested.text, /HTTP 200/);
  const delivery = `/settings/webhooks/log/${tested.path.match(/test=(msg_\w+)/)[1]}`;
  const paged = await made.owner.post('/payment-pages', { csrf, name: 'Ag lounge', currency: 'GHS', amount_kind: 'open', active: '1' });
  return { ...made, csrf, endpoint, delivery, page: paged.path.split('?')[0] };
}

// Every route, and who may: o(wner), d(eveloper), f(inance), v(iewer).
const routesOf = ({ endpoint, delivery, page, integration = '/integrations/1' }) => [
  ['GET', '/settings/webhooks', 'odfv'],
  ['POST', '/settings/webhooks', 'od'],
  ['GET', '/settings/webhooks/log', 'odfv'],
  ['GET', delivery, 'odfv'],
  ['POST', `${delivery}/resend`, 'od'],
  ['GET', endpoint, 'odfv'],
  ['POST', endpoint, 'od'],
  ['POST', `${endpoint}/test`, 'od'],
  ['POST', `${endpoint}/rotate`, 'od'],
  ['POST', `${endpoint}/redeliver`, 'od'],
  ['POST', `${endpoint}/redeliveries/1/cancel`, 'od'],
  ['POST', `${endpoint}/turn`, 'od'],
  ['GET', '/integrations', 'od'],
  ['POST', '/integrations', 'od'],
  ['POST', `${integration}/revoke`, 'od'],
  ['GET', '/payment-pages', 'od'],
  ['POST', '/payment-pages', 'od'],
  ['GET', '/payment-pages/new', 'od'],
  ['POST', '/payment-pages/preview', 'od'],
  ['GET', page, 'od'],
  ['POST', page, 'od'],
  ['POST', `${page}/turn`, 'od'],
  ['GET', `${page}/qr`, 'od'],
];

describe('roles', () => {
  test('every role on every route, and nobody without a session', async () => {
    const made = await busyShop();
    const people = { o: made.owner };
    for (const role of ['developer', 'finance', 'viewer']) people[role[0]] = (await member(epay, made.owner, role)).person;
    for (const [letter, who] of Object.entries(people)) {
      const csrf = await tokenOf(who);
      for (const [method, target, may] of routesOf(made)) {
        const page = method === 'GET' ? await who.get(target, { follow: false }) : await who.post(target, { csrf }, { follow: false });
        assert.equal(page.status !== 403, may.includes(letter), `${letter} ${method} ${target}: ${page.status}`);
        assert.ok(page.status < 500, `${letter} ${method} ${target}: ${page.status}`);
      }
    }
    for (const [method, target] of routesOf(made)) {
      const page = method === 'GET' ? await person(epay).get(target, { follow: false }) : await person(epay).post(target, {}, { follow: false });
      assert.equal(page.status, 303, `${method} ${target}`);
      assert.match(page.headers.location, /^\/login/);
    }
  });

  test('who may not change webhooks sees no secret and no form', async () => {
    const { owner, endpoint } = await busyShop();
    const { person: finance } = await member(epay, owner, 'finance');
    assert.match((await owner.get(`${endpoint}?reveal=1`)).text, /whsec_/);
    const page = await finance.get(`${endpoint}?reveal=1`);
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.text, /whsec_/);
    assert.deepEqual(formsOf(page).map((form) => form.action).filter((action) => action?.startsWith('/settings/webhooks/')), []);
  });
});

test('forged forms change nothing', async () => {
  const made = await busyShop();
  for (const [method, target] of routesOf(made)) {
    if (method !== 'POST') continue;
    for (const [fields, headers] of [[{}, {}], [{ csrf: 'A'.repeat(86) }, {}], [{ csrf: made.csrf }, { origin: 'https://evil.example' }]]) {
      const page = await made.owner.post(target, { ...fields, to: 'away', name: 'Forged', url: 'https://1.1.1.1/forged' }, { headers });
      assert.equal(page.status, 403, `${target} ${JSON.stringify(fields)}`);
    }
  }
  for (const target of ['/settings/webhooks', '/payment-pages', '/integrations']) assert.doesNotMatch((await made.owner.get(target)).text, /forged/i, target);
  assert.equal((await made.owner.get(made.endpoint)).status, 200, 'the endpoint is still there');
});

test("another merchant's ids, and the other mode's, are not there", async () => {
  const theirs = await busyShop();
  const mine = await busyShop();
  const check = async (who, what) => {
    const csrf = await tokenOf(who);
    for (const [method, target] of routesOf(theirs)) {
      if (!/\/(\d+|msg_\w+)(\/|$)/.test(target)) continue;
      const fields = { csrf, to: 'away', url: sink.url, name: 'x', currency: 'GHS' };
      const page = method === 'GET' ? await who.get(target) : await who.post(target, fields, { follow: false });
      assert.equal(page.status, 404, `${what} ${method} ${target}`);
    }
  };
  await check(mine.owner, 'another merchant');
  for (const target of ['/settings/webhooks/log', `/settings/webhooks/log?endpoint=${theirs.endpoint.split('/').at(-1)}`]) {
    assert.doesNotMatch((await mine.owner.get(target)).text, new RegExp(theirs.delivery.split('/').at(-1)));
  }
  assert.equal((await theirs.owner.get(theirs.endpoint)).status, 200);
  assert.equal((await theirs.owner.get(theirs.page)).status, 200);
  // A page of test mode is not there for who looks at live money.
  await theirs.owner.submit(await theirs.owner.get('/settings'), { mode: 'live' }, { action: '/mode' });
  assert.equal((await theirs.owner.get(theirs.page)).status, 404);
  assert.equal((await theirs.owner.get(theirs.delivery)).status, 404);
});

test('what people write is text, wherever it is shown', async () => {
  const script = `"'><script>alert(1)</script>&lt;{{title}}`;
  const { owner, csrf, endpoint } = await busyShop({ name: 'Script <script>alert(2)</script>' });
  const saved = await owner.post(endpoint, { csrf, url: `${sink.url}?q=<script>`, description: script, asked: 'all', mode: 'all' });
  assert.equal(saved.status, 200, shown(saved));
  await owner.post('/integrations', { csrf, name: script });
  const fields = { csrf, name: script, description: script, success_message: script, currency: 'GHS', amount_kind: 'open', active: '1', 'fields[0].label': script, 'fields[0].kind': 'choice', 'fields[0].choices': `${script}2; a` };
  const made = await owner.post('/payment-pages', fields);
  assert.match(made.path, /^\/payment-pages\/\d+\?done=page_made$/, shown(made));
  const link = made.text.match(/href="[^"]*(\/pay\/[^"]+)"/)[1];
  const bad = await owner.post('/payment-pages', { ...fields, currency: script, least: script });
  assert.equal(bad.status, 422);
  const preview = await owner.post('/payment-pages/preview', fields);
  for (const page of [await owner.get('/settings/webhooks'), await owner.get(endpoint), await owner.get('/integrations'), await owner.get('/payment-pages'), made, bad, preview, await person(epay).get(link)]) {
    assert.doesNotMatch(page.text, /<script>alert|\?q=<script>/, page.path);
    assert.match(page.headers['content-security-policy'], /script-src 'nonce-/, page.path);
  }
});

describe('forms', () => {
  test('of an endpoint name what is wrong beside the field and keep what was typed', async () => {
    const { owner, csrf, endpoint } = await busyShop();
    const typed = { csrf, url: 'ftp://shop.example.com', description: 'Kept', asked: 'chosen', mode: 'all', timeout: '99', in_flight_max: 'ten', rate_limit: '-1', retry_schedule: '5, x', headers: 'Host: evil' };
    const page = await owner.post(endpoint, typed);
    assert.equal(page.status, 400);
    for (const field of ['url', 'timeout', 'in_flight_max', 'rate_limit', 'retry_schedule', 'headers']) {
      assert.match(page.text, new RegExp(`id="${field}-error">[^<]+<`), field);
    }
    for (const kept of ['ftp://shop.example.com', 'Kept', '99', 'ten', '-1', '5, x', 'Host: evil']) assert.ok(page.text.includes(kept), kept);
    assert.match(page.text, /Choose at least one event\./);
    assert.ok((await owner.get(endpoint)).text.includes(sink.url), 'nothing was changed');
  });

  test('of a payment page too', async () => {
    const { owner, csrf } = await busyShop();
    const rows = [
      [{ name: '' }, 'name'],
      [{ name: 'x'.repeat(81) }, 'name'],
      [{ description: 'x'.repeat(1_001) }, 'description'],
      [{ currency: 'XXXX' }, 'currency'],
      [{ amount_kind: 'fixed', amount: '' }, 'amount'],
      [{ amount_kind: 'fixed', amount: '1.005' }, 'amount'],
      [{ amount_kind: 'fixed', amount: '-1' }, 'amount'],
      [{ amount_kind: 'choices', choices: '' }, 'choices'],
      [{ amount_kind: 'choices', choices: '10; 1e3' }, 'choices'],
      [{ least: '20', most: '10' }, 'most'],
      [{ quantity: '0' }, 'quantity'],
      [{ quantity: 'many' }, 'quantity'],
      [{ expires_at: 'tomorrow' }, 'expires_at'],
      [{ expires_at: '2026-02-30T10:00' }, 'expires_at'],
      [{ redirect_url: 'javascript:alert(1)' }, 'redirect_url'],
      [{ success_message: 'x'.repeat(501) }, 'success_message'],
      [{ embedding: 'listed', embed_origins: '' }, 'embed_origins'],
      [{ embedding: 'listed', embed_origins: "https://a.example; script-src *" }, 'embed_origins'],
      [{ 'fields[0].label': 'Size', 'fields[0].kind': 'choice', 'fields[0].choices': '' }, 'row-0'],
    ];
    for (const [wrong, field] of rows) {
      const typed = { csrf, name: 'Kept name', currency: 'GHS', amount_kind: 'open', active: '1', ...wrong };
      const page = await owner.post('/payment-pages', typed);
      assert.equal(page.status, 422, JSON.stringify(wrong));
      assert.ok(new RegExp(`id="${field}-error">[^<]+<`).test(page.text), `${JSON.stringify(wrong)}: ${shown(page).slice(0, 300)}`);
      const form = formsOf(page).find((one) => one.action === '/payment-pages');
      if (!('name' in wrong)) assert.equal(form.fields.name, 'Kept name');
      for (const [name, value] of Object.entries(wrong)) {
        if (name in form.fields && !['amount_kind', 'embedding', 'fields[0].kind'].includes(name)) assert.equal(form.fields[name], value, name);
      }
    }
    const list = await owner.get('/payment-pages');
    assert.doesNotMatch(list.text, /Kept name/);
  });

  test('of a payment page keep every setting when it is edited', async () => {
    const { owner, csrf } = await busyShop();
    const typed = {
      name: 'Everything', description: 'Of all\nkinds', currency: 'USD', amount_kind: 'choices', choices: '10; 20.5', other: '1', least: '1', most: '1000', quantity: '7', expires_at: '2030-01-02T03:04',
      active: '1', redirect_url: 'https://shop.example.com/thanks', success_message: 'Thank you', embedding: 'listed', embed_origins: 'https://shop.example.com\nhttps://www.example.com:8443',
      'fields[0].label': 'Size', 'fields[0].kind': 'choice', 'fields[0].choices': 'S; M', 'fields[0].required': '1', 'fields[1].label': 'Note', 'fields[1].kind': 'text',
    };
    const made = await owner.post('/payment-pages', { csrf, ...typed });
    assert.match(made.path, /done=page_made/, shown(made));
    const path = made.path.split('?')[0];
    // Saved once more as it is shown, it is the same.
    const form = formsOf(made).find((one) => one.action === path);
    const texts = Object.fromEntries([...made.text.matchAll(/<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)<\/textarea>/g)].map(([, name, value]) => [name, value]));
    const again = await owner.post(path, { ...form.fields, ...texts });
    assert.match(again.path, /done=saved/, shown(again));
    for (const [name, value] of Object.entries({ ...formsOf(again).find((one) => one.action === path).fields, csrf: undefined })) {
      if (name !== 'csrf') assert.equal(value, form.fields[name], name);
    }
    for (const [name, value] of Object.entries(typed)) {
      if (name in form.fields) assert.equal(form.fields[name], value, name);
    }
    const customer = await person(epay).get(made.text.match(/href="[^"]*(\/pay\/[^"]+)"/)[1]);
    assert.match(customer.headers['content-security-policy'], /frame-ancestors https:\/\/shop\.example\.com https:\/\/www\.example\.com:8443/);
    for (const text of ['USD 10.00', 'USD 20.50', 'Size', 'Note']) assert.ok(shown(customer).replaceAll('\u00a0', ' ').includes(text), text);
  });
});

test('an integration: only its own secret fits, and revoked it is good for nothing', async () => {
  const { owner, csrf, merchant } = await busyShop();
  const made = await owner.post('/integrations', { csrf, name: 'Shop', mode: 'test' });
  const [app_id, app_secret] = [...made.text.matchAll(/<dd><code[^>]*>(\w+)<\/code><\/dd>/g)].map(([, text]) => text);
  const token = (secret) => request(`${epay.url}/api/v1/token`, { method: 'POST', body: { merchant_key: merchant.merchant_key, app_id, app_secret: secret } });
  assert.equal((await token(app_secret)).status, 200);
  assert.equal((await token(`${app_secret.slice(0, -1)}!`)).status, 401);
  const { json } = await token(app_secret);
  const revoke = formsOf(await owner.get('/integrations')).find((one) => one.action.endsWith('/revoke'));
  await owner.post(revoke.action, { csrf });
  assert.equal((await token(app_secret)).status, 401);
  const refused = await request(`${epay.url}/api/v1/customers`, { headers: { authorization: `Bearer ${json.data.access_token}` } });
  assert.equal(refused.status, 401, 'a token of it is good for nothing either');
  assert.equal((await owner.post(revoke.action, { csrf })).status, 404, 'once');
  const activity = shown(await owner.get('/settings/activity'));
  for (const text of ['Integration made', 'Integration revoked', 'Webhook changed', sink.url]) assert.ok(activity.includes(text), text);
});
