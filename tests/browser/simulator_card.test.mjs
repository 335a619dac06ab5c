// The simulator's card page: a card payment, approved and declined, as a customer sees it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createMerchant, momoCharge, signIn, startEpay } from '../e2e/harness.mjs';
import { accessible, looks, open } from './browser.mjs';

let epay;
let merchant;
before(async () => {
  epay = await startEpay();
  merchant = await signIn(epay, await createMerchant(epay.database));
});
after(async () => {
  await epay.end();
});

// A card payment that waits for its customer: {reference, url}.
async function cardPayment() {
  const charge = momoCharge({ payment_method: 'card', amount: 1250.5 });
  const { status, text, json } = await merchant.post('/api/v1/charge', charge);
  assert.equal(status, 200, text);
  return { reference: charge.reference, url: json.data.redirect_url };
}

for (const [button, message, status] of [
  ['Approve', 'Approved. You can close this page.', 'success'],
  ['Decline', 'Declined. No money has moved.', 'failed'],
]) {
  for (const scripts of [true, false]) {
    test(`${button}, ${scripts ? 'with' : 'without'} JavaScript`, async (t) => {
      const { reference, url } = await cardPayment();
      const page = await open(t, url, { size: 'phone', scripts });
      await page.getByText('GHS 1,250.50').waitFor();
      await page.getByRole('button', { name: button }).click();
      assert.equal(await page.getByRole('status').innerText(), message);
      assert.equal(await merchant.settled(reference), status);
    });
  }
}

test('axe finds nothing, neither before nor after, nor where there is nothing', async (t) => {
  const { url } = await cardPayment();
  const page = await open(t, url, { size: 'phone', expected: [/404/] });
  await accessible(page);
  await page.getByRole('button', { name: 'Decline' }).click();
  await page.getByRole('status').waitFor();
  await accessible(page);
  assert.equal((await page.goto(`${url}x`)).status(), 404);
  await accessible(page);
});

test('it fits every screen', async (t) => {
  await looks(await open(t, (await cardPayment()).url), 'simulator-card');
});

test('by keyboard alone', async (t) => {
  const { reference, url } = await cardPayment();
  const page = await open(t, url);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('status').waitFor();
  assert.equal(await merchant.settled(reference), 'success');
});
