// Mail to merchants, against a mail server and a reader of mails that others wrote (npm's smtp-server and mailparser).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import mailparser from 'mailparser';
import smtpServer from 'smtp-server';
import {
  askStore, createMerchant, eventually, filesBeside, newDatabase, onPostgres, runEpay, startEpay, textLiteral,
} from './harness.mjs';

const from = 'Epay Ghana <pay@example.com>';
const refuse = (responseCode, message) => Object.assign(new Error(message), { responseCode });

// A mail server that keeps what it takes in `mails`, parsed, with how it came. `options` are smtp-server's. `rcpt` and `data`
// may be given to answer otherwise: each is called with its subject and returns an error or nothing, perhaps later.
async function mailServer(t, { rcpt = () => {}, data = () => {}, ...options } = {}) {
  const mails = [];
  const server = new smtpServer.SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    logger: false,
    closeTimeout: 100,
    onRcptTo: async (address, session, done) => done(await rcpt(address.address)),
    onData: async (stream, session, done) => {
      const chunks = [];
      stream.on('error', () => {});
      for await (const chunk of stream) chunks.push(chunk);
      const raw = Buffer.concat(chunks).toString('latin1');
      const answer = await data(raw, server);
      if (!answer) {
        mails.push({
          raw,
          parsed: await mailparser.simpleParser(raw),
          envelope: [session.envelope.mailFrom.address, ...session.envelope.rcptTo.map((one) => one.address)],
          secure: session.secure,
          user: session.user,
        });
      }
      done(answer);
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return { mails, server, host: `127.0.0.1:${server.server.address().port}` };
}

const flags = (server, scheme = 'smtp') => ['--mail-smtp', `${scheme}://${server.host}`, '--mail-from', from];

function testMail(args, { to = 'ama@example.com', expected = 0, env = {}, database = newDatabase() } = {}) {
  return runEpay(['mail', 'test', '--database', database, '--to', to, ...args], { expected, env });
}

// A certificate for 127.0.0.1 that nobody knows.
function newCertificate() {
  const folder = path.dirname(filesBeside(newDatabase()));
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => path.join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', certificate,
    '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' });
  return { file: certificate, key: readFileSync(key), cert: readFileSync(certificate) };
}

