// Payment pages as a customer without script meets them: every rule of the amount, every wrong field, every closed page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Customer, compressedSize, createPage, listPages, payer } from './checkout.mjs';
import { createMerchant, eventually, newDatabase, request, startEpay } from './harness.mjs';
import { formsOf, shop, shown } from './people.mjs';

const bytesMax = 14 * 1024;

let epay;
let merchant;
const database = newDatabase();
const make = (settings) => createPage(database, merchant, settings);
const visit = async (page, options) => new Customer(epay, options).open(`/pay/${page.slug}`);

before(async () => {
  merchant = await createMerchant(database);
  epay = await startEpay({ database, args: ['--prompt-limit', '0'] });
});
after(() => epay?.end());

test('an open amount', async () => {
  const page = await make({ name: 'Open', amount: { kind: 'open', least: '5', most: '100' } });
  const customer = await visit(page);
  assert.equal(customer.status, 200);
  assert.equal(customer.heading, 'Open');
  assert.match(customer.text, /by Merchant \d+/);
  assert.match(customer.text, /From GHS.5\.00 to GHS.100\.00/);
  for (const [typed, error] of [
    ['', 'Enter or choose an amount.'],
    ['4.99', /at least GHS.5\.00/],
    ['100.01', /at most GHS.100\.00/],
    ['5.001', /This is not an amount in GHS/],
    ['-7', /This is not an amount in GHS/],
    ['1e1', /This is not an amount in GHS/],
    ['ten', /This is not an amount in GHS/],
  ]) {
    await customer.send(undefined, { ...payer, amount: typed, method: 'momo' });
    assert.equal(customer.status, 422, typed);
    assert.match(customer.errorOf('amount'), typeof error === 'string' ? new RegExp(error) : error, typed);
    assert.equal(customer.valueOf('amount'), typed);
    assert.equal(customer.valueOf('name'), payer.name);
  }
  await customer.send(undefined, { ...payer, amount: ' 12,50 ', method: 'momo' });
  assert.equal(customer.state, 'confirming');
  assert.match(customer.text, /You will get a prompt for GHS.12\.50 on 024.123.4567/);
});

test('a fixed amount cannot be argued with', async () => {
  const page = await make({ name: 'Fixed', amount: { kind: 'fixed', fixed: '22.50' } });
  const customer = await visit(page);
  assert.match(customer.text, /GHS.22\.50/);
  const { target, body } = customer.bodyOf(undefined, { ...payer, method: 'momo' });
  body.set('amount', '0.01');
  body.set('choice', '0.01');
  await customer.open(target, { method: 'POST', body });
  assert.match(customer.text, /GHS.22\.50/);
});

test('suggested amounts, with another one and without', async () => {
  const page = await make({ name: 'Choices', amount: { kind: 'choices', choices: ['5', '10.50'] } });
  const customer = await visit(page);
  await customer.send(undefined, { ...payer, method: 'momo' });
  assert.match(customer.errorOf('amount'), /choose an amount/);
  for (const choice of ['other', '7', '10.5000', '<b>']) {
    await customer.send(undefined, { ...payer, choice, method: 'momo' });
    assert.equal(customer.errorOf('amount'), 'Choose one of the amounts.', choice);
  }
  await customer.send(undefined, { ...payer, choice: '10.5', method: 'momo' });
  assert.match(customer.text, /GHS.10\.50/);

  const free = await make({ name: 'Or other', amount: { kind: 'choices', choices: ['5'], other: true, least: '2' } });
  await customer.open(`/pay/${free.slug}`);
  await customer.send(undefined, { ...payer, choice: 'other', amount: '1', method: 'momo' });
  assert.match(customer.errorOf('amount'), /at least GHS.2\.00/);
  assert.equal(customer.valueOf('choice'), 'other');
  assert.equal(customer.valueOf('amount'), '1');
  await customer.send(undefined, { choice: 'other', amount: '3' });
  assert.match(customer.text, /GHS.3\.00/);
});

