// Every statement of the binary fits the schema of both stores.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newDatabaseOn, newFile, runEpay } from './harness.mjs';
import { startPostgres } from './postgres.mjs';
import { failuresOnPostgres, failuresOnSqlite, statements, statementsIn } from './statements.mjs';

let server;
before(async () => (server = await startPostgres()));
after(() => server.end());

test('all of them are prepared on PostgreSQL, and run', async () => {
  const database = newDatabaseOn(server.url);
  await runEpay(['merchant', 'list', '--database', database]);
  assert.deepEqual(failuresOnPostgres(database, statements(), { run: true }), []);
});

test('and on SQLite', async () => {
  const database = newFile();
  await runEpay(['merchant', 'list', '--database', database]);
  assert.deepEqual(failuresOnSqlite(database, statements(), { run: true }), []);
});

test('one that does not fit is named', async () => {
  const wrong = [
    { file: 'a.h', name: 'good', store: 'both', text: 'SELECT id FROM merchants WHERE id = $1' },
    { file: 'a.h', name: 'bad_column', store: 'both', text: 'SELECT no_such FROM merchants WHERE id = $1' },
    { file: 'a.h', name: 'too_little', store: 'both', text: 'INSERT INTO totals (merchant_id, mode) VALUES ($1, $2)' },
  ];
  const [postgres, file] = [newDatabaseOn(server.url), newFile()];
  for (const database of [postgres, file]) await runEpay(['merchant', 'list', '--database', database]);
  for (const failures of [failuresOnPostgres(postgres, wrong, { run: true }), failuresOnSqlite(file, wrong, { run: true })]) {
    assert.deepEqual([...new Set(failures.map((text) => text.split(':')[0]))], ['a.h bad_column', 'a.h too_little'], failures.join('\n'));
  }
});

test('a statement is read whatever way it is written, and none is overlooked', () => {
  const source = 'inline constexpr db::Sql one{"SELECT 1"};\n// "SELECT 0"\nstatic constexpr Sql two = {\n    "SELECT \\"a\\" "\n    "FROM b"};\nconstexpr Sql none{"COMMIT"};\n';
  assert.deepEqual(statementsIn('a.h', source).map(({ name, text }) => [name, text]), [['one', 'SELECT 1'], ['two', 'SELECT "a" FROM b']]);
  assert.throws(() => statementsIn('a.h', `${source}auto made = Sql{"SELECT 2"};\n`), /a\.h:7/);
  assert.ok(statements().length > 300);
});
