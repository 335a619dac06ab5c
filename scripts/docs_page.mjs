// Makes web/docs.html, the page that people read, of docs/openapi.yaml, which programs read: `./dev docs`.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import YAML from 'yaml';
import { code, highlight, inline, markdown, slug } from './docs_markdown.mjs';
import { style } from './docs_style.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const source = path.join(root, 'docs/openapi.yaml');
export const target = path.join(root, 'web/docs.html');

const exampleOrigin = 'https://pay.example.com';
const methods = ['get', 'post', 'patch', 'put', 'delete'];

let document;

function deref(node) {
  const { $ref, ...beside } = node ?? {};
  if (!$ref) return node;
  const found = $ref
    .slice(2)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((at, key) => at[key], document);
  return { ...deref(found), ...beside };
}

// ---- schemas ----

const article = { array: 'array', object: 'object', string: 'string', integer: 'integer', number: 'number', boolean: 'boolean', null: 'null' };
// Null comes last, and nothing twice.
function words(list) {
  const each = [...new Set(list)].sort((a, b) => (a === 'null') - (b === 'null'));
  return each.length < 2 ? each.join('') : `${each.slice(0, -1).join(', ')} or ${each.at(-1)}`;
}

// What a schema of alternatives comes to, however deep they stand.
const alternatives = (schema) => (schema.oneOf ? schema.oneOf.flatMap((one) => alternatives(deref(one))) : [schema]);


// "string or null", "array of objects".
function typeOf(schema) {
  if (schema.const !== undefined) return typeof schema.const;
  if (schema.enum) return words(schema.enum.map((value) => (value === null ? 'null' : typeof value)));
  if (schema.oneOf) return words(alternatives(schema).map(typeOf));
  const types = [schema.type ?? 'object'].flat().map((type) => article[type]);
  const items = schema.items && typeOf(deref(schema.items));
  return words(types.map((type) => (type === 'array' && items ? `array of ${items.replace(/(\w+)$/, '$1s')}` : type)));
}

// What is allowed beside the type.
function limitsOf(schema) {
  const limits = [];
  const formats = { email: 'an email address', uri: 'a URL', 'date-time': 'ISO 8601' };
  if (formats[schema.format]) limits.push(formats[schema.format]);
  const number = (value) => value.toLocaleString('en-US');
  if (schema.const !== undefined) limits.push(`always ${code(JSON.stringify(schema.const))}`);
  if (schema.enum) limits.push(`one of ${schema.enum.map((value) => code(value === null ? 'null' : String(value))).join(' ')}`);
  if (schema.minimum !== undefined && schema.maximum !== undefined) limits.push(`${number(schema.minimum)} to ${number(schema.maximum)}`);
  else if (schema.minimum !== undefined) limits.push(`at least ${number(schema.minimum)}`);
  if (schema.maxLength !== undefined) limits.push(`at most ${number(schema.maxLength)} characters`);
  if (schema.maxItems !== undefined) limits.push(`at most ${schema.maxItems}`);
  if (schema.maxProperties !== undefined) limits.push(`at most ${schema.maxProperties}`);
  if (schema.default !== undefined) limits.push(`default ${code(String(schema.default))}`);
  return limits;
}

// The properties that are shown under a property, or nothing.
function propertiesOf(schema) {
  if (schema.properties) return schema;
  if (schema.items) return propertiesOf(deref(schema.items));
  for (const one of schema.oneOf ?? []) {
    const found = propertiesOf(deref(one));
    if (found) return found;
  }
  return undefined;
}

function row({ name, schema, required, description, open = false }) {
  const text = description ?? schema.description;
  const limits = limitsOf(schema);
  const inner = propertiesOf(schema);
  const variants = schema.oneOf ? alternatives(schema).filter((one) => one.properties) : [];
  const cell = [
    text ? `<p>${inline(text)}</p>` : '',
    limits.length ? `<p class="limits">${limits.join(' · ')}</p>` : '',
    variants.length > 1
      ? variants.map((one) => nested(`As ${Object.values(one.properties).find((property) => property.const !== undefined)?.const ?? 'object'}`, one, open)).join('')
      : inner
        ? nested('Its members', inner, open)
        : '',
  ].join('');
  return (
    `<tr><th scope="row"><code class="name">${inline(name, { plain: true })}</code><span class="type">${typeOf(schema)}</span>` +
    `${required ? '<span class="required">required</span>' : ''}</th><td>${cell}</td></tr>`
  );
}

