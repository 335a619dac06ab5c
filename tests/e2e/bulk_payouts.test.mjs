// Many payouts from one file: read in, looked at, begun, paid through crashes, each line once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { askStore, assertError, createMerchant, eventually, momoCharge, newReference, random, signIn, sleep, startEpay, verify } from './harness.mjs';
import { formsOf, shop, shown } from './people.mjs';

// EPAY_BULK_LINES=10000 for a long run.
const many = Number(process.env.EPAY_BULK_LINES ?? 1500);
const head = 'amount,mobile_wallet_number,mobile_wallet_network,bank_code,account_number,name,description,reference';

let epay, client;
const fund = async (by, amount) => {
  const charge = momoCharge({ amount });
  assert.equal((await by.post('/api/v1/charge', charge)).status, 200);
  assert.equal(await by.settled(charge.reference), 'success');
};
before(async () => {
  epay = await startEpay();
  client = await signIn(epay, await createMerchant(epay.database));
});
after(async () => {
  await epay.end();
  await verify(epay.database);
});
const read = (lines, by = client, fields = {}) => by.post('/api/v1/bulk_payouts', { name: 'January', csv: [head, ...lines].join('\n'), ...fields });
const bulkOf = async (id, by = client) => (await by.get(`/api/v1/bulk_payouts/${id}`)).json.bulk_payout;
const over = (id, by = client, timeout = 30_000) =>
  eventually(`file ${id} to be over`, async () => {
    const bulk = await bulkOf(id, by);
    return !['running', 'ready'].includes(bulk.status) && bulk;
  }, timeout);
const linesOf = async (id, by = client) => (await by.get(`/api/v1/bulk_payouts/${id}/lines?limit=100`)).json.lines;

describe('a file', () => {
  test('is read, looked at, and paid when somebody says so', async () => {
    await fund(client, 1000);
    const own = newReference('salary');
    const answer = await read([`150.00,0241234567,mtn,,,Ama,January,${own}`, '80,,,gcb,1234567890,Kofi,January,', '1,12,mtn,,,Nobody,January,', '5,0240000470,mtn,,,Fails,January,']);
    assert.equal(answer.status, 200, answer.text);
    const { id, ...bulk } = answer.json.bulk_payout;
    assert.deepEqual([bulk.status, bulk.lines, bulk.wrong, bulk.total, bulk.sent], ['ready', 4, 1, '235', 0]);
    const before = await linesOf(id);
    assert.deepEqual(before.map((line) => line.problem), [null, null, 'the mobile money number is none', null]);
    assert.equal(before[1].reference, `BP-${id}-2`);
    assert.equal((await client.get(`/api/v1/transactions/${own}`)).status, 404, 'nothing is sent before');
    assert.equal((await client.post(`/api/v1/bulk_payouts/${id}/start`)).status, 200);
    assert.deepEqual([(await over(id)).status, (await bulkOf(id)).sent], ['done', 3]);
    assert.equal(await client.settled(own), 'success');
    assert.equal(await client.settled(`BP-${id}-4`), 'failed');
    assert.deepEqual((await linesOf(id)).map((line) => line.status), ['success', 'success', null, 'failed']);
    assertError(await client.post(`/api/v1/bulk_payouts/${id}/start`), 409, 'invalid_request_error', 'This file is done');
    // The same file again: what has a reference is not paid twice.
    const again = (await read([`150.00,0241234567,mtn,,,Ama,January,${own}`])).json.bulk_payout;
    assert.equal(again.wrong, 1);
    assert.equal((await linesOf(again.id))[0].problem, 'the reference has been used already');
    assertError(await client.post(`/api/v1/bulk_payouts/${again.id}/start`), 409, 'invalid_request_error', 'This file has nothing to send');
  });

  test('stops where the wallet does not cover it, and goes on', async () => {
    const poor = await signIn(epay, await createMerchant(epay.database));
    await fund(poor, 10);
    const { id } = (await read(Array(5).fill('4,0241234567,mtn,,,,January,'), poor)).json.bulk_payout;
    await poor.post(`/api/v1/bulk_payouts/${id}/start`);
    const stopped = await over(id, poor);
    assert.deepEqual([stopped.status, stopped.sent, stopped.stopped_because], ['stopped', 2, 'The balance available does not cover this amount']);
    await fund(poor, 100);
    assert.equal((await poor.post(`/api/v1/bulk_payouts/${id}/start`)).status, 200);
    assert.deepEqual([(await over(id, poor)).status, (await bulkOf(id, poor)).sent], ['done', 5]);
    assert.equal((await poor.get('/api/v1/transactions')).json.transactions.total, 2 + 5);
  });

  test('is discarded, and is nobody else’s', async () => {
    const { id } = (await read(['1,0241234567,mtn,,,,January,'])).json.bulk_payout;
    const other = await signIn(epay, await createMerchant(epay.database));
    assertError(await other.get(`/api/v1/bulk_payouts/${id}`), 404, 'invalid_request_error', `There is no file ${id}`);
    assertError(await other.post(`/api/v1/bulk_payouts/${id}/start`), 404, 'invalid_request_error');
    assert.equal((await client.post(`/api/v1/bulk_payouts/${id}/discard`)).json.bulk_payout.status, 'discarded');
    assertError(await client.post(`/api/v1/bulk_payouts/${id}/start`), 409, 'invalid_request_error', 'This file is discarded');
  });

  test('that cannot be read says why', async () => {
    const answer = await read([], client, { csv: 'sum\n1' });
    assertError(answer, 400, 'invalid_request_error', 'csv cannot be read: There is no column called "sum"');
    assertError(await client.post('/api/v1/bulk_payouts', { name: 'x' }), 400, 'invalid_request_error', 'Not a valid API request with missing parameters');
  });
});

