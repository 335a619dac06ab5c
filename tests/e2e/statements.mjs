// The statements of a binary: every db::Sql constant of src/. `node statements.mjs` keeps those of this version in tests/upgrade,
// for the tests of the versions after it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { postgresScript } from './postgres.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const kept = path.join(root, 'tests/upgrade');

// These put statements together at run time, out of names that are in the schema.
const makesStatements = ['src/db/move.cpp', 'src/db/postgres_distribution.cpp', 'src/db/postgres_pieces.cpp', 'src/db/postgres_schema.cpp', 'src/db/postgres_sets.cpp'];

const literal = String.raw`"(?:[^"\\\n]|\\.)*"`;
const constant = new RegExp(String.raw`\bSql\s+(\w+)\s*(?:=\s*)?\{\s*((?:${literal}\s*)+)\}`, 'g');
const beginsStatement = /"(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH) /g;
// BEGIN and its like are no statements that can be prepared everywhere, and name no table.
const commands = /^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|LISTEN|NOTIFY|SET|VACUUM|PRAGMA)\b/;

// Whose it is: of both stores, or of one whose own words or tables it uses. Nothing that the tests can have is Citus.
function storeOf(file, text) {
  if (/\bpg_dist_/.test(text)) return 'citus';
  if (file.startsWith('src/db/sqlite_') || /\bsqlite_|\bpragma_|\bFROM sequences\b/.test(text)) return 'sqlite';
  if (file.startsWith('src/db/postgres_') || /\bpg_|\bsetval\(|\bnextval\(|\bunnest\(|\bANY ?\(|\bmoves\b/.test(text)) return 'postgres';
  return 'both';
}

// The constants in one file's text. Throws when there is a statement in it that is none of them.
export function statementsIn(file, source) {
  const code = source.replace(/^\s*\/\/.*$/gm, (line) => ' '.repeat(line.length));
  const found = [];
  const ranges = [];
  for (const match of code.matchAll(constant)) {
    const text = [...match[2].matchAll(new RegExp(literal, 'g'))].map(([part]) => JSON.parse(part)).join('');
    ranges.push([match.index, match.index + match[0].length]);
    if (!commands.test(text)) found.push({ file, name: match[1], store: storeOf(file, text), text });
  }
  if (makesStatements.includes(file)) return found;
  for (const { index } of code.matchAll(beginsStatement)) {
    const line = code.slice(0, index).split('\n').length;
    assert.ok(ranges.some(([from, to]) => index >= from && index < to), `${file}:${line}: a statement that is no db::Sql constant of its own`);
  }
  return found;
}

const filesUnder = (folder) =>
  readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? filesUnder(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]));

// Those of this version.
export function statements() {
  const files = filesUnder('src').filter((name) => /\.(h|cpp)$/.test(name) && !name.endsWith('_test.cpp'));
  return files.sort().flatMap((file) => statementsIn(file, readFileSync(path.join(root, file), 'utf8')));
}

export const lastMigration = () => Math.max(...readdirSync(path.join(root, 'migrations')).map((name) => Number.parseInt(name, 10)));

// ---- those of versions before ----

const keptName = (version) => `statements-of-schema-${String(version).padStart(4, '0')}.sql`;
const described = /^-- (\w+) (\S+) (\w+)\n(.*);$/gm;

function keep() {
  const texts = statements().map(({ file, name, store, text }) => `-- ${store} ${file} ${name}\n${text};\n`);
  mkdirSync(kept, { recursive: true });
  for (const name of readdirSync(kept)) rmSync(path.join(kept, name));
  const file = path.join(kept, keptName(lastMigration()));
  writeFileSync(file, `-- What the version with this schema asks of its store; made by \`./dev keep-statements\`.\n\n${texts.join('')}`);
  console.log(`${texts.length} statements in ${path.relative(root, file)}`);
}

// { version, statements }: of the last version that was given away.
export function keptStatements() {
  const [name, ...more] = readdirSync(kept);
  assert.equal(more.length, 0, `more than one file in ${kept}`);
  const text = readFileSync(path.join(kept, name), 'utf8');
  const found = [...text.matchAll(described)].map(([, store, file, constantName, statement]) => ({ file, name: constantName, store, text: statement }));
  return { version: Number(name.match(/\d+/)[0]), statements: found };
}

// ---- on a store ----

const labelOf = (statement) => `${statement.file} ${statement.name}`;
const isInsert = ({ text }) => text.startsWith('INSERT');
// Those that a value makes the name of a sequence are only prepared.
const canRun = ({ text }) => !text.includes("'ids_'");

// Prepares each and gives what went wrong, as texts; "run": runs it too, with 1 for every value, where rows with 1 in
// every column are, and undoes it.
export function failuresOnPostgres(url, all, { run = false } = {}) {
  const mine = all.filter(({ store }) => store === 'both' || store === 'postgres');
  const prepared = mine.map(({ text }, i) => `PREPARE s${i} AS ${text};\n\\echo :SQLSTATE ${i} :LAST_ERROR_MESSAGE\n`);
  // 1 as what the server has taken the parameter for.
  const calls = `SELECT format('EXECUTE %s%s', name, '(' || nullif((SELECT string_agg(
      CASE WHEN kind::text LIKE '%[]' THEN format('ARRAY[''1'']::%s', kind) ELSE format('''1''::%s', kind) END, ',' ORDER BY place)
    FROM unnest(parameter_types) WITH ORDINALITY AS parameters (kind, place)), '') || ')') AS call FROM pg_prepared_statements WHERE name = `;
  const executed = (i) => `${calls}'s${i}' \\gset\nSAVEPOINT one;\n:call;\n\\echo :SQLSTATE ${i} :LAST_ERROR_MESSAGE\n`;
  const places = mine.map((statement, i) => [statement, i]).filter(([statement]) => canRun(statement));
  const runs = [
    'BEGIN;\n',
    // The rows first; a second statement that makes the same one is not wrong.
    ...places.filter(([statement]) => isInsert(statement)).map(([, i]) => `${executed(i)}\\if :ERROR\nROLLBACK TO SAVEPOINT one;\n\\endif\n`),
    ...places.filter(([statement]) => !isInsert(statement)).map(([, i]) => `${executed(i)}ROLLBACK TO SAVEPOINT one;\n`),
    'ROLLBACK;\n',
  ];
  const script = `\\o /dev/null\n${prepared.join('')}${run ? runs.join('') : ''}`;
  return answersOf(postgresScript(url, script), mine, '23505', mine.length + (run ? places.length : 0));
}

// Lines "STATE NUMBER MESSAGE", one for each statement that was tried.
function answersOf(output, all, allowed, count) {
  const answers = output.split('\n').flatMap((line) => line.match(/^([0-9A-Z]{5}) (\d+) ?(.*)$/) ? [line.match(/^([0-9A-Z]{5}) (\d+) ?(.*)$/)] : []);
  assert.equal(answers.length, count, `not every statement was tried\n${output.slice(-2000)}`);
  return answers.filter(([, state]) => state !== '00000' && state !== allowed).map(([, , i, message]) => `${labelOf(all[Number(i)])}: ${message}`);
}

// The same on SQLite, in the words that its driver changes.
export function failuresOnSqlite(database, all, { run = false } = {}) {
  const mine = all.filter(({ store }) => store === 'both' || store === 'sqlite');
  const lines = ['.bail off', '.output /dev/null', '.parameter init'];
  for (let i = 1; i <= 40; i += 1) lines.push(`.parameter set ?${i} 1`);
  const byLine = new Map();
  const add = (statement, text) => {
    lines.push(text);
    byLine.set(lines.length, statement);
  };
  const ofSqlite = ({ text }) => text.replaceAll(' FOR UPDATE SKIP LOCKED', '').replace(/\$(\d)/g, '?$1');
  for (const statement of mine) add(statement, `EXPLAIN ${ofSqlite(statement)};`);
  if (run) {
    lines.push('BEGIN;');
    for (const statement of mine.filter(isInsert)) add(statement, `${ofSqlite(statement)};`);
    for (const statement of mine.filter((one) => !isInsert(one))) {
      lines.push('SAVEPOINT one;');
      add(statement, `${ofSqlite(statement)};`);
      lines.push('ROLLBACK TO one;');
    }
    lines.push('ROLLBACK;');
  }
  let errors = '';
  try {
    execFileSync('sqlite3', [database.slice('sqlite:'.length)], { input: `${lines.join('\n')}\n`, stdio: ['pipe', 'pipe', 'pipe'] });
  } catch (failure) {
    errors = failure.stderr.toString();
  }
  const found = [...errors.matchAll(/near line (\d+): (.*)/g)].filter(([, , message]) => !message.startsWith('UNIQUE constraint failed'));
  assert.ok(!errors || /near line/.test(errors), errors);
  return found.map(([, line, message]) => `${byLine.has(Number(line)) ? labelOf(byLine.get(Number(line))) : `line ${line}`}: ${message}`);
}

if (process.argv[1] && path.basename(process.argv[1]) === 'statements.mjs') keep();
