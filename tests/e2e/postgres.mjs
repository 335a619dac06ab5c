// A real PostgreSQL server of its own, on a port of its own, in a temporary folder.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

// Where Debian keeps the server's programs, the newest first; elsewhere they are in the PATH.
const homes = existsSync('/usr/lib/postgresql')
  ? readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a)).map((version) => `/usr/lib/postgresql/${version}/bin`)
  : [];
const home = homes.find((folder) => existsSync(path.join(folder, 'initdb')));
const program = (name) => (home ? path.join(home, name) : name);

// PostgreSQL refuses to run as root: then it is somebody else's.
const asRoot = process.getuid() === 0;
const ids = asRoot ? ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres']).toString())) : [];
const asUser = (command, args) =>
  asRoot ? ['setpriv', [`--reuid=${ids[0]}`, `--regid=${ids[1]}`, '--clear-groups', command, ...args]] : [command, args];

function run(name, args) {
  const [command, words] = asUser(program(name), args);
  return new Promise((resolve, reject) => {
    execFile(command, words, { cwd: tmpdir(), timeout: 60_000 }, (error, stdout, stderr) =>
      error ? reject(new Error(`${name} ${args.join(' ')}\n${stdout}${stderr}${error.message}`)) : resolve(stdout));
  });
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const folders = new Set();
process.on('exit', () => {
  for (const folder of folders) {
    try {
      process.kill(Number(readFileSync(path.join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]), 'SIGQUIT');
    } catch {
      // It is not running.
    }
    rmSync(folder, { recursive: true, force: true });
  }
});

// `settings`: lines of postgresql.conf as an object. `standbyOf`: another server, which this one follows.
export async function startPostgres({ settings = {}, standbyOf } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'epay-postgres-'));
  folders.add(folder);
  if (asRoot) chownSync(folder, ids[0], ids[1]);
  const data = path.join(folder, 'data');
  const port = await freePort();
  if (standbyOf) {
    await run('pg_basebackup', ['-D', data, '-d', standbyOf.url, '-R', '-X', 'stream']);
  } else {
    await run('initdb', ['-D', data, '-U', 'epay', '-A', 'trust', '--locale=C', '-E', 'UTF8', '-N']);
  }
  const all = { listen_addresses: '127.0.0.1', port, unix_socket_directories: folder, max_connections: 200, ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

  const server = {
    port,
    folder: data,
    url: `postgresql://epay@127.0.0.1:${port}/postgres`,
    async start() {
      await run('pg_ctl', ['-D', data, '-l', path.join(folder, 'log'), '-w', '-o', flags.map((flag) => `'${flag}'`).join(' '), 'start']);
    },
    // `mode`: fast, or immediate, which is a crash.
    stop: (mode = 'fast') => run('pg_ctl', ['-D', data, '-m', mode, '-w', 'stop']),
    promote: () => run('pg_ctl', ['-D', data, '-w', 'promote']),
    log: () => readFileSync(path.join(folder, 'log'), 'utf8'),
    async end() {
      await server.stop('immediate').catch(() => {});
      rmSync(folder, { recursive: true, force: true });
      folders.delete(folder);
    },
  };
  await server.start();
  return server;
}

// Rows as lines, columns parted by "|".
export const askPostgres = (url, sql) =>
  execFileSync(program('psql'), ['-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', sql], { cwd: tmpdir(), maxBuffer: 1e9 }).toString().trimEnd();

// What psql says to a script of its own, which goes on after errors.
export const postgresScript = (url, script) =>
  execFileSync(program('psql'), ['-X', '-A', '-t', '-q', '-d', url, '-f', '-'], { cwd: tmpdir(), input: script, stdio: ['pipe', 'pipe', 'ignore'], maxBuffer: 1e8 }).toString();

// A copy of the store at this address, by PostgreSQL's own tools, and back on another server. Gives its address there.
export const dumpPostgres = (url, file) =>
  execFileSync(program('pg_dump'), ['-Fc', '-n', schemaOf(url), '-f', file, '-d', url.split('?')[0]], { cwd: tmpdir() });
export function restorePostgres(url, file, server) {
  execFileSync(program('pg_restore'), ['--exit-on-error', '-d', server, file], { cwd: tmpdir() });
  return addressOf(server, schemaOf(url));
}
const addressOf = (server, schema) => `${server}?options=-csearch_path%3D${schema}`;
const schemaOf = (url) => url.split('search_path%3D')[1];

let schemas = 0;
// The address of a new, empty store on the server: a schema of its own.
export function newSchema(url) {
  schemas += 1;
  const name = `test_${process.pid}_${schemas}`;
  askPostgres(url, `CREATE SCHEMA ${name}`);
  return addressOf(url, name);
}

// `node postgres.mjs COMMAND…`: runs it beside a server that is safe enough for tests and nothing else, whose address is in
// EPAY_TEST_POSTGRES.
if (process.argv[1] && path.basename(process.argv[1]) === 'postgres.mjs') {
  const server = await startPostgres({ settings: { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' } });
  const [command, ...args] = process.argv.slice(2);
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, EPAY_TEST_POSTGRES: server.url } });
  child.on('exit', async (code) => {
    await server.end();
    process.exit(code ?? 1);
  });
}
