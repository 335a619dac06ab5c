// Paying at a checkout, by a customer without script: every way it can go, and never twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { Customer, createPage, payer } from './checkout.mjs';
import { assertText, createMerchant, newDatabase, newReference, receiver, request, signIn, sleep, startEpay, verify, wallets } from './harness.mjs';

let epay;
let hook;
let merchant;
let client;
const database = newDatabase();

before(async () => {
  hook = await receiver();
  merchant = await createMerchant(database, { webhook: hook.url });
  epay = await startEpay({ database, delay: '300ms', args: ['--prompt-limit', '0'] });
  client = await signIn(epay, merchant);
});
after(async () => {
  await epay?.end();
  await verify(database);
  await hook?.close();
});

async function checkout(fields = {}) {
  const reference = newReference('C');
  const answer = await client.post('/api/v1/charge/token', {
    reference, amount: 5, customer_name: 'Ama Mensah', customer_email: 'ama@example.com', customer_telephone: '0201234567', payment_description: 'Two tickets', ...fields,
  });
  assert.equal(answer.status, 200, answer.text);
  return { reference, customer: await new Customer(epay).open(`/checkout/${answer.json.token}`) };
}
const momo = async (customer, number, network = 'mtn') => {
  await customer.send('choose', { method: 'momo', number, network });
  assert.equal(customer.state, 'confirming', customer.text);
  return customer.send('pay');
};
const statusOf = async (reference) => (await client.get(`/api/v1/transactions/${reference}`)).json.transaction.status;

