// Makes of web/ what is embedded in the binary: OUT/embedded.inc and the files it names.
//
//   node scripts/bundle.mjs OUT
//
// web/assets/*.css, *.ts     each is an entry: bundled with what it imports, minified, compressed, named after its content
// web/assets/*.svg           pictures: compressed and named in the same way
// web/templates/**/*.html    mustache templates; indentation is dropped, {{> name}} is replaced by the template of that name
// web/texts/*.json           one file per language, sections of texts
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const partialsNestedMax = 8;
const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' };
const out = process.argv[2];

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
const quoted = (text) => JSON.stringify(text);
const filesUnder = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(path.join(folder, entry.name)) : [path.join(folder, entry.name)]))
    .sort();

let declarations = '';
let numbered = 0;
const digests = [];

// Writes `bytes` to a file and gives the C++ name of the array that embeds it.
function embed(bytes) {
  const name = `embedded_${numbered}`;
  const file = `${numbered}.bin`;
  numbered += 1;
  digests.push(digest(bytes));
  writeFileSync(path.join(out, file), bytes);
  // An array cannot be empty.
  declarations += bytes.length ? `constexpr char ${name}[] = {\n#embed <${file}>\n};\n` : `constexpr std::string_view ${name};\n`;
  return bytes.length ? `std::string_view(${name}, sizeof ${name})` : name;
}

// The texts that a script carries: those of the section `name`, by language.
function textsOf(name) {
  const texts = filesUnder('web/texts').map((file) => [path.basename(file, '.json'), JSON.parse(readFileSync(file, 'utf8'))[name]]);
  return JSON.stringify(Object.fromEntries(texts));
}

// A style sheet or script with all it imports, minified.
async function bundled(entry, extension) {
  const result = await build({
    entryPoints: [entry], bundle: true, minify: true, write: false, format: 'iife', target: 'es2020',
    legalComments: 'none', define: { EPAY_INLINE_TEXTS: textsOf('inline') }, loader: { '.svg': 'dataurl' }, outdir: out, logLevel: 'warning',
  });
  // A script that imports styles gives two files; the styles are an entry of their own.
  return Buffer.from(result.outputFiles.find((file) => file.path.endsWith(`.${extension}`)).contents);
}

async function assets() {
  const entries = filesUnder('web/assets').filter((file) => /^[^_].*\.(css|ts|svg)$/.test(path.basename(file)) && path.dirname(file) === path.join('web', 'assets'));
  const rows = [];
  for (const entry of entries) {
    const name = path.basename(entry).replace(/\.ts$/, '.js');
    const extension = path.extname(name).slice(1);
    const bytes = extension === 'svg' ? readFileSync(entry) : await bundled(entry, extension);
    const stem = name.slice(0, -extension.length - 1);
    const gzip = gzipSync(bytes, { level: 9 });
    const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
    rows.push(`{${quoted(name)}, ${quoted(`/assets/${stem}.${digest(bytes).slice(0, 12)}.${extension}`)}, ${quoted(types[extension])}, ${embed(bytes)}, ${embed(gzip)}, ${embed(brotli)}}`);
  }
  return rows;
}

function templates() {
  const texts = new Map(
    filesUnder('web/templates').filter((file) => file.endsWith('.html')).map((file) => {
      const lines = readFileSync(file, 'utf8').split('\n').map((line) => line.trimStart());
      return [path.relative('web/templates', file).slice(0, -'.html'.length), lines.filter((line) => line !== '').join('\n')];
    }),
  );
  const whole = (name, depth = 0) => {
    if (!texts.has(name)) throw new Error(`there is no template ${name}`);
    if (depth > partialsNestedMax) throw new Error(`the template ${name} contains itself`);
    return texts.get(name).replace(/\{\{> *([^ }]+) *\}\}/g, (_, inner) => whole(inner, depth + 1));
  };
  return [...texts.keys()].map((name) => `{${quoted(name)}, ${embed(Buffer.from(whole(name)))}}`);
}

const languages = () =>
  filesUnder('web/texts').map((file) => `{${quoted(path.basename(file, '.json'))}, ${embed(Buffer.from(JSON.stringify(JSON.parse(readFileSync(file, 'utf8')))))}}`);

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const lists = [
  ['Asset', 'embedded_assets', await assets()],
  ['EmbeddedText', 'embedded_templates', templates()],
  ['EmbeddedText', 'embedded_texts', languages()],
].map(([type, name, rows]) => `constexpr ${type} ${name}[] = {\n  ${rows.join(',\n  ')}};\n`);
// ccache does not look into what is embedded; this line changes with it.
writeFileSync(path.join(out, 'embedded.inc'), `// Made by scripts/bundle.mjs.\n[[maybe_unused]] constexpr char embedded_digest[] = "${digest(digests.join())}";\n${declarations}${lists.join('')}`);
