// /js/inline.js on a merchant's page of another origin.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { eventually, startEpay } from '../e2e/harness.mjs';
import { accessible, looks, open } from './browser.mjs';
import { link, merchantSite, payPages } from './inline_pages.mjs';

let epay;
let pay;
let shop;
before(async () => {
  epay = await startEpay();
  pay = await payPages(epay);
  shop = await merchantSite();
});
after(async () => {
  pay.close();
  shop.close();
  await epay.end();
});
beforeEach(() => pay.forget());

// Keeps what the callbacks of Epay.open and the events of buttons say, in order, in `window.told`.
const listening = `<script>
window.told = [];
window.listeners = Object.fromEntries(['onSuccess', 'onClose', 'onError'].map((name) => [name, (detail) => told.push([name, detail.code ?? detail.status, detail.reference ?? null])]));
for (const name of ['success', 'close', 'error']) addEventListener('epay:' + name, ({ detail }) => told.push([name, detail.code ?? detail.status, detail.reference ?? null]));
</script>`;
const told = (page) => page.evaluate(() => window.told);
const heard = (page, count) => eventually(`${count} callbacks`, async () => (await told(page)).length >= count && told(page));

const shopWith = (content, options) => shop.show(`<main><h1>Shop</h1>${content}</main>${listening}${pay.script}`, options);
const visit = (t, address, options = {}) => open(t, address, { ...options, origins: [pay.origin, ...(options.origins ?? [])] });
const modal = (page) => page.getByRole('dialog', { name: 'Payment' });
const frameOf = (page) => page.frameLocator('iframe[title="Payment page"]');
const closeButton = (page) => modal(page).getByRole('button', { name: 'Close' });

async function openByButton(t, word = 'good', options = {}) {
  const page = await visit(t, shopWith(link(pay, word), options.shop), options);
  await page.getByRole('button', { name: 'Pay Now' }).click();
  await modal(page).waitFor();
  return page;
}

// What goes on in the frame, where one presses these buttons.
async function press(page, ...names) {
  for (const name of names) await frameOf(page).getByRole('button', { name }).click();
}

// ---- buttons ----

test('a link becomes a button', async (t) => {
  const page = await visit(t, shopWith(`<a id="x" class="big epay_inline" data-payment_page="${pay.origin}/pay/good" data-pay_button_text="Give"></a>`));
  const button = page.locator('button.epay-pay-button');
  assert.equal(await button.innerText(), 'Give');
  assert.deepEqual(await button.evaluate(({ id, className, type }) => [id, className, type]), ['x', 'big epay-pay-button', 'button']);
  assert.equal(await page.locator('a').count(), 0);
  await accessible(page);
});

test('its text is what the merchant wrote, or "Pay Now"', async (t) => {
  const address = `class="epay_inline" data-payment_page="${pay.origin}/pay/good"`;
  const page = await visit(t, shopWith(`<a ${address}></a><a ${address}><b>Pay</b> here</a><a ${address} data-pay_button_text="<i>Safe</i>">Old</a>`));
  assert.deepEqual(await page.locator('button').allInnerTexts(), ['Pay Now', 'Pay here', '<i>Safe</i>']);
});

test('without JavaScript it is a link to the page', async (t) => {
  const page = await visit(t, shopWith(`<a class="epay_inline" href="${pay.origin}/pay/good" data-payment_page="${pay.origin}/pay/good">Pay</a>`), { scripts: false });
  await page.getByRole('link', { name: 'Pay' }).click();
  assert.equal(page.url(), `${pay.origin}/pay/good`);
});

