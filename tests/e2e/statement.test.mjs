// A rail's statement with every kind of difference in it: each is named, and the books explain themselves to the last pesewa.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startEmulator } from './emulator.mjs';
import { binary, createMerchant, eventually, filesBeside, momoCharge, newFolder, newReference, receiver, runEpay, signIn, sleep, startEpay, verify } from './harness.mjs';
import { entryFor, withRails } from './rails.mjs';

let mtn, epay, hook, merchant, client;

before(async () => {
  mtn = await startEmulator('mtn', { switches: { 'mtn.target': 'mtnghana' } });
  epay = await startEpay({ args: withRails([entryFor(mtn)]) });
  hook = await receiver();
  merchant = await createMerchant(epay.database, { webhook: hook.url });
  client = await signIn(epay, merchant);
});
after(async () => {
  await epay?.end();
  await hook?.close();
  await mtn?.end();
});

const header = 'Date,Type,External Id,Financial Transaction Id,Amount,Fee,Currency,Status';
let made = 0;
const newNumber = () => `0249${String(100_000 + (made += 1))}`;
const iso = (ms) => new Date(ms).toISOString();
const hour = 3_600_000;

// Charges somebody of their own: what we and MTN call the order.
async function charge(fields = {}, outcome) {
  const number = newNumber();
  if (outcome) await mtn.outcome(outcome, { number: `233${number.slice(1)}` });
  const body = momoCharge({ mobile_wallet_number: number, mobile_wallet_network: 'mtn', ...fields });
  const answer = await client.post('/api/v1/charge', body);
  assert.equal(answer.status, 200, answer.text);
  const order = (await mtn.orders()).find((one) => JSON.stringify(one).includes(`233${number.slice(1)}`));
  return { reference: body.reference, order: order.client_reference, number };
}
const statusOf = async (reference) => (await client.get(`/api/v1/transactions/${reference}`)).json.transaction.status;

// Also lines that are not of today, so that what is ours is well within.
function statementFile(lines) {
  const file = path.join(newFolder(), 'statement.csv');
  writeFileSync(file, [header, ...lines.map((fields) => fields.join(','))].join('\r\n') + '\r\n');
  return file;
}
const line = (order, amount, more = {}) => {
  const { at = Date.now(), type = 'Payment', id = '1', fee = '0', currency = 'GHS', status = 'SUCCESSFUL' } = more;
  return [iso(at), type, order, id, amount, fee, currency, status];
};
const around = () => ['--since', iso(Date.now() - 2 * hour), '--until', iso(Date.now() + 2 * hour)];
const importing = (file) => ['statement', 'import', file, '--rail', 'mtn', '--mode', 'test', '--json', '--database', epay.database, ...around()];
const lines = (text) => text.trim().split('\n').filter(Boolean).map((one) => JSON.parse(one));

