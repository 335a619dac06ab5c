// docs/openapi.yaml as a judge of what the service answers and sends.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import YAML from 'yaml';
import { root } from './harness.mjs';

export const text = readFileSync(path.join(root, 'docs/openapi.yaml'), 'utf8');
export const document = YAML.parse(text);

// Keys may be added to what is documented, but not without being documented: no object has others.
function closed(node, key = '') {
  if (node === null || typeof node !== 'object' || ['example', 'examples'].includes(key)) return node;
  if (Array.isArray(node)) return node.map((item) => closed(item));
  const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, closed(value, name)]));
  const types = [node.type].flat();
  if (types.includes('object') && key !== 'properties' && node.properties && node.additionalProperties === undefined) copy.additionalProperties = false;
  return copy;
}

const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
addFormats(ajv);
// The document stands for a schema whose parts are referred to.
ajv.addVocabulary(Object.keys(document));
ajv.addSchema(closed(document), 'openapi', undefined, false);

const pointer = (...keys) => '#/' + keys.map((key) => encodeURIComponent(String(key).replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');

function deref(node, keys) {
  let at = keys;
  while (node?.$ref) {
    at = node.$ref.slice(2).split('/').map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'));
    node = at.reduce((inner, key) => inner[key], document);
  }
  return [node, at];
}

// Whether a value fits the schema that stands at these keys of the document.
export function assertFits(keys, value, what) {
  const validate = ajv.compile({ $ref: `openapi${pointer(...keys)}` });
  assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors, { separator: '\n  ' })}\n  ${JSON.stringify(value).slice(0, 1500)}`);
}

const methods = ['get', 'put', 'post', 'patch', 'delete'];

// Every operation: {name: 'GET /events/{id}', method, path, keys, operation, parameters, statuses}.
export const operations = Object.entries(document.paths).flatMap(([at, item]) =>
  methods
    .filter((method) => item[method])
    .map((method) => {
      const operation = item[method];
      const parameters = (operation.parameters ?? []).map((parameter) => deref(parameter)[0]);
      return { name: `${method.toUpperCase()} ${at}`, method: method.toUpperCase(), path: at, keys: ['paths', at, method], operation, parameters, statuses: Object.keys(operation.responses).map(Number) };
    }),
);

export function assertRequestFits({ keys, name }, body) {
  assertFits([...keys, 'requestBody', 'content', 'application/json', 'schema'], JSON.parse(JSON.stringify(body)), `${name}: its request`);
}

// Status, content type, headers and body, against what is documented for the status.
export function assertAnswerFits({ keys, name, operation }, answer) {
  const documented = operation.responses[answer.status];
  assert.ok(documented, `${name}: ${answer.status} is not documented: ${answer.text.slice(0, 500)}`);
  const [response, at] = deref(documented, [...keys, 'responses', String(answer.status)]);
  const type = (answer.headers['content-type'] ?? '').split(';')[0];
  assert.deepEqual(Object.keys(response.content), [type], `${name}: ${answer.status}: content type`);
  for (const [header, declared] of Object.entries(response.headers ?? {})) {
    const [, headerAt] = deref(declared, []);
    const value = answer.headers[header.toLowerCase()];
    if (header === 'Idempotent-Replayed' && value === undefined) continue;
    assertFits([...headerAt, 'schema'], value, `${name}: ${answer.status}: header ${header}`);
  }
  if (type === 'application/json') assertFits([...at, 'content', type, 'schema'], JSON.parse(answer.text), `${name}: ${answer.status}`);
}

// A webhook that a receiver got: its body and its headers.
export function assertWebhookFits({ headers, json }) {
  const type = headers['epay-event'];
  const operation = document.webhooks[type]?.post;
  assert.ok(operation, `no webhook is documented for ${type}`);
  assertFits(['webhooks', type, 'post', 'requestBody', 'content', 'application/json', 'schema'], json, `webhook ${type}`);
  for (const declared of operation.parameters) {
    const [parameter, at] = deref(declared, []);
    assertFits([...at, 'schema'], headers[parameter.name], `webhook ${type}: header ${parameter.name}`);
  }
}

// Every example with the keys of its schema: [keys, value, what].
export function examples() {
  const found = [];
  const walk = (node, keys) => {
    if (node === null || typeof node !== 'object') return;
    if (node.schema && !Array.isArray(node)) {
      if (node.example !== undefined) found.push([[...keys, 'schema'], node.example, keys.join(' ')]);
      for (const [name, { value }] of Object.entries(node.examples ?? {})) found.push([[...keys, 'schema'], value, `${keys.join(' ')} ${name}`]);
    }
    for (const [key, value] of Object.entries(node)) if (!['schema', 'example', 'examples'].includes(key)) walk(value, [...keys, key]);
  };
  walk(document.paths, ['paths']);
  walk(document.webhooks, ['webhooks']);
  walk(document.components.responses, ['components', 'responses']);
  return found;
}
