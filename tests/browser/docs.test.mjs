// The page that documents the API, as people see it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startEpay } from '../e2e/harness.mjs';
import { accessible, fits, looks, lighthouse, open } from './browser.mjs';

let epay;
before(async () => {
  epay = await startEpay();
});
after(async () => {
  await epay.end();
});

test('axe finds nothing in it', async (t) => {
  await accessible(await open(t, `${epay.url}/docs`));
});

test('axe finds nothing in its contents, opened on a phone', async (t) => {
  const page = await open(t, `${epay.url}/docs`, { size: 'narrow' });
  await page.getByRole('link', { name: 'Contents' }).click();
  await accessible(page, { within: '#contents' });
  await fits(page);
});

test('by keyboard one goes past the contents', async (t) => {
  const page = await open(t, `${epay.url}/docs`);
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the content' });
  assert.ok(await skip.evaluate((link) => link === document.activeElement && link.getBoundingClientRect().left >= 0));
  await page.keyboard.press('Enter');
  assert.equal(new URL(page.url()).hash, '#main');
});

test('it fits every screen', async (t) => {
  await looks(await open(t, `${epay.url}/docs`), 'docs', { whole: false });
});

test('Lighthouse has nothing to say', async () => {
  const scores = await lighthouse(`${epay.url}/docs`);
  assert.ok(scores.accessibility === 100 && scores['best-practices'] === 100, JSON.stringify(scores));
});
