// Opening an account and getting into it, as somebody with a browser that runs no script.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startEpay } from './harness.mjs';
import { appCode, codeSentTo, formsOf, goodPassword, linkIn, mailTo, mailsTo, member, person, shop, shown } from './people.mjs';

let epay;
before(async () => {
  epay = await startEpay();
});
after(() => epay.end());

const registration = (email, fields = {}) => ({ name: 'Ɔdɔ & Søn <b>', email, telephone: '024 500 0001', password: goodPassword, ...fields });

describe('registering', () => {
  test('from the form by mail and telephone to the dashboard', async () => {
    const ama = person(epay);
    const form = await ama.get('/register');
    assert.equal(form.status, 200);
    const sent = await ama.submit(form, registration('ama@example.com'));
    assert.equal(sent.path, '/register?sent=1');
    assert.match(shown(sent), /Look into your mail/);
    // Nothing is open before the letter is.
    assert.match(shown(await ama.logIn('ama@example.com', goodPassword)), /do not belong together/);

    const mail = await mailTo(epay, 'ama@example.com');
    assert.equal(mail.subject, 'Confirm your email address');
    assert.match(mail.text, /Ɔdɔ & Søn <b>/);
    const confirm = await ama.get(linkIn(mail));
    assert.match(confirm.text, /Ɔdɔ &amp; Søn &lt;b&gt;/);
    const wrong = await ama.submit(confirm, { password: 'another one of mine' });
    assert.equal(wrong.status, 422);
    const opened = await ama.submit(wrong, { password: goodPassword });
    assert.equal(opened.path, '/verify-telephone');
    assert.match(opened.via[0].headers['set-cookie'].join('\n'), /^epay_session=[0-9a-f]+x[A-Za-z0-9]{40}; Path=\/; .*HttpOnly; SameSite=Lax/m);

    const code = await codeSentTo(epay, '233245000001');
    const mistyped = await ama.submit(opened, { code: code === '000000' ? '111111' : '000000' }, { action: '/verify-telephone' });
    assert.equal(mistyped.status, 422);
    assert.match(shown(mistyped), /This code is not right/);
    const verified = await ama.submit(mistyped, { code: `${code.slice(0, 3)} ${code.slice(3)}` }, { action: '/verify-telephone' });
    assert.equal(verified.path, '/dashboard?done=telephone_verified');
    assert.doesNotMatch(shown(await ama.get('/settings')), /not verified yet/);

    // The link was good once.
    const again = await person(epay).get(linkIn(mail));
    assert.equal(again.status, 410);
    assert.match(shown(again), /of no use any more/);
    await ama.logOut();
    assert.equal((await ama.get('/settings')).path, '/login?next=%2Fsettings');
    assert.equal((await ama.logIn('AMA@example.com', goodPassword, { next: '/settings/team' })).path, '/settings/team');
  });

  test('every fault is shown beside its field, and what was typed is kept, but for the password', async () => {
    const kofi = person(epay);
    const page = await kofi.submit(await kofi.get('/register'), { name: '', email: 'kofi"><script>', telephone: '12', password: 'short-one' });
    assert.equal(page.status, 422);
    for (const [field, said] of [['name', 'fill this in'], ['email', 'not an email address'], ['telephone', 'not a Ghanaian mobile'], ['password', 'At least 10']]) {
      assert.match(page.text.match(new RegExp(`id="${field}-error">([^<]*)<`))[1], new RegExp(said), field);
    }
    assert.match(page.text, /value="kofi&quot;&gt;&lt;script&gt;"/);
    assert.match(page.text, /value="12"/);
    assert.doesNotMatch(page.text, /short-one/);
  });

  test('says the same of an address that has an account, and tells its owner', async () => {
    const { email } = await shop(epay);
    const answers = [];
    for (const address of [email, 'fresh@example.com']) {
      const stranger = person(epay);
      const page = await stranger.submit(await stranger.get('/register'), registration(address));
      answers.push([page.status, page.path, shown(page)]);
    }
    assert.deepEqual(answers[0], answers[1]);
    const told = await mailTo(epay, email, { subject: 'You have an account already' });
    assert.doesNotMatch(told.text, /verify/);
    // The account is as it was.
    assert.equal((await person(epay).logIn(email, goodPassword)).path, '/dashboard');
  });

  test('a link alone opens nothing: what a stranger has registered needs his password', async () => {
    const stranger = person(epay);
    await stranger.submit(await stranger.get('/register'), registration('victim@example.com', { password: 'chosen by a stranger' }));
    const victim = person(epay);
    const link = linkIn(await mailTo(epay, 'victim@example.com'));
    const page = await victim.submit(await victim.get(link), { password: 'the victims own words' });
    assert.equal(page.status, 422);
    // And the victim can register all the same.
    await victim.submit(await victim.get('/register'), registration('victim@example.com', { telephone: '0245000077', password: 'the victims own words' }));
    const own = linkIn(await mailTo(epay, 'victim@example.com', { count: 2 }));
    assert.equal((await victim.submit(await victim.get(own), { password: 'the victims own words' })).path, '/verify-telephone');
    const late = await stranger.submit(await stranger.get(link), { password: 'chosen by a stranger' });
    assert.equal(late.status, 410);
  });

  test('letters to one address are few, and the answer stays the same', async () => {
    for (let i = 0; i < 6; i += 1) {
      const eager = person(epay);
      assert.equal((await eager.submit(await eager.get('/register'), registration('eager@example.com'))).path, '/register?sent=1');
    }
    assert.ok((await mailsTo(epay, 'eager@example.com')).length <= 3);
  });

  test('in French', async () => {
    const awa = person(epay, { headers: { 'accept-language': 'fr-CI,fr;q=0.9' } });
    const form = await awa.get('/register');
    assert.match(form.text, /<html lang="fr">/);
    assert.match(shown(form), /Ouvrir un compte/);
    await awa.submit(form, registration('awa@example.com', { telephone: '0245000078' }));
    assert.equal((await mailTo(epay, 'awa@example.com')).subject, 'Confirmez votre adresse e-mail');
    assert.match(shown(await awa.get('/login?lang=en')), /Log in/);
  });
});

