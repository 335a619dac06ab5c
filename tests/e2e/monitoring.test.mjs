// The figures at /metrics, and the alarms and the dashboard that are made of them (packaging/prometheus, packaging/grafana).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
  createMerchant, eventually, filesBeside, momoCharge, newDatabase, receiver, request, root, signIn, startEpay, wallets,
} from './harness.mjs';
import { shop } from './people.mjs';

const rules = readFileSync(path.join(root, 'packaging/prometheus/epay.rules.yml'), 'utf8');
const dashboard = JSON.parse(readFileSync(path.join(root, 'packaging/grafana/epay.json'), 'utf8'));
const expressionsOf = {
  'epay.rules.yml': [...rules.matchAll(/^ +expr: (.*)$/gm)].map(([, expression]) => expression),
  'epay.json': [...dashboard.panels.flatMap((panel) => panel.targets.map((target) => target.expr)), ...dashboard.annotations.list.map((one) => one.expr),
    ...dashboard.templating.list.flatMap((one) => one.query.query ?? [])],
};

// {name: [{labels, value}]} of Prometheus' text form.
async function figuresOf(epay) {
  const { status, text, headers } = await request(`${epay.url}/metrics`);
  assert.equal(status, 200);
  assert.match(headers['content-type'], /^text\/plain/);
  const figures = {};
  for (const line of text.split('\n')) {
    if (!line || line.startsWith('#')) continue;
    const [, name, labels = '', value] = line.match(/^([a-z_]+)(?:\{(.*)\})? (\S+)$/);
    (figures[name] ??= []).push({ labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, word]) => [key, word])), value: Number(value) });
  }
  return figures;
}
const figure = (figures, name, labels = {}) => {
  const found = (figures[name] ?? []).filter((one) => Object.entries(labels).every(([key, word]) => one.labels[key] === word));
  assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)}: ${JSON.stringify(figures[name])}`);
  return found[0].value;
};

// What an expression names and no sample has: metrics, and values of their labels. Prometheus itself knows `up`, and adds job and instance.
function unknownIn(expression, figures) {
  const unknown = [];
  for (const [, name, , selector = ''] of expression.matchAll(/\b((?:epay|process)_[a-z_]+)\b(\{([^}]*)\})?/g)) {
    if (!figures[name]) unknown.push(name);
    for (const [pair, label, word] of selector.matchAll(/(\w+)="([^"]*)"/g)) {
      if (label === 'job' ? word !== 'epay' : !figures[name]?.some(({ labels }) => labels[label] === word)) unknown.push(`${name}{${pair}}`);
    }
    for (const label of expression.matchAll(/by \(([^)]*)\)/g)) {
      for (const one of label[1].split(', ')) {
        const known = one === 'instance' || Object.values(figures).some((samples) => samples.some(({ labels }) => one in labels));
        if (!known) unknown.push(`by (${one})`);
      }
    }
  }
  return unknown;
}

test('every figure that an alarm or the dashboard is made of is served, from the first moment on', async (t) => {
  const epay = await startEpay();
  t.after(() => epay.end());
  const figures = await figuresOf(epay);
  for (const [file, expressions] of Object.entries(expressionsOf)) {
    assert.ok(expressions.length >= 16, `${file} was read`);
    for (const expression of expressions) assert.deepEqual(unknownIn(expression, figures), [], `${file}: ${expression}`);
  }
  // The check can fail.
  assert.deepEqual(unknownIn('rate(epay_nothing_total[5m])', figures), ['epay_nothing_total']);
  assert.deepEqual(unknownIn('epay_http_requests_total{status="6xx",instance=~"a"}', figures), ['epay_http_requests_total{status="6xx"}']);
  assert.deepEqual(unknownIn('sum by (colour) (epay_store_up)', figures), ['by (colour)']);
  // And nothing is served that nobody looks at.
  const looked = Object.values(expressionsOf).flat().join(' ');
  for (const name of Object.keys(figures)) {
    const base = name.replace(/_(sum|count)$/, '_bucket');
    assert.ok(looked.includes(name) || looked.includes(base), `${name} is in no alarm and on no panel`);
  }
});

test('alarms say what to do, and operations.md knows each', () => {
  const guide = readFileSync(path.join(root, 'docs/operations.md'), 'utf8');
  const names = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.ok(guide.includes(`\`${name}\``), `${name} is not explained`);
  for (const word of ['expr', 'for', 'labels', 'summary', 'action']) assert.equal(rules.split(` ${word}: `).length - 1, names.length, `each alarm has its ${word}`);
});

test('what operations.md says about the log is in the source, every error and alert among it', () => {
  const guide = readFileSync(path.join(root, 'docs/operations.md'), 'utf8');
  const source = execFileSync('grep', ['-rhE', '--include=*.cpp', 'log_?\\.(info|warning|error)\\(|^ +"[a-z_]+",? *$|^ +"[a-z_]+", \\{\\{|"alert"|alert = ', path.join(root, 'src')], { encoding: 'utf8' });
  const table = guide.slice(guide.indexOf('## The log'), guide.indexOf('## Upgrade'));
  const events = [...table.matchAll(/^\| (.*?) \|/gm)].slice(2).flatMap(([, cell]) => [...cell.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name));
  assert.ok(events.length >= 12, `${events}`);
  for (const event of events) assert.ok(source.includes(`"${event}"`), `nobody logs ${event}`);
  for (const [, alert] of source.matchAll(/(?:alert = |"alert", )"([a-z_]+)"/g)) assert.ok(table.includes(`\`${alert}\``), `${alert} is not explained`);
});

