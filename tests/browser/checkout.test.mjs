// The checkout in a real browser: what its script adds to forms that work without it, and that everybody can use it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createPage, Customer, payer } from '../e2e/checkout.mjs';
import { createMerchant, newDatabase, startEpay, wallets } from '../e2e/harness.mjs';
import { accessible, fits, lighthouse, looks, open } from './browser.mjs';
import { merchantSite } from './inline_pages.mjs';

const leastScore = 98;

let epay;
let page;
let merchant;
const database = newDatabase();

before(async () => {
  merchant = await createMerchant(database);
  epay = await startEpay({ database, delay: '700ms', args: ['--prompt-limit', '0'] });
  page = await createPage(database, merchant, {
    name: 'Ag lounge', description: 'Two drinks and a seat by the sea.', success_message: 'See you on Saturday!',
    amount: { kind: 'choices', choices: ['20', '50', '100'], other: true, least: '5' },
    fields: [{ label: 'T-shirt size', kind: 'choice', required: true, choices: ['S', 'M'] }, { label: 'I agree', kind: 'checkbox', required: true }],
  });
});
after(() => epay?.end());

const pick = (checkout, name) => checkout.getByRole('radio', { name, exact: true }).check();

async function fill(checkout, { number = '' } = {}) {
  await pick(checkout, 'GHS 50.00');
  await checkout.getByLabel('Full name').fill(payer.name);
  await checkout.getByLabel('Email').fill(payer.email);
  await checkout.getByLabel('Phone', { exact: true }).fill(payer.telephone);
  await checkout.getByLabel('T-shirt size').selectOption('M');
  await checkout.getByLabel('I agree').check();
  if (number) await checkout.getByLabel('Mobile money number').fill(number);
}

// A checkout in a state, reached without a browser: its address.
async function reach(number, ...steps) {
  const customer = await new Customer(epay).open(`/pay/${page.slug}`);
  await customer.send(undefined, { ...payer, choice: '50', field_0: 'M', field_1: 'yes', method: number === 'card' ? 'card' : 'momo', number: number === 'card' ? '' : number });
  for (const step of steps) await (step === 'pay' || step === 'cancel' ? customer.send(step) : customer.until(step));
  return epay.url + customer.url.pathname;
}

test('from the form to the receipt, live, and the focus goes along', async (t) => {
  const checkout = await open(t, `${epay.url}/pay/${page.slug}`, { size: 'phone' });
  assert.equal(await checkout.getByText('Another amount').count(), 1);
  assert.equal(await checkout.locator('#typed').isVisible(), false);
  await pick(checkout, 'Other');
  assert.equal(await checkout.locator('#typed').isVisible(), true);
  await fill(checkout);
  assert.equal(await checkout.locator('[name=network]:checked').inputValue(), 'mtn', 'guessed from the phone');
  await checkout.getByLabel('Mobile money number').fill('0271234567');
  assert.equal(await checkout.locator('[name=network]:checked').inputValue(), 'airteltigo', 'guessed from the number');
  await pick(checkout, 'Telecel Cash');
  await checkout.getByLabel('Mobile money number').fill('0241234567');
  assert.equal(await checkout.locator('[name=network]:checked').inputValue(), 'telecel', 'the customer has chosen');
  await pick(checkout, 'MTN MoMo');
  await pick(checkout, 'Card');
  assert.equal(await checkout.getByLabel('Mobile money number').isVisible(), false);
  await pick(checkout, 'Mobile money');
  await checkout.getByRole('button', { name: 'Proceed to Payment' }).click();
  await checkout.getByRole('heading', { name: 'Check your number' }).waitFor();
  await checkout.getByRole('button', { name: 'Send the prompt' }).dblclick();
  await checkout.getByRole('heading', { name: 'Paid' }).waitFor();
  assert.equal(await checkout.evaluate(() => document.activeElement.textContent), 'Paid');
  assert.equal(await checkout.title(), 'Paid');
  await checkout.getByText('See you on Saturday!').waitFor();
  await checkout.getByRole('button', { name: 'Print' }).waitFor();
  await checkout.reload();
  await checkout.getByRole('heading', { name: 'Paid' }).waitFor();
});