describe('forgotten password', () => {
  test('a link that is good once chooses another, and ends every session', async () => {
    const { email, owner } = await shop(epay);
    const elsewhere = person(epay);
    await elsewhere.logIn(email, goodPassword);
    const forgetful = person(epay);
    const sent = await forgetful.submit(await forgetful.get('/forgotten'), { email });
    assert.equal(sent.path, '/forgotten?sent=1');
    const link = linkIn(await mailTo(epay, email, { subject: 'Choose a new password' }));
    const form = await forgetful.get(link);
    const weak = await forgetful.submit(form, { password: 'password123' });
    assert.equal(weak.status, 422);
    assert.match(shown(weak), /among the first that are guessed/);
    const changed = await forgetful.submit(weak, { password: 'a new and longer one' });
    assert.equal(changed.path, '/login?done=password_reset');
    for (const session of [owner, elsewhere]) assert.match((await session.get('/settings')).path, /^\/login/);
    assert.equal((await forgetful.submit(form, { password: 'yet another long one' })).status, 410);
    assert.equal((await person(epay).logIn(email, goodPassword)).status, 422);
    assert.equal((await person(epay).logIn(email, 'a new and longer one')).path, '/dashboard');
    await mailTo(epay, email, { subject: 'Your password was changed' });
  });

  test('says the same of an address without an account', async () => {
    const { email } = await shop(epay);
    const answers = [];
    for (const address of [email, 'nobody@example.com']) {
      const stranger = person(epay);
      const page = await stranger.submit(await stranger.get('/forgotten'), { email: address });
      answers.push([page.status, page.path, shown(page)]);
    }
    assert.deepEqual(answers[0], answers[1]);
  });

  test('a made-up link is a friendly page', async () => {
    for (const target of ['/reset/x', '/reset/1xabc', '/verify/abc', '/join/1xabc', `/reset/${'9'.repeat(300)}x`]) {
      const page = await person(epay).get(target);
      assert.equal(page.status, 410, target);
      assert.match(shown(page), /of no use any more/);
    }
  });
});

