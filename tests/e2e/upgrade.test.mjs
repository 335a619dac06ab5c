// A new version starts beside the old one: what the old one asks of the store still works on the new one's schema.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createMerchant, momoCharge, newDatabaseOn, newFile, receiver, root, runEpay, signIn, startEpay, verify } from './harness.mjs';
import { askPostgres, startPostgres } from './postgres.mjs';
import { failuresOnPostgres, failuresOnSqlite, keptStatements, lastMigration } from './statements.mjs';

const old = keptStatements();
const folder = path.join(root, 'migrations');
const files = readdirSync(folder).sort();
const migrationsAfter = (version) => files.filter((name) => Number.parseInt(name, 10) > version).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]);

let server;
before(async () => (server = await startPostgres()));
after(() => server.end());

test(`the statements of schema ${old.version} run on the new one, on PostgreSQL and on SQLite`, async () => {
  assert.ok(old.statements.length > 300, 'they were not read');
  const [postgres, sqlite] = [newDatabaseOn(server.url), newFile()];
  for (const database of [postgres, sqlite]) {
    const { stdout } = await runEpay(['migrate', '--database', database]);
    assert.match(stdout, new RegExp(`applied step ${lastMigration()}, [^]*the schema is up to date`));
    assert.equal((await runEpay(['migrate', '--database', database])).stdout, 'the schema is up to date\n');
  }
  assert.deepEqual(failuresOnPostgres(postgres, old.statements, { run: true }), []);
  assert.deepEqual(failuresOnSqlite(sqlite, old.statements, { run: true }), []);
});

// ---- the steps themselves ----

