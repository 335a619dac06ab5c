// Every page of the service, walked through: what has to hold for all of them. A page that nothing links to is named here.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { createMerchant, momoCharge, signIn, startEpay, wallets } from '../e2e/harness.mjs';
import { createPage } from '../e2e/checkout.mjs';
import { member, shop } from '../e2e/people.mjs';
import { walk } from './walk.mjs';

let epay;
before(async () => {
  epay = await startEpay();
});
after(async () => {
  await epay.end();
});

const named = (judged, kinds) => assert.deepEqual(kinds.filter((kind) => !judged.includes(kind)), [], 'these were not come to');

test('the pages of whoever is not signed in', async (t) => {
  // But for /docs, whose axe takes longer than all others together: docs.test.mjs.
  const merchant = await createMerchant(epay.database);
  const { slug } = await createPage(epay.database, merchant, { name: 'Ag lounge', amount: { kind: 'fixed', fixed: '22.50' } });
  const { json } = await (await signIn(epay, merchant)).post('/api/v1/charge', momoCharge({ payment_method: 'card' }));
  const card = new URL(json.data.redirect_url).pathname;
  const judged = await walk(t, epay.url, { start: ['/login', `/pay/${slug}`, '/simulator/phone', card] });
  named(judged, ['/simulator/cards/*', '/login', '/register', '/forgotten', '/pay/*', '/simulator/phone', '/simulator/phone/*']);
});

// A shop where something of everything has happened: {owner, state}, the browser's state of its owner.
async function busyShop() {
  const { owner, merchant } = await shop(epay);
  const client = await signIn(epay, merchant);
  for (const wallet of [wallets.good, wallets.rejected, wallets.neverDecides]) {
    const { status, text } = await client.post('/api/v1/charge', momoCharge({ mobile_wallet_number: wallet }));
    assert.equal(status, 200, text);
  }
  await createPage(epay.database, merchant, { name: 'Ag lounge', amount: { kind: 'fixed', fixed: '22.50' } });
  return { owner, state: stateOf(owner) };
}

const stateOf = (who) => ({ cookies: [...who.cookies].map(([name, value]) => ({ name, value, domain: '127.0.0.1', path: '/' })), origins: [] });

test('the pages of an owner', async (t) => {
  const judged = await walk(t, epay.url, {
    start: ['/dashboard'],
    state: (await busyShop()).state,
    // They are anybody's.
    skip: ['/pay/cd-ag-lounge', '/simulator/phone'],
  });
  named(judged, ['/dashboard', '/payment-pages', '/payment-pages/new', '/payment-pages/*', '/integrations', '/revenue', '/revenue/*', '/customers', '/customers/*']);
  named(judged, ['/transfers', '/transfers/new', '/wallet', '/wallet/statement', '/settings', '/settings/activity', '/settings/team']);
  named(judged, ['/settings/security', '/settings/security/second-factor', '/settings/webhooks', '/settings/webhooks/log']);
});

// ---- the walk itself ----

const good = { policy: "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'", body: '<h1>Good</h1>' };

// Walks a site of these pages, each like `good` but for what it says.
async function walkThrough(pages, options = {}) {
  const server = http.createServer(({ url }, response) => {
    const page = url in pages ? { ...good, ...pages[url] } : undefined;
    response.writeHead(page || url === '/favicon.ico' ? 200 : 404, { 'content-type': page?.type ?? 'text/html; charset=utf-8', ...(page?.policy && { 'content-security-policy': page.policy }) });
    response.end(`<!doctype html><html lang="en"><head><title>Page</title><meta name="viewport" content="width=device-width">${page?.head ?? ''}</head><body><main>${page?.body ?? ''}</main></body></html>`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hooks = [];
  const walked = walk({ after: (hook) => hooks.push(hook) }, `http://127.0.0.1:${server.address().port}`, { start: ['/'], ...options });
  // What the walk says comes before what its pages have done.
  const ended = await Promise.allSettled([walked]);
  for (const hook of hooks) ended.push(...(await Promise.allSettled([hook()])));
  server.close();
  server.closeAllConnections();
  for (const { reason } of ended) if (reason) throw reason;
  return walked;
}

test('it follows links, to one page of a kind, and leaves out what it is told to', async () => {
  const link = (...to) => ({ body: `<h1>Good</h1>${to.map((one) => `<a href="${one}">${one}</a> `).join('')}` });
  const pages = { '/': link('/a/1', '/a/2', '/b?c=1', '/out', '/file.csv', 'https://elsewhere.example/'), '/a/1': link('/a/1/edit'), '/a/1/edit': {}, '/b?c=1': link('/'), '/file.csv': { type: 'text/csv' } };
  assert.deepEqual(await walkThrough(pages, { skip: ['/out'] }), ['/', '/a/*', '/a/*/edit', '/b']);
  await assert.rejects(walkThrough({ '/': link('/nowhere') }), /\/nowhere: 404/);
});

for (const [what, page, problem] of [
  ['without a policy', { policy: '' }, /has no Content-Security-Policy/],
  ['with a lax policy', { policy: "default-src 'none'; script-src 'unsafe-inline'; frame-ancestors 'none'" }, /a lax policy/],
  ['with no heading', { body: '<p>Hello' }, /page-has-heading-one|one first heading/],
  ['that axe dislikes', { body: '<h1>Good</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">' }, /image-alt/],
  ['that is too wide', { head: '<style>h1{width:400px}</style>' }, /too wide/],
  ['whose form cannot be sent', { body: '<h1>Good</h1><form method="post"><label>Name <input name="name"></label></form>' }, /a form without a button/],
  ['that is another one with scripts', { policy: good.policy + "; script-src 'sha256-x' 'nonce-y'", body: '<h1>Good</h1><script nonce="y">document.querySelector("h1").textContent="Better"</script>' }, /Better/],
]) {
  test(`it fails a page ${what}`, async () => {
    await assert.rejects(walkThrough({ '/': page }), problem);
  });
}

// Every link that somebody is shown leads to a page that he may see.
for (const [role, own, others] of [
  ['developer', ['/payment-pages', '/integrations', '/settings/webhooks', '/revenue'], ['/transfers', '/settings/team']],
  ['finance', ['/transfers', '/transfers/new', '/wallet', '/settings/webhooks'], ['/payment-pages', '/integrations', '/settings/team']],
  ['viewer', ['/revenue', '/wallet', '/settings/webhooks'], ['/transfers', '/payment-pages', '/integrations', '/settings/team']],
]) {
  test(`the pages of a ${role}`, async (t) => {
    const { owner } = await busyShop();
    const { person } = await member(epay, owner, role);
    const judged = await walk(t, epay.url, { start: ['/dashboard'], state: stateOf(person), skip: ['/pay/cd-ag-lounge', '/simulator/phone'], quick: role !== 'viewer' });
    named(judged, ['/dashboard', '/settings', '/settings/security', ...own]);
    assert.deepEqual(others.filter((kind) => judged.includes(kind)), []);
  });
}

test('the pages of an owner who looks at live money, where nothing has happened yet', async (t) => {
  const { owner } = await busyShop();
  await owner.submit(await owner.get('/settings'), { mode: 'live' }, { action: '/mode' });
  const judged = await walk(t, epay.url, { start: ['/dashboard'], state: stateOf(owner), quick: true });
  named(judged, ['/dashboard', '/payment-pages', '/integrations', '/revenue', '/customers', '/transfers', '/wallet', '/settings/webhooks']);
});