test('in the dashboard', async () => {
  const { owner, merchant } = await shop(epay);
  await fund(await signIn(epay, merchant), 500);
  const form = formsOf(await owner.get('/transfers/bulk')).find((one) => one.action === '/transfers/bulk');
  const wrong = await owner.post('/transfers/bulk', { ...form.fields, csv: 'sum\n1' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /id="file-wrong">There is no column called/);
  const looked = await owner.post('/transfers/bulk', { ...form.fields, name: 'Wages', csv: `${head}\n20,0241234567,mtn,,,Ama,January,\n1,1,mtn,,,,x,` });
  assert.match(shown(looked), /Wages.*GHS 20\.00.*the mobile money number is none/);
  const begun = await owner.submit(looked, {}, { action: `${looked.path}/start` });
  assert.equal(begun.path, looked.path);
  await eventually('the file to be done', async () => /Done/.test(shown(await owner.get(looked.path))));
  assert.match(shown(await owner.get('/transfers')), /January/);
  assert.match(shown(await owner.get('/transfers/bulk')), /Wages 1 \/ 1/);
});

test(`${many} lines, killed three times, are each paid once`, { timeout: 120_000 + many * 40 }, async (t) => {
  const chance = random(11);
  let service = await startEpay({ delay: '20ms', args: ['--rate-limit', '0'] });
  t.after(() => service.end());
  const { database } = service;
  let by = await signIn(service, await createMerchant(database));
  await fund(by, 100_000);
  const lines = Array.from({ length: many }, (_, i) => `${1 + (i % 7)}.${String(i % 100).padStart(2, '0')},02412${String(i).padStart(5, '0')},mtn,,,,Line ${i + 1},`);
  const { id, total } = (await read(lines, by)).json.bulk_payout;
  await by.post(`/api/v1/bulk_payouts/${id}/start`);
  for (let kills = 1; kills <= 3; kills += 1) {
    await eventually('some of it to be sent', async () => (await bulkOf(id, by)).sent > (kills * many) / 5, 60_000);
    await sleep(chance() * 50);
    await service.kill9();
    service = await startEpay({ database, delay: '20ms', args: ['--rate-limit', '0'] });
    by = by.at(service);
  }
  const bulk = await over(id, by, 60_000 + many * 20);
  assert.deepEqual([bulk.status, bulk.sent, bulk.refused], ['done', many, 0]);
  const of = (sql) => askStore(database, sql).split('\n');
  assert.deepEqual(of('SELECT count(*), count(DISTINCT reference) FROM payments WHERE kind = 2'), [`${many}|${many}`]);
  assert.equal(Math.round(Number(total) * 100), Number(of('SELECT sum(amount_minor) FROM payments WHERE kind = 2')[0]));
  // The network's own books: no line was sent twice. What a crash kept from it is sent when it has not known it for five minutes.
  const sent = () => of('SELECT count(*), coalesce(sum(amount_minor), 0) FROM simulator_orders WHERE kind = 2')[0].split('|').map(Number);
  const waiting = () => Number(of("SELECT count(*) FROM attempts WHERE status IN (1, 5)")[0]);
  await eventually(() => `what was sent to settle: ${sent()} sent, ${waiting()} wait`, () => sent()[0] + waiting() === many && waiting() <= 3 * 32, 30_000);
  t.diagnostic(`${many} lines, ${waiting()} wait for the network's grace`);
  const stands = () => of('SELECT p.status, a.status, a.failure, a.polls, count(*) FROM payments p JOIN attempts a ON a.merchant_id = p.merchant_id AND a.payment_id = p.id WHERE p.kind = 2 GROUP BY 1, 2, 3, 4');
  await eventually(() => `the rest to be decided: ${stands()}`, () => Number(of('SELECT count(*) FROM payments WHERE kind = 2 AND status = 3')[0]) === sent()[0], 30_000);
  await verify(database);
});
