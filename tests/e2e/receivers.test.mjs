// Receivers that do to a sender whatever TCP lets them: every exchange ends in time and in little memory, what failed is
// retried, no redirect is followed, and the merchant next door hears at once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createMerchant, eventually, momoCharge, receiver, signIn, sleep, startEpay, verify } from './harness.mjs';

const timeout = 2_000;
// Room for a busy machine.
const slack = 1_500;
// One retry each: a receiver that fails a few times is not yet one that is given a rest.
const args = ['--webhook-timeout', `${timeout}ms`, '--retry-schedule', '300ms,1h'];
const charges = 2;
const floodBytes = 10_000_000_000;
// 64 KiB that are read, and what two kernels' buffers take of it while the sender has not yet been told.
const pouredMax = 16 * 1024 * 1024;
const memoryGrowthMax = 16 * 1024 * 1024;
const metadata = '169.254.169.254';

const head = (status, ...fields) => `HTTP/1.1 ${status} X\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;

// Writes `piece` as fast as it is taken, or every `interval` ms, until the other side has had enough.
function pour(socket, piece, { most = Infinity, interval } = {}) {
  let given = 0;
  const next = (error) => {
    if (error || socket.destroyed || given >= most) return;
    given += piece.length;
    if (interval) setTimeout(() => socket.destroyed || socket.write(piece, next), interval);
    else socket.write(piece, next);
  };
  next();
}

const block = Buffer.alloc(64 * 1024, 'x');
const ten = `Content-Length: ${floodBytes}`;

// What each does once it has the whole request. `delivered`: it counts as delivered, for the status said so. `pours`: the
// answer has no end. `kept`: the answer is whole, so that the connection stays and shows no end of its last exchange.
const kinds = {
  'hangs': { play: () => {} },
  'sends its header, then one byte a second': { play: (socket) => (socket.write(head(200, 'Content-Length: 100000')), pour(socket, Buffer.from('x'), { interval: 1_000 })) },
  'sends one byte of its header a second': { play: (socket) => pour(socket, Buffer.from('H'), { interval: 1_000 }) },
  'answers 200 and 10 GB': { play: (socket) => (socket.write(head(200, ten)), pour(socket, block, { most: floodBytes })), delivered: true, pours: true },
  'answers 500 and 10 GB': { play: (socket) => (socket.write(head(500, ten)), pour(socket, block, { most: floodBytes })), pours: true },
  'answers 200 and chunks for ever': {
    play: (socket) => (socket.write(head(200, 'Transfer-Encoding: chunked')), pour(socket, Buffer.concat([Buffer.from('10000\r\n'), block, Buffer.from('\r\n')]))),
    delivered: true,
    pours: true,
  },
  'sends header fields for ever': { play: (socket) => (socket.write('HTTP/1.1 200 OK\r\n'), pour(socket, Buffer.from('X-More: of the same\r\n'.repeat(1_000)))), pours: true },
  'closes in the middle of the body': { play: (socket) => socket.end(`${head(200, 'Content-Length: 1000')}half of`) },
  'closes in the middle of a chunk': { play: (socket) => socket.end(`${head(200, 'Transfer-Encoding: chunked')}ff\r\nhalf of`) },
  'resets in the middle of the body': { play: (socket) => socket.write(`${head(200, 'Content-Length: 1000')}half of`, () => socket.resetAndDestroy()) },
  'closes instead of an answer': { play: (socket) => socket.end() },
  'answers 1xx for ever': { play: (socket) => pour(socket, Buffer.from(head(102).repeat(1_000))), pours: true },
  'answers 1xx now and then': { play: (socket) => pour(socket, Buffer.from(head(103, 'Link: </x>')), { interval: 250 }) },
  'switches protocols': { play: (socket) => socket.write(head(101, 'Upgrade: websocket', 'Connection: Upgrade')) },
  'sends a chunk length that is none': { play: (socket) => socket.write(`${head(200, 'Transfer-Encoding: chunked')}no length\r\nxyz\r\n`) },
  'sends a chunk larger than memory': { play: (socket) => socket.write(`${head(200, 'Transfer-Encoding: chunked')}fffffffffffffffff\r\nxyz\r\n`) },
  'says two lengths': { play: (socket) => socket.write(`${head(200, 'Content-Length: 2', 'Content-Length: 3')}ok`) },
  'does not speak HTTP': { play: (socket) => socket.write('220 mail.example.com ESMTP\r\n') },
  'redirects to another port of this machine': { play: (socket, trap) => socket.write(head(307, `Location: http://127.0.0.1:${trap}/hook`, 'Content-Length: 0')), kept: true },
  'redirects to the metadata of the cloud': { play: (socket) => socket.write(head(302, `Location: http://${metadata}/latest/meta-data/`, 'Content-Length: 0')), kept: true },
};