test('a checkout of the API is paid, and its address shows so for ever', async () => {
  const { reference, customer } = await checkout();
  assert.equal(customer.status, 200);
  assert.equal(customer.state, 'choosing');
  assert.match(customer.text, /GHS.5\.00 Two tickets/);
  assert.equal(customer.valueOf('number', 'choose'), '0201234567');
  await momo(customer, wallets.good);
  assert.equal(customer.state, 'waiting');
  assert.match(customer.text, /\*170#/);
  assert.match(customer.html, /<noscript><meta http-equiv="refresh" content="5"><\/noscript>/);
  await customer.until('paid');
  assert.equal(customer.heading, 'Paid');
  assert.match(customer.html, /<svg[^>]*>.*<\/svg>/s);
  assert.equal(await statusOf(reference), 'success');
  const [delivery] = await hook.arrived(1, reference);
  assertText(delivery.text, `{"success":true,"transaction":{"reference":"${reference}","payment_method":"momo","amount":"5","status":"success","description":"Two tickets","customer":{"name":"Ama Mensah","email":"ama@example.com","telephone":"0201234567"},"page":null}}`);
  await customer.open(customer.url.href);
  assert.equal(customer.state, 'paid');
});

test('a payment page: the webhook names the page, byte for byte', async () => {
  const page = await createPage(database, merchant, { name: 'Event Demo App', description: 'A demo payment page ', amount: { kind: 'open' } });
  const customer = await new Customer(epay).open(`/pay/${page.slug}`);
  await customer.send(undefined, { ...payer, amount: '1', note: 'Payment for sample event', method: 'momo' });
  await (await customer.send('pay')).until('paid');
  const reference = customer.reference;
  assert.match(reference, /^EP-[A-Za-z0-9]{11}$/);
  const [delivery] = await hook.arrived(1, reference);
  assertText(delivery.text, `{"success":true,"transaction":{"reference":"${reference}","payment_method":"momo","amount":"1","status":"success","description":"Payment for sample event","customer":{"name":"Ama Mensah","email":"ama@example.com","telephone":"0241234567"},"page":{"id":${page.id},"name":"Event Demo App","description":"A demo payment page ","slug":"${page.slug}"}}}`);
});

test('declined, then another number: one payment, one webhook', async () => {
  const { reference, customer } = await checkout();
  await momo(customer, wallets.rejected);
  await customer.until('choosing');
  assert.match(customer.text, /It was declined on the phone/);
  assert.match(customer.text, /Nothing was taken/);
  assert.equal(await statusOf(reference), 'pending');
  assert.deepEqual(hook.of(reference), []);
  await momo(customer, wallets.good);
  await customer.until('paid');
  const deliveries = await hook.arrived(1, reference);
  assert.equal(deliveries.length, 1);
  assert.equal(deliveries[0].json.transaction.status, 'success');
});

test('refused at once, then the same number again', async () => {
  const { customer } = await checkout();
  await momo(customer, wallets.refusedAtOnce);
  assert.equal(customer.state, 'choosing');
  assert.match(customer.text, /not enough money/);
  await momo(customer, wallets.refusedAtOnce);
  assert.equal(customer.state, 'choosing');
});

test('five failures are the end, and the merchant hears of it once', async () => {
  const { reference, customer } = await checkout();
  for (let attempt = 1; attempt <= 5; attempt += 1) await momo(customer, wallets.refusedAtOnce);
  assert.equal(customer.state, 'failed');
  assert.equal(await statusOf(reference), 'failed');
  await hook.arrived(1, reference);
  await sleep(200);
  assert.equal(hook.of(reference).length, 1);
});

test('giving up tells the merchant', async () => {
  const { reference, customer } = await checkout();
  await customer.send('cancel');
  assert.equal(customer.state, 'failed');
  const [delivery] = await hook.arrived(1, reference);
  assert.equal(delivery.json.success, false);
  await customer.open(customer.url.href);
  assert.equal(customer.state, 'failed');
});

test('no other number while the first may still pay', async () => {
  const { customer } = await checkout();
  await momo(customer, wallets.neverDecides);
  assert.equal(customer.state, 'waiting');
  assert.match(customer.text, /To use another number, first decline/);
  const body = new URLSearchParams({ action: 'pay', attempt: '2', method: 'momo', number: wallets.good, network: 'mtn' });
  await customer.open(customer.url.href, { method: 'POST', body });
  await sleep(800);
  await customer.open(customer.url.href);
  assert.equal(customer.state, 'waiting');
});

test('twice at the same time, again, and back: one charge', async () => {
  const { reference, customer } = await checkout();
  await customer.send('choose', { method: 'momo', number: wallets.good, network: 'mtn' });
  const { target, body } = customer.bodyOf('pay');
  const send = () => request(target, { method: 'POST', body, headers: { accept: 'text/html' } });
  const answers = await Promise.all(Array.from({ length: 8 }, send));
  for (const answer of answers) assert.equal(answer.status, 303);
  await (await customer.open(customer.url.href)).until('paid');
  assert.equal((await send()).status, 303);
  await customer.open(customer.url.href);
  assert.equal(customer.state, 'paid');
  await sleep(300);
  assert.equal(hook.of(reference).length, 1);
  const list = (await client.get('/api/v1/transactions')).json.transactions.data.filter((one) => one.reference === reference);
  assert.equal(list.length, 1);
});

test('the same form of a page twice is one payment', async () => {
  const page = await createPage(database, merchant, { name: 'Twice', amount: { kind: 'fixed', fixed: '2' } });
  const customer = await new Customer(epay).open(`/pay/${page.slug}`);
  const { target, body } = customer.bodyOf(undefined, { ...payer, method: 'momo' });
  const answers = await Promise.all(Array.from({ length: 5 }, () => request(target, { method: 'POST', body, headers: { accept: 'text/html' } })));
  assert.equal(new Set(answers.map((answer) => answer.headers.location)).size, 1);
  assert.equal(answers[0].status, 303);
});

test('a code that the network asks for: wrong, then another attempt, then right', async () => {
  const { customer } = await checkout();
  await momo(customer, wallets.wantsInput);
  assert.equal(customer.state, 'code');
  assert.ok(!customer.html.includes('http-equiv="refresh"'), 'what is typed is not wiped away');
  await customer.send('code', { code: '' });
  assert.equal(customer.status, 422);
  assert.match(customer.errorOf('code'), /Enter the code/);
  await customer.send('code', { code: '000000' });
  assert.equal(customer.state, 'choosing');
  assert.match(customer.text, /The code was wrong/);
  await momo(customer, wallets.wantsInput);
  await (await customer.send('code', { code: '123 456' })).until('paid');
});

test('a voucher where the network wants one first', async () => {
  const { customer } = await checkout();
  await customer.send('choose', { method: 'momo', number: '0201234567', network: 'telecel' });
  assert.match(customer.text, /\*110#/);
  for (const voucher of ['', '12345', '12345a']) {
    await customer.send('pay', { voucher });
    assert.equal(customer.status, 422);
    assert.match(customer.errorOf('voucher'), /six digits/);
    assert.equal(customer.valueOf('voucher', 'pay'), voucher);
  }
  await customer.send('pay', { voucher: '000000' });
  await customer.until('choosing');
  assert.match(customer.text, /The code was wrong/);
  await customer.send('choose', { method: 'momo', number: '0201234567', network: 'telecel' });
  await (await customer.send('pay', { voucher: '654321' })).until('paid');
});

test('a card: to the bank and back, declined and approved', async () => {
  const { reference, customer } = await checkout();
  await customer.send('choose', { method: 'card' });
  assert.equal(customer.state, 'card');
  const decide = async (decision) => {
    const href = customer.html.match(/href="([^"]*\/simulator\/cards\/[^"]*)"/)[1].replaceAll('&amp;', '&');
    const bank = await new Customer(epay).open(href);
    await bank.open(bank.url.href, { method: 'POST', body: new URLSearchParams({ decision }) });
    assert.equal(bank.url.pathname, customer.url.pathname, 'the bank leads back');
    return bank;
  };
  await (await decide('decline')).until('choosing');
  await customer.open(customer.url.href);
  assert.match(customer.text, /The bank declined the card/);
  await customer.send('choose', { method: 'card' });
  await (await decide('approve')).until('paid');
  const [delivery] = await hook.arrived(1, reference);
  assert.equal(delivery.json.transaction.payment_method, 'card');
});

test('the prompt is sent again without a second charge, and not too often', async () => {
  const { customer } = await checkout();
  await momo(customer, '0240000454');
  await customer.send('resend');
  assert.match(customer.text, /The prompt was sent once more/);
  const { target, body } = customer.bodyOf('resend');
  const again = await request(target, { method: 'POST', body, headers: { accept: 'text/html' } });
  assert.equal(again.status, 429);
  assert.match(again.text, /has just been sent/);
});

test('another amount than was asked for is a person’s case', async () => {
  const { customer } = await checkout();
  await momo(customer, '0240000486');
  await customer.until('review');
  assert.match(customer.text, /please do not pay again/);
});

test('the state is told live, and ends with the payment', async () => {
  const { customer } = await checkout();
  await momo(customer, wallets.good);
  const events = await request(`${epay.url}/checkout/${customer.token}/events?revision=waiting-1`, { headers: { accept: 'text/event-stream' } });
  assert.equal(events.status, 200);
  assert.match(events.headers['content-type'], /text\/event-stream/);
  assert.match(events.text, /event: ?state\n.*"state":"paid","status":"success"/s);
  const { json } = await request(`${epay.url}/checkout/${customer.token}/state`);
  assert.deepEqual([json.state, json.status, json.reference], ['paid', 'success', customer.reference]);
});

test('back to the merchant with a result that its webhook library verifies', async () => {
  const page = await createPage(database, merchant, { name: 'Back', amount: { kind: 'fixed', fixed: '3' }, redirect_url: 'https://shop.example.com/thanks?order=7#top' });
  const customer = await new Customer(epay).open(`/pay/${page.slug}`);
  await customer.send(undefined, { ...payer, method: 'momo' });
  const back = `/checkout/${customer.token}/return`;
  await customer.open(back);
  assert.equal(customer.state, 'confirming', 'there is no result yet');
  await (await customer.send('pay')).until('paid');
  assert.ok(customer.html.includes(`href="${back}"`));
  const answer = await request(epay.url + back);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers['referrer-policy'], 'no-referrer');
  const url = new URL(answer.headers.location);
  assert.equal(url.origin + url.pathname + url.hash, 'https://shop.example.com/thanks#top');
  assert.equal(url.searchParams.get('order'), '7');
  const headers = { 'webhook-id': url.searchParams.get('epay_id'), 'webhook-timestamp': url.searchParams.get('epay_timestamp'), 'webhook-signature': url.searchParams.get('epay_signature') };
  const result = new Webhook(merchant.webhook_secret).verify(url.searchParams.get('epay_result'), headers);
  assert.deepEqual(result, { reference: customer.reference, status: 'success', amount: '3', currency: 'GHS' });
  assert.throws(() => new Webhook(merchant.webhook_secret).verify(url.searchParams.get('epay_result').replace('"3"', '"4"'), headers));
});

test('a checkout of the API leads back as well, and a wrong address is refused', async () => {
  const { customer } = await checkout({ redirect_url: 'https://shop.example.com/thanks' });
  await customer.send('cancel');
  const answer = await request(`${epay.url}/checkout/${customer.token}/return`);
  assert.match(new URL(answer.headers.location).searchParams.get('epay_result'), /"status":"failed"/);
  for (const redirect_url of ['javascript:alert(1)', 'shop.example.com', 'https://'.padEnd(1100, 'a')]) {
    const refused = await client.post('/api/v1/charge/token', { reference: newReference(), amount: 1, customer_name: 'a', customer_email: 'a@b.c', customer_telephone: '1', redirect_url });
    assert.equal(refused.status, 400, redirect_url);
    assert.equal(refused.json.errors[0].field, 'redirect_url');
  }
});

test('a receipt by mail, to the payer only and not too often', async () => {
  const { customer } = await checkout();
  await momo(customer, wallets.good);
  await customer.until('paid');
  for (let i = 0; i < 3; i += 1) {
    await customer.send('receipt');
    assert.equal(customer.status, 200);
    assert.match(customer.text, /on its way to your mailbox/);
  }
  await customer.send('receipt');
  assert.equal(customer.status, 429);
});

test('a number is not asked more often than five times in ten minutes', async () => {
  const strict = await startEpay({ database: newDatabase() });
  try {
    const other = await createMerchant(strict.database);
    const page = await createPage(strict.database, other, { name: 'Strict', amount: { kind: 'fixed', fixed: '1' } });
    const ask = async (number) => {
      const customer = await new Customer(strict).open(`/pay/${page.slug}`);
      await customer.send(undefined, { ...payer, method: 'momo', number });
      return customer.send('pay');
    };
    for (let i = 0; i < 5; i += 1) assert.equal((await ask('0247654321')).status, 200);
    const refused = await ask('0247654321');
    assert.equal(refused.status, 429);
    assert.match(refused.text, /asked often enough for now. Please wait \d+ min/);
    assert.equal((await ask('0247654322')).status, 200);
  } finally {
    await strict.end();
  }
});

test('hostile forms are answered, and change nothing', async () => {
  const { customer } = await checkout();
  const url = customer.url.href;
  const bodies = ['', 'action=', 'action=pay', 'action=pay&attempt=99&method=momo&number=0241234567&network=mtn', '%zz', 'a=%ff', 'action=pay&attempt=1&method=gold', 'action=pay&attempt=1&method=momo&number=1&network=nobody', 'action=code&code=1', 'action=resend', 'action=receipt', 'x'.repeat(100_000)];
  for (const body of bodies) {
    const answer = await request(url, { method: 'POST', body: Buffer.from(body), headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' } });
    assert.ok([303, 400, 422].includes(answer.status), `${body.slice(0, 60)}: ${answer.status}`);
  }
  await customer.open(url);
  assert.equal(customer.state, 'choosing');
});

test('a killed process loses no checkout: one charge, shown as it is', async () => {
  const store = newDatabase();
  let running = await startEpay({ database: store, delay: '200ms' });
  const other = await createMerchant(store);
  const page = await createPage(store, other, { name: 'Killed', amount: { kind: 'fixed', fixed: '1' } });
  const customer = await new Customer(running).open(`/pay/${page.slug}`);
  await customer.send(undefined, { ...payer, method: 'momo' });
  const { target, body } = customer.bodyOf('pay');
  const pressed = request(target, { method: 'POST', body, headers: { accept: 'text/html' } }).catch(() => {});
  await sleep(20);
  await running.kill9();
  await pressed;
  running = await startEpay({ database: store, delay: '200ms' });
  customer.epay = running;
  await customer.open(`/checkout/${customer.token}`);
  if (customer.state === 'confirming') await customer.send('pay');
  await customer.until('paid');
  await running.end();
  await verify(store);
});
