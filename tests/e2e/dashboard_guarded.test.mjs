// What guards the pages of money: roles on every route, another merchant's ids on every route; and a large store: files
// of any length in constant memory.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { askStore, momoCharge, newReference, receiver, signIn, startEpay } from './harness.mjs';
import { formsOf, member, person, shop } from './people.mjs';

let epay;
before(async () => {
  epay = await startEpay();
});
after(() => epay.end());

// Every route of money, and who may: o(wner), d(eveloper), f(inance), v(iewer).
const routes = [
  ['GET', '/dashboard', 'odfv'],
  ['GET', '/dashboard/live', 'odfv'],
  ['GET', '/revenue', 'odfv'],
  ['GET', '/revenue/live', 'odfv'],
  ['GET', '/revenue/export', 'odfv'],
  ['GET', '/revenue/1', 'odfv'],
  ['POST', '/revenue/1/send-again', 'od'],
  ['GET', '/revenue/1/refund', 'of'],
  ['POST', '/revenue/1/refund', 'of'],
  ['GET', '/customers', 'odfv'],
  ['GET', '/customers/1', 'odfv'],
  ['GET', '/wallet', 'odfv'],
  ['GET', '/wallet/statement', 'odfv'],
  ['GET', '/wallet/statement/export', 'odfv'],
  ['GET', '/transfers', 'of'],
  ['GET', '/transfers/live', 'of'],
  ['GET', '/transfers/new', 'of'],
  ['POST', '/transfers/new', 'of'],
  ['POST', '/transfers', 'of'],
  ['GET', '/transfers/bulk', 'of'],
  ['POST', '/transfers/bulk', 'of'],
  ['GET', '/transfers/bulk/1', 'of'],
  ['POST', '/transfers/bulk/1/start', 'of'],
  ['POST', '/transfers/bulk/1/discard', 'of'],
  ['GET', '/transfers/recipients', 'of'],
  ['POST', '/transfers/recipients/1/delete', 'of'],
];

// The status of a GET, of a stream too, which is then left.
const statusOf = (who, target) =>
  new Promise((resolve, reject) => {
    const cookie = [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const asked = http.get(epay.url + target, { headers: { accept: 'text/html', cookie } }, (answer) => {
      resolve(answer.statusCode);
      asked.destroy();
    });
    asked.on('error', (error) => error.code !== 'ECONNRESET' && reject(error));
  });

test('every role on every route, and nobody without a session', async () => {
  const { owner } = await shop(epay);
  const people = { o: owner };
  for (const role of ['developer', 'finance', 'viewer']) people[role[0]] = (await member(epay, owner, role)).person;
  for (const [letter, who] of Object.entries(people)) {
    const csrf = formsOf(await who.get('/settings'))[0].fields.csrf;
    for (const [method, target, may] of routes) {
      const status = method === 'GET' ? await statusOf(who, target) : (await who.post(target, { csrf }, { follow: false })).status;
      assert.equal(status !== 403, may.includes(letter), `${letter} ${method} ${target}: ${status}`);
      assert.ok(status < 500, `${letter} ${method} ${target}: ${status}`);
    }
  }
  for (const [method, target] of routes) {
    const page = method === 'GET' ? await person(epay).get(target, { follow: false }) : await person(epay).post(target, {}, { follow: false });
    assert.equal(page.status, 303, `${method} ${target}`);
    assert.match(page.headers.location, /^\/login/);
  }
});

test("another merchant's ids, and the other mode's, are not there", async () => {
  const sink = await receiver();
  const theirs = await shop(epay);
  const mine = await shop(epay);
  const api = await signIn(epay, theirs.merchant);
  const endpoint = await api.post('/api/v1/endpoints', { url: sink.url });
  assert.ok(endpoint.status < 300, endpoint.text);
  const reference = newReference('secret');
  assert.ok((await api.post('/api/v1/charge', momoCharge({ reference, customer_name: 'Somebody Secret' }))).status < 300);
  await sink.arrived(1, reference);
  const revenue = await theirs.owner.get('/revenue');
  const payment = revenue.text.match(/href="\/revenue\/(\d+)">/)[1];
  const customer = (await theirs.owner.get('/customers')).text.match(/href="\/customers\/(\d+)"/)[1];
  const story = await theirs.owner.get(`/revenue/${payment}`);
  const form = formsOf(story).find((one) => one.action.endsWith('/send-again'));
  const targets = [`/revenue/${payment}`, `/customers/${customer}`, `/revenue?customer=${customer}`];
  const check = async (who) => {
    for (const target of targets) assert.equal((await who.get(target)).status, 404, target);
    const csrf = formsOf(await who.get('/settings'))[0].fields.csrf;
    assert.equal((await who.post(`/revenue/${payment}/send-again`, { ...form.fields, csrf })).status, 404);
    for (const target of ['/revenue', '/revenue?q=secret', `/revenue?before=${payment}`, `/revenue?after=1`, '/customers', '/customers?q=secret', '/wallet', '/wallet/statement', '/dashboard', '/revenue/export', '/wallet/statement/export']) {
      const page = await who.get(target);
      assert.equal(page.status, 200, target);
      assert.ok(!page.text.replaceAll(/value="[^"]*"/g, '').replaceAll(/export\?[^"]*/g, '').includes('ecret'), `${target}: ${page.text}`);
    }
  };
  for (const target of targets) assert.equal((await theirs.owner.get(target)).status, 200, target);
  await check(mine.owner);
  // The same merchant, looking at live money.
  await theirs.owner.submit(await theirs.owner.get('/settings'), { mode: 'live' }, { action: '/mode' });
  await check(theirs.owner);
  assert.equal(sink.of(reference).length, 1);
  await sink.close();
});