test('every difference is named, nothing is left unexplained, and a person can put each right', async () => {
  const matched = await charge({ amount: 10 });
  const another = await charge({ amount: 20.5 });
  const oursOnly = await charge({ amount: 30 });
  const differs = await charge({ amount: 40 });
  const failedHere = await charge({ amount: 50 }, { failure: 'NOT_ENOUGH_FUNDS' });
  const doubled = await charge({ amount: 60 });
  const failedThere = await charge({ amount: 70 });
  const open = await charge({ amount: 80 }, { decides: false });
  for (const { reference } of [matched, another, oursOnly, differs, doubled, failedThere]) await client.settled(reference);
  await client.settled(failedHere.reference);
  const payout = { reference: newReference('P'), amount: 5, payout_method: 'momo', mobile_wallet_network: 'mtn', mobile_wallet_number: newNumber(), payout_description: 'x' };
  assert.equal((await client.post('/api/v1/payout', payout)).status, 200);
  await client.settled(payout.reference);
  const sent = (await mtn.orders()).find((one) => JSON.stringify(one).includes(`233${payout.mobile_wallet_number.slice(1)}`)).client_reference;

  const file = statementFile([
    line(matched.order, '10.00', { fee: '0.10' }),
    line(another.order, '"1,020.50"'.replace('1,0', '')),
    line(differs.order, '41.00'),
    line(failedHere.order, '50'),
    line(doubled.order, '60', { id: '2' }),
    line(doubled.order, '60', { id: '3' }),
    line(failedThere.order, '70', { status: 'FAILED' }),
    line(open.order, '80', { id: '4711' }),
    line('somebody-elses', '90', { id: '5' }),
    line('', '3.5', { type: 'Fee', id: '6' }),
    line('', '100', { type: 'Settlement', id: '7' }),
    line(sent, '5', { type: 'Transfer', id: '8' }),
    line('not-decided', '1', { status: 'PENDING' }),
  ]);
  const { stdout } = await runEpay(importing(file));
  const report = JSON.parse(stdout);
  assert.deepEqual(report.findings, {
    matched: 4, decided: 1, 'ours only': 1, 'theirs only': 1, 'amount differs': 1, 'state differs': 2, doubled: 1, 'no order': 2,
  });
  const [ghs] = report.currencies;
  assert.equal(ghs.currency, 'GHS');
  // 10 + 20.5 + 41 + 50 + 60 + 60 + 80 + 90 in, 5 out.
  assert.deepEqual(ghs.theirs, { count: 9, amount: '406.5' });
  // 10 + 20.5 + 30 + 40 + 60 + 70 + 80 in, 5 out.
  assert.deepEqual(ghs.ours, { count: 8, amount: '305.5' });
  assert.deepEqual(ghs.differences, {
    'ours only': { count: 1, amount: '-30' },
    'theirs only': { count: 1, amount: '90' },
    'amount differs': { count: 1, amount: '1' },
    'state differs': { count: 2, amount: '-20' },
    doubled: { count: 1, amount: '60' },
  });
  assert.deepEqual(ghs.rail_fees, { count: 2, amount: '-3.6' });
  assert.deepEqual(ghs.settlements, { count: 1, amount: '-100' });
  assert.equal(ghs.unexplained, '0');
  // 90 of nobody, 1 too much, 50 that had failed here, 60 twice; 70 that the rail says has not come.
  assert.equal(ghs.in_suspense, '131');

  // The statement was the rail's word about what was open, and the merchant has heard of it.
  await client.settled(open.reference);
  assert.equal(await statusOf(open.reference), 'success');
  await eventually('the notification of the payment that the statement decided', () => hook.deliveries.some(({ text }) => text.includes(open.reference)), 10_000);

  // In suspense it is the rail's, by the statement: what the clearing accounts say now is what MTN moved, but for what is only ours.
  assert.equal(report.clearing[0].amount, String(406.5 + 30));
  await verify(epay.database);

  // The same file again is refused, and nothing is taken twice.
  const again = await runEpay(importing(file), { expected: 1 });
  assert.match(again.stderr, /imported before, as statement 1/);

  // ---- a person ----
  const queue = async () => lines((await runEpay(['statement', 'queue', '--json', '--database', epay.database])).stdout);
  const waiting = await queue();
  assert.deepEqual(waiting.map(({ finding }) => finding).sort(), ['amount differs', 'doubled', 'ours only', 'state differs', 'state differs', 'theirs only']);
  const find = (finding, reference) => waiting.find((one) => one.finding === finding && (!reference || one.reference === reference));
  const resolve = (one, as, more = [], expected = 0) =>
    runEpay(['statement', 'resolve', String(one.statement), ...more, '--as', as, '--note', 'asked MTN', '--database', epay.database, '--', String(one.line)], { expected });
  // It was paid after all: the merchant gets it.
  await resolve(find('state differs', failedHere.order), 'credited');
  // Whose it is has to be said, and only once.
  assert.match((await resolve(find('theirs only'), 'credited', [], 2)).stderr, /--merchant/);
  await resolve(find('theirs only'), 'credited', ['--merchant', String(merchant.merchant_id)]);
  assert.match((await resolve(find('theirs only'), 'noted', [], 1)).stderr, /is resolved/);
  // Given back to the customer by MTN.
  await resolve(find('doubled'), 'returned');
  await resolve(find('amount differs'), 'returned');
  await resolve(find('state differs', failedThere.order), 'returned');
  await resolve(find('ours only'), 'noted');
  assert.deepEqual(await queue(), []);
  await verify(epay.database);
  const shown = await runEpay(['statement', 'show', '1', '--database', epay.database]);
  assert.match(shown.stdout, /everything is explained/);
  assert.doesNotMatch(shown.stdout, /NOT explained/);
  const listed = lines((await runEpay(['statement', 'list', '--json', '--database', epay.database])).stdout);
  assert.equal(listed.length, 1);
  assert.equal(listed[0].finished, true);
});

