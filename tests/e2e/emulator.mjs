// Starts an emulated rail (tests/emulators) and is its control API: what has happened there, and what shall go wrong.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { eventually, binary, request } from './harness.mjs';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

// What the emulators take for credentials, as long as a test sets no others.
export const credentials = {
  mtn: {
    collection: 'c0ffee00c0ffee00c0ffee00c0ffee00',
    disbursement: 'd15b0000d15b0000d15b0000d15b0000',
    user: '11111111-1111-4111-8111-111111111111',
    key: '0123456789abcdef0123456789abcdef',
  },
  paystack: { secret: 'sk_test_0000000000000000000000000000000000000000' },
  hubtel: { id: 'emulated', key: '0123456789abcdef0123456789abcdef', pos: '11684', prepaid: '2017174' },
  mpgs: { merchant: 'TESTEPAY', password: '0123456789abcdef0123456789abcdef', secret: '0123456789ABCDEF0123456789ABCDEF' },
};

// `rail`: mtn, paystack, hubtel or mpgs. `clock`: manual stands still until advance(). `state`: a file that outlives it.
// `switches`: {name: value}. `listen`, `control`: where a former one listened.
export async function startEmulator(rail, { clock = 'real', state, switches = {}, listen = '127.0.0.1:0', control = '127.0.0.1:0' } = {}) {
  const args = ['emulator', rail, '--listen', listen, '--control', control, '--clock', clock];
  if (state) args.push('--state', state);
  for (const [name, value] of Object.entries(switches)) args.push('--set', `${name}=${value}`);
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  let exit;
  const closed = new Promise((resolve) => child.on('exit', (code, signal) => resolve((exit = { code, signal })))).finally(() => running.delete(child));
  child.on('error', (error) => (exit = { error }));
  child.stdout.setEncoding('utf8').on('data', (chunk) => (output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk) => (output += chunk));
  const started = await eventually(
    () => `epay emulator ${rail} to listen\n${output}`,
    () => {
      if (exit) throw new Error(`it ended at once: ${JSON.stringify(exit)}\n${output}`);
      return output.includes('\n') && JSON.parse(output.slice(0, output.indexOf('\n')));
    },
  );

  const ask = async (method, path, body) => {
    const answer = await request(`http://${started.control}${path}`, { method, body });
    assert.equal(answer.status, 200, `${method} ${path}: ${answer.text}`);
    return answer.json;
  };
  const query = (filter) => (Object.keys(filter).length ? `?${new URLSearchParams(filter)}` : '');

  return {
    rail,
    url: `http://${started.address}`,
    control: `http://${started.control}`,
    // To be started again at the same place.
    place: { listen: started.address, control: started.control },
    log: () => output,
    // Every request and callback: [{n, at, kind, method, target, headers, body, order, fault, status, answer}]. Filters: kind
    // ("request", "callback"), method, path (part of the target), order ("kind/id"), after (a number).
    journal: (filter = {}) => ask('GET', `/journal${query(filter)}`),
    // {accounts: [{account, currency, balance, minor}], movements: [{from, to, amount, minor, currency, kind, order, client_reference}]}.
    ledger: (clientReference) => ask('GET', `/ledger${query(clientReference ? { client_reference: clientReference } : {})}`),
    orders: () => ask('GET', '/orders'),
    async order(reference) {
      return (await ask('GET', '/orders')).find((one) => [one.id, one.client_reference, `${one.kind}/${one.id}`].includes(reference));
    },
    async balance(account, currency = 'GHS') {
      return (await ask('GET', '/ledger')).accounts.find((one) => one.account === account && one.currency === currency)?.minor ?? 0;
    },
    // How often money moved for a merchant's reference, reversals subtracted: {times, minor}.
    async moved(clientReference) {
      const { movements } = await ask('GET', `/ledger${query({ client_reference: clientReference })}`);
      const counted = movements.filter((one) => one.kind !== 'fee');
      const sign = (one) => (one.kind === 'reversal' ? -1 : 1);
      return { times: counted.reduce((sum, one) => sum + sign(one), 0), minor: counted.reduce((sum, one) => sum + sign(one) * one.minor, 0) };
    },
    // {method, path, nth, count, kind, processed, delay, delay_first, status, body, retry_after, bytes, fields}: see tests/emulators/fault.h.
    fault: (fault) => ask('POST', '/faults', fault),
    clearFaults: () => ask('DELETE', '/faults'),
    // What becomes of the next orders that fit {kind, reference, number, next}: see tests/emulators/scenario.h.
    outcome: (outcome, which = {}) => ask('POST', '/outcomes', { ...which, outcome }),
    clearOutcomes: () => ask('DELETE', '/outcomes'),
    set: (switches) => ask('POST', '/switches', switches),
    switches: () => ask('GET', '/switches'),
    // An order's ending, now: "succeeded", or "failed" with a reason.
    decide: (order, status, reason = '') => ask('POST', '/state', { order, status, reason }),
    reverse: (order) => ask('POST', '/state/reverse', { order }),
    // A message by hand: see tests/emulators/control.cpp. Gives the statuses that came.
    callback: async (fields) => (await ask('POST', '/callbacks', fields)).statuses,
    // Money for an account of the ledger, or (with `out`) away from it.
    adjust: (account, amount, { currency = 'GHS', out = false } = {}) => ask('POST', '/ledger', { account, amount: String(amount), currency, out }),
    advance: (duration) => ask('POST', '/clock', { advance: duration }),
    // The callbacks that were answered, once there are `count` that fit.
    callbacks: (count, filter = {}, timeout = 10_000) =>
      eventually(
        `${count} callbacks of ${rail}`,
        async () => {
          const told = await ask('GET', `/journal${query({ ...filter, kind: 'callback' })}`);
          return told.filter((one) => one.status !== 0).length >= count && told;
        },
        timeout,
      ),
    async kill9() {
      child.kill('SIGKILL');
      await closed;
    },
    async end() {
      if (exit) return;
      child.kill('SIGTERM');
      const outcome = await closed;
      assert.deepEqual(outcome, { code: 0, signal: null }, `the emulator stopped badly\n${output}`);
    },
  };
}

// No reference moved money more than once, and what all accounts have together is nothing.
export async function assertBooks(emulator) {
  const { accounts, movements } = await emulator.ledger();
  const total = new Map();
  for (const one of accounts) total.set(one.currency, (total.get(one.currency) ?? 0) + one.minor);
  for (const [currency, sum] of total) assert.equal(sum, 0, `the ledger of ${emulator.rail} is out of balance in ${currency}`);
  const times = new Map();
  for (const one of movements) {
    if (['opening', 'fee', 'adjustment'].includes(one.kind)) continue;
    const key = one.client_reference;
    times.set(key, (times.get(key) ?? 0) + (one.kind === 'reversal' ? -1 : 1));
  }
  for (const [reference, count] of times) assert.ok(count <= 1, `${emulator.rail} moved money ${count} times for ${reference}`);
}