test('waiting: a countdown, help, and the failure when it comes', async (t) => {
  const checkout = await open(t, await reach('0240000451', 'pay'), { size: 'narrow' });
  await checkout.getByText('The payment did not go through.').waitFor();
  assert.match(await checkout.evaluate(() => document.activeElement.textContent), /It was declined on the phone/);
  const waiting = await open(t, await reach(wallets.neverDecides, 'pay'), { size: 'narrow' });
  await waiting.getByText(/^4:\d\d$/).waitFor();
  await waiting.getByText('No prompt on your phone?').click();
  await waiting.getByText('Dial *170#').waitFor();
  await fits(waiting);
});

test('a card: the script goes on to the bank by itself, and the bank leads back', async (t) => {
  const checkout = await open(t, `${epay.url}/pay/${page.slug}`);
  await fill(checkout);
  await pick(checkout, 'Card');
  await checkout.getByRole('button', { name: 'Proceed to Payment' }).click();
  await checkout.getByRole('button', { name: 'Approve' }).click();
  await checkout.getByRole('heading', { name: 'Paid' }).waitFor();
});

test('by keyboard alone', async (t) => {
  const checkout = await open(t, `${epay.url}/pay/${page.slug}`);
  const press = async (...keys) => {
    for (const key of keys) await checkout.keyboard.press(key);
  };
  const type = (text) => checkout.keyboard.type(text);
  await checkout.locator('[name=choice]').first().focus();
  await press('Space', 'Tab');
  await type(payer.name);
  await press('Tab');
  await type(payer.email);
  await press('Tab');
  await type(payer.telephone);
  await press('Tab');
  await type('S');
  await press('Tab', 'Space', 'Tab', 'Enter');
  await checkout.getByRole('heading', { name: 'Check your number' }).waitFor();
});

test('shown by a merchant’s site: it tells what happens, to that site alone', async (t) => {
  const site = await merchantSite();
  t.after(() => site.close());
  const address = site.show(`<script src="${epay.url}/js/inline.js"></script><button id="buy">Buy</button><script>
    window.heard = [];
    document.querySelector('#buy').onclick = () => Epay.open({ page: '${page.slug}', language: 'en',
      onSuccess: (standing) => heard.push(['success', standing]), onClose: (standing) => heard.push(['close', standing]) });</script>`);
  const shop = await open(t, address, { origins: [epay.url] });
  await shop.getByRole('button', { name: 'Buy' }).click();
  const frame = shop.frameLocator('iframe');
  await fill(frame);
  await frame.getByRole('button', { name: 'Proceed to Payment' }).click();
  await frame.getByRole('button', { name: 'Send the prompt' }).click();
  await frame.getByRole('heading', { name: 'Paid' }).waitFor();
  await frame.getByRole('button', { name: 'Done' }).click();
  await shop.waitForFunction(() => window.heard.length === 2);
  const heard = await shop.evaluate(() => window.heard);
  assert.deepEqual(heard.map(([name, { status }]) => [name, status]), [['success', 'success'], ['close', 'success']]);
  assert.match(heard[0][1].reference, /^EP-/);
});

const states = {
  form: () => `${epay.url}/pay/${page.slug}`,
  confirm: () => reach('0241234567'),
  voucher: () => reach('0201234567'),
  waiting: () => reach(wallets.neverDecides, 'pay'),
  code: () => reach(wallets.wantsInput, 'pay'),
  refused: () => reach(wallets.refusedAtOnce, 'pay'),
  receipt: () => reach('0241234567', 'pay', 'paid'),
  ended: () => reach('0241234567', 'cancel'),
};
for (const [name, address] of Object.entries(states)) {
  test(`${name}: for everybody, at every size, in both schemes`, async (t) => {
    const checkout = await open(t, await address(), { size: 'phone' });
    await accessible(checkout);
    await looks(checkout, `checkout-${name}`);
  });
}

test('Lighthouse', async () => {
  for (const url of [states.form(), await states.confirm()]) {
    const scores = await lighthouse(url, { runs: 5, enough: leastScore });
    for (const category of ['performance', 'accessibility', 'best-practices'])
      assert.ok(scores[category] >= leastScore, `${url}: ${category} ${scores[category]}, lost: ${scores.lost}`);
  }
});