describe('epay mail test', () => {
  test('a mail arrives whole', async (t) => {
    const server = await mailServer(t);
    const { stdout } = await testMail(flags(server));
    assert.equal(stdout, `sent to ama@example.com through smtp://${server.host}\n`);
    assert.equal(server.mails.length, 1);
    const [{ parsed, envelope, raw }] = server.mails;
    assert.deepEqual(envelope, ['pay@example.com', 'ama@example.com']);
    assert.equal(parsed.from.text, '"Epay Ghana" <pay@example.com>');
    assert.equal(parsed.to.text, 'ama@example.com');
    assert.equal(parsed.subject, 'Epay can send mail');
    assert.match(parsed.text, /^This mail was sent by `epay mail test`\./);
    assert.match(parsed.html, /<h1[^>]*>Epay can send mail<\/h1>/);
    assert.match(parsed.messageId, /^<epay\.test\.\d+@example\.com>$/);
    assert.ok(Math.abs(parsed.date - Date.now()) < 60_000, `${parsed.date}`);
    assert.ok(raw.split('\r\n').every((line) => !/[\r\n]/.test(line) && line.length <= 998), raw);
  });

  test('STARTTLS is used when it is offered, with a certificate that is believed', async (t) => {
    const { file, key, cert } = newCertificate();
    const server = await mailServer(t, { hideSTARTTLS: false, key, cert });
    await testMail(flags(server), { env: { SSL_CERT_FILE: file } });
    assert.equal(server.mails[0].secure, true);
    await testMail([...flags(server), '--mail-certificates', file]);
    server.mails.pop();
    const { stderr } = await testMail(flags(server), { expected: 1 });
    assert.match(stderr, /no TLS with the mail server: SSL certificate problem: self.signed certificate/);
    assert.equal(server.mails.length, 1);
  });

  test('TLS from the first byte on', async (t) => {
    const { file, key, cert } = newCertificate();
    const server = await mailServer(t, { secure: true, key, cert });
    await testMail(flags(server, 'smtps'), { env: { SSL_CERT_FILE: file } });
    assert.equal(server.mails[0].secure, true);
    await testMail(flags(server, 'smtps'), { expected: 1 });
    assert.equal(server.mails.length, 1);
  });

  test('where TLS is required, none is a failure', async (t) => {
    const server = await mailServer(t);
    const { stderr } = await testMail([...flags(server), '--mail-tls-required'], { expected: 1 });
    assert.equal(stderr, 'epay: the mail server offers no TLS, without which no mail is to be sent\n');
    assert.equal(server.mails.length, 0);
  });

  test('signs in, under TLS only, and shows the password to nobody', async (t) => {
    const password = 'not for anybody';
    const { file, key, cert } = newCertificate();
    const onAuth = (auth, session, done) =>
      auth.username === 'epay' && auth.password === password ? done(null, { user: 'epay' }) : done(refuse(535, 'Wrong password'));
    const secure = await mailServer(t, { hideSTARTTLS: false, authOptional: false, key, cert, onAuth });
    const env = { SSL_CERT_FILE: file, EPAY_MAIL_PASSWORD: password };
    await testMail([...flags(secure), '--mail-user', 'epay'], { env });
    assert.deepEqual([secure.mails[0].user, secure.mails[0].secure], ['epay', true]);

    const wrong = await testMail([...flags(secure), '--mail-user', 'epay'], { env: { ...env, EPAY_MAIL_PASSWORD: 'wrong word' }, expected: 1 });
    assert.match(wrong.stderr, /^epay: the mail server did not let us sign in: 535 .*\n$/);
    const none = await testMail(flags(secure), { env: { SSL_CERT_FILE: file }, expected: 1 });
    assert.match(none.stderr, /^epay: the mail server answered: 530 .*\n$/);

    let asked = 0;
    const clear = await mailServer(t, { allowInsecureAuth: true, onAuth: (auth, session, done) => done(null, { user: (asked += 1) }) });
    const unsafe = await testMail([...flags(clear), '--mail-user', 'epay'], { env, expected: 1 });
    assert.match(unsafe.stderr, /offers no TLS/);
    assert.equal(asked + clear.mails.length, 0);
    for (const { stdout, stderr } of [wrong, none, unsafe]) assert.doesNotMatch(stdout + stderr, /not for anybody|wrong word/);
  });

  test('says what the mail server said', async (t) => {
    const answers = [
      [{ rcpt: () => refuse(550, 'No such user here') }, /^epay: the mail server answered: 550 No such user here\n$/],
      [{ rcpt: () => refuse(451, 'Try later') }, /^epay: the mail server answered: 451 Try later\n$/],
      [{ data: () => refuse(554, 'That is spam') }, /^epay: the mail server answered: 554 That is spam\n$/],
      [{ onMailFrom: (address, session, done) => done(refuse(553, 'Not your address')) }, /answered: 553 Not your address/],
      [{ onConnect: (session, done) => done(refuse(554, 'Nobody from there')) }, /answered: 554 Nobody from there/],
    ];
    for (const [options, said] of answers) {
      const server = await mailServer(t, options);
      assert.match((await testMail(flags(server), { expected: 1 })).stderr, said);
      assert.equal(server.mails.length, 0);
    }
  });

  test('a server that hangs, is silent, breaks off or is not there', async (t) => {
    const hanging = await mailServer(t, { rcpt: () => new Promise(() => {}) });
    const silent = net.createServer(() => {});
    await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.after(() => silent.close());
    for (const host of [hanging.host, `127.0.0.1:${silent.address().port}`]) {
      const began = Date.now();
      const { stderr } = await testMail([...flags({ host }), '--mail-timeout', '1s'], { expected: 1 });
      assert.match(stderr, /^epay: the mail server took too long: /);
      assert.ok(Date.now() - began < 5_000, 'it does not wait longer than it was told to');
    }
    const breaking = await mailServer(t, { data: (raw, server) => server.connections.forEach((one) => one._socket.destroy()) });
    assert.match((await testMail(flags(breaking), { expected: 1 })).stderr, /^epay: the mail server broke off: /);
    const early = net.createServer((socket) => socket.end('220 mail.example.com\r\n'));
    await new Promise((resolve) => early.listen(0, '127.0.0.1', resolve));
    t.after(() => early.close());
    await testMail(flags({ host: `127.0.0.1:${early.address().port}` }), { expected: 1 });
    assert.match((await testMail(flags({ host: '127.0.0.1:1' }), { expected: 1 })).stderr, /^epay: no mail server was reached: /);
    assert.match((await testMail(flags({ host: 'no.such.host.invalid:25' }), { expected: 1 })).stderr, /^epay: no mail server was reached: /);
  });

  test('without a server it becomes a file', async () => {
    const database = newDatabase();
    const folder = `${filesBeside(database)}.mails`;
    const { stdout } = await testMail([], { database });
    assert.equal(stdout, `no --mail-smtp: written into the folder ${onPostgres ? path.basename(folder) : folder}\n`);
    const files = readdirSync(folder);
    assert.equal(files.length, 1);
    assert.match(files[0], /^epay\.test\.\d+\.eml$/);
    assert.deepEqual([folder, path.join(folder, files[0])].map((name) => statSync(name).mode & 0o777), [0o700, 0o600]);
    const parsed = await mailparser.simpleParser(readFileSync(path.join(folder, files[0])));
    assert.deepEqual([parsed.subject, parsed.to.text, parsed.from.text], ['Epay can send mail', 'ama@example.com', '"Epay" <epay@localhost>']);
    await testMail(['--mail-folder', filesBeside(database)], { database: newDatabase() });
    const { stderr } = await testMail(['--mail-folder', path.join(folder, files[0])], { expected: 1 });
    assert.match(stderr, /it is no folder/);
  });

  test('a wrong flag is named', async () => {
    const rows = [
      [['--mail-smtp', 'http://mail.example.com', '--mail-from', from], '--mail-smtp: must be smtp://HOST:PORT'],
      [['--mail-smtp', 'smtp://mail.example.com:0', '--mail-from', from], '--mail-smtp: must be smtp://HOST:PORT'],
      [['--mail-smtp', 'smtp://a:b@mail.example.com', '--mail-from', from], '--mail-smtp: must not have a user or password in it'],
      [['--mail-smtp', 'smtp://mail.example.com'], '--mail-from: is needed with --mail-smtp'],
      [['--mail-smtp', 'smtp://mail.example.com', '--mail-from', 'pay'], '--mail-from: must be an address'],
      [['--mail-smtp', 'smtp://mail.example.com', '--mail-from', 'a@b.c\r\nBcc: x@y.z'], '--mail-from: must be an address'],
      [['--mail-smtp', 'smtp://mail.example.com', '--mail-from', from, '--mail-user', 'epay'], '--mail-user: needs --mail-password'],
      [['--mail-smtp', 'smtp://mail.example.com', '--mail-from', from, '--mail-folder', 'mails'], '--mail-folder: '],
      [['--mail-user', 'epay'], '--mail-user: needs --mail-smtp'],
      [['--mail-tls-required'], '--mail-tls-required: needs --mail-smtp'],
      [['--mail-timeout', 'soon'], '--mail-timeout: '],
      [['--to', 'ama@example.com>\r\nBcc: x@y.z'], '--to: must be an address'],
    ];
    for (const [args, said] of rows) {
      const { stderr } = await testMail(args, { expected: 2 });
      assert.ok(stderr.startsWith(`epay: ${said}`), `${args.join(' ')}: ${stderr}`);
    }
  });
});