describe('logging in', () => {
  test('a wrong password, an unknown address and an owner without a password look alike', async () => {
    const { email } = await shop(epay);
    const texts = new Set();
    for (const [address, password] of [[email, 'wrong words here'], ['nobody@example.com', goodPassword], ['', ''], [email, ''], [email, 'x'.repeat(5_000)]]) {
      const page = await person(epay).logIn(address, password);
      assert.equal(page.status, 422);
      texts.add(shown(page));
      assert.doesNotMatch(page.text, /wrong words/);
    }
    assert.equal(texts.size, 1);
  });

  test('is slowed after wrong passwords, says how long, and lets in whom it knows', async () => {
    const { email, owner } = await shop(epay);
    await owner.logOut();
    const stranger = person(epay);
    let page;
    for (let i = 0; i < 5; i += 1) {
      page = await stranger.logIn(email, `wrong guess number ${i}`);
      assert.equal(page.status, 422);
    }
    page = await stranger.logIn(email, goodPassword);
    assert.equal(page.status, 429);
    assert.match(shown(page), /Please wait (30|29|28) seconds/);
    assert.ok(Number(page.headers['retry-after']) <= 30);
    // The owner's own browser is not kept out by what strangers do.
    assert.equal((await owner.logIn(email, goodPassword)).path, '/dashboard');
    assert.match(shown(await owner.get('/settings/activity')), /log-in slowed down/);
    // An address that nobody has is slowed alike.
    const other = person(epay);
    for (let i = 0; i < 5; i += 1) await other.logIn('nobody-at-all@example.com', `wrong guess number ${i}`);
    assert.equal((await other.logIn('nobody-at-all@example.com', goodPassword)).status, 429);
  });

  test('gives a new session, whatever the browser came with, and ends it at log-out', async () => {
    const { email, owner } = await shop(epay);
    const [name, stolen] = [...owner.cookies].find(([cookie]) => cookie === 'epay_session');
    const victim = person(epay);
    victim.cookies.set(name, '1xAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
    await victim.logIn(email, goodPassword);
    assert.notEqual(victim.cookies.get(name), '1xAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
    await owner.logOut();
    const thief = person(epay);
    thief.cookies.set(name, stolen);
    assert.match((await thief.get('/settings')).path, /^\/login/);
    assert.equal((await victim.get('/settings')).status, 200);
  });

  test('leads back into Epay and nowhere else', async () => {
    const { email } = await shop(epay);
    for (const next of ['https://evil.example/', '//evil.example/', '/\\evil.example', '/\t/evil.example', 'javascript:alert(1)', '/x\r\nSet-Cookie: a=b']) {
      const guest = person(epay);
      const form = await guest.get(`/login?next=${encodeURIComponent(next)}`);
      assert.equal(formsOf(form)[0].fields.next, '/dashboard', next);
      const page = await guest.submit(form, { email, password: goodPassword, next }, { follow: false });
      assert.equal(page.headers.location, '/dashboard', next);
      const mode = await guest.submit(await guest.get('/settings'), { mode: 'live', next }, { action: '/mode', follow: false });
      assert.equal(mode.headers.location, '/dashboard', next);
    }
    assert.equal((await person(epay).logIn(email, goodPassword, { next: '/settings/security?x=1' })).path, '/settings/security?x=1');
  });

  test('a new device is told of, one that is known is not', async () => {
    const { email, owner } = await shop(epay);
    await owner.logOut();
    await owner.logIn(email, goodPassword);
    await person(epay, { agent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605.1 Version/18.0 Safari/604.1' }).logIn(email, goodPassword);
    const mail = await mailTo(epay, email, { subject: 'A log-in from a new device' });
    assert.match(mail.text, /Safari on iPhone, from 127\.0\.0\.1/);
    assert.equal((await mailsTo(epay, email)).length, 1);
  });
});

describe('second factor', () => {
  async function withSecondFactor() {
    const { email, owner } = await shop(epay);
    const page = await owner.get('/settings/security/second-factor');
    assert.match(page.text, /<svg/);
    const secret = page.text.match(/<code[^>]*>([A-Z2-7 ]+)<\/code>/)[1];
    assert.ok(page.text.includes(`secret=${secret.replace(/ /g, '')}`));
    const wrong = await owner.submit(page, { code: '000000' });
    assert.equal(wrong.status, 422);
    assert.equal(wrong.text.match(/<code[^>]*>([A-Z2-7 ]+)<\/code>/)[1], secret, 'a mistake keeps the secret');
    // The step before, so that the present one is left for the log-in.
    const codes = await owner.submit(wrong, { code: appCode(secret, Date.now() - 30_000) });
    const recovery = [...codes.text.matchAll(/<code>([a-z2-9-]{19})<\/code>/g)].map((found) => found[1]);
    assert.equal(recovery.length, 10);
    return { email, owner, secret, recovery };
  }

  test('is asked for after the password, once for each code', async () => {
    const { email, owner, secret } = await withSecondFactor();
    await mailTo(epay, email, { subject: 'The second factor is on' });
    const elsewhere = person(epay);
    const asked = await elsewhere.logIn(email, goodPassword, { next: '/settings/team' });
    assert.equal(asked.path, '/login/code?next=%2Fsettings%2Fteam');
    // The password alone opens nothing.
    assert.match((await elsewhere.get('/settings')).path, /^\/login/);
    const again = await elsewhere.logIn(email, goodPassword, { next: '/settings/team' });
    const code = appCode(secret);
    const [first, second] = await Promise.all([elsewhere, person(epay)].map(async (one, at) => {
      const page = at === 0 ? again : await one.logIn(email, goodPassword, { next: '/settings' });
      return one.submit(page, { code });
    }));
    assert.deepEqual([first.status, second.status].sort(), [200, 422], 'a code is good once');
    assert.equal((await owner.get('/settings')).status, 200);
  });

  test('recovery codes let in once each, and wrong ones are slowed', async () => {
    const { email, recovery } = await withSecondFactor();
    const lost = person(epay);
    const asked = await lost.logIn(email, goodPassword);
    const inside = await lost.submit(asked, { code: recovery[3].toUpperCase() });
    assert.equal(inside.path, '/dashboard');
    assert.match((await mailTo(epay, email, { subject: 'A recovery code was used' })).text, /left: 9/);
    assert.match(shown(await lost.get('/settings/security')), /Unused recovery codes: 9/);
    const again = person(epay);
    let page = await again.submit(await again.logIn(email, goodPassword), { code: recovery[3] });
    assert.equal(page.status, 422);
    for (let i = 0; i < 4; i += 1) page = await again.submit(page, { code: '123456' });
    page = await again.submit(page, { code: recovery[4] });
    assert.equal(page.status, 429);
    assert.match(shown(page), /Please wait/);
  });

  test('is switched off by who is in, who is told of it', async () => {
    const { email, owner } = await withSecondFactor();
    const off = await owner.submit(await owner.get('/settings/security'), {}, { action: '/settings/security/second-factor/remove' });
    assert.equal(off.path, '/settings/security?done=second_factor_off');
    assert.equal((await person(epay).logIn(email, goodPassword)).path, '/dashboard');
    await mailTo(epay, email, { subject: 'The second factor is off' });
  });
});

describe('team', () => {
  test('an invitation makes a member, with the role that he was given', async () => {
    const { owner, email } = await shop(epay);
    const { person: ama, email: theirs } = await member(epay, owner, 'finance', { name: 'Ama <script>alert(1)</script>' });
    const page = await owner.get('/settings/team');
    assert.match(page.text, /Ama &lt;script&gt;alert\(1\)&lt;\/script&gt;/);
    assert.doesNotMatch(page.text, /<script>alert/);
    await mailTo(epay, email, { subject: 'Ama <script>alert(1)</script> has joined your team' });
    assert.equal((await ama.get('/settings/team')).status, 403);
    const { action } = formsOf(page).find((form) => /\/role$/.test(form.action) && form.fields.role === 'finance');
    assert.equal((await owner.submit(page, { role: 'owner' }, { action })).path, '/settings/team?done=role_changed');
    assert.equal((await ama.get('/settings/team')).status, 200, 'at once');
    const removed = await owner.submit(await owner.get('/settings/team'), {}, { action: action.replace('role', 'remove') });
    assert.equal(removed.path, '/settings/team?done=removed');
    assert.match((await ama.get('/settings')).path, /^\/login/, 'at once');
    assert.equal((await person(epay).logIn(theirs, goodPassword)).status, 422);
    assert.match(shown(await owner.get('/settings/activity')), /Removed from the team.*Role changed.*Joined the team.*Invited/);
  });

  test('the last owner stays, and says why', async () => {
    const { owner } = await shop(epay);
    const page = await owner.get('/settings/team');
    const action = formsOf(page).map((form) => form.action).find((one) => /\/role$/.test(one));
    const refused = await owner.submit(page, { role: 'viewer' }, { action });
    assert.equal(refused.status, 409);
    assert.match(shown(refused), /The last owner stays owner/);
    const removal = await owner.submit(page, {}, { action: action.replace('role', 'remove') });
    assert.equal(removal.status, 409);
  });

  test('an invited address that has an account elsewhere is told so in a letter alone', async () => {
    const { owner } = await shop(epay);
    const { email } = await shop(epay);
    const page = await owner.submit(await owner.get('/settings/team'), { email, role: 'viewer' }, { action: '/settings/team/invite' });
    assert.equal(page.path, '/settings/team?done=invited');
    assert.match((await mailTo(epay, email)).text, /logs in to another account already/);
    const wrong = await owner.submit(page, { email: 'not an address', role: 'viewer' }, { action: '/settings/team/invite' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /value="not an address"/);
    const withdraw = formsOf(page).map((form) => form.action).find((one) => /withdraw$/.test(one));
    assert.equal((await owner.submit(page, {}, { action: withdraw })).path, '/settings/team?done=withdrawn');
  });
});

describe('settings', () => {
  test('the profile keeps what was typed, and a new number is to be verified', async () => {
    const { owner } = await shop(epay);
    const page = await owner.get('/settings');
    const wrong = await owner.submit(page, { name: '', email: 'x', telephone: '<b>' }, { action: '/settings/business' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /value="&lt;b&gt;"/);
    for (const field of ['name', 'email', 'telephone']) assert.match(wrong.text.match(new RegExp(`id="${field}-error">([^<]*)<`))[1], /\w/, field);
    const saved = await owner.submit(page, { name: 'A "new" <name>', email: 'shop@example.com', telephone: '0245999999' }, { action: '/settings/business' });
    assert.equal(saved.path, '/settings?done=saved');
    assert.match(saved.text, /value="A &quot;new&quot; &lt;name&gt;"/);
    assert.match(shown(saved), /not verified yet/);
    const french = await owner.submit(saved, { user_name: 'Ama', language: 'fr' }, { action: '/settings/personal' });
    assert.match(french.text, /<html lang="fr">/);
    assert.match(shown(french), /Paramètres/);
    const unticked = await owner.post('/settings/notifications', { csrf: formsOf(french)[0].fields.csrf });
    assert.doesNotMatch(unticked.text, /checked/);
  });

  test('the address to log in with is changed by password and letter', async () => {
    const { owner, email } = await shop(epay);
    const { email: taken } = await shop(epay);
    const fresh = `fresh-${email}`;
    const page = await owner.get('/settings');
    const wrong = await owner.submit(page, { new_email: 'x<y', password: '' }, { action: '/settings/email' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /value="x&lt;y"/);
    assert.match(shown(await owner.submit(page, { new_email: fresh, password: 'not it' }, { action: '/settings/email' })), /This is not the password/);
    // An address that has an account is told so itself.
    const same = await owner.submit(page, { new_email: taken, password: goodPassword }, { action: '/settings/email' });
    assert.equal(same.path, '/settings?done=email_asked');
    await mailTo(epay, taken, { subject: 'You have an account already' });
    assert.equal((await owner.submit(page, { new_email: fresh, password: goodPassword }, { action: '/settings/email' })).path, '/settings?done=email_asked');
    assert.equal((await person(epay).logIn(fresh, goodPassword)).status, 422, 'not before the link is opened');
    const link = linkIn(await mailTo(epay, fresh));
    const reader = person(epay);
    const changed = await reader.submit(await reader.get(link), {});
    assert.equal(changed.path, '/login?done=email_changed');
    assert.equal((await reader.get(link)).status, 410);
    assert.equal((await person(epay).logIn(email, goodPassword)).status, 422);
    assert.equal((await person(epay).logIn(fresh.toUpperCase(), goodPassword)).path, '/dashboard');
    assert.doesNotMatch((await mailTo(epay, email, { subject: 'Your email address was changed' })).text, new RegExp(fresh), 'the old address learns no more than it must');
  });

  test('the password is changed by who knows it, and other sessions end', async () => {
    const { owner, email } = await shop(epay);
    const elsewhere = person(epay);
    await elsewhere.logIn(email, goodPassword);
    const page = await owner.get('/settings/security');
    assert.match(shown(page), /Chrome on Linux.*This one/);
    const wrong = await owner.submit(page, { password: 'not the password', new_password: 'a new and longer one' }, { action: '/settings/security/password' });
    assert.equal(wrong.status, 422);
    assert.match(shown(wrong), /This is not the password/);
    const changed = await owner.submit(page, { password: goodPassword, new_password: 'a new and longer one' }, { action: '/settings/security/password' });
    assert.equal(changed.path, '/settings/security?done=password_changed');
    assert.match((await elsewhere.get('/settings')).path, /^\/login/);
    assert.equal((await person(epay).logIn(email, 'a new and longer one')).path, '/dashboard');
  });

  test('a session is ended from another', async () => {
    const { owner, email } = await shop(epay);
    const elsewhere = person(epay, { agent: 'Mozilla/5.0 (Android 15; Mobile) Gecko/140.0 Firefox/140.0' });
    await elsewhere.logIn(email, goodPassword);
    const page = await owner.get('/settings/security');
    assert.match(shown(page), /Firefox on Android/);
    const end = formsOf(page).map((form) => form.action).find((one) => /sessions\/[0-9a-f]{64}\/end$/.test(one));
    assert.equal((await owner.submit(page, {}, { action: end })).path, '/settings/security?done=session_ended');
    assert.match((await elsewhere.get('/settings')).path, /^\/login/);
    assert.equal((await owner.get('/settings')).status, 200);
  });

  test('the merchant key is rolled, and the old one gets no token', async () => {
    const { owner, merchant } = await shop(epay);
    const page = await owner.get('/settings');
    assert.ok(page.text.includes(merchant.merchant_key));
    const rolled = await owner.submit(page, {}, { action: '/settings/merchant-key' });
    const key = rolled.text.match(/<code class="frame-code">([A-Za-z0-9]{16})<\/code>/)[1];
    assert.notEqual(key, merchant.merchant_key);
    const token = async (merchant_key) => (await owner.get('/healthz')) && (await fetch(`${epay.url}/api/v1/token`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...merchant, merchant_key }) })).status;
    assert.equal(await token(key), 200);
    assert.equal(await token(merchant.merchant_key), 401);
  });
});