// What an older process could not live with. `made`: tables of these steps themselves, which no older one knows.
function breaches(text, made = new Set()) {
  if (text.startsWith('-- needs: all processes stopped\n')) return [];
  const found = [];
  const statements = text.replace(/--.*$/gm, '').replace(/\/\*postgresql|\*\//g, '').replace(/\s+/g, ' ').split(';').map((one) => one.trim()).filter(Boolean);
  for (const statement of statements) {
    const created = statement.match(/^CREATE TABLE (?:IF NOT EXISTS )?(\w+)/)?.[1];
    if (created) {
      made.add(created);
      continue;
    }
    const table = statement.match(/^(?:ALTER TABLE|DROP TABLE|UPDATE|DELETE FROM) (?:IF EXISTS )?(\w+)/)?.[1] ?? statement.match(/ ON (\w+)/)?.[1];
    if (made.has(table)) continue;
    const column = statement.match(/^ALTER TABLE \w+ ADD COLUMN (.*)$/)?.[1];
    const additive = /^CREATE (INDEX|SEQUENCE)\b/.test(statement) || /^(INSERT INTO|UPDATE) /.test(statement) || /^DROP INDEX /.test(statement)
      || (column && (!/\bNOT NULL\b/.test(column) || /\bDEFAULT\b/.test(column)) && !/\b(UNIQUE|CHECK|REFERENCES)\b/.test(column));
    if (!additive) found.push(statement);
  }
  return found;
}

// Steps that put something else in a table's place, within one transaction, which older processes do not notice.
const replaced = {
  '0013_attempts_by_week.sql': 'delivery_attempts, in pieces, with the same columns',
};

test('the steps after it only add', () => {
  const made = new Set();
  for (const [name, text] of migrationsAfter(old.version)) {
    const found = breaches(name in replaced ? text.replace(/\/\*postgresql[^]*?\*\//g, '') : text, made);
    assert.deepEqual(found, [], name);
  }
});

test('what does not only add is seen', () => {
  const rows = [
    ['ALTER TABLE payments ADD COLUMN note TEXT; UPDATE payments SET note = NULL;', 0],
    ["ALTER TABLE payments ADD COLUMN note TEXT NOT NULL DEFAULT '';", 0],
    ['CREATE TABLE new (id BIGINT NOT NULL); ALTER TABLE new ADD COLUMN more BIGINT NOT NULL; CREATE UNIQUE INDEX new_more ON new (more); DROP TABLE new;', 0],
    ['CREATE INDEX payments_note ON payments (note); DROP INDEX payments_unpaid;', 0],
    ['ALTER TABLE payments ADD COLUMN note TEXT NOT NULL;', 1],
    ['ALTER TABLE payments ADD COLUMN note BIGINT CHECK (note > 0);', 1],
    ['ALTER TABLE payments RENAME COLUMN late TO later;\nALTER TABLE payments RENAME TO paid;', 2],
    ['ALTER TABLE payments DROP COLUMN late; DROP TABLE payments; DELETE FROM payments;', 3],
    ['-- a word\nALTER TABLE payments ALTER COLUMN late SET NOT NULL;', 1],
    ['CREATE UNIQUE INDEX payments_one ON payments (merchant_id, customer_id);', 1],
    ['/*postgresql\nDROP TABLE payments;\n*/', 1],
    ['-- needs: all processes stopped\nDROP TABLE payments;', 0],
    ['DROP TABLE payments;\n-- needs: all processes stopped\n', 1],
  ];
  for (const [text, count] of rows) assert.equal(breaches(text).length, count, text);
});

// ---- the real program, one step behind ----

// What a newer version does to the store: `older`: whether this one may run beside it.
function upgrade(database, older) {
  const next = lastMigration() + 1;
  const steps = [
    'ALTER TABLE payments ADD COLUMN newer TEXT', 'ALTER TABLE deliveries ADD COLUMN newer BIGINT NOT NULL DEFAULT 7',
    'CREATE TABLE newer (id BIGINT NOT NULL PRIMARY KEY)',
    `INSERT INTO schema_migrations (version, name, applied_at, older_may_run) VALUES (${next}, 'newer', 1, ${older})`,
  ];
  const text = `BEGIN; ${steps.join('; ')}; COMMIT`;
  if (database.startsWith('sqlite:')) execFileSync('sqlite3', ['-cmd', '.timeout 10000', database.slice('sqlite:'.length), text]);
  else askPostgres(database, text);
}

for (const store of ['PostgreSQL', 'SQLite']) {
  test(`on ${store}, a process goes on while a newer one brings the schema up to date, and may start again`, { timeout: 60_000 }, async (t) => {
    const database = store === 'SQLite' ? newFile() : newDatabaseOn(server.url);
    const hook = await receiver();
    t.after(() => hook.close());
    const first = await startEpay({ database });
    t.after(() => first.end());
    const merchant = await createMerchant(database, { webhook: hook.url });
    const client = await signIn(first, merchant);
    const pay = async (caller) => {
      const charge = momoCharge();
      assert.equal((await caller.post('/api/v1/charge', charge)).status, 200);
      assert.equal(await caller.settled(charge.reference), 'success');
    };
    for (let i = 0; i < 5; i += 1) await pay(client);
    upgrade(database, 1);
    for (let i = 0; i < 5; i += 1) await pay(client);
    assert.deepEqual(first.lines().filter(({ level }) => level === 'error'), []);
    await first.stop();

    const again = await startEpay({ database });
    t.after(() => again.end());
    await pay(client.at(again));
    await hook.arrived(11);
    await again.stop();
    await verify(database);
    assert.match((await runEpay(['migrate', '--database', database])).stdout, /newer \(\d+\) than this binary \(\d+\), which may use it/);
  });

  test(`on ${store}, it does not start where a newer step must be known`, async () => {
    const database = store === 'SQLite' ? newFile() : newDatabaseOn(server.url);
    await runEpay(['migrate', '--database', database]);
    upgrade(database, 0);
    for (const verb of [['serve', '--listen', '127.0.0.1:0'], ['migrate']]) {
      const { stderr } = await runEpay([...verb, '--database', database], { expected: 1 });
      assert.match(stderr, new RegExp(`written by a newer epay \\(schema ${lastMigration() + 1}, step ${lastMigration() + 1} must be known`));
    }
  });
}