// ---- the outbox of a serving process ----

const quoted = (text) => (text === null ? 'NULL' : textLiteral(text));
const now = () => Date.now() * 1000;

// As mail::queue() writes it, for a store that no process serves yet (a serving one looks once a minute).
function queue(database, id, { to = 'ama@example.com', subject = 'News', text = 'Some news.', html = null } = {}) {
  askStore(database, `INSERT INTO mails (merchant_id, id, recipient, subject, text_body, html_body, created_at, due_at, tries)
    VALUES (1, ${id}, ${[to, subject, text, html].map(quoted).join(', ')}, ${now()}, ${now()}, 0)`);
}
const state = (database, id) => askStore(database, `SELECT tries, CASE WHEN sent_at IS NULL THEN 0 ELSE 1 END, CASE WHEN due_at IS NULL THEN 0 ELSE 1 END, coalesce(failure, '') FROM mails WHERE id = ${id}`);

async function newStore() {
  const database = newDatabase();
  await createMerchant(database);
  return database;
}

describe('epay serve', () => {
  test('sends what is queued, letter for letter', async (t) => {
    const server = await mailServer(t);
    const database = await newStore();
    const subject = 'Reçu ₵22.50 – Ama & “Kofi”, a subject that is longer than a line of a mail may be, and 例え goes on and on 🎟';
    const text = ['.', '..', '.starts with a dot', 'From the first', `long ${'é'.repeat(2_000)}`, 'blank at the end ', '=3D', '', 'last'].join('\n') + '\n';
    queue(database, 1, { subject, text, html: `<p>${'<b>é</b>'.repeat(200)}</p>\n.\n` });
    queue(database, 2, { text: '.\n..\nplain ASCII\n.\n', subject: '=?UTF-8?Q?looks_encoded?=' });
    const epay = await startEpay({ database, args: flags(server) });
    t.after(() => epay.end());
    await eventually('both mails', () => server.mails.length === 2);
    const [{ parsed }, second] = server.mails;
    assert.equal(parsed.subject, subject);
    assert.equal(parsed.text, text);
    assert.equal(parsed.html, `<p>${'<b>é</b>'.repeat(200)}</p>\n.\n`);
    assert.match(parsed.messageId, /^<epay\.1\.1\.\d+@example\.com>$/);
    assert.equal(second.parsed.text, '.\n..\nplain ASCII\n.\n');
    assert.equal(second.parsed.subject, '=?UTF-8?Q?looks_encoded?=');
    await eventually('the records', () => state(database, 1) === '1|1|0|' && state(database, 2) === '1|1|0|');
    assert.equal(askStore(database, 'SELECT count(*) FROM mails WHERE length(text_body) > 0 OR html_body IS NOT NULL'), '0', 'texts are forgotten');
    await eventually('both lines', () => epay.lines().filter((line) => line.event === 'mail_sent').length === 2);
    assert.doesNotMatch(epay.log(1_000), /ama@example\.com/);
    const { stdout } = await runEpay(['mail', 'list', '--database', database, '--merchant', '1']);
    assert.match(stdout, /^mail 2 .* tries 1  sent .* ama@example\.com /);
  });

  test('what is refused for now is sent again, what is refused for good is not', async (t) => {
    let open = false;
    const server = await mailServer(t, {
      rcpt: (address) => (address.startsWith('nobody') ? refuse(550, `<${address}> is unknown`) : open ? undefined : refuse(450, 'Mailbox busy')),
    });
    const database = await newStore();
    queue(database, 1, { to: 'busy@example.com' });
    queue(database, 2, { to: 'nobody@example.com' });
    queue(database, 3, { subject: 'Two\r\nBcc: x@example.com' });
    const first = await startEpay({ database, args: flags(server) });
    t.after(() => first.end());
    await eventually('three tries', () => [1, 2, 3].every((id) => state(database, id).startsWith('1|')));
    assert.equal(state(database, 1), '1|0|1|the mail server answered: 450 Mailbox busy');
    assert.equal(state(database, 2), '1|0|0|the mail server answered: 550 <nobody@example.com> is unknown');
    assert.equal(state(database, 3), "1|0|0|the mail's subject must be one line of UTF-8 text");
    const wait = Number(askStore(database, 'SELECT due_at FROM mails WHERE id = 1')) - now();
    assert.ok(wait > 40_000_000 && wait <= 60_000_000, `a minute's wait: ${wait}`);
    const logged = (event) => first.lines().filter((line) => line.event === event).map((line) => [line.mail, line.level]);
    await eventually('three lines', () => logged('mail_failed').length + logged('mail_given_up').length === 3);
    assert.deepEqual(logged('mail_failed'), [[1, 'warning']]);
    assert.deepEqual(logged('mail_given_up'), [[2, 'error'], [3, 'error']]);
    assert.doesNotMatch(first.log(1_000), /nobody@example\.com/);
    await first.stop();
    // As if the minute had passed.
    open = true;
    askStore(database, `UPDATE mails SET due_at = ${now()} WHERE due_at IS NOT NULL`);
    const second = await startEpay({ database, args: flags(server) });
    t.after(() => second.end());
    await eventually('the mail', () => state(database, 1) === '2|1|0|');
    assert.deepEqual(server.mails.map((one) => one.envelope[1]), ['busy@example.com']);
  });

  test('a server that is away, or lets us not in, costs the mails behind nothing', async (t) => {
    const silent = net.createServer(() => {});
    await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.after(() => silent.close());
    const rows = [
      [{ host: '127.0.0.1:1' }, 'no mail server was reached: '],
      [{ host: `127.0.0.1:${silent.address().port}` }, 'the mail server took too long: '],
      [await mailServer(t, { onConnect: (session, done) => done(refuse(554, 'Nobody from there')) }), 'the mail server answered: 554 Nobody'],
      [await mailServer(t, { authOptional: false, allowInsecureAuth: true }), 'the mail server answered: 530 '],
    ];
    for (const [server, said] of rows) {
      const database = await newStore();
      for (const id of [1, 2, 3]) queue(database, id);
      const epay = await startEpay({ database, args: [...flags(server), '--mail-timeout', '1s'] });
      t.after(() => epay.end());
      await eventually(() => `one try: ${state(database, 1)}`, () => state(database, 1).startsWith(`1|0|1|${said}`));
      await epay.stop();
      assert.deepEqual([state(database, 2), state(database, 3)], ['0|0|1|', '0|0|1|'], said);
    }
  });

  test('killed before it knew that a mail was taken, it sends the mail again under the same Message-ID', async (t) => {
    let kill;
    const ids = [];
    const server = await mailServer(t, {
      data: async (raw) => {
        ids.push(raw.match(/^Message-ID: (.*)\r$/m)[1]);
        await kill?.();
      },
    });
    const database = await newStore();
    queue(database, 1);
    let epay;
    kill = () => {
      kill = undefined;
      return epay.kill9();
    };
    epay = await startEpay({ database, args: flags(server) });
    await epay.closed;
    assert.equal(state(database, 1), '0|0|1|');
    epay = await startEpay({ database, args: flags(server) });
    t.after(() => epay.end());
    await eventually('the record', () => state(database, 1) === '1|1|0|');
    assert.equal(ids.length, 2);
    assert.equal(ids[0], ids[1]);
  });

  test('a stop waits for a mail under way; one that hangs does not hold it up', async (t) => {
    let release;
    const asked = [];
    const server = await mailServer(t, {
      rcpt: (address) => {
        asked.push(address);
        return address.startsWith('slow') ? new Promise((resolve) => (release = resolve)) : new Promise(() => {});
      },
    });
    const database = await newStore();
    queue(database, 1, { to: 'slow@example.com' });
    const first = await startEpay({ database, args: flags(server) });
    t.after(() => first.end());
    await eventually('the mail under way', () => release);
    const stopped = first.stop();
    await eventually('the stop to begin', () => first.log().includes('"event":"stopping"'));
    release();
    await stopped;
    assert.equal(state(database, 1), '1|1|0|');
    queue(database, 2, { to: 'hangs@example.com' });
    const second = await startEpay({ database, args: [...flags(server), '--stop-timeout', '1s'] });
    t.after(() => second.end());
    await eventually('the mail under way', () => asked.includes('hangs@example.com'));
    const began = Date.now();
    await second.stop();
    assert.ok(Date.now() - began < 5_000, 'the stop takes its second, and one to break off');
    assert.equal(state(database, 2), '0|0|1|');
  });

  test('without a server mails become files, once each', async (t) => {
    const database = await newStore();
    queue(database, 1);
    const epay = await startEpay({ database });
    t.after(() => epay.end());
    await eventually('the record', () => state(database, 1) === '1|1|0|');
    const written = await eventually('its line', () => epay.lines().find((line) => line.event === 'mail_written'));
    assert.equal(written.recipient, 'a***@example.com');
    assert.deepEqual(readdirSync(`${filesBeside(database)}.mails`), [path.basename(written.path)]);
  });
});