test('every wrong field is named beside it, all at once, and nothing that was typed is lost', async () => {
  const page = await make({
    name: 'Fields', amount: { kind: 'open' },
    fields: [
      { label: 'Seat', kind: 'text', required: true },
      { label: 'Age', kind: 'number' },
      { label: 'Size', kind: 'choice', required: true, choices: ['S', 'M "wide"'] },
      { label: 'I agree', kind: 'checkbox', required: true },
    ],
  });
  const customer = await visit(page);
  const typed = { name: '', email: 'ama(at)example.com', telephone: 'call me', amount: 'x', field_0: '', field_1: '7 years', field_2: '', note: 'a'.repeat(201), method: 'momo', number: '030 123' };
  await customer.send(undefined, typed);
  assert.equal(customer.status, 422);
  for (const [field, error] of Object.entries({
    amount: /not an amount/, name: /Enter your full name/, email: /not an email/, telephone: /not a phone/, field_0: /“Seat” is needed/,
    field_1: /“Age” does not look right/, field_2: /“Size” is needed/, field_3: /“I agree” is needed/, note: /at most 200/, number: /not a Ghanaian/,
  })) {
    assert.match(customer.errorOf(field), error, field);
    assert.ok(customer.html.includes(`<a href="#${field}">`), `the summary leads to ${field}`);
    if (field !== 'amount') assert.ok(customer.html.includes(`id="${field}"`), `${field} is there to be led to`);
  }
  for (const [field, value] of Object.entries(typed)) assert.equal(customer.valueOf(field), value, field);
  await customer.send(undefined, { name: payer.name, email: payer.email, telephone: payer.telephone, amount: '1', field_0: '7A', field_1: '7', field_2: 'M "wide"', field_3: 'yes', note: '', number: '', network: 'mtn' });
  assert.equal(customer.state, 'confirming');
});

test('the network is guessed from the number, and can be another', async () => {
  const page = await make({ name: 'Network', amount: { kind: 'fixed', fixed: '1' } });
  for (const [number, network, shown] of [
    ['', undefined, 'MTN MoMo'], ['0551234567', undefined, 'MTN MoMo'], ['+233 27 123 4567', undefined, 'AT Money'], ['0241234567', 'airteltigo', 'AT Money'],
  ]) {
    const customer = await visit(page);
    await customer.send(undefined, { ...payer, method: 'momo', number, ...(network ? { network } : {}) });
    assert.equal(customer.state, 'confirming');
    assert.match(customer.text, new RegExp(shown), number);
  }
  const customer = await visit(page);
  await customer.send(undefined, { ...payer, method: 'momo', number: '0281234567' });
  assert.match(customer.text, /Choose your network/);
});

test('closed pages say so, with their status', async () => {
  const seconds = Math.floor(Date.now() / 1000);
  for (const [settings, status, heading] of [
    [{ name: 'Inactive', active: false }, 404, 'This page is closed'],
    [{ name: 'Expired', expires_at: seconds - 5 }, 410, 'This page has ended'],
  ]) {
    const page = await make(settings);
    const customer = await visit(page);
    assert.equal(customer.status, status);
    assert.equal(customer.heading, heading);
    await customer.open(`/pay/${page.slug}`, { method: 'POST', body: new URLSearchParams({ ...payer, amount: '1', method: 'momo' }) });
    assert.equal(customer.status, status);
  }
  for (const [target, heading] of [['/pay/nothing-here', 'There is no such payment'], ['/checkout/' + 'x'.repeat(32), 'There is no such payment'], ['/checkout/short', 'There is no such payment']]) {
    const customer = await new Customer(epay).open(target);
    assert.equal(customer.status, 404);
    assert.equal(customer.heading, heading);
  }
});

test('sold out: a place is held from the form on, and only as many pay as there are places', async () => {
  const page = await make({ name: 'Tickets', amount: { kind: 'fixed', fixed: '5' }, quantity: 3 });
  const customers = await Promise.all(Array.from({ length: 12 }, () => visit(page)));
  await Promise.all(customers.map((customer) => customer.send(undefined, { ...payer, method: 'momo' })));
  const confirmed = customers.filter((customer) => customer.state === 'confirming');
  assert.equal(confirmed.length, 3);
  for (const customer of customers) if (!confirmed.includes(customer)) assert.equal(customer.status, 410);
  assert.equal((await visit(page)).heading, 'Sold out');
  // Who gives up makes room.
  await confirmed[0].send('cancel');
  assert.equal(confirmed[0].state, 'failed');
  assert.equal((await visit(page)).status, 200);
});

