// The dashboard's pages of money as people see them: every page fits every screen, axe finds nothing, and all of it works
// by hand, live and without JavaScript.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually, momoCharge, newReference, receiver, signIn, startEpay, wallets } from '../e2e/harness.mjs';
import { shop } from '../e2e/people.mjs';
import { accessible, looks, open } from './browser.mjs';

let epay, sink, owner, api;
before(async () => {
  sink = await receiver();
  epay = await startEpay();
  const created = await shop(epay);
  owner = created.owner;
  api = await signIn(epay, created.merchant);
});
after(async () => {
  await epay.end();
  await sink.close();
});

async function openAs(t, who, target, options) {
  const page = await open(t, `${epay.url}/login`, options);
  await page.context().addCookies([...who.cookies].map(([name, value]) => ({ name, value, url: epay.url })));
  await page.goto(epay.url + target);
  return page;
}

async function judge(page, name) {
  await accessible(page);
  await looks(page, `money-${name}`);
}

async function charge(fields = {}) {
  const body = momoCharge({ reference: newReference('order'), ...fields });
  const answer = await api.post('/api/v1/charge', body);
  assert.ok(answer.status < 300, answer.text);
  return body.reference;
}

test('empty pages', async (t) => {
  const page = await openAs(t, owner, '/dashboard');
  for (const name of ['dashboard', 'revenue', 'customers', 'wallet', 'transfers', 'transfers/new', 'transfers/bulk', 'transfers/recipients', 'wallet/statement']) {
    await page.goto(`${epay.url}/${name}`);
    await judge(page, `empty-${name.replaceAll('/', '-')}`);
  }
});

describe('with payments', () => {
  let reference;
  before(async () => {
    const made = await api.post('/api/v1/endpoints', { url: sink.url });
    assert.ok(made.status < 300, made.text);
    const names = ['Ama Mensah', 'Kofi Añu', 'Zoë Quaye', 'Abena Konadu-Yiadom', 'Wolfeschlegelsteinhausenbergerdorff Nana'];
    for (let i = 0; i < 30; i += 1) {
      await charge({
        amount: 12.5 + i * 37, customer_name: names[i % 5], customer_email: `person${i % 5}@example.com`,
        mobile_wallet_number: i % 9 === 4 ? wallets.rejected : wallets.good, payment_description: ['Two tickets', 'School fees, second term', 'Rent'][i % 3],
      });
    }
    reference = await charge({ amount: 1_250.5 });
    await charge({ mobile_wallet_number: wallets.neverDecides, amount: 40 });
    await sink.arrived(1, reference);
  });

  test('a refund, from the payment to its story', async (t) => {
    const refunded = await charge({ amount: 20 });
    await api.settled(refunded);
    const page = await openAs(t, owner, `/revenue?q=${refunded}`);
    await page.click(`text=${refunded}`);
    await page.click('text=Refund');
    await judge(page, 'refund-new');
    await page.fill('[name=amount]', '5');
    await page.click('form button.btn-primary');
    await judge(page, 'refund-confirm');
    await page.click('[name=confirmed]');
    await page.waitForLoadState();
    await judge(page, 'refund');
    assert.match(await page.textContent('main'), /5\.00/);
  });

  test('Home: figures, a chart that tells the day under the pointer, live payments', async (t) => {
    const page = await openAs(t, owner, '/dashboard');
    const chart = page.locator('.home-chart canvas');
    await chart.waitFor();
    const told = page.locator('.home-told');
    const today = await told.textContent();
    const box = await chart.boundingBox();
    await page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
    await eventually('another day to be told', async () => (await told.textContent()) !== today);
    const next = await charge({ amount: 99 });
    await page.getByRole('link', { name: next }).waitFor();
    await judge(page, 'home');
    await page.getByText('As a table').click();
    await judge(page, 'home-table');
  });

  test('Revenue: found and filtered on a phone', async (t) => {
    const page = await openAs(t, owner, '/revenue', { size: 'phone' });
    await judge(page, 'revenue');
    await page.getByRole('searchbox').fill('zoe');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.waitForURL('**/revenue?q=zoe*');
    await judge(page, 'revenue-found');
    await page.getByLabel('Status').selectOption('failed');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL('**status=failed*');
    await page.getByRole('link', { name: 'Clear filters' }).first().click();
    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('link', { name: 'Newer' }).click();
  });

  test('Revenue: what comes in while one looks is announced', async (t) => {
    const page = await openAs(t, owner, '/revenue');
    // The stream stands before the payment is made, or finds it in its first look.
    await charge({ amount: 3 });
    await page.getByRole('link', { name: 'There is something new' }).click();
    await page.waitForURL('**/revenue');
  });

  test("a payment's story", async (t) => {
    const page = await openAs(t, owner, `/revenue?q=${reference}`);
    await page.getByRole('link', { name: reference }).first().click();
    await page.getByText('HTTP 200').first().waitFor();
    await judge(page, 'payment');
    await page.getByText('What is sent').click();
    await judge(page, 'payment-payload');
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('is being sent again').waitFor();
    await sink.arrived(2, reference);
  });

  test('customers and the wallet', async (t) => {
    const page = await openAs(t, owner, '/customers');
    await judge(page, 'customers');
    await page.getByRole('link', { name: 'Kofi Añu' }).click();
    await judge(page, 'customer');
    await page.goto(`${epay.url}/wallet`);
    await judge(page, 'wallet');
    await page.getByText('Statements by month').click();
    await page.locator('.wallet-months a').first().click();
    await judge(page, 'statement');
    assert.equal(await page.getByRole('button', { name: 'Print' }).isVisible(), true);
  });

  for (const scripts of [true, false]) {
    test(`a transfer on a phone, ${scripts ? 'with' : 'without'} JavaScript`, async (t) => {
      const page = await openAs(t, owner, '/transfers/new', { size: 'phone', scripts, expected: [/422/] });
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByText('This is not an amount').waitFor();
      if (scripts) await judge(page, 'transfer-faults');
      await page.getByLabel('Amount').fill('2.50');
      await page.getByLabel('Mobile money number').fill('024 123 4567');
      await page.getByLabel('Network').selectOption('mtn');
      await page.getByLabel('What for').fill('Rent');
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByRole('heading', { name: 'Is this right?' }).waitFor();
      if (scripts) await judge(page, 'transfer-confirm');
      await page.getByRole('button', { name: 'Change something' }).click();
      await page.getByLabel('What for').fill('Rent of May');
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByRole('button', { name: 'Send it now' }).click();
      await page.waitForURL('**/revenue/*');
      await page.getByText('The transfer is on its way').waitFor();
      await page.goto(`${epay.url}/transfers`);
      await page.getByText('Successful').first().waitFor();
      if (scripts) await judge(page, 'transfers');
    });
  }

  test('in French', async (t) => {
    const page = await openAs(t, owner, '/dashboard?lang=fr', { language: 'fr' });
    await page.getByRole('heading', { name: 'Derniers paiements' }).waitFor();
    await judge(page, 'home-french');
  });
});
