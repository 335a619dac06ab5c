// A customer in a browser without script: reads pages, fills in their forms, follows where they lead.
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { request, runEpay } from './harness.mjs';

// Makes a payment page of test mode, and gives what `epay page create` prints.
export async function createPage(database, merchant, settings) {
  const args = ['page', 'create', '--database', database, '--merchant', String(merchant.merchant_id), '--json'];
  return JSON.parse((await runEpay([...args, '--settings', JSON.stringify(settings)])).stdout);
}

export const listPages = async (database, merchant) =>
  (await runEpay(['page', 'list', '--database', database, '--merchant', String(merchant.merchant_id), '--json'])).stdout
    .trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
export const unescape = (text) => text.replace(/&(\w+);/g, (whole, name) => entities[name] ?? whole);

function attributesOf(tag) {
  const attributes = {};
  for (const [, name, , value] of tag.matchAll(/\s([\w-]+)(="([^"]*)")?/g)) attributes[name] = value === undefined ? '' : unescape(value);
  return attributes;
}

// What a browser would send of a form as it stands.
function fieldsOf(html) {
  const fields = new Map();
  for (const [tag, rest] of [...html.matchAll(/(<input\b[^>]*>)/g)]) {
    const input = attributesOf(tag);
    if (!input.name) continue;
    const pressed = !['radio', 'checkbox'].includes(input.type) || 'checked' in input;
    if (pressed) fields.set(input.name, input.value ?? '');
    else if (!fields.has(input.name)) fields.set(input.name, null);
    assert.ok(rest);
  }
  for (const [, tag, options] of html.matchAll(/(<select\b[^>]*>)(.*?)<\/select>/gs)) {
    const chosen = options.match(/<option[^>]*selected[^>]*>([^<]*)/);
    fields.set(attributesOf(tag).name, chosen ? unescape(chosen[1]) : '');
  }
  return fields;
}

export class Customer {
  constructor(epay, { language = 'en' } = {}) {
    this.epay = epay;
    this.headers = { accept: 'text/html', 'accept-language': language };
  }

  async open(url, options = {}) {
    this.url = new URL(url, this.epay.url);
    const answer = await request(this.url.href, { headers: this.headers, ...options });
    return this.#take(answer);
  }

  async #take(answer) {
    this.answer = answer;
    this.status = answer.status;
    if (answer.status === 303) {
      const location = new URL(answer.headers.location, this.url);
      this.came = location;
      if (location.origin !== new URL(this.epay.url).origin) {
        this.url = location;
        this.html = '';
        return this;
      }
      return this.open(location.href.split('#')[0]);
    }
    this.html = answer.text;
    return this;
  }

  // Sends the page's form that has all of these fields, or the one whose hidden action is `action`.
  formWith(action) {
    const forms = [...this.html.matchAll(/(<form\b[^>]*>)(.*?)<\/form>/gs)];
    const found = forms.find(([, , inner]) => action === undefined || inner.includes(`name="action" value="${action}"`));
    assert.ok(found, `the page has no form ${action ?? ''}\n${this.text}`);
    return { target: new URL(attributesOf(found[1]).action || this.url.href, this.url).href, fields: fieldsOf(found[2]) };
  }

  bodyOf(action, values = {}) {
    const { target, fields } = this.formWith(action);
    for (const [name, value] of Object.entries(values)) {
      assert.ok(fields.has(name), `the form ${action ?? ''} has no field ${name}: ${[...fields.keys()]}`);
      fields.set(name, value);
    }
    const body = new URLSearchParams();
    for (const [name, value] of fields) if (value !== null) body.set(name, value);
    return { target, body };
  }

  async send(action, values) {
    const { target, body } = this.bodyOf(action, values);
    this.url = new URL(target);
    return this.#take(await request(target, { method: 'POST', body, headers: this.headers }));
  }

  get state() {
    return this.html.match(/<main[^>]*data-state="(\w*)"/)?.[1];
  }
  get token() {
    return this.url.pathname.match(/^\/checkout\/(\w{32})/)?.[1];
  }
  get reference() {
    return this.html.match(/data-reference="([^"]*)"/)?.[1];
  }
  get heading() {
    return unescape(this.html.match(/<h1[^>]*>([^<]*)</)?.[1] ?? '');
  }
  // What is read out, roughly.
  get text() {
    return unescape(this.html.replace(/<(style|script)\b.*?<\/\1>/gs, '').replace(/<[^>]*>/g, ' ')).replace(/[ \n]+/g, ' ');
  }
  errorOf(field) {
    return unescape(this.html.match(new RegExp(`id="${field}-error">([^<]*)`))?.[1] ?? '');
  }
  valueOf(field, form) {
    return this.formWith(form).fields.get(field);
  }
  // Looks until the payment has come to this state, as a browser without script does.
  async until(...states) {
    for (let look = 0; look < 200; look += 1) {
      if (states.includes(this.state)) return this;
      await new Promise((resolve) => setTimeout(resolve, 50));
      await this.open(this.url.href);
    }
    assert.fail(`the page stays ${this.state}, and does not come to ${states}\n${this.text}`);
  }
}

// How many bytes the whole page is on the wire, compressed.
export async function compressedSize(url) {
  const http = await import('node:http');
  return new Promise((resolve, reject) => {
    http.get(url, { headers: { 'accept-encoding': 'gzip', accept: 'text/html' } }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        assert.equal(answer.headers['content-encoding'], 'gzip');
        resolve({ size: body.length, html: gunzipSync(body).toString(), headers: answer.headers });
      });
      answer.on('error', reject);
    }).on('error', reject);
  });
}

export const payer = { name: 'Ama Mensah', email: 'ama@example.com', telephone: '0241234567' };
