// Webhooks, Integrations and Payment pages as people see them: every page fits every screen, axe finds nothing, and all of it works by hand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { receiver, request, startEpay } from '../e2e/harness.mjs';
import { shop } from '../e2e/people.mjs';
import { accessible, looks, open } from './browser.mjs';

let epay, sink, owner, merchant;
before(async () => {
  sink = await receiver({ answer: (_, n) => (n % 3 === 0 ? { status: 500, body: 'out of order' } : 200) });
  epay = await startEpay();
  ({ owner, merchant } = await shop(epay));
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
  await looks(page, `settings-${name}`);
}

test('webhooks: the first URL, a wrong one, tests, the log, the secret', async (t) => {
  const page = await openAs(t, owner, '/settings/webhooks', { expected: [/400/] });
  await judge(page, 'webhooks-none');
  await page.getByLabel('Webhook URL').fill('http://169.254.169.254/latest');
  await page.getByRole('button', { name: 'Save webhook URL' }).click();
  await page.locator('#url-error').waitFor();
  assert.equal(await page.getByLabel('Webhook URL').inputValue(), 'http://169.254.169.254/latest');
  await judge(page, 'webhooks-wrong');
  await page.getByLabel('Webhook URL').fill(sink.url);
  await page.getByRole('button', { name: 'Save webhook URL' }).click();
  await page.getByText('Saved. Send a test').waitFor();
  const endpoint = new URL(page.url()).pathname;
  for (let i = 0; i < 3; i += 1) {
    await page.goto(epay.url + endpoint);
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByRole('heading', { name: 'What your server answered' }).waitFor();
  }
  await page.getByText('out of order').first().waitFor();
  await judge(page, 'webhook');
  await page.getByRole('link', { name: 'Show the secret' }).click();
  await page.getByText(/^whsec_/).waitFor();
  await page.getByText('Replace the secret').first().click();
  await page.getByRole('button', { name: 'Replace the secret' }).click();
  await page.getByText('There is a new secret.').waitFor();
  assert.equal(await page.getByText(/^whsec_/).count(), 2, 'the old one beside the new one');
  await page.goto(`${epay.url}/settings/webhooks`);
  await judge(page, 'webhooks');
  await page.getByRole('link', { name: 'Delivery log' }).first().click();
  await judge(page, 'webhook-log');
  await page.locator('tbody a').first().click();
  await judge(page, 'webhook-delivery');
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.getByText('It is being sent again.').waitFor();
});

test('integrations: the secret is shown once, what is revoked is refused', async (t) => {
  const page = await openAs(t, owner, '/integrations');
  await judge(page, 'integrations');
  await page.getByLabel('Name').fill('Shop & <b>site</b>');
  await page.getByRole('button', { name: 'Make integration' }).click();
  await page.getByRole('heading', { name: 'Your new integration' }).waitFor();
  await judge(page, 'integration-made');
  const [app_id, app_secret] = await page.locator('dd code').allInnerTexts();
  const token = () => request(`${epay.url}/api/v1/token`, { method: 'POST', body: { merchant_key: merchant.merchant_key, app_id, app_secret } });
  assert.equal((await token()).status, 200);
  await page.goto(`${epay.url}/integrations`);
  assert.equal(await page.getByText(app_secret).count(), 0);
  const card = page.getByRole('article').filter({ hasText: app_id });
  await card.getByText('Revoke', { exact: true }).click();
  await card.getByRole('button', { name: 'Revoke it now' }).click();
  await page.getByText('The integration is revoked.').waitFor();
  assert.equal((await token()).status, 401);
});

test('payment pages: empty, a form with what is wrong, the preview, cards', async (t) => {
  const page = await openAs(t, owner, '/payment-pages', { expected: [/422/] });
  await judge(page, 'pages-none');
  await page.getByRole('link', { name: 'Make the first one' }).click();
  await page.getByLabel('always the same').check();
  await page.getByLabel('Fixed amount').fill('a lot');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('This is not an amount.').waitFor();
  assert.equal(await page.getByLabel('Fixed amount').inputValue(), 'a lot');
  await judge(page, 'page-wrong');
  await page.getByLabel('Name', { exact: true }).fill('Event Demo App');
  await page.getByLabel('one of a few suggestions').check();
  await page.getByLabel('Suggestions', { exact: true }).fill('10; 20; 50,50');
  await page.getByLabel('Fixed amount').fill('');
  await page.getByLabel('Label', { exact: true }).first().fill('Size');
  await page.getByLabel('Kind', { exact: true }).first().selectOption('choice');
  await page.getByLabel('Choices, separated').first().fill('S; M; L');
  const preview = page.frameLocator('iframe[name=preview]');
  await preview.getByText('Event Demo App').first().waitFor();
  await preview.getByText('GHS 50.50').first().waitFor();
  await judge(page, 'page');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The page is made.').waitFor();
  await page.getByRole('link', { name: 'Payment pages' }).first().click();
  await page.getByText('Active', { exact: true }).waitFor();
  await judge(page, 'pages');
});
