// The dashboard's pages of money: lists, filters, searches, a payment's story, customers, the wallet, statements, files,
// live parts, transfers.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { eventually, momoCharge, newReference, receiver, signIn, startEpay, verify, wallets } from './harness.mjs';
import { formsOf, shop, shown } from './people.mjs';

let epay, sink, owner, api;
const references = [];  // in the order of their making

async function charge(fields = {}) {
  const body = momoCharge({ reference: newReference('order'), ...fields });
  const answer = await api.post('/api/v1/charge', body);
  assert.ok(answer.status < 300 || body.mobile_wallet_number === wallets.refusedAtOnce, answer.text);
  references.push(body.reference);
  return body.reference;
}

before(async () => {
  sink = await receiver();
  epay = await startEpay();
  const created = await shop(epay);
  owner = created.owner;
  api = await signIn(epay, created.merchant);
  const set = await api.post('/api/v1/endpoints', { url: sink.url });
  assert.ok(set.status < 300, set.text);
});
after(async () => {
  await epay?.end();
  await sink?.close();
  await verify(epay.database);
});

// The references of a list, in its order.
const listed = (page) => [...page.text.matchAll(/<td class="list-main"><a href="\/revenue\/\d+">([^<]+)<\/a>/g)].map((found) => found[1]);
const idOf = async (reference) => {
  const page = await owner.get(`/revenue?q=${encodeURIComponent(reference)}`);
  return page.text.match(new RegExp(`href="/revenue/(\\d+)">${reference}<`))[1];
};
const linkOf = (page, rel) => page.text.match(new RegExp(`href="([^"]+)" rel="${rel}"`))?.[1].replaceAll('&amp;', '&');

