// The test phone: a person who plays the customer, as a browser without JavaScript does.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  askStore, createMerchant, eventually, momoCharge, newReference, receiver, request, signIn, sleep, startEpay, verify,
} from './harness.mjs';

let epay, hook, merchants, client;

before(async () => {
  epay = await startEpay({ delay: '20ms' });
  hook = await receiver();
  merchants = [await createMerchant(epay.database, { webhook: hook.url }), await createMerchant(epay.database)];
  client = await signIn(epay, merchants[0]);
});
after(async () => {
  await epay?.end();
  await hook?.close();
  if (epay) await verify(epay.database);
});

let numbers = 0;
const newNumber = (start = '02400009') => `${start}${String(numbers++).padStart(2, '0')}`;
const addressOf = (number) => `${epay.url}/simulator/phone/${number}`;
const plain = (html) => html.replace(/<[^>]*>/g, ' ').replace(/&nbsp;|\u00a0|\u202f/g, ' ').replace(/\s+/g, ' ');

async function look(number) {
  const page = await request(addressOf(number));
  assert.equal(page.status, 200, page.text);
  const prompt = page.text.match(/<form[^>]*class="ussd"[^]*?<\/form>/)?.[0];
  return { headers: page.headers, text: page.text, words: plain(page.text), prompt, reference: prompt?.match(/name="reference" value="([^"]*)"/)[1] };
}

// Presses a button: {status, location}.
async function act(number, fields) {
  const { status, headers } = await request(addressOf(number), { method: 'POST', body: new URLSearchParams(fields) });
  return { status, location: headers.location };
}

async function press(number, action, fields = {}) {
  const { reference } = await look(number);
  assert.ok(reference, 'there is a prompt');
  assert.deepEqual(await act(number, { action, reference, ...fields }), { status: 303, location: `/simulator/phone/${number}` });
}

async function charge(number, fields = {}, by = client) {
  const wanted = momoCharge({ mobile_wallet_number: number, ...fields });
  const answer = await by.post('/api/v1/charge', wanted);
  assert.equal(answer.status, 200, answer.text);
  return { ...wanted, answer: answer.json };
}

const statusOf = async (reference) => (await client.get(`/api/v1/transactions/${reference}`)).json.transaction.status;