test('views and revenue are counted', async () => {
  const page = await make({ name: 'Counted', amount: { kind: 'fixed', fixed: '7.50' } });
  const customer = await visit(page);
  await visit(page);
  await customer.send(undefined, { ...payer, method: 'momo' });
  await (await customer.send('pay')).until('paid');
  await eventually('the counters', async () => {
    const counted = (await listPages(database, merchant)).find((one) => one.id === page.id);
    return counted.views === 2 && counted.payments === 1 && counted.revenue === '7.5';
  });
});

test('what people write is text, on every page', async () => {
  const script = '"><script>alert(1)</script>\'';
  const page = await make({
    name: script, description: script, success_message: script, amount: { kind: 'open' },
    fields: [{ label: script, kind: 'text' }, { label: `2${script}`, kind: 'choice', choices: [script] }],
  });
  const customer = await visit(page);
  const check = (where) => {
    assert.ok(!customer.html.includes('<script>alert'), where);
    assert.ok(!/<[^>]*"><script/.test(customer.html), where);
  };
  check('the form');
  await customer.send(undefined, { name: script, email: script, telephone: script, amount: script, field_0: script, field_1: script, note: script, number: script, method: 'momo' });
  assert.equal(customer.status, 422);
  check('the form with its errors');
  await customer.send(undefined, { ...payer, name: script, amount: '1', number: '', field_0: script, note: script });
  check('the question');
  await (await customer.send('pay')).until('paid');
  check('the receipt');
  assert.ok(customer.text.includes(script));
});

test('each page is one response of at most 14 KB, and asks nothing of others', async () => {
  const page = await make({
    name: 'The longest page there may be in English', description: 'd'.repeat(300), amount: { kind: 'choices', choices: ['1', '2', '5', '10', '20', '50'], other: true, least: '1' },
    fields: Array.from({ length: 6 }, (_, i) => ({ label: `Question number ${i}`, kind: ['text', 'choice'][i % 2], choices: ['One answer', 'Another answer'] })),
  });
  const customer = await visit(page);
  const measured = { form: await compressedSize(customer.url) };
  await customer.send(undefined, { ...payer, choice: '5', method: 'momo', number: '0240000453' });
  measured.confirm = await compressedSize(customer.url);
  measured.choose = await compressedSize(`${customer.url}?change=1`);
  await customer.send('pay');
  measured.waiting = await compressedSize(customer.url);
  for (const language of ['en', 'fr']) {
    const other = await visit(page, { language });
    await other.send(undefined, { ...payer, choice: '5', method: 'momo' });
    await (await other.send('pay')).until('paid');
    measured[`receipt ${language}`] = await compressedSize(`${other.url}?lang=${language}`);
  }
  for (const [name, { size, html, headers }] of Object.entries(measured)) {
    assert.ok(size <= bytesMax, `${name} has ${size} bytes`);
    assert.ok(!/<(script|img|iframe|link)[^>]*(src|href)="(https?:)?\/\//.test(html), `${name} asks others`);
    assert.ok(!/ on\w+="| style="/.test(html), `${name} has inline handlers or styles`);
    assert.match(headers['content-security-policy'], /^default-src 'none'; script-src 'nonce-/);
    assert.equal(headers['cache-control'], 'no-store');
  }
  console.log(Object.entries(measured).map(([name, { size }]) => `${name} ${size}`).join(', '), 'bytes');
});

test('French, by the browser or by choice, on every step', async () => {
  const page = await make({ name: 'Langue', amount: { kind: 'fixed', fixed: '1250.5' } });
  const customer = await visit(page, { language: 'fr' });
  assert.match(customer.html, /<html lang="fr"/);
  assert.match(customer.text, /1.250,50.GHS/);
  const english = await visit(page);
  await english.open(`/pay/${page.slug}?lang=fr`);
  await english.send(undefined, { ...payer, method: 'momo' });
  assert.match(english.html, /<html lang="fr"/);
  assert.match(english.url.search, /lang=fr/);
});

test('who may show it in a frame is up to its merchant', async () => {
  const nonce = '0123456789abcdef0123456789abcdef';
  const site = 'https://shop.example.com';
  for (const [settings, ancestors] of [
    [{ name: 'Anywhere' }, '*'], [{ name: 'Nowhere', embedding: 'nowhere' }, "'none'"],
    [{ name: 'Listed', embedding: 'listed', embed_origins: [site, 'http://localhost:3000'] }, `${site} http://localhost:3000`],
  ]) {
    const page = await make({ ...settings, amount: { kind: 'fixed', fixed: '1' } });
    const customer = await new Customer(epay).open(`/pay/${page.slug}?embed=${nonce}&origin=${encodeURIComponent(site)}`);
    assert.ok(customer.answer.headers['content-security-policy'].endsWith(`frame-ancestors ${ancestors}`), customer.answer.headers['content-security-policy']);
    assert.ok(customer.html.includes(`data-embed="${nonce}" data-origin="${site}"`));
    await customer.send(undefined, { ...payer, method: 'momo' });
    assert.ok(customer.html.includes(`data-embed="${nonce}" data-origin="${site}"`), 'kept through the form');
    assert.ok(customer.answer.headers['content-security-policy'].endsWith(`frame-ancestors ${ancestors}`));
  }
  const page = await make({ name: 'Forged', amount: { kind: 'fixed', fixed: '1' } });
  for (const query of ['embed=short&origin=https://a.com', `embed=${nonce}&origin=javascript:alert(1)`, `embed=${nonce}&origin=https://a.com/path`, `embed=${nonce}`]) {
    const customer = await new Customer(epay).open(`/pay/${page.slug}?${query}`);
    assert.ok(customer.html.includes('data-embed="" data-origin=""'), query);
  }
});

test('a page whose currency nothing takes says so, to customers and to its merchant', async () => {
  const { owner } = await shop(epay, { name: 'Accra Arts' });
  const test = await owner.post('/payment-pages', { csrf: formsOf(await owner.get('/payment-pages/new'))[0].fields.csrf, name: 'Test', currency: 'XOF', amount_kind: 'open', active: '1' });
  assert.doesNotMatch(shown(test), /Nobody can pay on this page/, 'the simulator takes cards in every currency');
  // Nothing takes live money yet.
  await owner.submit(await owner.get('/settings'), { mode: 'live' }, { action: '/mode' });
  const form = await owner.get('/payment-pages/new');
  const saved = await owner.post('/payment-pages', { csrf: formsOf(form)[0].fields.csrf, name: 'Ag lounge', currency: 'XOF', amount_kind: 'open', active: '1' });
  assert.match(saved.path, /\?done=page_made$/);
  assert.match(shown(saved), /Nobody can pay on this page: there is no way to pay in XOF in this mode/);
  const link = saved.text.match(/href="(https?:\/\/[^"]+\/pay\/[^"]+)"/)[1];
  const slug = new URL(link).pathname;
  for (const [language, title, words] of [
    ['en', /This page cannot be paid yet/, /“Ag lounge” is in XOF, and there is no way to pay in XOF here at the moment\. Please ask Accra Arts/],
    ['fr', /Cette page ne peut pas encore être payée/, /« Ag lounge » est en XOF, .* Demandez à Accra Arts/],
  ]) {
    const headers = { 'accept-language': language };
    for (const answer of [await request(epay.url + slug, { headers }), await request(epay.url + slug, { method: 'POST', body: new URLSearchParams({ ...payer, amount: '5' }), headers })]) {
      assert.equal(answer.status, 404);
      assert.match(shown(answer), title);
      assert.match(shown(answer), words);
      assert.doesNotMatch(answer.text, /<form[^>]*method="post"/);
    }
  }
});