function nested(title, schema, open) {
  return `<details${open ? ' open' : ''}><summary>${title}</summary>${table(schema, { required: false })}</details>`;
}

function table(schema, { required = true, open = false } = {}) {
  const rows = Object.entries(schema.properties).map(([name, property]) =>
    row({ name, schema: deref(property), required: required && (schema.required ?? []).includes(name), open }),
  );
  return `<table class="members"><tbody>${rows.join('')}</tbody></table>`;
}

function parameterTable(title, parameters, heading = 'h4') {
  if (parameters.length === 0) return '';
  const rows = parameters.map((parameter) => row({ ...parameter, schema: deref(parameter.schema) }));
  return `<${heading} class="part">${title}</${heading}><table class="members"><tbody>${rows.join('')}</tbody></table>`;
}

// The members of an answer, without those that every answer has.
function answerTable({ schema: given, examples = {} }) {
  const schema = deref(given);
  if (schema.oneOf) {
    const names = Object.keys(examples);
    return schema.oneOf.map((one, i) => nested(inline(names[i] ?? `Variant ${i + 1}`), withoutFrame(deref(one)), false)).join('');
  }
  const inner = schema.properties ? withoutFrame(schema) : schema;
  if (!inner.properties || Object.keys(inner.properties).length === 0) return '';
  return table(inner, { required: false });
}

function withoutFrame(schema) {
  const properties = Object.fromEntries(Object.entries(schema.properties).filter(([name]) => !['success', 'message'].includes(name)));
  return { ...schema, properties };
}

// ---- examples ----

const panel = (title, content) => `<figure class="panel"><figcaption>${title}</figcaption><pre tabindex="0"><code>${content}</code></pre></figure>`;
// Lists of a few plain values stand on one line.
const pretty = (value) => JSON.stringify(value, null, 2).replace(/\[\s*([^[\]{}]*?)\s*\]/g, (_, items) => `[${items.replace(/,\s+/g, ', ')}]`);
const json = (value) => highlight(pretty(value));

function examplesOf(content) {
  if (content.examples) return Object.entries(content.examples).map(([name, { value }]) => [name, value]);
  return content.example === undefined ? [] : [['', content.example]];
}

function curl({ method, at, operation, parameters, body }) {
  const filled = at.replace(/\{(\w+)\}/g, (_, name) => parameters.find((parameter) => parameter.in === 'path' && parameter.name === name).example);
  const streams = operation.responses['200'].content['text/event-stream'];
  const lines = [`curl ${streams ? '-N ' : ''}${method === 'get' || method === 'post' ? '' : `-X ${method.toUpperCase()} `}${exampleOrigin}/api/v1${filled}`];
  if (operation.security?.length !== 0) lines.push('-H "Authorization: Bearer $TOKEN"');
  if (body !== undefined) {
    lines.push("-H 'Content-Type: application/json'");
    lines.push(`-d '${pretty(body).replaceAll("'", "'\\''").replaceAll('\n', '\n  ')}'`);
  } else if (method === 'post') {
    lines.push('-X POST');
  }
  return highlight(lines.join(' \\\n  '), 'sh');
}

// ---- operations ----

function errorsOf(operation) {
  const rows = Object.entries(operation.responses)
    .filter(([status]) => Number(status) >= 400)
    .map(([status, response]) => `<li><code>${status}</code> ${inline(deref(response).description)}</li>`);
  return rows.length ? `<details class="errors"><summary>Errors</summary><ul>${rows.join('')}</ul><p>All have <a href="#errors">one shape</a>.</p></details>` : '';
}