// The rows of a CSV text (RFC 4180).
function csvRows(text) {
  assert.ok(text.startsWith('\ufeff'), 'a byte order mark');
  const rows = [[]];
  for (const [, quoted, plain, end] of text.slice(1).matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}

describe('before anything is paid', () => {
  test('every page says what to do next', async () => {
    for (const [path, text] of [['/dashboard', /Next steps/], ['/revenue', /No payments yet/], ['/customers', /No customers yet/], ['/wallet', /Nothing in the wallet yet/], ['/transfers', /No transfers yet/], ['/wallet/statement', /Nothing moved/]]) {
      const page = await owner.get(path);
      assert.equal(page.status, 200, path);
      assert.match(shown(page), text, path);
    }
    assert.match(shown(await owner.get('/transfers/new')), /no money in the wallet/);
  });
});

describe('lists', () => {
  before(async () => {
    for (let i = 0; i < 30; i += 1) await charge({ amount: 10 + i });
    await charge({ mobile_wallet_number: wallets.rejected });
    await charge({ mobile_wallet_number: wallets.rejected });
    await charge({ customer_name: 'Zoë Quaye', customer_email: 'zoe@example.com', payment_description: 'Kente cloth' });
    await eventually('all to be decided', async () => listed(await owner.get('/revenue?status=pending')).length === 0);
  });

  test('newest first, page by page, there and back', async () => {
    const first = await owner.get('/revenue');
    assert.deepEqual(listed(first), [...references].reverse().slice(0, 25));
    const second = await owner.get(linkOf(first, 'next'));
    assert.deepEqual(listed(second), [...references].reverse().slice(25));
    assert.equal(linkOf(second, 'next'), undefined);
    assert.deepEqual(listed(await owner.get(linkOf(second, 'prev'))), listed(first));
    assert.equal(linkOf(first, 'prev'), undefined);
  });

  test('what comes in meanwhile shifts no page', async () => {
    const first = await owner.get('/revenue');
    const next = linkOf(first, 'next');
    const expected = listed(await owner.get(next));
    const paying = Promise.all(Array.from({ length: 20 }, () => charge()));
    for (let i = 0; i < 20; i += 1) assert.deepEqual(listed(await owner.get(next)), expected);
    await paying;
    assert.deepEqual(listed(await owner.get(next)), expected);
  });

  test('filters and searches, kept in the address', async () => {
    const failed = await owner.get('/revenue?status=failed');
    assert.equal(listed(failed).length, 2);
    assert.match(failed.text, /<option value="failed" selected>/);
    assert.match(failed.text, /href="\/revenue\/export\?status=failed"/);
    assert.deepEqual(listed(await owner.get('/revenue?q=zoe+qua')), [references[32]]);
    assert.deepEqual(listed(await owner.get('/revenue?q=kente')), [references[32]]);
    assert.deepEqual(listed(await owner.get('/revenue?q=zoe%40example.com&status=failed')), []);
    assert.equal(listed(await owner.get(`/revenue?q=${references[3]}`)).includes(references[3]), true);
    assert.equal(listed(await owner.get('/revenue?method=card')).length, 0);
    assert.match(shown(await owner.get('/revenue?method=card')), /Nothing was found/);
    assert.equal(listed(await owner.get('/revenue?from=2020-01-01&to=2020-12-31')).length, 0);
    assert.equal(listed(await owner.get('/revenue?from=2020-01-01')).length, 25);
    const more = await owner.get('/revenue?q=tickets&status=success');
    assert.match(linkOf(more, 'next'), /^\/revenue\?q=tickets&status=success&before=\d+$/);
  });

  test('what cannot be is told beside the field, and what was typed stays', async () => {
    const page = await owner.get('/revenue?q=ama&from=yesterday&status=sold&to=2024-02-30');
    assert.equal(page.status, 400);
    assert.match(page.text, /id="from"[^>]*value="yesterday"/);
    assert.match(page.text, /id="from-wrong">This is not a date/);
    assert.match(page.text, /id="to-wrong">This is not a date/);
    assert.match(page.text, /id="q"[^>]*value="ama"/);
    assert.match(shown(await owner.get('/revenue?from=2024-03-02&to=2024-03-01')), /before the first day/);
    assert.equal((await owner.get(`/revenue?q=${'x'.repeat(101)}`)).status, 400);
    assert.equal((await owner.get('/revenue?q=%FF')).status, 400);
    assert.equal((await owner.get('/revenue?before=x&after=-1')).status, 200);
  });

  test('in French', async () => {
    const page = await owner.get('/revenue?lang=fr');
    assert.match(shown(page), /Recettes/);
    assert.match(shown(page), /10,00\s*GHS|GHS/);
  });
});

describe('one payment', () => {
  test('its story: attempts, books, webhooks; a webhook is sent again', async () => {
    const reference = await charge({ amount: 77.5 });
    await sink.arrived(1, reference);
    const id = await idOf(reference);
    const page = await eventually('the delivery to be recorded', async () => {
      const found = await owner.get(`/revenue/${id}`);
      return /HTTP 200/.test(found.text) && found;
    });
    const text = shown(page);
    for (const part of [reference, 'GHS 77.50', 'Successful', 'Test network', 'Two tickets', 'Ama Mensah', 'payment.success', sink.url, 'Delivered', 'available after it']) {
      assert.ok(text.replaceAll('\u00a0', ' ').includes(part), `${part} in ${text}`);
    }
    const again = await owner.submit(page, {}, { action: `/revenue/${id}/send-again` });
    assert.match(shown(again), /is being sent again/);
    const [first, second] = await sink.arrived(2, reference);
    assert.equal(first.headers['webhook-id'], second.headers['webhook-id']);
    // A delivery of another payment is none of this one's.
    const other = await idOf(references[0]);
    const form = formsOf(page).find((one) => one.action.endsWith('/send-again'));
    assert.equal((await owner.post(`/revenue/${other}/send-again`, form.fields)).status, 404);
    assert.equal((await owner.post(`/revenue/${id}/send-again`, { ...form.fields, event: 'x' })).status, 404);
  });

  test('a failure says what the network said', async () => {
    const id = await idOf(references[30]);
    assert.match(shown(await owner.get(`/revenue/${id}`)), /Failed.*The network said/);
  });

  test('customers, and one with what he has paid', async () => {
    const found = await owner.get('/customers?q=zoe');
    assert.match(shown(found), /Zoë Quaye zoe@example.com/);
    const one = await owner.get(found.text.match(/href="(\/customers\/\d+)"/)[1]);
    assert.match(shown(one), /1 successful · 0 failed/);
    assert.deepEqual(listed(one), [references[32]]);
    assert.match(shown(await owner.get('/customers?q=nobody')), /Nothing was found/);
  });
});

describe('Home', () => {
  test('figures, chart and latest payments', async () => {
    const page = await owner.get('/dashboard');
    const text = shown(page);
    assert.match(text, /Today/);
    assert.match(text, /Success rate 9\d%/);
    assert.equal([...page.text.matchAll(/data-seconds="/g)].length, 30);
    assert.equal(listed(page).length, 8);
  });

  test('latest payments arrive live', async () => {
    const page = await owner.get('/dashboard');
    const path = page.text.match(/sse-connect="([^"]+)"/)[1];
    const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    let text = '';
    const stream = http.get(epay.url + path, { headers: { cookie } }, (answer) => {
      assert.match(answer.headers['content-type'], /^text\/event-stream/);
      answer.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    });
    await eventually('the stream to begin', () => /event: latest/.test(text));
    const reference = await charge();
    await eventually('the payment in the stream', () => text.includes(reference));
    stream.destroy();
  });

  test('a webhook URL that fails is told', async () => {
    const broken = await api.post('/api/v1/endpoints', { url: 'http://127.0.0.1:9/closed' });
    assert.ok(broken.status < 300, broken.text);
    await charge();
    await eventually('the failure on Home', async () => /webhook URL does not answer/.test(shown(await owner.get('/dashboard'))));
    assert.equal((await api.api('DELETE', `/api/v1/endpoints/${broken.json.endpoint.id}`)).status, 200);
  });
});

describe('the wallet', () => {
  test('balances, entries and a statement that adds up', async () => {
    const wallet = await owner.get('/wallet');
    assert.match(shown(wallet), /Available · GHS GHS/);
    const entries = await owner.get(linkOf(wallet, 'next'));
    assert.match(shown(entries), /Payment/);
    const month = wallet.text.match(/href="(\/wallet\/statement\?currency=GHS&amp;month=[\d-]+)"/)[1].replaceAll('&amp;', '&');
    const statement = await owner.get(month);
    assert.match(shown(statement), /Opening balance GHS 0\.00/);
    const file = await owner.get(month.replace('/statement?', '/statement/export?'));
    assert.match(file.headers['content-disposition'], /^attachment; filename="statement-GHS-\d{4}-\d\d\.csv"$/);
    const [head, ...rows] = csvRows(file.text);
    const column = (name) => head.indexOf(name);
    const minor = (text) => BigInt(text.replace('.', ''));
    let available = minor(rows[0][column('available_after')]);
    for (const row of rows.slice(1, -1)) {
      available += minor(row[column('available_change')]);
      assert.equal(minor(row[column('available_after')]), available);
    }
    assert.equal(rows[0][column('what')], 'opening_balance');
    assert.equal(rows.at(-1)[column('what')], 'closing_balance');
    assert.equal(minor(rows.at(-1)[column('available_after')]), available);
    const shownClosing = shown(statement).match(/Closing balance GHS ([\d,.]+)/)[1].replaceAll(',', '');
    assert.equal(minor(shownClosing), available);
  });

  test('an address that makes no sense leads nowhere', async () => {
    for (const path of ['/wallet?currency=XXX', '/wallet/statement?month=2024-13', '/wallet/statement?month=9999-01', '/wallet/statement/export?currency=nope']) {
      assert.equal((await owner.get(path)).status, 404, path);
    }
  });
});

describe('transfers', () => {
  const good = { amount: '5.00', currency: 'GHS', wallet: '024 123 4567', network: 'mtn', description: 'Rent' };

  test('asked once more, made once, followed', async () => {
    const form = await owner.get('/transfers/new');
    const confirm = await owner.submit(form, good);
    assert.match(shown(confirm), /Is this right\?.*GHS 5\.00.*024 123 4567.*Rent/);
    const made = await owner.submit(confirm, {}, { action: '/transfers' });
    assert.match(made.path, /^\/revenue\/\d+/);
    // The same form again is the same transfer.
    const twice = await owner.submit(confirm, {}, { action: '/transfers' });
    assert.equal(twice.path.split('?')[0], made.path.split('?')[0]);
    const list = await owner.get('/transfers');
    assert.equal([...list.text.matchAll(/class="list-main"/g)].length, 1);
    await eventually('the transfer to succeed', async () => /Successful/.test(shown(await owner.get('/transfers'))));
    assert.match(shown(await owner.get('/wallet')), /Transfer: sent/);
    assert.match(shown(await owner.get('/revenue?kind=payout')), /Transfer/);
  });

  test('back to the form with what was typed', async () => {
    const confirm = await owner.submit(await owner.get('/transfers/new'), good);
    const form = formsOf(confirm).find((one) => one.action === '/transfers');
    const again = await owner.post('/transfers/new', { ...form.fields, change: '1' });
    assert.match(again.text, /id="description"[^>]*value="Rent"/);
  });

  test('what cannot be is told beside the field', async () => {
    for (const [fields, id, text] of [
      [{ amount: 'much' }, 'amount', /not an amount/],
      [{ amount: '-5' }, 'amount', /not an amount/],
      [{ amount: '99999999' }, 'amount', /not have this much/],
      [{ wallet: '12' }, 'wallet', /not a Ghanaian/],
      [{ network: '' }, 'network', /choose the network/],
      [{ currency: 'XXX' }, 'currency', /choose a currency/],
      [{ description: ' ' }, 'description', /what it is for/],
      [{ description: 'x'.repeat(141) }, 'description', /too long/],
    ]) {
      const page = await owner.submit(await owner.get('/transfers/new'), { ...good, ...fields });
      assert.equal(page.status, 422, JSON.stringify(fields));
      assert.match(page.text.match(new RegExp(`id="${id}-wrong">([^<]*)<`))[1], text);
      if (fields.amount) assert.match(page.text, new RegExp(`id="amount"[^>]*value="${fields.amount}"`));
    }
  });

  test('an altered form moves nothing', async () => {
    const before = shown(await owner.get('/wallet')).match(/Available · GHS GHS ([\d,.]+)/)[1];
    const csrf = formsOf(await owner.get('/transfers/new')).find((one) => one.fields.reference).fields.csrf;
    for (const fields of [{ ...good, csrf, reference: 'mine' }, { ...good, csrf, reference: 'TR-ABCDEFGHJKL', amount: '0' }]) {
      assert.equal((await owner.post('/transfers', fields, { follow: false })).status, 303);
    }
    assert.equal((await owner.post('/transfers', { ...good, reference: 'TR-ABCDEFGHJKM' }, { follow: false })).status, 403);
    assert.equal(shown(await owner.get('/wallet')).match(/Available · GHS GHS ([\d,.]+)/)[1], before);
  });
});

describe('files', () => {
  test('a list as CSV, as filtered; no formula, no markup', async () => {
    const reference = await charge({ customer_name: '=cmd|x', payment_description: '<script>alert(1)</script>, "quoted" line' });
    const file = await owner.get('/revenue/export');
    assert.match(file.headers['content-type'], /^text\/csv/);
    const [head, ...rows] = csvRows(file.text);
    assert.equal(rows.length, references.length + 1);  // and the transfer
    const row = Object.fromEntries(rows.find((one) => one[0] === reference).map((field, i) => [head[i], field]));
    assert.equal(row.customer_name, "'=cmd|x");
    assert.equal(row.description, '<script>alert(1)</script>, "quoted" line');
    assert.equal(row.amount, '1.00');
    const failed = csvRows((await owner.get('/revenue/export?status=failed')).text);
    assert.equal(failed.length, 3);
    const page = await owner.get(`/revenue/${await idOf(reference)}`);
    assert.ok(!page.text.includes('<script>alert(1)'));
    assert.match(page.text, /&lt;script&gt;alert\(1\)/);
  });
});
