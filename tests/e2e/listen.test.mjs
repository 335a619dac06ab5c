// `epay listen` and `epay trigger`, as a developer uses them: nothing missed and nothing twice, however often the connection is cut.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import {
  askStore, binary, createMerchant, eventually, filesBeside, momoCharge, newDatabase, receiver, runEpay, signIn, sleep, startEpay,
} from './harness.mjs';

const eventCount = Number(process.env.EPAY_LISTEN_EVENTS ?? 500);
const cutCount = Number(process.env.EPAY_LISTEN_CUTS ?? 30);

// A test that fails leaves what it has started.
const running = new Set();
after(() => running.forEach((child) => child.kill('SIGKILL')));

const folder = () => path.dirname(filesBeside(newDatabase()));
const credentials = ({ merchant_key, app_id, app_secret }) => ['--merchant-key', merchant_key, '--app-id', app_id, '--app-secret', app_secret];

// A running `epay listen --json`: what it prints is in `lines`, parsed.
async function startListen(args, { json = true } = {}) {
  const child = spawn(binary, ['listen', ...(json ? ['--json'] : []), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let [text, errors, exit] = ['', '', undefined];
  const closed = new Promise((resolve) => child.on('close', (code, signal) => resolve((exit = { code, signal })))).finally(() => running.delete(child));
  child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk) => (errors += chunk));
  const listen = {
    closed,
    get text() {
      return text;
    },
    get errors() {
      return errors;
    },
    get exit() {
      return exit;
    },
    get lines() {
      return text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return closed;
    },
  };
  // Its cursor is fixed once it has found the service: what happens from then on is its.
  const file = args[args.indexOf('--state') + 1];
  await eventually(() => `listen to begin\n${text}${errors}`, () => exit || (text.includes('\n') && JSON.parse(readFileSync(file, 'utf8')).cursor !== null));
  return listen;
}

