// A merchant's page of another origin, with /js/inline.js and the payment page as they are: the whole payment within the modal.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createPage, payer } from '../e2e/checkout.mjs';
import { createMerchant, eventually, newReference, signIn, startEpay } from '../e2e/harness.mjs';
import { accessible, looks, open } from './browser.mjs';
import { link, merchantSite } from './inline_pages.mjs';

let epay;
let merchant;
let site;
before(async () => {
  epay = await startEpay();
  merchant = await createMerchant(epay.database);
  site = await merchantSite();
});
after(async () => {
  site.close();
  await epay.end();
});

// A merchant's page with this in it, whose buttons' events and callbacks end in `window.told`.
async function visit(t, content, options = {}) {
  const script = `<script>window.told = [];
    window.tell = (name) => (detail) => told.push([name, detail.code ?? detail.status, detail.reference ?? null]);
    for (const name of ['success', 'close', 'error']) addEventListener('epay:' + name, ({ detail }) => tell(name)(detail));</script>`;
  const address = site.show(`<main><h1>Shop</h1>${content}</main>${script}<script src="${epay.url}/js/inline.js"></script>`);
  return open(t, address, { ...options, origins: [epay.url] });
}

const heard = (page, count) => eventually(`${count} events`, async () => {
  const told = await page.evaluate(() => window.told);
  return told.length >= count && told;
});
const frameOf = (page) => page.frameLocator('iframe[title="Payment page"]');
const settings = (more = {}) => ({ name: `Concert ${newReference()}`, amount: { kind: 'fixed', fixed: '22.50' }, ...more });
const newPage = async (more) => (await createPage(epay.database, merchant, settings(more))).slug;

async function fillIn(frame) {
  for (const field of ['name', 'email', 'telephone']) await frame.locator(`#${field}`).fill(payer[field]);
  await frame.locator('form button.main').click();
  await frame.locator('main[data-state=confirming] button.main').click();
}

test('a customer pays on a phone, and the shop hears of it', async (t) => {
  const page = await visit(t, link({ origin: epay.url }, await newPage()), { size: 'phone' });
  await page.getByRole('button', { name: 'Pay Now' }).click();
  const frame = frameOf(page);
  await frame.locator('#name').waitFor();
  await accessible(page);
  await looks(page, 'inline-real', { whole: false });
  await fillIn(frame);
  await frame.locator('main[data-state=paid]').waitFor();
  const [[name, status, reference]] = await heard(page, 1);
  assert.deepEqual([name, status], ['success', 'success']);
  assert.match(reference, /^EP-[A-Za-z0-9]{11}$/);
  await accessible(page);
  await frame.locator('[data-close]').click();
  assert.deepEqual(await heard(page, 2), [['success', 'success', reference], ['close', 'success', reference]]);
  assert.equal(await (await signIn(epay, merchant)).settled(reference), 'success');
});

test('whoever closes it in the middle is asked, and the shop hears that it is pending', async (t) => {
  const page = await visit(t, link({ origin: epay.url }, await newPage()));
  await page.getByRole('button', { name: 'Pay Now' }).click();
  const frame = frameOf(page);
  await frame.locator('#telephone').waitFor();
  for (const [field, value] of Object.entries({ ...payer, telephone: '0240000453' })) await frame.locator(`#${field}`).fill(value);
  await frame.locator('form button.main').click();
  await frame.locator('main[data-state=confirming] button.main').click();
  await frame.locator('main[data-state=waiting]').waitFor();
  // Within the frame, whose keys the shop's page does not see.
  await frame.locator('main').press('Escape');
  const question = page.getByRole('alertdialog', { name: 'Your payment is under way' });
  await question.getByRole('button', { name: 'Close' }).click();
  const [[name, status, reference]] = await heard(page, 1);
  assert.deepEqual([name, status], ['close', 'pending']);
  assert.match(reference, /^EP-/);
});

test('a checkout token of the API opens in it', async (t) => {
  const api = await signIn(epay, merchant);
  const reference = newReference('order');
  const { json } = await api.post('/api/v1/charge/token', {
    reference,
    amount: 5,
    customer_name: payer.name,
    customer_email: payer.email,
    customer_telephone: payer.telephone,
  });
  const page = await visit(t, '');
  await page.evaluate((token) => void (window.handle = window.Epay.open({ token, onClose: window.tell('onClose') })), json.token);
  await frameOf(page).getByText('GHS 5.00').first().waitFor();
  await eventually('the modal to be ready', () => page.locator('dialog.shown').count());
  await page.evaluate(() => window.handle.close());
  const [[, status, told]] = await heard(page, 1);
  assert.ok(['none', 'pending'].includes(status), status);
  assert.ok(told === null || told === reference, told);
});

for (const [what, embedding, opens] of [
  ['nowhere', () => ({ embedding: 'nowhere' }), false],
  ['on another site', () => ({ embedding: 'listed', embed_origins: ['https://shop.example.com'] }), false],
  ['on this site', () => ({ embedding: 'listed', embed_origins: [site.origin] }), true],
]) {
  test(`a page that may be shown ${what} ${opens ? 'opens' : 'does not open'}`, async (t) => {
    const expected = opens ? [] : [/frame-ancestors/, /did not open within the modal/, /request failed/];
    const page = await visit(t, link({ origin: epay.url }, await newPage(embedding())), { expected });
    await page.getByRole('button', { name: 'Pay Now' }).click();
    if (opens) return frameOf(page).locator('#name').waitFor();
    await page.getByRole('link', { name: 'Open it in a new tab' }).waitFor();
    assert.deepEqual(await heard(page, 1), [['error', 'frame_failed', null]]);
  });
}