const file = () => `${pay.origin}/js/inline.js`;
for (const [where, options] of [
  ['head', () => ({ head: `<script src="${file()}"></script>` })],
  ['head, deferred', () => ({ head: `<script defer src="${file()}"></script>` })],
  ['head, async', () => ({ head: `<script async src="${file()}"></script>` })],
  ['head, as a module', () => ({ head: `<script type="module" src="${file()}"></script>` })],
  ['both ends, twice', () => ({ head: `<script src="${file()}"></script>`, end: `<script src="${file()}?again"></script>` })],
]) {
  test(`the script may stand in the ${where}`, async (t) => {
    const { head, end = '' } = options();
    const page = await visit(t, shop.show(`<main>${link(pay)}</main>${end}`, { head }));
    await page.getByRole('button', { name: 'Pay Now' }).click();
    await frameOf(page).getByText('Two tickets').waitFor();
    assert.equal(await page.locator('.epay-pay-button').count(), 1);
    assert.equal(await page.locator('iframe').count(), 1);
  });
}

test('a link that comes later becomes one too, whatever comes last', async (t) => {
  const page = await visit(t, shopWith('<p id="place"></p>'));
  await page.evaluate((html) => (document.getElementById('place').innerHTML = html), link(pay, 'good', 'First'));
  await page.getByRole('button', { name: 'First' }).waitFor();
  await page.evaluate((address) => {
    const made = document.getElementById('place').appendChild(document.createElement('a'));
    made.textContent = 'Second';
    setTimeout(() => (made.className = 'epay_inline'));
    setTimeout(() => made.setAttribute('data-payment_page', address), 50);
  }, `${pay.origin}/pay/good`);
  await page.getByRole('button', { name: 'Second' }).click();
  await frameOf(page).getByText('Two tickets').waitFor();
});

test('it has one global', async (t) => {
  const page = await visit(t, shop.show('<main></main>', { head: '<script>var before = new Set(Object.getOwnPropertyNames(window).concat("before", "after"));</script>' }));
  const added = await page.evaluate(async (src) => {
    await new Promise((resolve) => document.head.append(Object.assign(document.createElement('script'), { src, onload: resolve })));
    return Object.getOwnPropertyNames(window).filter((name) => !before.has(name));
  }, file());
  assert.deepEqual(added, ['Epay']);
});

test('a link to a page elsewhere stays a link, and the console says why, once', async (t) => {
  const page = await visit(t, shopWith('<a class="epay_inline" href="#" data-payment_page="https://evil.example/pay/good">Pay</a>'), {
    expected: [/console error: Epay: data-payment_page is to be the address of a payment page at http.*evil\.example/],
  });
  await page.evaluate(() => document.body.append('more'));
  await page.getByRole('link', { name: 'Pay' }).waitFor();
  assert.equal(await page.locator('button').count(), 0);
});

// ---- the modal ----

test('by keyboard: opened, walked through, closed by Escape, back where one was', async (t) => {
  const page = await visit(t, shopWith(`<a href="#">Before</a>${link(pay)}<a href="#">After</a>`));
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await frameOf(page).getByText('Two tickets').waitFor();
  const inside = () => page.evaluate(() => [document.activeElement?.shadowRoot?.activeElement?.tagName ?? document.activeElement?.tagName, document.hasFocus()]);
  await eventually('the frame to have the focus', async () => (await inside())[0] === 'IFRAME');
  const seen = new Set();
  for (let step = 0; step < 14; step += 1) {
    await page.keyboard.press('Tab');
    const [where] = await inside();
    // BODY: the browser's own controls, between the last and the first.
    assert.ok(['IFRAME', 'BUTTON', 'BODY', 'DIALOG'].includes(where), where);
    assert.ok(!(await page.evaluate(() => document.activeElement.matches('main *'))), 'the page behind has the focus');
    seen.add(where);
  }
  assert.ok(seen.has('IFRAME') && seen.has('BUTTON'), [...seen].join());
  await closeButton(page).focus();
  await page.keyboard.press('Escape');
  await modal(page).waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Pay Now');
  await heard(page, 1);
  assert.equal(await page.locator('iframe').count(), 0);
});

