// Accounts as people see them: every page fits every screen, axe finds nothing, and all of it works by hand.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startEpay } from '../e2e/harness.mjs';
import { appCode, codeSentTo, goodPassword, linkIn, mailTo, member, person, shop } from '../e2e/people.mjs';
import { accessible, looks, open } from './browser.mjs';

let epay;
before(async () => {
  epay = await startEpay();
});
after(() => epay.end());

// A page opened by somebody who is signed in.
async function openAs(t, who, target, options) {
  const page = await open(t, `${epay.url}/login`, options);
  await page.context().addCookies([...who.cookies].map(([name, value]) => ({ name, value, url: epay.url })));
  await page.goto(epay.url + target);
  return page;
}

async function judge(page, name) {
  await accessible(page);
  await looks(page, `account-${name}`);
}

describe('somebody who has no account', () => {
  for (const scripts of [true, false]) {
    test(`opens one on a phone, ${scripts ? 'with' : 'without'} JavaScript`, async (t) => {
      const email = `browser${scripts}@example.com`;
      const telephone = scripts ? '0246000001' : '0246000002';
      const page = await open(t, `${epay.url}/register`, { size: 'phone', scripts, expected: [/422/] });
      await page.getByRole('button', { name: 'Open the account' }).click();
      await page.getByText('Please fill this in.').first().waitFor();
      if (scripts) await judge(page, 'register-faults');
      await page.getByLabel('Business name').fill('Creativo Designs');
      await page.getByLabel('Email address').fill(email);
      await page.getByLabel('Telephone').fill(telephone);
      await page.getByLabel('Password').fill(goodPassword);
      await page.getByRole('button', { name: 'Open the account' }).click();
      await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
      if (scripts) await judge(page, 'sent');
      await page.goto(epay.url + linkIn(await mailTo(epay, email)));
      if (scripts) await judge(page, 'verify');
      await page.getByLabel('Password').fill(goodPassword);
      await page.getByRole('button', { name: 'Confirm' }).click();
      await page.getByLabel('Code from the text message').waitFor();
      if (scripts) await judge(page, 'telephone');
      await page.getByLabel('Code from the text message').fill(await codeSentTo(epay, `233${telephone.slice(1)}`));
      await page.getByRole('button', { name: 'Verify' }).click();
      await page.waitForURL('**/dashboard?done=telephone_verified');
    });
  }

  test('finds the pages of guests readable', async (t) => {
    const page = await open(t, `${epay.url}/register`, { expected: [/410/, /422/] });
    await judge(page, 'register');
    await page.goto(`${epay.url}/login`);
    await judge(page, 'login');
    await page.getByLabel('Email address').fill('nobody@example.com');
    await page.getByLabel('Password').fill('nobody knows');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').waitFor();
    await judge(page, 'login-wrong');
    await page.goto(`${epay.url}/forgotten`);
    await judge(page, 'forgotten');
    await page.goto(`${epay.url}/reset/1xnone`);
    await judge(page, 'dead-link');
    await page.goto(`${epay.url}/login?lang=fr`);
    await judge(page, 'login-fr');
  });
});

describe('an owner', () => {
  test('finds every page of Settings readable', async (t) => {
    const { owner } = await shop(epay, { name: 'A business whose name goes on for rather longer than any designer has thought of' });
    await member(epay, owner, 'finance', { name: 'Ama-Serwaa Nyarko-Mensah of the accounts department' });
    await owner.submit(await owner.get('/settings/team'), { email: 'somebody.with.a.long.address@subdomain.example.com', role: 'viewer' }, { action: '/settings/team/invite' });
    const page = await openAs(t, owner, '/settings');
    await judge(page, 'profile');
    for (const name of ['security', 'team', 'activity']) {
      await page.goto(`${epay.url}/settings/${name}`);
      await judge(page, name);
    }
    await page.goto(`${epay.url}/settings/security/second-factor`);
    await judge(page, 'second-factor');
    await page.goto(`${epay.url}/confirm?next=/settings/team`);
    await judge(page, 'confirm');
    await page.goto(`${epay.url}/settings`);
    await page.locator('summary', { hasText: 'A business' }).click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    await judge(page, 'menu');
  });

  test('sets up a second factor and logs in with it', async (t) => {
    const { owner, email } = await shop(epay);
    const page = await openAs(t, owner, '/settings/security/second-factor', { size: 'phone' });
    const secret = await page.locator('code').innerText();
    await page.getByLabel('Code', { exact: true }).fill(appCode(secret, Date.now() - 30_000));
    await page.getByRole('button', { name: 'Switch on' }).click();
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    await judge(page, 'recovery-codes');
    await page.locator('summary').first().click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('You are logged out.').waitFor();
    await page.getByLabel('Email address').fill(email);
    await page.getByLabel('Password').fill(goodPassword);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByLabel('Code', { exact: true }).waitFor();
    await judge(page, 'code');
    await page.getByLabel('Code', { exact: true }).fill(appCode(secret));
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL('**/dashboard');
  });

  test('invites somebody, who joins by hand and is shown what is not his', async (t) => {
    const { owner } = await shop(epay);
    const email = 'invited@example.com';
    const team = await openAs(t, owner, '/settings/team');
    await team.getByLabel('Email address').fill(email);
    await team.getByLabel('Viewer').check();
    await team.getByRole('button', { name: 'Send the invitation' }).click();
    await team.getByText('The invitation is on its way.').waitFor();
    const page = await open(t, epay.url + linkIn(await mailTo(epay, email)), { expected: [/403/] });
    await judge(page, 'join');
    await page.getByLabel('Your name').fill('Kofi');
    await page.getByLabel('Password').fill(goodPassword);
    await page.getByRole('button', { name: 'Join' }).click();
    await page.waitForURL('**/dashboard');
    await page.goto(`${epay.url}/settings/team`);
    await page.getByRole('heading', { name: 'This is not yours to see' }).waitFor();
    await judge(page, 'refused');
    assert.equal((await person(epay).get('/settings')).path, '/login?next=%2Fsettings');
  });
});
