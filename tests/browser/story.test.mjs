// The whole way, as the first merchant of an Epay goes it: an account, the webhook URL, a payment page, a customer on a phone, the test
// phone, the receipt, the money in the dashboard while one looks, and the webhook, exact to the byte.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually, receiver, startEpay } from '../e2e/harness.mjs';
import { codeSentTo, goodPassword, linkIn, mailTo } from '../e2e/people.mjs';
import { open } from './browser.mjs';

let epay, sink;
before(async () => {
  sink = await receiver();
  epay = await startEpay({ delay: '200ms' });
});
after(async () => {
  await epay.end();
  await sink.close();
});

async function openAccount(page, email, telephone) {
  await page.getByLabel('Business name').fill('Creativo Designs');
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Telephone').fill(telephone);
  await page.getByLabel('Password').fill(goodPassword);
  await page.getByRole('button', { name: 'Open the account' }).click();
  await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
  await page.goto(epay.url + linkIn(await mailTo(epay, email)));
  await page.getByLabel('Password').fill(goodPassword);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByLabel('Code from the text message').fill(await codeSentTo(epay, `233${telephone.slice(1)}`));
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.waitForURL('**/dashboard?done=telephone_verified');
}

async function setWebhook(page, url) {
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await page.getByLabel('Webhook URL').fill(url);
  await page.getByRole('button', { name: 'Save webhook URL' }).click();
  await page.getByText('Saved. Send a test').waitFor();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByRole('heading', { name: 'What your server answered' }).waitFor();
  await page.getByText('HTTP 200').first().waitFor();
}

async function makePage(page) {
  await page.getByRole('link', { name: 'Payment pages' }).first().click();
  await page.getByRole('link', { name: 'New payment page' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Ag lounge');
  await page.getByLabel('Description').fill('An evening in the lounge');
  await page.getByLabel('always the same').check();
  await page.getByLabel('Fixed amount').fill('25.50');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The page is made.').waitFor();
  return page.getByRole('link', { name: /\/pay\// }).getAttribute('href');
}

async function fillIn(page, number) {
  await page.getByLabel('Full name').fill('Ama Mensah');
  await page.getByLabel('Email').fill('ama@example.com');
  await page.getByLabel('Phone').first().fill(number);
  await page.getByRole('button', { name: 'Proceed to Payment' }).click();
}

for (const scripts of [true, false]) {
  describe(`a merchant and a customer, ${scripts ? 'with' : 'without'} JavaScript`, () => {
    test('from the account to the money', async (t) => {
      const email = `owner${scripts}@example.com`;
      const shop = await open(t, `${epay.url}/register`, { scripts });
      await openAccount(shop, email, scripts ? '0246100001' : '0246100002');
      await setWebhook(shop, sink.url);
      const link = await makePage(shop);
      assert.match(link, /\/pay\/cd-ag-lounge(-\d+)?$/);
      await shop.goto(`${epay.url}/dashboard`);

      const number = scripts ? '0240000901' : '0240000902';
      const customer = await open(t, link, { size: 'phone', scripts });
      await customer.getByText('GHS 25.50').first().waitFor();
      await fillIn(customer, number);
      await customer.getByRole('button', { name: /Send|Pay|Confirm/ }).first().click();
      const handset = await open(t, `${epay.url}/simulator/phone/${number}`, { size: 'phone', scripts });
      await handset.getByText('GHS 25.50').first().waitFor();
      if (!scripts) {
        await handset.getByLabel('Enter your PIN to approve').fill('1234');
        await handset.getByRole('button', { name: 'Approve' }).click();
      } else {
        for (const key of ['1', '2', '3', '4']) await handset.locator('.keys button', { hasText: key }).click();
        await handset.locator('[data-key=send]').click();
      }
      const told = await eventually('the webhook', () => sink.deliveries.find((one) => one.json?.transaction?.page?.slug === link.split('/').at(-1)));
      if (!scripts) await customer.reload();
      await customer.getByText('EP-').first().waitFor();
      const { reference, page } = told.json.transaction;
      assert.match(reference, /^EP-[A-Za-z0-9]{11}$/);
      assert.equal(
        told.text,
        `{"success":true,"transaction":{"reference":"${reference}","payment_method":"momo","amount":"25.5","status":"success","description":null,` +
          `"customer":{"name":"Ama Mensah","email":"ama@example.com","telephone":"${number}"},` +
          `"page":{"id":${page.id},"name":"Ag lounge","description":"An evening in the lounge","slug":"${page.slug}"}}}`,
      );
      if (!scripts) await shop.reload();
      await shop.getByText('GHS 25.50').first().waitFor();
      await shop.goto(`${epay.url}/payment-pages`);
      await shop.getByText('GHS 25.50').first().waitFor();
    });
  });
}
