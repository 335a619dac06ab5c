// The test phone in a browser: two windows, one of which is the customer's handset.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createMerchant, momoCharge, signIn, startEpay } from '../e2e/harness.mjs';
import { accessible, looks, open } from './browser.mjs';

let epay;
let merchant;
before(async () => {
  epay = await startEpay({ delay: '20ms' });
  merchant = await signIn(epay, await createMerchant(epay.database));
});
after(async () => {
  await epay.end();
});

let numbers = 0;
const newNumber = () => `02000009${String((numbers += 1)).padStart(2, '0')}`;
const addressOf = (number) => `${epay.url}/simulator/phone/${number}`;

async function charge(number, fields = {}) {
  const wanted = momoCharge({ mobile_wallet_number: number, amount: 1250.5, ...fields });
  const { status, text } = await merchant.post('/api/v1/charge', wanted);
  assert.equal(status, 200, text);
  return wanted.reference;
}

const prompt = (page) => page.getByRole('heading', { name: 'Payment request' });

test('live: the prompt comes by itself, the keys type, the money goes', async (t) => {
  const number = newNumber();
  const page = await open(t, addressOf(number), { size: 'phone' });
  await page.locator('.idle').waitFor();
  const reference = await charge(number);
  await prompt(page).waitFor();
  await page.getByText('GHS 1,250.50').first().waitFor();
  for (const key of ['1', '2', '9']) await page.locator('.keys button', { hasText: key }).click();
  await page.locator('[data-key=back]').click();
  // What was typed stays when something else changes.
  await charge(number);
  await page.getByText('Behind it: 1.').waitFor();
  assert.equal(await page.locator('#pin').inputValue(), '12');
  for (const key of ['3', '4', '5']) await page.locator('.keys button', { hasText: key }).click();
  assert.equal(await page.locator('#pin').inputValue(), '1234', 'no more than four');
  await page.locator('[data-key=send]').click();
  assert.equal(await merchant.settled(reference), 'success');
  await page.getByText('You have paid GHS 1,250.50').first().waitFor();
});

test('without JavaScript: by the buttons of its forms', async (t) => {
  const number = newNumber();
  const [declined, paid] = [await charge(number), await charge(number)];
  const page = await open(t, addressOf(number), { size: 'phone', scripts: false });
  await page.getByRole('button', { name: 'Decline' }).click();
  assert.equal(await merchant.settled(declined), 'failed');
  await page.getByLabel('Enter your PIN to approve').fill('0000');
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByText('Wrong PIN. Tries left: 2.').waitFor();
  assert.equal(await page.locator('.keys').isVisible(), false, 'keys that could not type are not shown');
  await page.getByRole('button', { name: 'Ignore it for now' }).click();
  await page.getByRole('button', { name: 'Show it again' }).click();
  await page.getByLabel('Enter your PIN to approve').fill('4711');
  await page.getByRole('button', { name: 'Approve' }).click();
  assert.equal(await merchant.settled(paid), 'success');
});

test('by keyboard alone', async (t) => {
  const number = newNumber();
  const reference = await charge(number);
  const page = await open(t, addressOf(number));
  while ((await page.evaluate(() => document.activeElement.id)) !== 'pin') await page.keyboard.press('Tab');
  await page.keyboard.type('1234');
  await page.keyboard.press('Enter');
  assert.equal(await merchant.settled(reference), 'success');
});

test('a number is taken in hand, kept and put down', async (t) => {
  const page = await open(t, `${epay.url}/simulator/phone`, { size: 'phone' });
  await page.getByLabel('Mobile number').fill('+233 55 123 4567');
  await page.getByRole('button', { name: 'Pick up', exact: true }).click();
  await page.getByText('decided without you').waitFor();
  await page.getByRole('button', { name: 'Pick it up for an hour' }).click();
  await page.getByText('wait for you until').waitFor();
  await page.getByRole('button', { name: 'Put it down' }).click();
  await page.getByText('decided without you').waitFor();
});

test('vouchers', async (t) => {
  const page = await open(t, addressOf(newNumber()), { size: 'narrow' });
  await page.getByRole('button', { name: 'Make a voucher' }).click();
  await page.getByText(/Your voucher is \d{6}/).first().waitFor();
});

test('axe finds nothing, and it fits every screen', async (t) => {
  const number = newNumber();
  const page = await open(t, addressOf(number), { expected: [/404/, /422/] });
  await accessible(page);
  await looks(page, 'test-phone-idle');
  await charge(number);
  await page.reload();
  await page.getByRole('button', { name: 'Decline' }).click();
  await charge(number, { payment_description: 'x'.repeat(200) });
  await charge(number);
  await page.reload();
  await page.getByLabel('Enter your PIN to approve').fill('0000');
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByText('Wrong PIN').waitFor();
  await page.getByText('Hold it on your own phone').click();
  await accessible(page);
  await looks(page, 'test-phone');
  await page.getByRole('button', { name: 'Ignore it for now' }).click();
  await page.getByRole('button', { name: 'Show it again' }).waitFor();
  await accessible(page);

  await page.goto(`${epay.url}/simulator/phone`);
  await accessible(page);
  await looks(page, 'test-phone-choice');
  assert.equal((await page.goto(addressOf('12'))).status(), 404);
  await accessible(page);
  assert.equal((await page.goto(`${epay.url}/simulator/phone?number=12`)).status(), 422);
  await accessible(page);
});