function operationSection(method, at, operation) {
  const parameters = (operation.parameters ?? []).map(deref);
  const of = (place) => parameters.filter((parameter) => parameter.in === place);
  const request = operation.requestBody?.content['application/json'];
  const answer = Object.entries(operation.responses['200'].content)[0];
  const [, content] = answer;
  const answered = answerTable(content);
  const requests = request ? examplesOf(request) : [['', undefined]];
  const shown = (value) => (typeof value === 'string' ? highlight(value.trimEnd(), 'text') : json(value));
  return `<section class="operation" id="${operation.operationId}">
<div class="prose">
<h3><a class="anchor" href="#${operation.operationId}">${inline(operation.summary)}</a></h3>
<p class="route"><span class="method ${method}">${method.toUpperCase()}</span> <code>${at.replaceAll('/', '/<wbr>').replace(/\{\w+\}/g, (name) => `<var>${name}</var>`)}</code></p>
${markdown(operation.description)}
${parameterTable('Path', of('path'))}${parameterTable('Query', of('query'))}
${request ? `<h4 class="part">Body</h4>${table(deref(request.schema))}` : ''}
${parameterTable('Headers', of('header'))}
${answered ? `<h4 class="part">Answer</h4>${answered}` : ''}
${errorsOf(operation)}
</div>
<div class="code">
${requests.map(([name, body]) => panel(name ? `Request: ${inline(name)}` : 'Request', curl({ method, at, operation, parameters, body }))).join('\n')}
${examplesOf(content).map(([name, value]) => panel(name ? `Answer: ${inline(name)}` : 'Answer', shown(value))).join('\n')}
</div>
</section>`;
}

function webhookSection(type, operation) {
  const content = operation.requestBody.content['application/json'];
  return `<section class="operation" id="${slug(type)}">
<div class="prose">
<h3><a class="anchor" href="#${slug(type)}"><code>${type}</code></a></h3>
${markdown(operation.description)}
<h4 class="part">Body</h4>${table(content.schema, { required: false, open: true })}
</div>
<div class="code">${panel('Body', json(content.example))}</div>
</section>`;
}

// ---- the page ----

const tagId = (name) => (name === 'Webhooks' ? 'webhooks' : `tag-${slug(name)}`);

function operationsOf(tag) {
  return Object.entries(document.paths).flatMap(([at, item]) =>
    methods.filter((method) => item[method]?.tags.includes(tag)).map((method) => ({ method, at, operation: item[method] })),
  );
}

function tagSection(tag) {
  const id = tagId(tag.name);
  const webhooks = tag.name === 'Webhooks' ? Object.entries(document.webhooks).map(([type, { post }]) => [type, post]) : [];
  const headers = webhooks.length ? parameterTable('Headers', webhooks[0][1].parameters.map(deref), 'h3') : '';
  const inner = webhooks.length
    ? webhooks.map(([type, operation]) => webhookSection(type, operation))
    : operationsOf(tag.name).map(({ method, at, operation }) => operationSection(method, at, operation));
  return `<section class="tag"><div class="lead" id="${id}"><h2><a class="anchor" href="#${id}">${tag.name}</a></h2>${markdown(tag.description)}${headers}</div>
${inner.join('\n')}
</section>`;
}

function navigation(chapters) {
  const link = (id, text, method) => `<li><a href="#${id}">${text}${method ? `<span class="method ${method}">${method.toUpperCase()}</span>` : ''}</a></li>`;
  const groups = document.tags.map((tag) => {
    const links =
      tag.name === 'Webhooks'
        ? Object.keys(document.webhooks).map((type) => link(slug(type), type))
        : operationsOf(tag.name).map(({ method, operation }) => link(operation.operationId, inline(operation.summary), method));
    return `<h2><a href="#${tagId(tag.name)}">${tag.name}</a></h2><ul>${links.join('')}</ul>`;
  });
  return `<nav id="contents" aria-label="Contents"><h2><a href="#top">Basics</a></h2><ul>${chapters.map((title) => link(slug(title), title)).join('')}</ul>${groups.join('')}</nav>`;
}

export function render(text) {
  document = YAML.parse(text);
  const { info } = document;
  const chapters = [...info.description.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${inline(info.title, { plain: true })} reference</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="description" content="${inline(info.summary, { plain: true })}">
<style>${style}</style>
</head>
<body id="top">
<a class="skip" href="#main">Skip to the content</a>
<header><a class="brand" href="#top">Epay <span>API</span></a><a class="download" href="/openapi.yaml">openapi.yaml</a><a class="menu" href="#contents">Contents</a></header>
${navigation(chapters)}
<main id="main">
<section class="intro"><h1>${inline(info.title)}</h1><p class="summary">${inline(info.summary)}</p>
${panel('Base address', highlight(`${exampleOrigin}/api/v1`, 'text'))}
${markdown(info.description)}</section>
${document.tags.map(tagSection).join('\n')}
<footer>Made of <a href="/openapi.yaml">openapi.yaml</a> (OpenAPI ${document.openapi}).</footer>
</main>
</body>
</html>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, render(readFileSync(source, 'utf8')));