// A TCP proxy that cuts its connections on demand.
async function startProxy(port) {
  const sockets = new Set();
  let cuts = 0;
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    for (const [one, other] of [[near, far], [far, near]]) {
      sockets.add(one);
      one.on('error', () => {}).on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    get cuts() {
      return cuts;
    },
    // Whether there was something to cut.
    cut() {
      if (sockets.size === 0) return false;
      cuts += 1;
      for (const socket of sockets) socket.resetAndDestroy();
      return true;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

// Charges until `count` payments are final, some at a time.
async function chargeMany(client, count, each = () => {}) {
  const references = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      const charge = momoCharge();
      const answer = await client.post('/api/v1/charge', charge);
      assert.equal(answer.status, 200, answer.text);
      references.push(charge.reference);
      await each(references.length);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return references;
}

const numberOf = (delivery) => Number(delivery.headers['webhook-id'].slice('evt_'.length));
const distinct = (list) => [...new Set(list)];

describe('listen', () => {
  let epay, merchant, client, hook;
  before(async () => {
    epay = await startEpay();
    merchant = await createMerchant(epay.database);
    client = await signIn(epay, merchant);
    hook = await receiver();
  });
  after(async () => {
    await epay?.end();
    await hook?.close();
  });
  const flags = (more = [], { server = epay.url, to = hook.url } = {}) => ['--server', server, '--forward-to', to, ...credentials(merchant), ...more];
  const state = () => ['--state', path.join(folder(), 'state.json')];

  test('the first line says it all; what is forwarded is what Epay stored, signed', async (t) => {
    const own = await receiver();
    t.after(() => own.close());
    const listen = await startListen(flags([...state(), '--print-body'], { to: own.url }));
    const [beginning] = listen.lines;
    assert.equal(beginning.listening_to, epay.url);
    assert.equal(beginning.forward_to, own.url);
    assert.match(beginning.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    const charge = momoCharge({ payment_description: 'Zwei "Karten" / € 5 \\ ɛ' });
    const answer = await client.post('/api/v1/charge', charge);
    assert.equal(answer.status, 200, answer.text);
    const [one] = await own.arrived(1);
    const { id, payload } = (await client.get('/api/v1/events?order=newest&limit=1')).json.events.data[0];
    const stored = (await client.get('/api/v1/events?order=newest&limit=1')).text.match(/"payload":(\{.*\})\}\],"next_cursor"/)[1];
    assert.equal(one.text, stored);
    assert.deepEqual(one.json, payload);
    new Webhook(beginning.secret).verify(one.text, one.headers);
    assert.throws(() => new Webhook(beginning.secret).verify(`${one.text} `, one.headers));
    const { 'webhook-id': webhookId, 'epay-event': event, 'epay-mode': mode, 'epay-sequence': sequence, 'epay-delivery-attempt': attempt } = one.headers;
    assert.deepEqual({ webhookId, event, mode, sequence, attempt }, { webhookId: `evt_${id}`, event: 'payment.success', mode: 'test', sequence: '1', attempt: '1' });
    assert.match(one.headers['user-agent'], /^Epay-Webhooks\//);
    assert.match(one.headers['content-type'], /^application\/json/);
    const line = await eventually('its line', () => listen.lines.find((each) => each.id === id));
    assert.deepEqual([line.type, line.reference, line.status, line.taken, line.tries], ['payment.success', charge.reference, 200, true, 1]);
    assert.deepEqual(line.payload, payload);
    assert.deepEqual(await listen.stop('SIGINT'), { code: 0, signal: null }, listen.errors);
    assert.deepEqual(listen.lines.at(-1), { taken: 1, not_taken: 0, reconnects: 0, after: id });
  });

  test('for people: a line for each event, no escapes where nobody sees colours', async (t) => {
    const own = await receiver();
    t.after(() => own.close());
    const listen = await startListen(flags(state(), { to: own.url }), { json: false });
    const charge = momoCharge();
    await client.post('/api/v1/charge', charge);
    await eventually(() => `its line\n${listen.text}`, () => listen.text.includes(charge.reference));
    assert.match(listen.text, /^listening to http:\S+ from now on, forwarding to http:\S+, signed with whsec_\S+\n/);
    assert.match(listen.text, new RegExp(`\\d\\d:\\d\\d:\\d\\d  payment\\.success +evt_\\d+ +${charge.reference} +→ 200  \\d+ ms\\n`));
    assert.deepEqual(await listen.stop(), { code: 0, signal: null });
    assert.match(listen.text, /1 events taken, 0 not taken, 0 reconnections; the next run goes on after event \d+\n$/);
    assert.doesNotMatch(listen.text, /\x1b/);
  });

  test(`${cutCount} cuts during ${eventCount} events: each once, in order`, async (t) => {
    const own = await receiver();
    t.after(() => own.close());
    const proxy = await startProxy(epay.port);
    t.after(() => proxy.close());
    const listen = await startListen(flags([...state(), '--after', 'now'], { server: proxy.url, to: own.url }));
    await eventually('listen to be connected', () => proxy.cut() || undefined);
    await eventually(() => `it to be back\n${listen.errors}`, () => /again|connected/.test(listen.errors));
    await sleep(1_000);
    let charging = true;
    // Cut as often as there is something to cut, at moments of all kinds.
    const cutting = (async () => {
      while ((charging || own.deliveries.length < eventCount) && proxy.cuts <= cutCount) {
        const before = own.deliveries.length;
        await sleep(Math.random() * 250);
        if (own.deliveries.length > before || Math.random() < 0.3) proxy.cut();
      }
    })();
    const pace = Math.max(0, (cutCount * 400) / eventCount - 1) * 4;
    await chargeMany(client, eventCount, () => sleep(Math.random() * 2 * pace));
    charging = false;
    await own.arrived(eventCount, undefined, 120_000);
    await cutting;
    await sleep(1_500);
    const ids = own.deliveries.map(numberOf);
    assert.equal(ids.length, eventCount, `${ids.length} deliveries, ${distinct(ids).length} of them distinct`);
    assert.deepEqual(ids, [...ids].sort((a, b) => a - b), 'in order');
    assert.equal(distinct(ids).length, eventCount, 'each once');
    const verifier = new Webhook(listen.lines[0].secret);
    for (const one of own.deliveries) verifier.verify(one.text, one.headers);
    assert.ok(proxy.cuts >= cutCount, `${proxy.cuts} cuts`);
    t.diagnostic(`${proxy.cuts} cuts, ${eventCount} events`);
    assert.deepEqual(await listen.stop(), { code: 0, signal: null }, listen.errors);
    const summary = listen.lines.at(-1);
    assert.deepEqual([summary.taken, summary.not_taken, summary.after], [eventCount, 0, ids.at(-1)]);
  });

  test('kill -9 and again: nothing is missed, and what comes twice has the same id', async (t) => {
    const own = await receiver();
    t.after(() => own.close());
    const files = state();
    const kills = 8;
    let listen = await startListen(flags([...files, '--after', 'now'], { to: own.url }));
    const { secret } = listen.lines[0];
    let charged = 0;
    const charging = chargeMany(client, 200, async (count) => {
      charged = count;
      await sleep(15);
    });
    for (let round = 0; round < kills; round += 1) {
      const before = own.deliveries.length;
      await eventually('more events', () => own.deliveries.length > before);
      await listen.stop('SIGKILL');
      await sleep(50);
      listen = await startListen(flags(files, { to: own.url }));
      assert.equal(listen.lines[0].secret, secret, 'the secret stays');
      assert.ok(listen.lines[0].after > 0, 'it says where it goes on');
    }
    await charging;
    await eventually(() => `200 events; ${distinct(own.deliveries.map(numberOf)).length} came`, () => distinct(own.deliveries.map(numberOf)).length === charged && charged === 200);
    await sleep(500);
    const ids = own.deliveries.map(numberOf);
    assert.deepEqual(ids, [...ids].sort((a, b) => a - b), 'in order');
    assert.equal(distinct(ids).length, 200);
    assert.ok(ids.length - 200 <= kills, `${ids.length - 200} repetitions in ${kills} kills`);
    await listen.stop();
  });

  test('a local server that is down: tried again, reported, passed over; with --strict it stops there', async (t) => {
    const own = await receiver({ answer: (delivery) => (delivery.json.transaction.description === 'bad' ? 500 : 200) });
    t.after(() => own.close());
    const files = state();
    const listen = await startListen(flags([...files, '--after', 'now'], { to: own.url }));
    const bad = momoCharge({ payment_description: 'bad' });
    await client.post('/api/v1/charge', bad);
    await client.settled(bad.reference);
    const good = momoCharge();
    await client.post('/api/v1/charge', good);
    await eventually(() => `both lines\n${listen.text}`, () => listen.lines.find((line) => line.reference === good.reference), 20_000);
    const line = listen.lines.find((each) => each.reference === bad.reference);
    assert.deepEqual([line.taken, line.tries, line.status], [false, 4, 500]);
    const tries = own.of(bad.reference);
    assert.deepEqual(tries.map((one) => one.headers['epay-delivery-attempt']), ['1', '2', '3', '4']);
    assert.equal(distinct(tries.map((one) => one.headers['webhook-id'])).length, 1);
    assert.match(listen.errors, /does not take evt_\d+ \(it answers 500\); trying again/);
    await listen.stop();

    const strict = await startListen(flags([...files, '--strict'], { to: own.url }));
    const worse = momoCharge({ payment_description: 'bad' });
    await client.post('/api/v1/charge', worse);
    assert.deepEqual(await strict.closed, { code: 1, signal: null });
    assert.match(strict.errors, /evt_\d+ was not taken; the next run begins with it/);
    const again = await startListen(flags([...files], { to: own.url }));
    await eventually('it to come again', () => own.of(worse.reference).length === 8, 20_000);
    await again.stop();
  });

  test('a service that is restarted is waited for, and nothing that happened is missed', async (t) => {
    const own = await receiver();
    t.after(() => own.close());
    const first = await startEpay();
    t.after(() => first.end());
    const who = await createMerchant(first.database);
    const listen = await startListen(['--server', first.url, '--forward-to', own.url, ...credentials(who), ...state(), '--after', '0']);
    const charge = momoCharge();
    await (await signIn(first, who)).post('/api/v1/charge', charge);
    await own.arrived(1);
    await first.stop();
    await eventually(() => listen.errors, () => listen.errors.includes('the connection is lost'));
    const second = await startEpay({ database: first.database, args: ['--listen', `127.0.0.1:${first.port}`] });
    t.after(() => second.end());
    await (await signIn(second, who)).post('/api/v1/charge', momoCharge());
    await own.arrived(2, undefined, 20_000);
    await eventually(() => listen.errors, () => listen.errors.includes('connected again'));
    await listen.stop();
    assert.equal(listen.errors.trim().split('\n').length, 2, `said once each\n${listen.errors}`);
  });

  test('only the types asked for', async (t) => {
    const own = await receiver();
    t.after(() => own.close());
    const listen = await startListen(flags([...state(), '--events', 'ping,payment.failed', '--after', 'now'], { to: own.url }));
    for (const type of ['payment.success', 'ping', 'refund.failed', 'payment.failed']) {
      const { status, text } = await client.post('/api/v1/events', { type });
      assert.equal(status, 200, text);
    }
    await own.arrived(2);
    await sleep(300);
    assert.deepEqual(own.deliveries.map((one) => one.headers['epay-event']), ['ping', 'payment.failed']);
    await listen.stop();
  });

  test('what is wrong is said, and ends it', async () => {
    const file = state();
    await (await startListen(flags(file))).stop();
    const busy = await startListen(flags(file));
    const other = await createMerchant(epay.database);
    const with_other = (more) => ['--server', epay.url, '--forward-to', hook.url, ...credentials(other), ...more];
    const rows = [
      [['--server', epay.url, '--forward-to', hook.url], /--merchant-key: who are you/, 2],
      [['--server', epay.url, '--forward-to', hook.url, '--app-id', 'x'], /--merchant-key: needs --app-id and --app-secret/, 2],
      [['--server', epay.url, '--forward-to', 'ftp://x', '--token', 'x'], /--forward-to: /, 2],
      [['--server', `${epay.url}/api`, '--forward-to', hook.url, '--token', 'x'], /--server: .*without a path/, 2],
      [['--server', epay.url, '--forward-to', hook.url, '--token', 'x', ...state()], /the token is not accepted.*--merchant-key/, 1],
      [['--server', epay.url, '--forward-to', hook.url, ...credentials({ ...merchant, app_secret: 'x' }), ...state()], /Your identity couldn't be validated!/, 1],
      [flags([...state(), '--events', 'payment.oops']), /payment\.oops|type/, 2],
      [flags([...state(), '--after', 'then']), /--after: must be/, 2],
      [flags([...state(), '--secret', 'whsec_c2hvcnQ=']), /--secret: must be whsec_/, 2],
      [flags(file), /another epay listens with/, 1],
    ];
    for (const [args, words, code] of rows) {
      const ended = await runEpay(['listen', ...args], { expected: null });
      assert.match(ended.stderr, words, args.join(' '));
      assert.equal(ended.code, code, args.join(' '));
    }
    await busy.stop();
    const foreign = await runEpay(['listen', ...with_other(file)], { expected: 2 });
    assert.match(foreign.stderr, /--state: .*give another file/);
  });
});

describe('trigger', () => {
  let epay, merchant, hook, listen;
  before(async () => {
    epay = await startEpay({ delay: '50ms' });
    merchant = await createMerchant(epay.database, {});
    hook = await receiver();
    // Types that are kept only where somebody asks for them.
    await runEpay(['webhook', 'create', '--database', epay.database, '--merchant', '1', '--url', hook.url, '--events', '*', '--allow-webhook-cidr', '127.0.0.0/8']);
    listen = await startListen(['--server', epay.url, '--forward-to', hook.url, ...credentials(merchant), '--state', path.join(folder(), 'state.json'), '--after', '0']);
  });
  after(async () => {
    await listen?.stop();
    await epay?.end();
    await hook?.close();
  });
  const trigger = (args, options) => runEpay(['trigger', '--server', epay.url, ...credentials(merchant), ...args], options);

  test('every type of event arrives, by the endpoint and by the tunnel', async () => {
    const types = (await runEpay(['trigger', '--list', '--json'])).stdout.trim().split('\n').map((line) => JSON.parse(line).type);
    assert.ok(types.includes('payment.success') && types.length >= 12, types.join());
    for (const type of types) {
      const said = JSON.parse((await trigger([type, '--json'])).stdout);
      assert.equal(said.event, type);
      assert.ok(said.expect, 'it says what to expect');
      const line = await eventually(
        () => `${type} in the tunnel\n${listen.text}${listen.errors}`,
        () => listen.lines.find((one) => one.type === type && (!said.reference || type === 'customer.created' || one.reference === said.reference)),
      );
      assert.equal(line.taken, true);
      await eventually(`${type} at the endpoint`, () => hook.deliveries.some((one) => one.headers['epay-event'] === type && one.headers['webhook-id'].startsWith(`msg_${line.id}_`)));
    }
  });

  test('as often as asked', async () => {
    const { stdout } = await trigger(['payment.failed', '--count', '3', '--json']);
    const references = stdout.trim().split('\n').map((line) => JSON.parse(line).reference);
    assert.equal(distinct(references).length, 3);
    await eventually('three events', () => references.every((reference) => listen.lines.some((one) => one.reference === reference && one.type === 'payment.failed')));
  });

  test('with live credentials it does nothing', async (t) => {
    const live = await startEpay();
    t.after(() => live.end());
    const who = await createMerchant(live.database);
    const run = (type, expected) => runEpay(['trigger', '--server', live.url, ...credentials(who), type], { expected });
    await run('ping', 0);
    await live.stop();
    askStore(live.database, 'UPDATE integrations SET mode = 2; UPDATE events SET mode = 2');
    const again = await startEpay({ database: live.database, args: ['--listen', `127.0.0.1:${live.port}`] });
    t.after(() => again.end());
    for (const type of ['payment.success', 'payout.success', 'ping']) assert.match((await run(type, 1)).stderr, /live mode/, type);
    const client = await signIn(again, who);
    assert.equal((await client.get('/api/v1/transactions')).json.transactions.total, 0);
  });

  test('a refusal ends with 1 and the reason', async () => {
    const rows = [
      [['trigger', '--server', epay.url, '--token', 'x', 'ping'], 1, /the token is not accepted/],
      [['trigger', '--server', epay.url, ...credentials({ ...merchant, app_secret: 'x' }), 'payment.success'], 1, /identity/],
      [['trigger', '--server', 'http://127.0.0.1:1', ...credentials(merchant), 'ping'], 1, /./],
      [['trigger', '--server', epay.url, ...credentials(merchant), 'payment.oops'], 2, /no event "payment.oops".*--list/],
      [['trigger', '--server', epay.url, ...credentials(merchant)], 2, /--list/],
      [['trigger', '--server', epay.url, ...credentials(merchant), 'ping', '--count', '0'], 2, /--count/],
    ];
    for (const [args, code, words] of rows) {
      const ended = await runEpay(args, { expected: code });
      assert.match(ended.stderr, words, args.join(' '));
    }
  });
});
