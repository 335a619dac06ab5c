// Drives the real epay binary from outside: starts and kills it, speaks HTTP to it, and receives its webhooks.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { askPostgres, newSchema } from './postgres.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const binary = process.env.EPAY_BINARY ?? path.join(root, 'build/release/epay');

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Calls `attempt` until it returns something truthy without throwing, and returns that.
export async function eventually(what, attempt, timeout = 10_000) {
  const due = Date.now() + timeout;
  let last;
  for (;;) {
    try {
      last = undefined;
      const value = await attempt();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > due) {
      throw new Error(`waited ${timeout} ms in vain: ${typeof what === 'function' ? what() : what}${last ? `\n${last.message}` : ''}`);
    }
    await sleep(20);
  }
}

// Chance in [0, 1) that a seed repeats.
export function random(state) {  // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const folders = [];
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

// Where the tests keep their stores: in files, or on the PostgreSQL server that EPAY_TEST_POSTGRES names.
export const onPostgres = Boolean(process.env.EPAY_TEST_POSTGRES);

// Where a process that uses a store that is no file keeps its own files, by the store's address: the working folder.
const folderOf = new Map();
const workingFolder = (args) => folderOf.get(args[args.indexOf('--database') + 1]);

export function newFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'epay-e2e-'));
  folders.push(folder);
  return folder;
}

// A new, empty store, gone when the test process ends.
export const newDatabase = () => (onPostgres ? newDatabaseOn(process.env.EPAY_TEST_POSTGRES) : newFile());
// One in a file, wherever the tests keep theirs.
export const newFile = () => `sqlite:${path.join(newFolder(), 'epay.db')}`;
// One on a PostgreSQL server.
export function newDatabaseOn(server) {
  const database = newSchema(server);
  folderOf.set(database, newFolder());
  return database;
}
// Another address of the same store.
newDatabaseOn.alias = (database, address) => {
  folderOf.set(address, folderOf.get(database));
  return address;
};
// Changes a store behind the back of whoever serves it, or asks it: lines, columns parted by "|".
export function askStore(database, sql) {
  if (onPostgres) return askPostgres(database, sql);
  return execFileSync('sqlite3', ['-cmd', '.timeout 10000', database.slice('sqlite:'.length), sql], { maxBuffer: 1e9 }).toString().trimEnd();
}
// Its rows, as objects.
export function rowsOf(database, query) {
  if (onPostgres) return JSON.parse(askStore(database, `SELECT coalesce(json_agg(asked), '[]') FROM (${query}) AS asked`));
  const options = ['-cmd', '.timeout 10000', '-json', database.slice('sqlite:'.length), query];
  return JSON.parse(execFileSync('sqlite3', options, { maxBuffer: 1e9 }).toString() || '[]');
}
// A literal of bytes in a statement.
export const bytesLiteral = (hex) => (onPostgres ? `'\\x${hex}'` : `x'${hex}'`);
// A literal of a text, whatever is in it.
export function textLiteral(text) {
  const hex = Buffer.from(text).toString('hex');
  return onPostgres ? `convert_from('\\x${hex}', 'UTF8')` : `CAST(x'${hex}' AS TEXT)`;
}
// What the names of the files beside a store begin with.
export const filesBeside = (database) => (folderOf.has(database) ? path.join(folderOf.get(database), 'epay') : database.slice('sqlite:'.length));
// A port of 127.0.0.1 that nobody listens on.
export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

// ---- the service ----

// Starts `epay serve` (behind the words of `wrap`, where given) and waits until it listens. Webhooks to 127.0.0.0/8 are allowed unless `allow` says otherwise.
export async function startEpay({ database = newDatabase(), args = [], env = {}, delay = '0', allow = ['127.0.0.0/8'], wrap = [] } = {}) {
  const flags = ['serve', '--listen', '127.0.0.1:0', '--database', database, '--simulator-delay', delay];
  for (const cidr of allow) flags.push('--allow-webhook-cidr', cidr);
  const [command, ...words] = [...wrap, binary, ...flags, ...args];
  const child = spawn(command, words, { cwd: workingFolder(flags), env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);

  let log = '';
  let port;
  let failure;
  const closed = new Promise((resolve) => {
    child.on('error', (error) => {
      failure = error;
      resolve({ code: null, signal: null });
    });
    child.on('exit', (code, signal) => resolve({ code, signal }));
  }).finally(() => running.delete(child));
  let exit;
  closed.then((outcome) => (exit = outcome));
  const read = (chunk) => {
    log += chunk;
    if (log.length > 1_000_000) log = log.slice(-500_000);
    if (!port) {
      const line = log.split('\n').find((text) => text.includes('"listening"') && text.trimEnd().endsWith('}'));
      port = line?.match(/"address"\s*:\s*"[^"]*:(\d+)"/)?.[1];
    }
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);

  const epay = {
    database,
    pid: child.pid,
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get port() {
      return Number(port);
    },
    get exit() {
      return exit;
    },
    closed,
    log: (lines = 40) => log.trimEnd().split('\n').slice(-lines).join('\n'),
    // The lines that are JSON, parsed.
    lines: () =>
      log.split('\n').flatMap((text) => {
        try {
          return [JSON.parse(text)];
        } catch {
          return [];
        }
      }),
    // SIGTERM; it must end by itself, with 0.
    async stop() {
      child.kill('SIGTERM');
      let timer;
      const outcome = await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, 25_000)))]);
      clearTimeout(timer);
      if (!outcome) {
        child.kill('SIGKILL');
        throw new Error(`epay did not stop within 25 s of SIGTERM\n${epay.log()}`);
      }
      assert.deepEqual(outcome, { code: 0, signal: null }, `epay stopped badly\n${epay.log()}`);
    },
    async kill9() {
      child.kill('SIGKILL');
      await closed;
    },
    // For `after`: ends it whatever its state, and says so when it had died by itself.
    async end() {
      if (exit) {
        assert.ok(exit.signal === 'SIGKILL' || exit.code === 0, `epay died: ${JSON.stringify(exit)}\n${epay.log()}`);
        return;
      }
      await epay.stop();
    },
  };
  await eventually(
    () => `epay serve to listen\n${epay.log()}`,
    () => {
      if (failure) throw failure;
      return port || exit;
    },
    30_000,
  );
  if (exit) throw new Error(`epay serve ended at once: ${JSON.stringify(exit)}\n${epay.log()}`);
  return epay;
}