// A server of bare TCP. Of each request it keeps {id, attempt, body, at} and, once it is over, `ended`: when its
// connection closed or the next one came on it; and how many bytes the kernel took of the answer.
async function rawReceiver(play) {
  const requests = [];
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    let bytes = Buffer.alloc(0);
    let current;
    const end = () => current && (current.ended ??= Date.now(), (current.poured = socket.bytesWritten - socket.writableLength));
    socket.on('error', () => {});
    socket.on('close', () => (end(), sockets.delete(socket)));
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const headEnd = bytes.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const header = (name) => bytes.subarray(0, headEnd).toString().match(new RegExp(`^${name}: *(.*)$`, 'im'))?.[1].trim();
      const length = Number(header('content-length'));
      if (bytes.length < headEnd + 4 + length) return;
      end();
      current = { id: header('webhook-id'), attempt: Number(header('epay-delivery-attempt')), body: bytes.subarray(headEnd + 4, headEnd + 4 + length).toString(), at: Date.now() };
      bytes = bytes.subarray(headEnd + 4 + length);
      requests.push(current);
      play(socket);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    requests,
    url: `http://127.0.0.1:${server.address().port}/hook`,
    close: () => new Promise((resolve) => (server.close(resolve), sockets.forEach((socket) => socket.destroy()))),
  };
}

// 0 once the process has ended: until its parent has been told, the kernel still names it, without memory.
const resident = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+) kB$/m)?.[1] ?? 0) * 1024;

// Whether this machine has a connection to the metadata address, or tries to make one: as the kernel writes it.
const seeksMetadata = () => readFileSync('/proc/net/tcp', 'utf8').includes(` ${metadata.split('.').reverse().map((part) => Number(part).toString(16).padStart(2, '0')).join('').toUpperCase()}:`);