test('the panels of the dashboard have places and names of their own', () => {
  const taken = new Set();
  for (const { gridPos: { x, y, w, h }, title } of dashboard.panels) {
    assert.ok(x + w <= 24, title);
    for (let column = x; column < x + w; column += 1) {
      for (let row = y; row < y + h; row += 1) {
        assert.ok(!taken.has(`${column},${row}`), `${title} stands on another`);
        taken.add(`${column},${row}`);
      }
    }
  }
  for (const property of ['id', 'title']) assert.equal(new Set(dashboard.panels.map((panel) => panel[property])).size, dashboard.panels.length, property);
});

test('figures follow what happens', async (t) => {
  const hook = await receiver({ answer: (_, n) => (n === 1 ? 500 : 200) });
  t.after(() => hook.close());
  const epay = await startEpay({ delay: '1s', args: ['--retry-schedule', '100ms,100ms,100ms'] });
  t.after(() => epay.end());
  const client = await signIn(epay, await createMerchant(epay.database, { webhook: hook.url }));
  const charge = momoCharge();
  await client.post('/api/v1/charge', charge);
  assert.equal(figure(await figuresOf(epay), 'epay_attempts_open'), 1);
  await client.settled(charge.reference);
  await client.post('/api/v1/charge', momoCharge({ mobile_wallet_number: wallets.neverDecides }));
  await hook.arrived(2);
  const figures = await eventually('both tries to be counted', async () => {
    const now = await figuresOf(epay);
    return figure(now, 'epay_webhook_tries_total', { result: 'delivered' }) === 1 && now;
  });
  assert.equal(figure(figures, 'epay_webhook_tries_total', { result: 'failed' }), 1);
  assert.equal(figure(figures, 'epay_payments_total', { kind: 'payment', status: 'success' }), 1);
  assert.equal(figure(figures, 'epay_payments_total', { kind: 'payout', status: 'failed' }), 0);
  assert.equal(figure(figures, 'epay_attempts_open'), 1);
  assert.equal(figure(figures, 'epay_store_up'), 1);
  for (const side of ['write', 'read']) {
    const [bodies, transactions] = ['bodies', 'transactions'].map((word) => figure(figures, `epay_store_${word}_total`, { side }));
    assert.ok(transactions >= 3 && bodies >= transactions, `${side}: ${bodies} bodies in ${transactions}`);
    const took = figure(figures, 'epay_store_transaction_seconds_total', { side });
    assert.ok(took > 0 && took < 30, `${side}: ${took} s`);
    await eventually('nothing to wait', async () => figure(await figuresOf(epay), 'epay_store_waiting', { side }) === 0);
  }
  assert.ok(figure(figures, 'epay_store_file_bytes') >= 4096);
  assert.ok(figure(figures, 'epay_store_log_bytes') > 10_000);
  assert.ok(figure(figures, 'epay_store_disk_free_bytes') > 1e6);
  const started = figure(figures, 'process_start_time_seconds');
  assert.ok(started > Date.now() / 1000 - 60 && started <= Date.now() / 1000, `${started}`);
  assert.ok(figure(figures, 'process_cpu_seconds_total') > 0.01);
  assert.ok(figure(figures, 'process_resident_memory_bytes') > 5e6);
  assert.ok(figure(figures, 'process_open_fds') > 10);
  assert.ok(figure(figures, 'process_max_fds') >= figure(figures, 'process_open_fds'));
  assert.match(figures.epay_build_info[0].labels.version, /^\d+\.\d+\.\d+$/);
  assert.equal(figure(figures, 'epay_log_lines_total', { level: 'error' }), epay.lines().filter((line) => line.level === 'error').length);
});

test('mail that does not leave is seen, and mail that does', async (t) => {
  const database = newDatabase();
  // Nothing can be put into a folder that is a file.
  const folder = `${filesBeside(database)}.mails`;
  writeFileSync(folder, '');
  const epay = await startEpay({ database, args: ['--mail-smtp', 'smtp://127.0.0.1:1', '--mail-from', 'pay@example.com'] });
  t.after(() => epay.end());
  const { owner } = await shop(epay);
  await owner.submit(await owner.get('/settings/team'), { email: 'kofi@example.com', role: 'viewer' }, { action: '/settings/team/invite' });
  const figures = await eventually('a mail that is late', async () => {
    const now = await figuresOf(epay);
    return figure(now, 'epay_mail_tries_total', { result: 'put_off' }) >= 1 && now;
  });
  assert.ok(figure(figures, 'epay_mails_waiting') >= 1);
  assert.equal(figure(figures, 'epay_mail_tries_total', { result: 'sent' }), 0);
  assert.ok(figure(figures, 'epay_log_lines_total', { level: 'warning' }) >= 1);
  await epay.stop();

  rmSync(folder);
  const again = await startEpay({ database });
  t.after(() => again.end());
  const waiting = figure(await figuresOf(again), 'epay_mails_waiting');
  assert.ok(waiting >= 1, 'it waits for its next try');
});