// Runs another verb of the command line. Resolves to {code, stdout, stderr}; fails on a code other than `expected`.
export function runEpay(args, { expected = 0, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    execFile(binary, args, { cwd: workingFolder(args), env: { ...process.env, ...env }, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (expected !== null && code !== expected) {
        reject(new Error(`epay ${args.join(' ')}: exit ${code ?? error.message}, expected ${expected}\n${stdout}${stderr}`));
      } else {
        resolve({ code, stdout, stderr });
      }
    });
  });
}

let merchants = 0;

// A verified account with one integration in test mode: {merchant_key, app_id, app_secret, webhook_secret}. Its
// webhook goes to `webhook` where given.
export async function createMerchant(database, { webhook, allow = ['127.0.0.0/8'] } = {}) {
  merchants += 1;
  const args = ['merchant', 'create', '--database', database, '--json', '--name', `Merchant ${merchants}`];
  args.push('--email', `merchant${process.pid}x${merchants}@example.com`, '--telephone', `02441${String(merchants).padStart(5, '0')}`);
  if (webhook) args.push('--webhook-url', webhook);
  for (const cidr of allow) args.push('--allow-webhook-cidr', cidr);
  return JSON.parse((await runEpay(args)).stdout);
}

export async function verify(database) {
  await runEpay(['verify', '--database', database, '--json']);
}

// ---- HTTP ----

export const keepAlive = new http.Agent({ keepAlive: true, maxSockets: 64 });

