// What guards accounts: roles on every route, forged forms, cookies, another merchant's ids, text messages through a provider.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newDatabase, receiver, request, runEpay, startEpay } from './harness.mjs';
import { formsOf, goodPassword, linkIn, mailTo, member, person, shop, shown } from './people.mjs';

let epay;
before(async () => {
  epay = await startEpay();
});
after(() => epay.end());

// Every route of accounts, and who may: o(wner), d(eveloper), f(inance), v(iewer).
const routes = [
  ['GET', '/confirm', 'odfv'],
  ['POST', '/confirm', 'odfv'],
  ['GET', '/verify-telephone', 'o'],
  ['POST', '/verify-telephone', 'o'],
  ['POST', '/verify-telephone/send', 'o'],
  ['GET', '/settings', 'odfv'],
  ['POST', '/settings/personal', 'odfv'],
  ['POST', '/settings/email', 'odfv'],
  ['POST', '/settings/business', 'o'],
  ['POST', '/settings/logo', 'o'],
  ['POST', '/settings/notifications', 'odfv'],
  ['POST', '/settings/merchant-key', 'od'],
  ['GET', '/settings/security', 'odfv'],
  ['POST', '/settings/security/password', 'odfv'],
  ['POST', '/settings/security/sessions/x/end', 'odfv'],
  ['POST', '/settings/security/other-sessions/end', 'odfv'],
  ['GET', '/settings/security/second-factor', 'odfv'],
  ['POST', '/settings/security/second-factor', 'odfv'],
  ['POST', '/settings/security/second-factor/remove', 'odfv'],
  ['POST', '/settings/security/recovery-codes', 'odfv'],
  ['GET', '/settings/team', 'o'],
  ['POST', '/settings/team/invite', 'o'],
  ['POST', '/settings/team/invitations/x/withdraw', 'o'],
  ['POST', '/settings/team/0/role', 'o'],
  ['POST', '/settings/team/0/remove', 'o'],
  ['GET', '/settings/activity', 'o'],
  ['POST', '/mode', 'odfv'],
];

const tokenOf = async (who) => formsOf(await who.get('/settings'))[0].fields.csrf;

