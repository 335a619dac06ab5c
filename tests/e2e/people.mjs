// People with a browser that runs no script: cookies, links and forms, their mail and their telephone.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import mailparser from 'mailparser';
import { eventually, filesBeside, request, runEpay } from './harness.mjs';

const unescape = (text) =>
  text.replace(/&(amp|lt|gt|quot|apos|#39|#x27);/g, (_, name) => ({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'", '#x27': "'" })[name]);
const attribute = (tag, name) => {
  const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found ? unescape(found[1]) : undefined;
};

// The forms of a page: {action, fields}, fields as a browser would send them untouched.
export function formsOf(page) {
  return [...page.text.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, tag, content]) => {
    const fields = {};
    for (const [input] of content.matchAll(/<input\b[^>]*>/g)) {
      const type = attribute(input, 'type') ?? 'text';
      const name = attribute(input, 'name');
      if (!name || ((type === 'checkbox' || type === 'radio') && !/\schecked\b/.test(input))) continue;
      fields[name] = attribute(input, 'value') ?? '';
    }
    for (const [, select, options] of content.matchAll(/<select\b([^>]*)>(.*?)<\/select>/gs)) {
      const chosen = options.match(/<option\b[^>]*\sselected[^>]*>/) ?? options.match(/<option\b[^>]*>/);
      if (chosen) fields[attribute(select, 'name')] = attribute(chosen[0], 'value');
    }
    return { action: attribute(tag, 'action'), method: attribute(tag, 'method') ?? 'get', fields };
  });
}

export const shown = (page) => unescape(page.text.replace(/<(style|script)\b.*?<\/\1>/gs, ' ').replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ');

// Somebody with a browser of his own. Redirects are followed, as GET; `page.path` is where it ended, `page.via` the answers before.
export function person(epay, { agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36', headers: always = {} } = {}) {
  const cookies = new Map();
  const keep = (answer) => {
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [pair, ...attributes] = line.split('; ');
      const at = pair.indexOf('=');
      if (attributes.some((one) => /^max-age=0$/i.test(one))) cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  };
  async function ask(target, { method = 'GET', body, headers = {}, follow = true } = {}) {
    const via = [];
    for (let next = target, how = method, sent = body; ; ) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await request(epay.url + next, {
        method: how,
        body: sent,
        headers: { accept: 'text/html', 'user-agent': agent, ...(cookie ? { cookie } : {}), ...(how === 'POST' ? { origin: epay.url } : {}), ...always, ...headers },
      });
      keep(answer);
      const page = Object.assign(answer, { path: next, via });
      if (!follow || answer.status !== 303) return page;
      via.push(answer);
      assert.ok(via.length < 10, `redirected for ever: ${next}`);
      next = answer.headers.location;
      how = 'GET';
      sent = undefined;
    }
  }
  const me = {
    cookies,
    get: (target, options) => ask(target, options),
    post: (target, fields, options = {}) => ask(target, { method: 'POST', body: new URLSearchParams(fields), ...options }),
    // Fills in and sends the page's form whose action is `action` (the page's own form without one).
    async submit(page, fields, { action, ...options } = {}) {
      const form = formsOf(page).find((one) => (action === undefined ? one.method === 'post' && one.action !== '/mode' && one.action !== '/logout' : one.action === action));
      assert.ok(form, `no form ${action ?? ''} on ${page.path}: ${page.status} ${shown(page).slice(0, 300)}`);
      return me.post(form.action ?? page.path, { ...form.fields, ...fields }, options);
    },
    async logIn(email, password, { next } = {}) {
      return me.submit(await me.get(`/login${next ? `?next=${encodeURIComponent(next)}` : ''}`), { email, password });
    },
    async logOut() {
      return me.submit(await me.get('/settings'), {}, { action: '/logout' });
    },
  };
  return me;
}

// ---- mail and telephone, as files ----


export async function mailsTo(epay, email) {
  const folder = `${filesBeside(epay.database)}.mails`;
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  files.sort((a, b) => Number(a.split('.')[2]) - Number(b.split('.')[2]));
  const mails = await Promise.all(files.map((name) => mailparser.simpleParser(readFileSync(path.join(folder, name)))));
  return mails.filter((mail) => mail.to.text.toLowerCase() === email.toLowerCase());
}

// The latest mail to somebody once there are `count`.
export async function mailTo(epay, email, { count = 1, subject } = {}) {
  return eventually(`mail ${count} to ${email} ${subject ?? ''}`, async () => {
    const mails = (await mailsTo(epay, email)).filter((mail) => !subject || mail.subject === subject);
    return mails.length >= count && mails.at(-1);
  });
}

// The path of the link in a mail.
export const linkIn = (mail) => mail.text.match(/^https?:\/\/[^/\s]+(\/\S+)$/m)[1];

export function textsTo(epay, number) {
  const folder = `${filesBeside(epay.database)}.texts`;
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  files.sort((a, b) => Number(a.split('.')[2]) - Number(b.split('.')[2]));
  return files.map((name) => readFileSync(path.join(folder, name), 'utf8')).filter((text) => text.startsWith(`To: ${number}\n`));
}

export const codeSentTo = (epay, number, count = 1) =>
  eventually(`text ${count} to ${number}`, () => {
    const texts = textsTo(epay, number);
    return texts.length >= count && texts.at(-1).match(/\b\d{6}\b/)[0];
  });

// ---- an authenticator app (RFC 6238) ----

export function appCode(secret, at = Date.now()) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/ /g, '')].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

// ---- accounts ----

export const goodPassword = 'correct horse battery';
let people = 0;

// A merchant of the command line whose owner logs in: {merchant, email, password, owner}.
export async function shop(epay, { name = 'Creativo Designs' } = {}) {
  people += 1;
  const email = `owner${process.pid}x${people}@example.com`;
  const { stdout } = await runEpay(['merchant', 'create', '--database', epay.database, '--json', '--name', name, '--email', email, '--telephone', `02450${String(people).padStart(5, '0')}`], {
    env: { EPAY_PASSWORD: goodPassword },
  });
  const owner = person(epay);
  const page = await owner.logIn(email, goodPassword);
  assert.notEqual(page.path, '/login', shown(page));
  return { merchant: JSON.parse(stdout), email, password: goodPassword, owner };
}

// Somebody invited by the owner with a role, logged in: {person, email}.
export async function member(epay, owner, role, { name = `A ${role}` } = {}) {
  people += 1;
  const email = `${role}${process.pid}x${people}@example.com`;
  const invited = await owner.submit(await owner.get('/settings/team'), { email, role }, { action: '/settings/team/invite' });
  assert.equal(invited.path, '/settings/team?done=invited', shown(invited));
  const them = person(epay);
  const joined = await them.submit(await them.get(linkIn(await mailTo(epay, email))), { name, password: goodPassword });
  assert.equal(joined.path, '/dashboard', shown(joined));
  return { person: them, email };
}