test('axe finds nothing: waiting, shown, asking', async (t) => {
  const page = await openByButton(t, 'slow');
  await accessible(page);
  await press(page, 'Pay');
  await accessible(page);
  await closeButton(page).click();
  await page.getByRole('alertdialog').waitFor();
  await accessible(page);
  await looks(page, 'inline-asks', { whole: false });
});

test('it fits every screen: the whole one of a phone, a card in the middle of others', async (t) => {
  const page = await openByButton(t);
  await frameOf(page).getByText('Two tickets').waitFor();
  await looks(page, 'inline', { whole: false });
  for (const [width, height, whole] of [[320, 640, true], [390, 844, true], [768, 1024, false], [1440, 900, false]]) {
    await page.setViewportSize({ width, height });
    const box = await modal(page).boundingBox();
    if (whole) {
      assert.deepEqual(box, { x: 0, y: 0, width, height });
    } else {
      assert.ok(Math.abs(box.x + box.width / 2 - width / 2) < 1 && Math.abs(box.y + box.height / 2 - height / 2) < 1, JSON.stringify(box));
      assert.equal(box.width, 480);
      // The page said 400.
      assert.ok(box.height >= 400 && box.height < 480, JSON.stringify(box));
    }
  }
});

test('a page that says it is very tall scrolls within the modal', async (t) => {
  const page = await openByButton(t, 'tall');
  await frameOf(page).getByText('Two tickets').waitFor();
  await eventually('the modal to be as high as it may', async () => (await modal(page).boundingBox()).height === 900 - 48);
});

test('what is behind does not scroll, and is as it was afterwards', async (t) => {
  const address = shopWith(`${link(pay)}<div class="long"></div>`, { head: '<style>.long{height:5000px}html{padding-right:5px}</style>' });
  const page = await visit(t, address);
  await page.evaluate(() => document.body.style.setProperty('overflow', 'visible', 'important'));
  const state = () => page.evaluate(() => [document.documentElement.getAttribute('style') ?? '', document.body.getAttribute('style'), document.querySelector('main').getBoundingClientRect().width]);
  const before = await state();
  await page.getByRole('button', { name: 'Pay Now' }).click();
  await frameOf(page).getByText('Two tickets').waitFor();
  assert.equal((await state())[2], before[2], 'the page moved');
  await page.mouse.move(20, 400);
  await page.mouse.wheel(0, 600);
  await page.waitForTimeout(200);
  assert.equal(await page.evaluate(() => scrollY), 0);
  await closeButton(page).click();
  await heard(page, 1);
  assert.deepEqual(await state(), before);
  await page.mouse.wheel(0, 600);
  await eventually('the page to scroll again', () => page.evaluate(() => scrollY > 0));
});

test('the language is that of the page, or what is asked for', async (t) => {
  const page = await visit(t, shopWith(link(pay), { language: 'fr-GH' }));
  await page.getByRole('button').click();
  await page.getByRole('dialog', { name: 'Paiement' }).getByRole('button', { name: 'Fermer' }).click();
  await heard(page, 1);
  await page.evaluate(() => void window.Epay.open({ page: 'good', language: 'en' }));
  await modal(page).waitFor();
  assert.equal(pay.opened.at(-1).searchParams.get('lang'), 'en');
});

test('who prefers reduced motion sees none', async (t) => {
  for (const [still, moving] of [[true, 0], [false, 1]]) {
    const page = await openByButton(t, 'slow', { still });
    assert.equal(await page.evaluate(() => document.getAnimations().length + document.querySelector('body > div').shadowRoot.getAnimations().length > 0), moving > 0);
  }
});