describe('roles', () => {
  test('every role on every route, and nobody without a session', async () => {
    const { owner } = await shop(epay);
    const people = { o: owner };
    for (const role of ['developer', 'finance', 'viewer']) people[role[0]] = (await member(epay, owner, role)).person;
    for (const [letter, who] of Object.entries(people)) {
      for (const [method, target, may] of routes) {
        const csrf = await tokenOf(who);
        const page = method === 'GET' ? await who.get(target, { follow: false }) : await who.post(target, { csrf }, { follow: false });
        const permitted = page.status !== 403;
        assert.equal(permitted, may.includes(letter), `${letter} ${method} ${target}: ${page.status}`);
        assert.notEqual(page.status, 500);
        if (!permitted) assert.match(shown(page), /not yours to see/);
      }
    }
    for (const [method, target] of routes) {
      const page = method === 'GET' ? await person(epay).get(target, { follow: false }) : await person(epay).post(target, {}, { follow: false });
      assert.equal(page.status, 303, `${method} ${target}`);
      assert.match(page.headers.location, /^\/login/);
    }
  });

  test('the navigation shows what may be seen', async () => {
    const { owner } = await shop(epay);
    const { person: viewer } = await member(epay, owner, 'viewer');
    const links = (page) => [...page.text.match(/<nav class="frame-nav.*?<\/nav>/s)[0].matchAll(/href="([^"]+)"/g)].map((found) => found[1]);
    assert.deepEqual(links(await owner.get('/settings')), ['/dashboard', '/payment-pages', '/integrations', '/revenue', '/customers', '/transfers', '/wallet', '/settings']);
    assert.deepEqual(links(await viewer.get('/settings')), ['/dashboard', '/revenue', '/customers', '/wallet', '/settings']);
    assert.equal((await request(`${epay.url}/`)).headers.location, '/dashboard');
  });

  test('a part of a page asked for without a session leads the whole page to the log-in', async () => {
    const page = await person(epay).get('/settings', { headers: { 'hx-request': 'true' } });
    assert.equal(page.status, 401);
    assert.equal(page.headers['hx-redirect'], '/login');
  });
});

describe('forged forms', () => {
  test('of a visitor who is signed in change nothing', async () => {
    const { owner } = await shop(epay);
    const { owner: other } = await shop(epay);
    const csrf = await tokenOf(owner);
    const name = { user_name: 'Forged', language: 'en' };
    const forged = [
      [{ ...name }, {}],
      [{ ...name, csrf: '' }, {}],
      [{ ...name, csrf: 'A'.repeat(86) }, {}],
      [{ ...name, csrf: csrf.slice(0, -1) }, {}],
      [{ ...name, csrf: await tokenOf(other) }, {}],
      [{ ...name, csrf }, { origin: 'https://evil.example' }],
      [{ ...name, csrf }, { origin: 'null' }],
      [{ ...name, csrf }, { origin: `${epay.url}.evil.example` }],
      [{ ...name, csrf }, { origin: null, 'sec-fetch-site': 'cross-site' }],
      [{ ...name, csrf }, { origin: null, 'sec-fetch-site': 'same-site' }],
    ];
    for (const [fields, headers] of forged) {
      const page = await owner.post('/settings/personal', fields, { headers });
      assert.equal(page.status, 403, JSON.stringify([fields, headers]));
      assert.match(shown(page), /This form has expired/);
    }
    assert.doesNotMatch((await owner.get('/settings')).text, /Forged/);
    const good = [
      [{ ...name, csrf }, {}],
      [{ ...name, csrf }, { origin: null }],
      [{ ...name, csrf }, { origin: null, 'sec-fetch-site': 'same-origin' }],
      [name, { 'x-csrf-token': csrf }],
    ];
    for (const [fields, headers] of good) assert.equal((await owner.post('/settings/personal', fields, { headers })).status, 200, JSON.stringify(headers));
  });

  test('of a visitor who is not', async () => {
    const { email } = await shop(epay);
    for (const target of ['/login', '/register', '/forgotten', '/login/code', '/verify/x', '/reset/x', '/join/x', '/change-email/x']) {
      const guest = person(epay);
      const { csrf } = formsOf(await guest.get('/login'))[0].fields;
      const elsewhere = person(epay);
      const stolen = formsOf(await elsewhere.get('/login'))[0].fields.csrf;
      for (const [fields, headers] of [[{}, {}], [{ csrf: stolen }, {}], [{ csrf }, { origin: 'https://evil.example' }], [{ csrf }, { cookie: '' }]]) {
        const page = await guest.post(target, { email, password: goodPassword, ...fields }, { headers, follow: false });
        assert.equal(page.status, 403, `${target} ${JSON.stringify([fields, headers])}`);
        assert.ok(![page.headers['set-cookie'] ?? []].flat().some((cookie) => cookie.startsWith('epay_session')), target);
      }
    }
  });

  test('a log-out that another site sends is none', async () => {
    const { owner } = await shop(epay);
    await owner.post('/logout', {});
    assert.equal((await owner.get('/settings')).path, '/settings');
  });

  test('the token of a page is another in every response, for pages are compressed', async () => {
    const { owner } = await shop(epay);
    const tokens = new Set();
    for (let i = 0; i < 5; i += 1) tokens.add(await tokenOf(owner));
    assert.equal(tokens.size, 5);
    for (const csrf of tokens) assert.equal((await owner.post('/settings/personal', { csrf, user_name: 'Ama', language: 'en' })).status, 200);
  });
});

describe('cookies', () => {
  test('over https belong to this host and to TLS', async () => {
    const safe = await startEpay({ args: ['--public-url', 'https://pay.example.com'] });
    try {
      const guest = person(safe, { headers: { origin: 'https://pay.example.com' } });
      const page = await guest.get('/login');
      assert.match(page.headers['set-cookie'][0], /^__Host-epay_visit=[^;]+; Path=\/; .*Secure; HttpOnly; SameSite=Lax|^__Host-epay_visit=[^;]+; Path=\/; .*HttpOnly; Secure; SameSite=Lax|^__Host-epay_visit=.*; Secure.*SameSite=Lax/);
      const { stdout } = await runEpay(['merchant', 'create', '--database', safe.database, '--json', '--name', 'Safe', '--email', 'safe@example.com', '--telephone', '0245000009'], { env: { EPAY_PASSWORD: goodPassword } });
      assert.ok(stdout);
      const inside = await guest.submit(page, { email: 'safe@example.com', password: goodPassword }, { follow: false });
      const session = inside.headers['set-cookie'].find((cookie) => cookie.startsWith('__Host-epay_session='));
      for (const word of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/']) assert.ok(session.includes(word), `${word}: ${session}`);
      assert.doesNotMatch(session, /Domain/i);
      assert.equal((await guest.get('/settings')).status, 200);
      // A cookie that a neighbour has set, without the prefix, is not looked at.
      const [name, value] = [...guest.cookies].find(([cookie]) => cookie === '__Host-epay_session');
      guest.cookies.delete(name);
      guest.cookies.set('epay_session', value);
      assert.match((await guest.get('/settings')).path, /^\/login/);
    } finally {
      await safe.end();
    }
  });
});

describe("another merchant's", () => {
  test('members, invitations and sessions are out of reach', async () => {
    const { owner } = await shop(epay);
    const { owner: other, email: theirs } = await shop(epay);
    const { person: ama } = await member(epay, other, 'viewer');
    await other.submit(await other.get('/settings/team'), { email: 'open@example.com', role: 'viewer' }, { action: '/settings/team/invite' });
    const page = await other.get('/settings/team');
    const actions = formsOf(page).map((form) => form.action).filter((action) => action?.startsWith('/settings/team/'));
    assert.ok(actions.length >= 5);
    for (const action of actions.filter((one) => !one.endsWith('/invite'))) {
      const csrf = await tokenOf(owner);
      const answer = await owner.post(action, { csrf, role: 'owner' });
      assert.ok(answer.status === 404 || answer.path === '/settings/team?done=withdrawn', `${action}: ${answer.status}`);
    }
    assert.equal(shown(await other.get('/settings/team')), shown(page));
    assert.equal((await ama.get('/settings')).status, 200);
    assert.equal((await person(epay).get(linkIn(await mailTo(epay, 'open@example.com')))).status, 200);
    const security = await other.get('/settings/security');
    const elsewhere = person(epay);
    await elsewhere.logIn(theirs, goodPassword);
    const end = formsOf(await other.get('/settings/security')).map((form) => form.action).find((one) => /sessions\/[0-9a-f]{64}\/end$/.test(one));
    assert.ok(end, security.text);
    await owner.post(end, { csrf: await tokenOf(owner) });
    assert.equal((await elsewhere.get('/settings')).path, '/settings');
  });
});

describe('text messages', () => {
  test('go to a provider as it wants them, and again when it fails', async () => {
    const answers = [503, 200];
    const provider = await receiver({ answer: () => answers.shift() ?? 200 });
    const database = newDatabase();
    const texting = await startEpay({
      database,
      args: ['--sms-url', `http://127.0.0.1:${provider.port}/send?from={from}`, '--sms-body', '{"to":"+{to}","message":"{text}","reference":"{id}"}', '--sms-from', 'Epay & Co'],
      env: { EPAY_SMS_HEADER: 'Authorization: Bearer not-for-anybody' },
    });
    try {
      await runEpay(['merchant', 'create', '--database', database, '--name', 'Text', '--email', 'text@example.com', '--telephone', '0245000010'], { env: { EPAY_PASSWORD: goodPassword } });
      const owner = person(texting);
      await owner.logIn('text@example.com', goodPassword);
      await owner.submit(await owner.get('/settings'), { telephone: '0245000011' }, { action: '/settings/business' });
      const sent = await owner.submit(await owner.get('/verify-telephone'), {}, { action: '/verify-telephone/send' });
      assert.equal(sent.path, '/verify-telephone?done=code_sent');
      const early = await owner.submit(sent, {}, { action: '/verify-telephone/send' });
      assert.equal(early.status, 429);
      const tries = await provider.arrived(2, undefined, 20_000);
      for (const one of tries) {
        assert.equal(one.url, '/send?from=Epay%20%26%20Co');
        assert.equal(one.headers.authorization, 'Bearer not-for-anybody');
        assert.equal(one.json.to, '+233245000011');
        assert.match(one.json.message, /^\d{6} is your Epay code\./);
        assert.equal(one.json.reference, tries[0].json.reference);
      }
      const code = tries[1].json.message.slice(0, 6);
      assert.equal((await owner.submit(await owner.get('/verify-telephone'), { code }, { action: '/verify-telephone' })).path, '/dashboard?done=telephone_verified');
      assert.ok(!texting.log(1_000).includes(code), 'no code in the log');
      assert.ok(!texting.log(1_000).includes('not-for-anybody'));
      assert.ok(!texting.log(1_000).includes('245000011'), 'no whole number in the log');
    } finally {
      await texting.end();
      await provider.close();
    }
  });

  test('wrong flags are named', async () => {
    for (const [args, said] of [
      [['--sms-url', 'ftp://x'], '--sms-url: '],
      [['--sms-url', 'https://sms.example.com/'], '--sms-body: must have {to}'],
      [['--sms-url', 'https://sms.example.com/{to}'], '--sms-body: must have {text}'],
      [['--sms-url', 'https://sms.example.com/{to}/{text}', '--sms-method', 'BREW'], '--sms-method: '],
      [['--sms-url', 'https://sms.example.com/{to}/{text}', '--sms-header', 'none'], '--sms-header: '],
      [['--sms-body', 'x'], '--sms-body: needs --sms-url'],
      [['--sms-url', 'https://sms.example.com/{to}/{text}', '--sms-folder', 'x'], '--sms-folder: '],
    ]) {
      const { stderr } = await runEpay(['serve', '--database', newDatabase(), '--listen', '127.0.0.1:0', ...args], { expected: 2 });
      assert.ok(stderr.startsWith(`epay: ${said}`), `${args.join(' ')}: ${stderr}`);
    }
  });
});

describe('confirmation', () => {
  test('the page of it takes the password, counts wrong ones, and leads on', async () => {
    const { owner } = await shop(epay);
    const page = await owner.get('/confirm?next=/settings/team');
    const wrong = await owner.submit(page, { password: 'no' });
    assert.equal(wrong.status, 422);
    assert.match(shown(wrong), /This is not the password/);
    assert.equal((await owner.submit(wrong, { password: goodPassword })).path, '/settings/team');
    let last;
    for (let i = 0; i < 6; i += 1) last = await owner.submit(page, { password: `wrong guess ${i}` });
    assert.equal(last.status, 429);
  });
});