test('what one statement lacks and the next one has is closed by itself', async () => {
  const late = await charge({ amount: 12 });
  await client.settled(late.reference);
  await runEpay(importing(statementFile([line('nobody', '1', { id: 'n1' })])));
  const queue = async () => lines((await runEpay(['statement', 'queue', '--json', '--database', epay.database])).stdout);
  assert.ok((await queue()).some(({ finding, reference }) => finding === 'ours only' && reference === late.order));
  const { stdout } = await runEpay(importing(statementFile([line(late.order, '12', { id: 'n2' })])));
  assert.equal(JSON.parse(stdout).findings.matched, 1);
  assert.ok(!(await queue()).some(({ reference }) => reference === late.order));
  assert.equal(JSON.parse(stdout).currencies[0].unexplained, '0');
});

test('an import that is killed goes on where it was, and moves nothing twice', async () => {
  const before = JSON.parse((await runEpay(importing(statementFile([line('a-line', '1', { id: 'k0' })])))).stdout).clearing[0].amount;
  const count = 4_000;
  const file = statementFile(Array.from({ length: count }, (_, i) => line(`unknown-${i}`, '1', { id: `k${i + 1}` })));
  const args = importing(file);
  for (let kill = 0; kill < 3; kill += 1) {
    const child = spawn(binary, args, { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await sleep(60 + 80 * kill);
    child.kill('SIGKILL');
    await ended;
  }
  const { stdout } = await runEpay(args, { expected: null });
  const report = stdout ? JSON.parse(stdout) : JSON.parse((await runEpay(['statement', 'show', '5', '--json', '--database', epay.database])).stdout);
  assert.equal(report.findings['theirs only'], count);
  assert.equal(Number(report.clearing[0].amount) - Number(before), count);
  await verify(epay.database);
});

test('what cannot be read is named by line, and nothing is taken of it', async () => {
  const refused = async (text, pattern, args = []) => {
    const file = path.join(newFolder(), 'wrong.csv');
    writeFileSync(file, text);
    const { stderr } = await runEpay([...importing(file), ...args], { expected: 2 });
    assert.match(stderr, pattern);
  };
  await refused('', /the file is empty/);
  await refused('a,b\n1,2\n', /there is no column "External Id"/);
  await refused(`${header}\nyesterday,Payment,x,1,1,0,GHS,SUCCESSFUL\n2026-01-01,Payment,x,1,1.234,0,GHS,SUCCESSFUL\n`, /line 2: time: "yesterday"[^]*line 3: amount: "1.234" is no amount of GHS/);
  await refused(`${header}\n"2026`, /line 2: a quote is not closed/);
  const mapping = path.join(newFolder(), 'mapping.json');
  writeFileSync(mapping, '{"columns":{"amount":"A"},"units":"cents"}');
  await refused(`${header}\n`, /columns.time: is missing[^]*units: must be major or minor/, ['--mapping', mapping]);
});
