// The drill on PostgreSQL: a copy is made with pg_dump while payments go on, the server is lost, and everything goes on from
// the copy on another one.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createMerchant, eventually, filesBeside, momoCharge, newDatabaseOn, newReference, receiver, runEpay, signIn, startEpay, verify } from './harness.mjs';
import { dumpPostgres, restorePostgres, startPostgres } from './postgres.mjs';

const skipped = 100_000_000;

test('a server is lost: what pg_dump kept is served elsewhere, and no number is given out again', { timeout: 240_000 }, async (t) => {
  const ends = [];
  t.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  let down = true;  // the receiver's part that takes the references H-…
  const hook = await receiver({ answer: ({ json }) => (down && json.transaction.reference.startsWith('H-') ? 503 : 200) });
  ends.push(() => hook.close());
  const args = ['--retry-schedule', Array(300).fill('400ms').join(), '--rate-limit', '0'];
  const [lost, other] = [await startPostgres(), await startPostgres()];
  ends.push(() => lost.end(), () => other.end());

  const database = newDatabaseOn(lost.url);
  const merchant = await createMerchant(database, { webhook: hook.url });
  const epay = await startEpay({ database, delay: '20ms', args });
  ends.push(() => epay.end());
  const client = await signIn(epay, merchant);
  const charge = async (reference = newReference()) => {
    const answer = await client.post('/api/v1/charge', momoCharge({ reference }));
    assert.equal(answer.status, 200, answer.text);
    return reference;
  };
  const waiting = await Promise.all([1, 2, 3].map(() => charge(newReference('H'))));
  for (const reference of waiting) await client.settled(reference);
  const before = [];
  let busy = true;
  const callers = Array.from({ length: 3 }, async () => {
    while (busy) before.push(await charge());
  });
  await eventually('payments to go on', () => before.length > 40);
  const kept = [...before];
  const copy = path.join(path.dirname(filesBeside(database)), 'copy.dump');
  dumpPostgres(database, copy);
  const refused = await runEpay(['restore', '--database', database], { expected: null });
  assert.match(refused.stderr, /epay serves this store as .*: stop it first/);
  await eventually('payments to go on', () => before.length > kept.length + 20);
  busy = false;
  await Promise.all(callers);
  const last = hook.deliveries.map((one) => Number(one.headers['webhook-id'].split('_')[1]));
  await epay.kill9();
  await lost.stop('immediate');

  const there = newDatabaseOn.alias(database, restorePostgres(database, copy, other.url));
  rmSync(copy);
  const pathIsWrong = await runEpay(['restore', copy, '--database', there], { expected: null });
  assert.equal(pathIsWrong.code, 2);
  assert.match(pathIsWrong.stderr, /path: a copy of a SQLite file cannot be put into PostgreSQL/);
  const { stdout } = await runEpay(['restore', '--database', there]);
  assert.match(stdout, /the books are right, and nothing new will get a number that was lost/);
  assert.match(stdout, /\d+ payments and payouts, the latest begun \d{4}-\d\d-\d\d/);
  await verify(there);

  down = false;
  const untilNow = hook.deliveries.length;
  const again = await startEpay({ database: there, delay: '20ms', args });
  ends.push(() => again.end());
  const clientThere = await signIn(again, merchant);
  for (const reference of [...waiting, ...kept]) assert.equal(await clientThere.settled(reference), 'success', reference);
  await eventually('what waited to be sent', () => waiting.every((reference) => hook.deliveries.slice(untilNow).some((one) => one.json.transaction.reference === reference)), 30_000);
  const fresh = newReference('N');
  assert.equal((await clientThere.post('/api/v1/charge', momoCharge({ reference: fresh }))).status, 200);
  await clientThere.settled(fresh);
  const [told] = await hook.arrived(1, fresh);
  assert.ok(Number(told.headers['webhook-id'].split('_')[1]) > Math.max(...last) + skipped / 2, 'a number of its own');
  await verify(there);
});