describe('receivers that misbehave', () => {
  let epay, healthy, neighbour, trap, watching;
  let memoryBefore = 0;
  let memoryPeak = 0;
  let metadataSought = false;
  let trapped = 0;
  let over = false;
  const heardAfter = [];
  const closing = [];

  const shop = async (url) => signIn(epay, await createMerchant(epay.database, { webhook: url }));

  // The merchant next door is paid all the time.
  async function payNeighbour() {
    while (!over) {
      const charge = momoCharge();
      const asked = Date.now();
      await neighbour.post('/api/v1/charge', charge);
      await healthy.arrived(1, charge.reference, timeout + slack);
      heardAfter.push(Date.now() - asked);
      await sleep(20);
    }
  }

  before(async () => {
    epay = await startEpay({ args });
    healthy = await receiver();
    trap = net.createServer((socket) => ((trapped += 1), socket.destroy()));
    await new Promise((resolve) => trap.listen(0, '127.0.0.1', resolve));
    neighbour = await shop(healthy.url);
    await neighbour.post('/api/v1/charge', momoCharge());
    await healthy.arrived(1);
    memoryBefore = resident(epay.pid);
    watching = setInterval(() => {
      memoryPeak = Math.max(memoryPeak, resident(epay.pid));
      metadataSought ||= seeksMetadata();
    }, 10);
  });

  after(async () => {
    await Promise.all([healthy, ...closing].map((one) => one?.close()));
    await new Promise((resolve) => trap.close(resolve));
    await epay?.end();
  });

  describe('one', { concurrency: true }, () => {
    let paying;
    before(() => {
      paying = payNeighbour();
    });
    after(async () => {
      over = true;
      clearInterval(watching);
      await paying;
    });
    for (const [name, { play, delivered = false, pours = false, kept = false }] of Object.entries(kinds)) {
      test(name, async (t) => {
        const hook = await rawReceiver((socket) => play(socket, trap.address().port));
        closing.push(hook);
        const client = await shop(hook.url);
        for (let i = 0; i < charges; i += 1) {
          const answer = await client.post('/api/v1/charge', momoCharge());
          assert.equal(answer.status, 200, answer.text);
        }
        const shown = () => `${JSON.stringify(hook.requests)}\n${epay.log()}`;
        const tries = () => [...new Set(hook.requests.map((one) => one.id))].map((id) => hook.requests.filter((one) => one.id === id));
        const last = delivered ? 1 : 2;
        await eventually(
          () => `${charges} deliveries, each tried ${last} times: ${shown()}`,
          () => tries().length === charges && tries().every((all) => all.some((one) => one.attempt === last)),
          2 * (timeout + slack),
        );
        await eventually(() => `every exchange to end: ${shown()}`, () => hook.requests.every((one) => one.ended || kept), timeout + slack);
        if (delivered) await sleep(1_000);
        for (const all of tries()) {
          assert.equal(new Set(all.map((one) => one.body)).size, 1, `one body: ${shown()}`);
          if (delivered) assert.equal(all.length, 1, `delivered once: ${shown()}`);
        }
        const longest = Math.max(...hook.requests.map((one) => (one.ended ?? one.at) - one.at));
        assert.ok(longest <= timeout + slack, `an exchange took ${longest} ms`);
        const most = Math.max(...hook.requests.map((one) => one.poured ?? 0));
        assert.ok(most <= pouredMax, `${most} bytes of an answer were taken`);
        t.diagnostic(`${name}: ${hook.requests.length} exchanges of at most ${longest} ms${pours ? `, at most ${(most / 1024).toFixed(0)} KiB taken` : ''}`);
      });
    }
  });

  test('all of them at once: the neighbour hears at once, memory stays small, no redirect is followed', (t) => {
    const longest = Math.max(...heardAfter);
    t.diagnostic(`the neighbour: ${heardAfter.length} payments, told after at most ${longest} ms`);
    t.diagnostic(`memory: ${(memoryBefore / 1024 / 1024).toFixed(1)} MiB before, at most ${(memoryPeak / 1024 / 1024).toFixed(1)} MiB`);
    assert.ok(heardAfter.length > 20, `only ${heardAfter.length} payments`);
    assert.ok(longest < timeout / 2, `the neighbour was told after ${longest} ms`);
    assert.ok(memoryPeak - memoryBefore < memoryGrowthMax, `memory grew from ${memoryBefore} to ${memoryPeak} bytes`);
    assert.ok(!metadataSought, 'somebody connected to the metadata address');
    assert.equal(trapped, 0, 'the redirect to another port was followed');
  });

  test('a stop with an exchange under way is clean, and nothing of it is forgotten', async () => {
    const hanging = await rawReceiver(() => {});
    closing.push(hanging);
    const client = await shop(hanging.url);
    await client.post('/api/v1/charge', momoCharge());
    await eventually('an exchange to be under way', () => hanging.requests.length > 0);
    const began = Date.now();
    await epay.stop();
    assert.ok(Date.now() - began < timeout + slack, `it took ${Date.now() - began} ms`);
    await verify(epay.database);
    epay = await startEpay({ database: epay.database, args });
    await eventually('the delivery to be tried again', () => hanging.requests.length > 1, timeout + slack);
    assert.equal(hanging.requests[1].id, hanging.requests[0].id);
  });
});