test("the merchant's styles do not reach it", async (t) => {
  const hostile = `<style>*{font-size:3px!important;color:red!important;letter-spacing:9px!important;direction:rtl!important}
    body{transform:rotate(5deg);filter:blur(9px)} body>div,dialog,iframe,p,button{display:none!important;visibility:hidden!important;opacity:0!important;position:absolute!important;width:1px!important}
    html{zoom:1}</style>`;
  const plain = await visit(t, shopWith(''));
  const dirty = await visit(t, shopWith('', { head: hostile }));
  const pictures = [];
  for (const page of [plain, dirty]) {
    await page.setViewportSize({ width: 320, height: 640 });
    await page.evaluate(() => void window.Epay.open({ page: 'good' }));
    await frameOf(page).getByText('Two tickets').waitFor();
    await modal(page).waitFor();
    pictures.push(await page.screenshot({ animations: 'disabled', caret: 'hide' }));
  }
  assert.ok(pictures[0].equals(pictures[1]), 'it looks different');
});

test('a strict policy without inline styles, with trusted types, is kept', async (t) => {
  const policy = `default-src 'none'; img-src data:; script-src ${pay.origin}; frame-src ${pay.origin}; require-trusted-types-for 'script'; trusted-types 'none'`;
  const page = await visit(t, shop.show(`<main>${link(pay)}</main>${pay.script}`, { headers: { 'content-security-policy': policy } }), { size: 'narrow' });
  await page.getByRole('button', { name: 'Pay Now' }).click();
  await press(page, 'Pay');
  assert.deepEqual(await modal(page).boundingBox(), { x: 0, y: 0, width: 320, height: 640 });
  await closeButton(page).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Close' }).click();
  await modal(page).waitFor({ state: 'hidden' });
});

// ---- frames that do not come ----

test('a slow page: it is waited for', async (t) => {
  const page = await openByButton(t, 'slow');
  await page.getByText('Opening the payment page').waitFor();
  await frameOf(page).getByText('Two tickets').waitFor();
  await page.getByText('Opening the payment page').waitFor({ state: 'hidden' });
  assert.deepEqual(await told(page), []);
});

for (const [word, expected] of [
  ['blocked', [/frame-ancestors/, /request failed: .*ERR_BLOCKED_BY_RESPONSE/]],
  ['silent', []],
  ['wrong-nonce', []],
]) {
  test(`a ${word} page: after a while a link to it takes its place`, async (t) => {
    const page = await openByButton(t, word, { expected: [/Epay: http.* did not open within the modal/, ...expected] });
    const instead = page.getByRole('link', { name: 'Open it in a new tab' });
    await instead.waitFor();
    assert.equal(await instead.getAttribute('href'), `${pay.origin}/pay/${word}`);
    assert.deepEqual(await told(page), [['error', 'frame_failed', null]]);
    await accessible(page, { within: 'body > div' });
    if (word === 'blocked') await looks(page, 'inline-lost', { whole: false });
    await closeButton(page).click();
    assert.deepEqual((await heard(page, 2))[1], ['close', 'none', null]);
  });
}

test('a page that never arrives: after 30 seconds', async (t) => {
  const page = await visit(t, shopWith(link(pay, 'hanging')), { expected: [/did not open within the modal/] });
  await page.clock.install();
  await page.getByRole('button', { name: 'Pay Now' }).click();
  await modal(page).waitFor();
  await page.clock.runFor(29_000);
  assert.deepEqual(await told(page), []);
  await page.clock.runFor(2_000);
  await page.getByRole('link', { name: 'Open it in a new tab' }).waitFor();
  assert.equal((await told(page))[0][1], 'frame_failed');
});

// ---- closing ----