// One exchange, the answer as it is on the wire: {status, headers, text, json}. `body`: an object is sent as JSON,
// URLSearchParams as a form, a string or Buffer as it is.
export function request(url, { method = 'GET', body, headers = {}, agent = keepAlive, timeout = 30_000 } = {}) {
  let content = body;
  let type;
  if (body instanceof URLSearchParams) {
    content = body.toString();
    type = 'application/x-www-form-urlencoded';
  } else if (body !== undefined) {
    type = 'application/json';
    if (typeof body !== 'string' && !Buffer.isBuffer(body)) content = JSON.stringify(body);
  }
  const all = { ...(type ? { 'content-type': type } : {}), ...headers };
  if (content !== undefined) all['content-length'] = Buffer.byteLength(content);
  for (const name of Object.keys(all)) if (all[name] === null) delete all[name];
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { method, headers: all, agent, timeout }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: answer.statusCode,
          headers: answer.headers,
          text,
          get json() {
            return JSON.parse(text);
          },
        });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeout} ms: ${method} ${url}`)));
    sent.on('error', reject);
    sent.end(content);
  });
}

// The API as a merchant's program uses it. `epay` may be restarted in between: `at(epay)` gives the same client there.
export async function signIn(epay, merchant) {
  const { merchant_key, app_id, app_secret } = merchant;
  const answer = await request(`${epay.url}/api/v1/token`, { method: 'POST', body: { merchant_key, app_id, app_secret } });
  assert.equal(answer.status, 200, `no token: ${answer.text}`);
  return clientAt(epay, answer.json.data.access_token);
}

function clientAt(epay, token) {
  const api = (method, target, body, { headers = {}, ...options } = {}) =>
    request(epay.url + target, { method, body, headers: { authorization: `Bearer ${token}`, ...headers }, ...options });
  return {
    token,
    api,
    get: (target, options) => api('GET', target, undefined, options),
    post: (target, body, options) => api('POST', target, body, options),
    at: (other) => clientAt(other, token),
    // The status of a transaction once it is no longer pending.
    settled: (reference, timeout) =>
      eventually(
        `${reference} to be final`,
        async () => {
          const { status, text, json } = await api('GET', `/api/v1/transactions/${reference}`);
          assert.equal(status, 200, text);
          return json.transaction.status !== 'pending' && json.transaction.status;
        },
        timeout,
      ),
  };
}

// Numbers of the simulator rail (src/rails/simulator/scenario.cpp): every other number succeeds.
export const wallets = { good: '0241234567', rejected: '0240000451', lowBalance: '0240000455', neverDecides: '0240000453', refusedAtOnce: '0240000490', wantsInput: '0240000491' };

let references = 0;
export const newReference = (prefix = 'T') => `${prefix}-${process.pid}-${(references += 1)}`;

export function momoCharge(fields = {}) {
  return {
    reference: newReference(),
    amount: 1,
    currency: 'GHS',
    payment_method: 'momo',
    customer_name: 'Ama Mensah',
    customer_email: 'ama@example.com',
    customer_telephone: '0201234567',
    payment_description: 'Two tickets',
    mobile_wallet_number: wallets.good,
    mobile_wallet_network: 'mtn',
    voucher: '',
    ...fields,
  };
}

// ---- webhooks ----

// A merchant's server. `answer(delivery, n)` says what the n-th delivery (from 1) gets: a status, {status, headers, body},
// 'hang' (no answer ever) or 'reset'. What arrives is in `deliveries`, in order: {n, method, url, headers, body, text, json}.
export async function receiver({ answer = () => 200, port = 0 } = {}) {
  const deliveries = [];
  const server = http.createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', async () => {
      const body = Buffer.concat(chunks);
      const text = body.toString();
      const { method, url, headers } = incoming;
      const delivery = { n: deliveries.length + 1, at: Date.now(), method, url, headers, body, text };
      Object.defineProperty(delivery, 'json', { get: () => JSON.parse(text) });
      deliveries.push(delivery);
      const decided = await answer(delivery, delivery.n);
      if (decided === 'hang') return;
      if (decided === 'reset') return incoming.socket.resetAndDestroy();
      const { status, headers: extra = {}, body: content = '' } = typeof decided === 'number' ? { status: decided } : decided;
      outgoing.writeHead(status, { 'content-type': 'text/plain', ...extra });
      outgoing.end(content);
    });
    incoming.on('error', () => {});
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const bound = server.address().port;
  return {
    deliveries,
    port: bound,
    url: `http://127.0.0.1:${bound}/hook`,
    of: (reference) => deliveries.filter((one) => one.json.transaction?.reference === reference),
    // Resolves to the deliveries once there are `count` (of `reference`, where given).
    async arrived(count, reference, timeout = 10_000) {
      const list = () => (reference ? deliveries.filter((one) => one.json.transaction?.reference === reference) : deliveries);
      await eventually(() => `${count} deliveries${reference ? ` of ${reference}` : ''}; ${list().length} came`, () => list().length >= count, timeout);
      return list();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

// ---- comparing ----

const placeholders = {
  id: '[1-9][0-9]*',
  time: '"\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d"',
  token: '"[^",]{16,}"',
  token32: '"[A-Za-z0-9]{32}"',
  text: '"(?:[^"\\\\]|\\\\.)+"',
  url: '"https?://[^"]+"',
  any: '(?:"(?:[^"\\\\]|\\\\.)*"|null)',
  more: '(?:,.*)?',
};

function patternOf(template) {
  return template
    .split(/(‹\w+›)/)
    .map((part) => {
      const name = part.match(/^‹(\w+)›$/)?.[1];
      if (!name) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      assert.ok(placeholders[name], `no placeholder is called ${name}`);
      return placeholders[name];
    })
    .join('');
}

// Whether a text is `template`, byte for byte but for placeholders such as ‹id› and ‹time›. The error shows where they part.
export function assertText(actual, template, message = '') {
  const full = new RegExp(`^${patternOf(template)}$`, 's');
  if (full.test(actual)) return;
  let fits = 0;
  const parts = template.match(/‹\w+›|[^‹]/g) ?? [];
  let prefix = '';
  let rest = template;
  for (const part of parts) {
    const match = actual.match(new RegExp(`^${patternOf(prefix + part)}`, 's'));
    if (!match) break;
    prefix += part;
    rest = rest.slice(part.length);
    fits = match[0].length;
  }
  const marked = `${actual.slice(0, fits)}⟪here⟫${actual.slice(fits)}`;
  assert.fail(`${message}\n  is        ${marked}\n  should be ${prefix}⟪here⟫${rest}`);
}

export function assertError(answer, status, type, message, what = '') {
  const shown = message === undefined ? '‹text›' : JSON.stringify(message);
  assertText(answer.text, `{"success":false,"error_type":"${type}","message":${shown}‹more›}`, what);
  assert.equal(answer.status, status, `${what}: ${answer.text}`);
  assert.match(answer.headers['content-type'] ?? '', /^application\/json/, what);
}
