// The sample receivers of docs/samples/webhooks: which languages are at hand, how each is compiled and started.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually, freePort, root } from './harness.mjs';

export const folder = path.join(root, 'docs/samples/webhooks');
const scratch = mkdtempSync(path.join(tmpdir(), 'epay-samples-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const runTimeout = 120_000;

// Resolves to what the command prints; an error has the whole of it.
export function run(command, args, { env = {}, input } = {}) {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, timeout: runTimeout };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(' ')}: ${error.code ?? error.signal}\n${stdout}${stderr}`, { cause: error }));
      else resolve(stdout + stderr);
    });
    child.stdin.on('error', () => {}); // it may end without reading
    child.stdin.end(input);
  });
}

// A web server as far as CGI goes: one process a request, its standard error to `log`.
function cgiServer(program, env, log) {
  return http.createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on('error', () => {});
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const variables = { REQUEST_METHOD: incoming.method, CONTENT_LENGTH: String(body.length) };
      for (const [name, value] of Object.entries(incoming.headers)) variables[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] = value;
      const child = spawn(program, [], { env: { ...process.env, ...env, ...variables } });
      let answer = '';
      child.stdin.on('error', () => {});
      child.stdin.end(body);
      child.stdout.on('data', (chunk) => (answer += chunk));
      child.stderr.on('data', log);
      child.on('close', () => {
        const [status, ...headers] = answer.split('\r\n\r\n')[0].split('\r\n').map((line) => line.split(': '));
        outgoing.writeHead(Number.parseInt(status[1]) || 502, Object.fromEntries(headers)).end();
      });
    });
  });
}

// Compiles nothing: the interpreter gets the file.
const interpreted = (command, args = []) => async (file) => () => ({ command, args: [...args, file] });

// name, file;
// version: the command that says which version there is, its arguments, what its answer must match, and what may take its place;
// prepare(file, out, command): compiles into the folder `out` and resolves to a function from a port to {command, args}, or to
// {cgi: program}.
export const languages = [
  {
    name: 'PHP',
    file: 'receiver.php',
    version: ['php', ['--version'], /PHP 8/],
    prepare: async (file) => (port) => ({ command: 'php', args: ['-S', `127.0.0.1:${port}`, file] }),
  },
  { name: 'Node', file: 'receiver.mjs', version: [process.execPath, ['--version'], /./], prepare: interpreted(process.execPath) },
  { name: 'Python', file: 'receiver.py', version: ['python3', ['--version'], /3\.(9|\d\d)/], prepare: interpreted('python3') },
  { name: 'Ruby', file: 'receiver.rb', version: ['ruby', ['-rwebrick', '-e', 'puts WEBrick::VERSION'], /./], prepare: interpreted('ruby') },
  {
    name: 'Go',
    file: 'receiver.go',
    version: ['go', ['version'], /go1\.(2[2-9]|[3-9]\d)/],
    async prepare(file, out) {
      const env = { GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local', GO111MODULE: 'on' };
      await run('go', ['build', '-o', path.join(out, 'receiver'), file], { env });
      return () => ({ command: path.join(out, 'receiver'), args: [] });
    },
  },
  {
    name: 'Java',
    file: 'Receiver.java',
    version: ['javac', ['-version'], /javac (1[7-9]|[2-9]\d)/],
    async prepare(file, out) {
      await run('javac', ['-encoding', 'UTF-8', '-d', out, file]);
      return () => ({ command: 'java', args: ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', out, 'Receiver'] });
    },
  },
  {
    name: 'C#',
    file: 'Receiver.cs',
    version: ['dotnet', ['--version'], /^[1-9]\d\./],
    async prepare(file, out) {
      await run('dotnet', ['build', file, '-o', out]);
      return () => ({ command: path.join(out, 'Receiver'), args: [] });
    },
  },
  {
    name: 'C++',
    file: 'receiver.cpp',
    version: ['c++', ['--version'], /./, 'clang++-19'],
    async prepare(file, out, compiler) {
      const program = path.join(out, 'receiver.cgi');
      await run(compiler, ['-std=c++17', '-O1', '-Wall', '-Wextra', '-Werror', file, '-lsodium', '-lboost_json', '-o', program]);
      return () => ({ cgi: program });
    },
  },
];

// The command of a language, or why there is none.
async function findCommand([command, args, wanted, ...others]) {
  try {
    const answer = await run(command, args);
    return wanted.test(answer) ? { command } : { reason: `this ${command} is another version: ${answer.trim()}` };
  } catch (error) {
    if (others.length > 0) return findCommand([others[0], args, wanted]);
    return { reason: error.cause?.code === 'ENOENT' ? `${command} is not installed` : error.message };
  }
}

// Each language gets its `command`, or the `reason` to skip it.
await Promise.all(languages.map(async (language) => Object.assign(language, await findCommand(language.version))));

// Compiles `file` of a language, without waiting for it: all compile at the same time, while others are tested already. The
// promise is for startSample; undefined where the language is not at hand.
export function prepared({ prepare, command, reason }, file, title) {
  if (reason) return undefined;
  const out = path.join(scratch, title.replaceAll(/\W/g, '_'));
  mkdirSync(out);
  const ready = prepare(path.join(folder, file), out, command);
  ready.catch(() => {}); // whoever awaits it is told
  return ready;
}

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

// Starts a sample and waits until it listens or has ended: {url, port, output(), exited, stop()}.
export async function startSample(ready, { secret = '', port } = {}) {
  port ??= await freePort();
  const temporary = mkdtempSync(path.join(scratch, 'tmp-'));
  const env = { EPAY_WEBHOOK_SECRET: secret, PORT: String(port), TMPDIR: temporary };
  let output = '';
  const log = (chunk) => (output += chunk);
  const sample = { port, url: `http://127.0.0.1:${port}/webhooks`, exited: undefined, output: () => output };

  const { command, args, cgi } = (await ready)(port);
  if (cgi) {
    const server = cgiServer(cgi, env, log);
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
    sample.stop = () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    return sample;
  }
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.stdout.on('data', log);
  child.stderr.on('data', log);
  const closed = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  closed.then((exit) => {
    running.delete(child);
    sample.exited = exit;
  });
  sample.stop = () => {
    child.kill('SIGKILL');
    return closed;
  };
  await eventually(
    () => `the sample to listen\n${output}`,
    () => sample.exited || listens(port),
    30_000,
  );
  return sample;
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
