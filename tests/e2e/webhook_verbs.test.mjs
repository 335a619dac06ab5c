// `epay webhook …`: what an operator does on the store beside a serving process, which acts on it within about two seconds.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { createMerchant, eventually, momoCharge, newDatabase, receiver, runEpay, signIn, sleep, startEpay } from './harness.mjs';

const actsWithin = 3_000;  // two seconds, and one for a busy machine
const local = ['--allow-webhook-cidr', '127.0.0.0/8'];

describe('epay webhook', () => {
  let epay, database, merchant, client, hook, second, endpoint;
  const webhook = async (args, options) => (await runEpay(['webhook', ...args, '--database', database], options)).stdout;
  const json = async (args) => JSON.parse(await webhook([...args, '--json']));
  const jsonLines = async (args) => (await webhook([...args, '--json'])).split('\n').filter(Boolean).map(JSON.parse);
  const charge = async (fields) => {
    const body = momoCharge(fields);
    const answer = await client.post('/api/v1/charge', body);
    assert.equal(answer.status, 200, answer.text);
    return body.reference;
  };
  before(async () => {
    epay = await startEpay({ args: ['--retry-schedule', '100ms'] });
    ({ database } = epay);
    hook = await receiver();
    second = await receiver({ answer: () => (second.broken ? 500 : 200) });
    merchant = await createMerchant(database, { webhook: hook.url });
    client = await signIn(epay, merchant);
  });
  after(async () => {
    await epay?.end();
    await hook?.close();
    await second?.close();
  });

  test('create: an endpoint that gets events at once, signed with the secret shown', async () => {
    const created = await json(['create', '--merchant', String(merchant.merchant_id), '--url', second.url, ...local, '--events', 'payment.success,ping', '--description', 'the second']);
    endpoint = String(created.endpoint.id);
    assert.deepEqual(created.endpoint.events, ['payment.success', 'ping']);
    assert.deepEqual([created.endpoint.url, created.endpoint.description, created.endpoint.status], [second.url, 'the second', 'enabled']);
    const shown = (await client.get(`/api/v1/endpoints/${endpoint}`)).json.endpoint;
    assert.deepEqual(created.endpoint, shown, 'the same as the API shows');
    const reference = await charge();
    const [one] = await second.arrived(1, reference, actsWithin);
    new Webhook(created.secret).verify(one.text, one.headers);
  });

  test('list, show, deliveries, attempts: what there is, for people and for programs', async () => {
    await eventually('both deliveries to be recorded', async () => (await jsonLines(['deliveries', '--merchant', '1'])).every((one) => one.status === 'delivered'));
    const list = await json(['list', '--merchant', '1']);
    assert.deepEqual(list.endpoints.map((one) => String(one.id)), [String(list.endpoints[0].id), endpoint]);
    assert.equal(list.deliveries.length, 2);
    assert.match(await webhook(['list', '--merchant', '1']), new RegExp(`endpoint ${endpoint}  \\S+  enabled  payment.success,ping  the second\\n(  msg_\\d+_\\d+ +payment.success +delivered +tries 1\\n){2}$`));
    assert.deepEqual(await json(['show', '--endpoint', endpoint]), list.endpoints[1]);
    assert.match(await webhook(['show', '--endpoint', endpoint]), /enabled[^]*10 in flight at most\n  secret 1 of \d{4}-\d\d-\d\d/);
    const own = await jsonLines(['deliveries', '--endpoint', endpoint]);
    assert.deepEqual(own.map((one) => [String(one.endpoint_id), one.type, one.status, one.tries]), [[endpoint, 'payment.success', 'delivered', 1]]);
    assert.deepEqual(await jsonLines(['deliveries', '--endpoint', endpoint, '--status', 'failed']), []);
    const details = await json(['attempts', '--delivery', own[0].id]);
    assert.deepEqual([details.id, details.attempts.length, details.attempts[0].status], [own[0].id, 1, 200]);
    assert.match(await webhook(['attempts', '--delivery', own[0].id]), /delivered[^]*try 1  \S+ \S+  http:\S+ → 200  \d+\.\d{3} ms/);
  });

  test('test: a ping to that endpoint alone', async () => {
    const before = hook.deliveries.length;
    const sent = await json(['test', '--endpoint', endpoint]);
    assert.deepEqual([sent.type, sent.status], ['ping', 'waiting']);
    const ping = await eventually('the ping', () => second.deliveries.find((one) => one.headers['webhook-id'] === sent.id), actsWithin);
    assert.equal(ping.json.type, 'ping');
    assert.equal(hook.deliveries.length, before);
  });

  test('rotate: both secrets sign, the new one first; with 0 hours the new one alone', async () => {
    const signedBy = async () => {
      const sent = await json(['test', '--endpoint', endpoint]);
      return eventually('the ping', () => second.deliveries.find((one) => one.headers['webhook-id'] === sent.id), actsWithin);
    };
    const old = (await client.get(`/api/v1/endpoints/${endpoint}/secret`)).json.secret;
    const next = (await json(['rotate', '--endpoint', endpoint])).secret;
    assert.notEqual(next, old);
    await sleep(1_500);
    const both = await signedBy();
    assert.equal(both.headers['webhook-signature'].split(' ').length, 2);
    for (const secret of [old, next]) new Webhook(secret).verify(both.text, both.headers);
    const last = (await json(['rotate', '--endpoint', endpoint, '--old-secret-hours', '0'])).secret;
    await sleep(1_500);
    const one = await signedBy();
    new Webhook(last).verify(one.text, one.headers);
    assert.equal(one.headers['webhook-signature'].split(' ').length, 1);
  });

  test('resend: the same id once more', async () => {
    const [delivery] = await jsonLines(['deliveries', '--endpoint', endpoint]);
    const times = () => second.deliveries.filter((one) => one.headers['webhook-id'] === delivery.id).length;
    const before = times();
    assert.equal((await json(['resend', '--delivery', delivery.id])).status, 'waiting');
    await eventually('it to come again', () => times() === before + 1, actsWithin);
  });

  test('disable and enable: nothing in between', async () => {
    assert.equal((await json(['disable', '--endpoint', endpoint])).disabled_reason, 'merchant');
    const silent = await charge();
    await hook.arrived(1, silent);
    await sleep(1_500);
    assert.equal(second.of(silent).length, 0);
    await runEpay(['webhook', 'test', '--endpoint', endpoint, '--database', database], { expected: 1 });
    assert.equal((await json(['enable', '--endpoint', endpoint])).status, 'enabled');
    const loud = await charge();
    await second.arrived(1, loud, actsWithin);
  });

  test('recover: what failed; replay: what the endpoint never got', async () => {
    const since = new Date(Date.now() - 1_000).toISOString();
    second.broken = true;
    const failed = [await charge(), await charge()];
    await eventually('both to be given up', async () => (await jsonLines(['deliveries', '--endpoint', endpoint, '--status', 'failed'])).length === 2);
    second.broken = false;
    const begun = await json(['recover', '--endpoint', endpoint, '--since', since]);
    assert.deepEqual([begun.kind, begun.status, begun.total], ['recover', 'running', 2]);
    await eventually('both to come', () => failed.every((reference) => second.of(reference).length >= 3), actsWithin);
    await eventually('it to be done', async () => (await jsonLines(['redeliveries', '--merchant', '1']))[0].status === 'done');
    assert.match(await webhook(['redeliveries', '--merchant', '1']), new RegExp(`redelivery ${begun.id}  recover to endpoint ${endpoint} since \\S+ \\S+  done, sent 2, delivered 2\\n`));

    const third = await receiver();
    try {
      const created = await json(['create', '--merchant', '1', '--url', third.url, ...local]);
      const replay = await json(['replay', '--endpoint', String(created.endpoint.id), '--since', '24h']);
      assert.equal(replay.kind, 'replay');
      const events = (await client.get('/api/v1/events?limit=100&type=payment.success')).json.events.data.length;
      await third.arrived(events, undefined, actsWithin);
      await sleep(300);
      assert.equal(third.deliveries.length, events);
      await webhook(['delete', '--endpoint', String(created.endpoint.id)]);
    } finally {
      await third.close();
    }
  });

  test('cancel and resume a redelivery', async () => {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    const slow = await receiver({ answer: () => held.then(() => 200) });
    try {
      const created = await json(['create', '--merchant', '1', '--url', slow.url, ...local]);
      const { id } = await json(['replay', '--endpoint', String(created.endpoint.id), '--since', '24h']);
      // While the serving process has no answer yet, unless it is done with handing over already.
      const cancelled = await runEpay(['webhook', 'cancel', '--redelivery', String(id), '--database', database, '--json'], { expected: null });
      if (cancelled.code === 0) {
        assert.equal(JSON.parse(cancelled.stdout).status, 'cancelled');
        assert.equal((await json(['resume', '--redelivery', String(id)])).status, 'running');
      } else {
        assert.match(cancelled.stderr, /done already/);
      }
      release();
      await eventually('it to be done', async () => (await jsonLines(['redeliveries', '--merchant', '1']))[0].status === 'done', actsWithin);
      await webhook(['delete', '--endpoint', String(created.endpoint.id)]);
    } finally {
      release();
      await slow.close();
    }
  });

  test('delete: it is gone, and gets nothing', async () => {
    assert.deepEqual(await json(['delete', '--endpoint', endpoint]), { id: Number(endpoint), deleted: true });
    assert.equal((await client.get(`/api/v1/endpoints/${endpoint}`)).status, 404);
    const reference = await charge();
    await hook.arrived(1, reference);
    await sleep(300);
    assert.equal(second.of(reference).length, 0);
  });

  test('events: the catalogue', async () => {
    const types = (await runEpay(['webhook', 'events', '--json'])).stdout.trim().split('\n').map((line) => JSON.parse(line).type);
    const api = (await client.get('/api/v1/event_types')).json.event_types.map((one) => one.type);
    assert.deepEqual(types, api);
  });

  test('what is wrong is said', async () => {
    const rows = [
      [['create', '--merchant', '99', '--url', hook.url, ...local], 1, /merchant/],
      [['create', '--merchant', '1', '--url', hook.url], 2, /not on the public internet/],
      [['create', '--merchant', '1', '--url', hook.url, ...local, '--events', 'payment.oops'], 2, /payment\.oops/],
      [['create', '--merchant', '1', '--url', hook.url, ...local, '--description', 'x'.repeat(600)], 2, /description/],
      [['show', '--endpoint', '99999'], 1, /no endpoint 99999/],
      [['enable', '--endpoint', endpoint], 1, /no endpoint/],
      [['rotate', '--endpoint', endpoint], 1, /no endpoint/],
      [['rotate', '--endpoint', endpoint, '--old-secret-hours', '169'], 2, /--old-secret-hours: must be 0 to 168/],
      [['deliveries'], 2, /--merchant or --endpoint/],
      [['deliveries', '--merchant', '1', '--status', 'lost'], 2, /--status: must be/],
      [['attempts', '--delivery', 'msg_1'], 2, /--delivery: must be/],
      [['resend', '--delivery', 'msg_1_99999'], 1, /no delivery msg_1_99999/],
      [['resend', '--delivery', 'msg_99999_1'], 1, /no (event|delivery)/],
      [['recover', '--endpoint', '1', '--since', 'yesterday'], 2, /--since must be a time/],
      [['replay', '--endpoint', '1', '--since', '1h', '--until', '2h'], 2, /--until: must not be before/],
      [['cancel', '--redelivery', '99999'], 1, /no redelivery 99999/],
    ];
    for (const [args, code, words] of rows) {
      const { stderr } = await runEpay(['webhook', ...args, '--database', database], { expected: code });
      assert.match(stderr, words, args.join(' '));
    }
  });
});

test('the verbs work where nothing serves', async () => {
  const database = newDatabase();
  const { merchant_id } = await createMerchant(database);
  const run = async (args) => (await runEpay(['webhook', ...args, '--database', database, '--json'])).stdout;
  const { endpoint } = JSON.parse(await run(['create', '--merchant', String(merchant_id), '--url', 'https://93.184.216.34/hook', '--events', '*']));
  assert.deepEqual(endpoint.events, ['*']);
  const sent = JSON.parse(await run(['test', '--endpoint', String(endpoint.id)]));
  assert.deepEqual([sent.type, sent.status, sent.tries], ['ping', 'waiting', 0]);
  assert.equal(JSON.parse(await run(['disable', '--endpoint', String(endpoint.id)])).enabled, false);
});