for (const [word, presses, status, calls] of [
  ['good', [], 'none', 1],
  ['good', ['Approve'], 'success', 2],
  ['good', ['Decline'], 'failed', 1],
  ['untold', ['Pay'], 'pending', 1],
  ['untold', ['Approve'], 'success', 2],
  ['mute', [], 'unknown', 1],
]) {
  test(`onClose says ${status} of a ${word} page after ${presses.join(', ') || 'nothing'}`, async (t) => {
    const page = await visit(t, shopWith(''));
    await page.evaluate((name) => void window.Epay.open({ page: name, ...window.listeners }), word);
    await frameOf(page).getByText('Two tickets').waitFor();
    await modal(page).locator('.wait').waitFor({ state: 'hidden' });
    const posted = presses.length && page.waitForResponse(/\/state\//);
    await press(page, ...presses);
    await posted;
    await closeButton(page).click();
    await modal(page).waitFor({ state: 'hidden' });
    const reference = presses.length ? 'EP-abcdefghijk' : null;
    const expected = [...(calls === 2 ? [['onSuccess', status, reference]] : []), ['onClose', status, reference]];
    assert.deepEqual(await heard(page, calls), expected);
    assert.equal(await page.locator('iframe').count(), 0);
  });
}

test('the page in the frame closes it, when the customer is done', async (t) => {
  const page = await openByButton(t);
  await press(page, 'Approve', 'Done');
  assert.deepEqual(await heard(page, 2), [['success', 'success', 'EP-abcdefghijk'], ['close', 'success', 'EP-abcdefghijk']]);
  await modal(page).waitFor({ state: 'hidden' });
});

test('a click outside closes it, but the second one of a double click does not', async (t) => {
  const page = await visit(t, shopWith(link(pay)));
  await page.getByRole('button', { name: 'Pay Now' }).dblclick();
  await frameOf(page).getByText('Two tickets').waitFor();
  assert.ok(await modal(page).isVisible());
  await page.waitForTimeout(600);
  await page.mouse.click(5, 5);
  assert.deepEqual(await heard(page, 1), [['close', 'none', null]]);
});

for (const [how, act] of [
  ['a click outside', (page) => page.mouse.click(5, 5)],
  ['the button', (page) => closeButton(page).click()],
  ['the page itself', (page) => press(page, 'Done')],
]) {
  test(`while a payment is under way ${how} asks first`, async (t) => {
    const page = await openByButton(t);
    await press(page, 'Pay');
    await page.waitForTimeout(600);
    await act(page);
    const question = page.getByRole('alertdialog', { name: 'Your payment is under way' });
    const { height, width } = await question.boundingBox();
    assert.ok(height < 300 && width <= 384, 'the question is larger than it need be');
    await question.getByRole('button', { name: 'Keep it open' }).click();
    await question.waitFor({ state: 'hidden' });
    assert.deepEqual(await told(page), []);
    await act(page);
    await question.getByRole('button', { name: 'Close' }).click();
    assert.deepEqual(await heard(page, 1), [['close', 'pending', 'EP-abcdefghijk']]);
  });
}

test('while a payment is under way no number of Escapes closes it', async (t) => {
  const page = await openByButton(t);
  await press(page, 'Pay');
  await eventually('the payment to be under way', async () => {
    await closeButton(page).focus();
    await page.keyboard.press('Escape');
    return page.getByRole('alertdialog').isVisible();
  });
  for (let time = 0; time < 7; time += 1) {
    await page.keyboard.press('Escape');
    await page.waitForTimeout(50);
  }
  assert.deepEqual(await told(page), []);
  assert.ok(await modal(page).isVisible());
});

test('the question goes when the payment is decided meanwhile', async (t) => {
  const page = await openByButton(t);
  await press(page, 'Pay');
  await closeButton(page).click();
  await page.getByRole('alertdialog').waitFor();
  await page.frames()[1].evaluate(() => document.querySelector('[value=success]').click());
  await page.getByRole('alertdialog').waitFor({ state: 'hidden' });
  assert.deepEqual(await heard(page, 1), [['success', 'success', 'EP-abcdefghijk']]);
});

// ---- Epay.open ----

test('a checkout token opens its page; the handle closes it at once and tells how it went', async (t) => {
  const page = await visit(t, shopWith(''));
  const token = 'SU7UI6FqRCY2eRdLqJ8tVxI4k6TmLDs5';
  await page.evaluate((given) => (window.handle = window.Epay.open({ token: given, ...window.listeners })), token);
  await press(page, 'Pay');
  const { pathname, searchParams } = pay.opened.at(-1);
  assert.equal(pathname, `/checkout/${token}`);
  assert.equal(searchParams.get('origin'), shop.origin);
  assert.match(searchParams.get('embed'), /^[0-9a-f]{32}$/);
  assert.deepEqual(await page.evaluate(() => window.handle.close()), { status: 'pending', reference: 'EP-abcdefghijk' });
  await page.evaluate(() => window.handle.close());
  assert.deepEqual(await heard(page, 1), [['onClose', 'pending', 'EP-abcdefghijk']]);
});

test('every nonce is another', async (t) => {
  const page = await visit(t, shopWith(''));
  for (let time = 0; time < 2; time += 1) {
    await page.evaluate(() => (window.handle = window.Epay.open({ page: `${document.scripts[1].src.replace('js/inline.js', 'pay/good')}` })));
    await frameOf(page).getByText('Two tickets').waitFor();
    await page.evaluate(() => window.handle.close());
  }
  const [a, b] = pay.opened.slice(-2).map(({ searchParams }) => searchParams.get('embed'));
  assert.notEqual(a, b);
});

test('wrong options are named in the console and to onError, and disturb nobody', async (t) => {
  const page = await visit(t, shopWith(''), { expected: [/console error: Epay: Epay\.open: /] });
  for (const [options, message] of [
    [null, 'give an object'],
    [{}, 'give either page or token'],
    [{ page: 'a', token: 'b' }, 'give either page or token'],
    [{ page: 'https://evil.example/pay/x' }, "page is to be a payment page's slug, or its address at"],
    [{ page: 'javascript:alert(1)' }, 'page is to be'],
    [{ page: '../../settings' }, 'page is to be'],
    [{ token: '../pay/good' }, 'token is to be the 32 letters and digits'],
    [{ page: 'good', onclose: 1, colour: 'red' }, 'there is no option "onclose" (there are page, token, language, onSuccess, onClose, onError); there is no option "colour"'],
    [{ page: 'good', onClose: 'no' }, 'onClose is to be a function'],
    [{ page: 'good', language: 1 }, 'language is to be a text'],
  ]) {
    const errors = await page.evaluate(async (given) => {
      const found = [];
      const handle = window.Epay.open(given && { ...given, onError: ({ code, message: text }) => found.push(code, text) });
      await handle.close();
      return found;
    }, options);
    // Without options there is no onError.
    if (options) assert.ok(errors[0] === 'invalid_options' && errors[1].includes(message), `${JSON.stringify(options)}: ${errors}`);
  }
  assert.equal(await page.locator('iframe').count(), 0);
});

test('one page is open at a time', async (t) => {
  const page = await visit(t, shopWith(''), { expected: [/a payment page is open already/] });
  await page.evaluate(() => {
    window.Epay.open({ page: 'good', ...window.listeners });
    window.Epay.open({ page: 'good', ...window.listeners });
  });
  assert.deepEqual(await heard(page, 1), [['onError', 'already_open', null]]);
  assert.equal(await page.locator('iframe').count(), 1);
});

test('two buttons: each opens its own page and hears of it', async (t) => {
  const page = await visit(t, shopWith(link(pay, 'good', 'First') + link(pay, 'untold', 'Second')));
  for (const [name, word] of [['Second', 'untold'], ['First', 'good']]) {
    await page.getByRole('button', { name }).click();
    await frameOf(page).getByText('Two tickets').waitFor();
    assert.equal(pay.opened.at(-1).pathname, `/pay/${word}`);
    await closeButton(page).click();
    await modal(page).waitFor({ state: 'hidden' });
    assert.equal(await page.evaluate(() => document.activeElement.textContent), name);
    await page.locator('iframe').waitFor({ state: 'detached' });
  }
  assert.equal((await heard(page, 2)).length, 2);
});

test("a callback that throws is the merchant's, and changes nothing", async (t) => {
  const page = await visit(t, shopWith(''), { expected: [/uncaught: Error: the merchant's own/] });
  await page.evaluate(() => {
    const { onClose } = window.listeners;
    const onSuccess = () => {
      throw new Error("the merchant's own");
    };
    window.Epay.open({ page: 'good', onSuccess, onClose });
  });
  await press(page, 'Approve', 'Done');
  assert.deepEqual(await heard(page, 1), [['onClose', 'success', 'EP-abcdefghijk']]);
});

// ---- messages that are not the page's ----

test('messages of other windows, other origins, other nonces and other types are passed over', async (t) => {
  const forger = await merchantSite();
  t.after(() => forger.close());
  const forged = forger.show('');
  const page = await visit(t, shopWith(`${link(pay)}<iframe title="Advertisement" src="${forged}"></iframe>`), {
    origins: [forger.origin],
    // The browser's, of a message that the frame's next origin does not get.
    expected: [/Failed to execute 'postMessage'.* does not match the recipient window's origin/],
  });
  await page.getByRole('button', { name: 'Pay Now' }).click();
  await frameOf(page).getByText('Two tickets').waitFor();
  await modal(page).locator('.wait').waitFor({ state: 'hidden' });
  const nonce = pay.opened.at(-1).searchParams.get('embed');
  const success = { epay: 1, nonce, type: 'status', status: 'success', reference: 'EP-forged' };
  const close = { epay: 1, nonce, type: 'close' };
  const frame = page.frames().find((one) => one.url().includes('/pay/good'));
  // The right nonce and origin within the wrong window; the merchant's own; the right window with what is wrong in the message.
  const say = (where, ...messages) => where.evaluate((list) => list.forEach((one) => top.postMessage(one, '*')), messages);
  await say(page.frames().find((one) => one.url() === forged), success, close);
  await say(page.mainFrame(), success, close);
  await say(frame, { ...success, nonce: nonce.replace(/./g, '0') }, { ...close, nonce: undefined }, { ...close, epay: 2 }, { ...close, type: 'constructor' }, null, 'close', [], 7);
  await say(frame, { epay: 1, nonce, type: 'resize', height: '1e99' }, { epay: 1, nonce, type: 'resize', height: -1 }, { epay: 1, nonce, type: 'resize' });
  await page.waitForTimeout(300);
  assert.deepEqual(await told(page), []);
  assert.ok(await modal(page).isVisible());
  assert.equal(await modal(page).locator('iframe').evaluate(({ style }) => style.height), '400px');
  // The right window, gone to another origin.
  await frame.evaluate((to) => location.assign(to), forged);
  await frame.waitForURL(forged);
  await say(frame, success, close);
  await page.waitForTimeout(300);
  assert.deepEqual(await told(page), []);
  // It does not answer for the page that was there.
  await closeButton(page).click();
  assert.deepEqual(await heard(page, 1), [['close', 'unknown', null]]);
});

test('what a page says of itself is checked', async (t) => {
  const page = await openByButton(t);
  await frameOf(page).getByText('Two tickets').waitFor();
  const nonce = pay.opened.at(-1).searchParams.get('embed');
  const frame = page.frames().find((one) => one.url().includes('/pay/good'));
  await frame.evaluate((given) => {
    // Its own answer comes later, and is not waited for.
    window.addEventListener('message', () => parent.postMessage({ epay: 1, nonce: given, type: 'answer', status: 'rich', reference: { toString: 1 } }, '*'));
  }, nonce);
  await frame.evaluate(() => (window.fetch = () => new Promise(() => {})));
  await closeButton(page).click();
  assert.deepEqual(await heard(page, 1), [['close', 'unknown', null]]);
});