test('approve: the payment waits for the PIN, and then it is paid', async () => {
  const number = newNumber();
  assert.match((await look(number)).words, /No payment waits for you/);
  const { reference } = await charge(number, { amount: 1250.5, payment_description: 'Two <b>tickets</b>' });
  await sleep(100);
  assert.equal(await statusOf(reference), 'pending');
  const shown = await look(number);
  assert.match(plain(shown.prompt), /To Merchant 1 Amount GHS 1,250\.50 For Two &lt;b&gt;tickets&lt;\/b&gt;/);
  assert.match(shown.headers['content-security-policy'], /default-src 'none'; script-src 'nonce-/);
  assert.equal(shown.headers['cache-control'], 'no-store');

  for (const pin of ['', '12', '12345', 'abcd']) {
    assert.equal((await act(number, { action: 'approve', reference: shown.reference, pin })).location, `/simulator/phone/${number}?problem=pin`, pin);
  }
  assert.match((await request(`${addressOf(number)}?problem=pin`)).text, /A PIN has four digits/);
  assert.equal(await statusOf(reference), 'pending');

  await press(number, 'approve', { pin: '1234' });
  const began = Date.now();
  assert.equal(await client.settled(reference), 'success');
  assert.ok(Date.now() - began < 2_000, 'without waiting for a poll');
  assert.equal((await hook.arrived(1, reference))[0].json.success, true);
  assert.match((await look(number)).words, /You have paid GHS 1,250\.50 to Merchant 1\./);
  assert.equal((await act(number, { action: 'approve', reference: shown.reference, pin: '1234' })).location, `/simulator/phone/${number}?problem=gone`);
});

test('decline', async () => {
  const number = newNumber();
  const { reference } = await charge(number);
  await press(number, 'decline');
  assert.equal(await client.settled(reference), 'failed');
  assert.match((await look(number)).words, /You have not paid GHS 1\.00 to Merchant 1: you declined\./);
});

test('mistype: three wrong PINs end it', async () => {
  const number = newNumber();
  const { reference } = await charge(number);
  await press(number, 'approve', { pin: '0000' });
  assert.match((await look(number)).words, /Wrong PIN\. Tries left: 2\./);
  await press(number, 'approve', { pin: '0000' });
  assert.match((await look(number)).words, /Wrong PIN\. Tries left: 1\./);
  assert.equal(await statusOf(reference), 'pending');
  await press(number, 'approve', { pin: '0000' });
  assert.equal(await client.settled(reference), 'failed');
  assert.match((await look(number)).words, /the PIN was wrong three times/);
});

test('ignore: it stays open, can be shown again, and expires at last', async () => {
  const number = newNumber();
  const { reference } = await charge(number);
  const { reference: shown } = await look(number);
  await press(number, 'put_off');
  const ignored = await look(number);
  assert.equal(ignored.prompt, undefined);
  assert.match(ignored.words, /Ignored: GHS 1\.00 to Merchant 1\. Show it again/);
  assert.equal(await statusOf(reference), 'pending');
  await act(number, { action: 'take_up', reference: shown });
  assert.equal((await look(number)).reference, shown);
  await press(number, 'put_off');

  // Five minutes pass, as far as the network's books are concerned.
  await epay.stop();
  askStore(epay.database, `UPDATE simulator_orders SET decides_at = created_at WHERE reference = '${shown}'`);
  await restart();
  assert.equal(await client.settled(reference), 'failed');
  assert.match((await look(number)).words, /the request has expired/);
});

async function restart() {
  epay = await startEpay({ delay: '20ms', database: epay.database });
  client = client.at(epay);
}

test('a crash in the middle: the phone shows the same, and the payment goes on', async () => {
  const number = newNumber(), held = '0551234567';
  await act(held, { action: 'take' });
  const first = await charge(number), second = await charge(held);
  await press(number, 'approve', { pin: '0000' });
  await epay.kill9();
  await restart();
  const shown = await look(number);
  assert.match(shown.words, /Tries left: 2/);
  assert.match((await look(held)).words, /wait for you until/);
  await press(number, 'approve', { pin: '4321' });
  await press(held, 'approve', { pin: '4321' });
  assert.equal(await client.settled(first.reference), 'success');
  assert.equal(await client.settled(second.reference), 'success');
  await act(held, { action: 'put_down' });
});

test("another merchant's prompt on the same number", async () => {
  const number = newNumber();
  const other = await signIn(epay, merchants[1]);
  const first = await charge(number, { amount: 5 });
  const second = await charge(number, { amount: 7 }, other);
  const shown = await look(number);
  assert.match(plain(shown.prompt), /To Merchant 1 Amount GHS 5\.00[^]*Behind it: 1\./);
  await press(number, 'decline');
  assert.equal(await client.settled(first.reference), 'failed');
  assert.match(plain((await look(number)).prompt), /To Merchant 2 Amount GHS 7\.00/);
  await press(number, 'approve', { pin: '1111' });
  assert.equal(await other.settled(second.reference), 'success');
  assert.equal((await act(newNumber(), { action: 'approve', reference: shown.reference, pin: '1234' })).location.split('?')[1], 'problem=gone', 'of another phone');
});

test('vouchers: Telecel’s phone makes the code that the payment wants', async () => {
  const number = newNumber('02000009');
  const pay = (voucher) => charge(number, { mobile_wallet_network: 'telecel', voucher });
  const wrong = await pay('123456');
  assert.equal(await client.settled(wrong.reference), 'failed');
  assert.match((await look(number)).words, /the voucher was wrong, used or too old/);
  await act(number, { action: 'voucher' });
  const voucher = (await look(number)).words.match(/Your voucher is (\d{6})\. It pays once/)[1];
  const right = await pay(voucher);
  assert.equal(await client.settled(right.reference), 'success');
  assert.match((await look(number)).words, new RegExp(`Your voucher ${voucher} has been used`));
  assert.equal(await client.settled((await pay(voucher)).reference), 'failed', 'it pays once');
  for (let i = 0; i < 5; i += 1) await act(number, { action: 'voucher' });
  assert.equal((await act(number, { action: 'voucher' })).location, `/simulator/phone/${number}?problem=vouchers`);
  assert.equal((await act(newNumber(), { action: 'voucher' })).status, 400, 'MTN has none');
});

test('an OTP comes by SMS, then the prompt', async () => {
  const number = '0240000990';
  const paid = await charge(number);
  assert.equal(paid.answer.data.next_action, 'submit_input', JSON.stringify(paid.answer));
  const sms = await look(number);
  assert.equal(sms.prompt, undefined);
  const code = sms.words.match(/(\d{6}) is your code to pay GHS 1\.00 to Merchant 1\./)[1];
  const submit = (reference, input) => client.post(`/api/v1/transactions/${reference}/input`, { input });
  assert.equal((await submit(paid.reference, code)).status, 200);
  await press(number, 'approve', { pin: '2468' });
  assert.equal(await client.settled(paid.reference), 'success');

  const mistyped = await charge(number);
  await submit(mistyped.reference, code);
  assert.equal(await client.settled(mistyped.reference), 'failed', 'a code is for one payment');
  assert.match((await look(number)).words, /the code was wrong/);
});

test('any number waits while it is in hand, and its own way afterwards', async () => {
  const number = '0240000451';
  assert.match((await look(number)).words, /decided without you/);
  await act(number, { action: 'take' });
  const taken = await charge(number);
  await press(number, 'approve', { pin: '1234' });
  assert.equal(await client.settled(taken.reference), 'success');
  await act(number, { action: 'put_down' });
  assert.equal(await client.settled((await charge(number)).reference), 'failed', 'it rejects again');
});

test('money that is sent to it shows as received', async () => {
  const number = newNumber();
  assert.equal(await client.settled((await charge('0241234567', { amount: 100 })).reference), 'success');
  const payout = { reference: newReference('P'), amount: 12.5, payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: number, payout_description: 'Wages' };
  const answer = await client.post('/api/v1/payout', payout);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(await client.settled(payout.reference), 'success');
  assert.match((await look(number)).words, /You have received GHS 12\.50 from Merchant 1\./);
});

test('the live page hears of what is new', async () => {
  const number = newNumber();
  const state = async () => (await request(`${addressOf(number)}/state`)).text;
  const before = await state();
  assert.match(before, /^[0-9a-f]{16}$/);
  assert.equal(await state(), before);
  assert.match((await look(number)).text, new RegExp(`data-version="${before}"`));
  await charge(number);
  const during = await eventually('another state', async () => (await state()) !== before && (await state()));
  await press(number, 'approve', { pin: '0000' });
  assert.notEqual(await state(), during);
});

test('numbers are chosen, and wrong ones refused beside the field', async () => {
  const choose = (query) => request(`${epay.url}/simulator/phone${query}`);
  const start = await choose('');
  assert.equal(start.status, 200);
  for (const number of ['024 000 0900', '020 000 0900', '027 000 0900']) assert.ok(plain(start.text).includes(number), number);
  assert.equal((await choose('?number=%2B233%2024%20000%200900')).headers.location, '/simulator/phone/0240000900');
  assert.equal((await request(addressOf('+233240000900'))).headers.location, '/simulator/phone/0240000900');
  const wrong = await choose(`?number=${encodeURIComponent('"><script>alert(1)</script>')}`);
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /aria-invalid="true"/);
  assert.ok(wrong.text.includes('value="&quot;&gt;&lt;script&gt;alert(1)'), 'what was typed is kept');
  assert.equal((await request(addressOf('12'))).status, 404);
  assert.equal((await request(`${addressOf('12')}/state`)).status, 404);
  const number = newNumber();
  assert.equal((await act(number, { action: 'explode' })).status, 400);
  assert.equal((await act(number, {})).status, 400);
  assert.equal((await act('12', { action: 'take' })).status, 404);
  assert.equal((await act(number, { action: 'approve', reference: "' OR 1=1", pin: '1234' })).location, `/simulator/phone/${number}?problem=gone`);
  assert.doesNotMatch((await request(`${addressOf(number)}?problem=%3Cscript%3E`)).text, /role="alert"/);
  const french = await request(addressOf(number), { headers: { 'accept-language': 'fr' } });
  assert.match(french.text, /<html lang="fr">[^]*Aucun paiement ne vous attend/);
});

test('its QR codes lead to it, says another program', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'epay-qr-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const number = newNumber();
  const read = (file) => execFileSync('zbarimg', ['-q', '--raw', '--nodbus', file], { encoding: 'utf8' }).trim();
  const drawn = path.join(folder, 'drawn.png');
  const draw = (svg) => execFileSync('rsvg-convert', ['-w', '600', '-o', drawn], { input: svg });
  draw((await look(number)).text.match(/<svg xmlns[^]*?<\/svg>/)[0]);
  assert.equal(read(drawn), addressOf(number), 'of the page');
  const svg = await request(`${addressOf(number)}/qr.svg`);
  assert.equal(svg.headers['content-type'], 'image/svg+xml');
  assert.match(svg.headers['content-disposition'], new RegExp(`^attachment; filename="phone-${number}\\.svg"$`));
  draw(svg.text);
  assert.equal(read(drawn), addressOf(number), 'as SVG');
  const png = execFileSync('curl', ['-s', `${addressOf(number)}/qr.png`]);
  writeFileSync(drawn, png);
  assert.equal(read(drawn), addressOf(number), 'as PNG');
});