describe('100,000 payments', () => {
  const rows = 100_000;
  let owner;

  before(async () => {
    const large = await shop(epay);
    owner = large.owner;
    const id = large.merchant.merchant_id;
    askStore(epay.database, `
      INSERT INTO customers (merchant_id, mode, id, identity, name, email, telephone, created_at, updated_at)
        VALUES (${id}, 1, 900000, 1, 'Ama Mensah', 'ama@example.com', '0240000000', 1, 1);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      INSERT INTO payments (merchant_id, mode, id, kind, status, late, reference, customer_id, method, amount_minor, fee_minor, currency,
        description, created_at, updated_at, expires_at)
      SELECT ${id}, 1, 1000000 + i, 1, CASE WHEN i % 20 = 0 THEN 4 ELSE 3 END, 0, 'copy-' || i, 900000, 1, i, 0, 'GHS', 'Order ' || i, 1000000 * CAST(i AS BIGINT), 1000000 * CAST(i AS BIGINT), 1000000 * CAST(i AS BIGINT) FROM n;`);
  });

  const resident = () => Number(readFileSync(`/proc/${epay.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1]);

  test('a file of them streams in constant memory', async () => {
    await owner.get('/revenue');
    const before = resident();
    const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    let lines = 0;
    let bytes = 0;
    await new Promise((resolve, reject) =>
      http.get(`${epay.url}/revenue/export`, { headers: { cookie } }, (answer) => {
        assert.equal(answer.statusCode, 200);
        answer.on('data', (chunk) => {
          bytes += chunk.length;
          for (const byte of chunk) lines += byte === 10;
        });
        answer.on('end', resolve);
        answer.on('aborted', () => reject(new Error('cut off')));
      }).on('error', reject),
    );
    assert.equal(lines, rows + 1);
    assert.ok(bytes > 10_000_000, `${bytes} bytes`);
    // The reader's page cache fills; the file itself is nowhere.
    assert.ok(resident() - before < 32 * 1024, `grew by ${resident() - before} KiB for ${bytes} bytes`);
  });

  test('searches and filters look at a bounded number of rows', async () => {
    for (const target of ['/revenue', '/revenue?q=copy-77777', '/revenue?status=failed', '/revenue?q=nobody', '/revenue?from=1970-01-01&to=1970-01-02', '/customers?q=ama']) {
      const began = Date.now();
      const page = await owner.get(target);
      assert.equal(page.status, 200);
      assert.ok(Date.now() - began < 2_000, `${target} took ${Date.now() - began} ms`);
    }
    assert.match((await owner.get('/revenue?q=copy-77777')).text, /copy-77777</);
  });

  test('who leaves in the middle of a file leaves nothing behind', async () => {
    const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    await new Promise((resolve) => {
      const asked = http.get(`${epay.url}/revenue/export`, { headers: { cookie } }, (answer) => answer.once('data', () => asked.destroy()));
      asked.on('close', resolve);
      asked.on('error', () => {});
    });
    assert.equal((await owner.get('/revenue')).status, 200);
  });
});
