// The Debian package: built, looked into, installed into a throw-away copy of this system, served from, upgraded, removed, purged.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { freePort, root, runEpay } from './harness.mjs';

const run = (command, ...args) => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const settingOf = (unit, name) => readFileSync(path.join(root, 'packaging/systemd', unit), 'utf8').match(new RegExp(`^${name}=(.*)$`, 'm'))?.[1];

describe('the package', { timeout: 600_000 }, () => {
  let file;
  let folder;
  before(() => {
    run('cmake', '--build', path.join(root, 'build/release'), '--target', 'epay_packaged');
    file = run('bash', '-c', `cd '${root}' && source scripts/steps.sh && debian_package`).trim();
    file = path.join(root, file);
    folder = mkdtempSync(path.join(tmpdir(), 'epay-package-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    run('dpkg-deb', '-R', file, path.join(folder, 'unpacked'));
  });
  const unpacked = (name) => path.join(folder, 'unpacked', name);

  test('has what it says, with the rights it needs', () => {
    const control = readFileSync(unpacked('DEBIAN/control'), 'utf8');
    assert.match(control, /^Package: epay$/m);
    assert.match(control, /^Depends: .*adduser.*libsqlite3-0/m);
    assert.equal(readFileSync(unpacked('DEBIAN/conffiles'), 'utf8'), '/etc/epay/epay.conf\n');
    const files = Object.fromEntries(run('dpkg-deb', '-c', file).trim().split('\n').map((line) => {
      const [rights, owner, , , , name] = line.split(/ +/);
      assert.equal(owner, 'root/root', line);
      return [name, rights];
    }));
    for (const [name, rights] of [
      ['./usr/bin/epay', '-rwxr-xr-x'], ['./usr/lib/epay/keep-backups', '-rwxr-xr-x'], ['./usr/lib/systemd/system/epay.service', '-rw-r--r--'],
      ['./usr/lib/systemd/system/epay-backup.timer', '-rw-r--r--'], ['./etc/epay/epay.conf', '-rw-------'], ['./usr/share/doc/epay/operations.md', '-rw-r--r--'],
      ['./usr/share/doc/epay/copyright', '-rw-r--r--'], ['./usr/share/doc/epay/examples/nginx/epay.conf', '-rw-r--r--'],
      ['./usr/share/doc/epay/examples/grafana/epay.json', '-rw-r--r--'],
    ]) {
      assert.equal(files[name], rights, name);
    }
    assert.doesNotMatch(Object.keys(files).join('\n'), /home|build|\.cmake|\.a$/, 'nothing of the machine that built it');
    // Developers' tools stay with developers.
    assert.equal(spawnSync(unpacked('usr/bin/epay'), ['sim', '--seeds', '1']).status !== 0, true);
    assert.match(run(unpacked('usr/bin/epay'), '--help'), /serve/);
  });

  test('its scripts are sound', () => {
    for (const name of ['postinst', 'prerm', 'postrm']) run('sh', '-n', unpacked(`DEBIAN/${name}`));
  });

  test('systemd understands the units, and they shut out what Epay does not need', async (t) => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) return t.skip('this system has no systemd');
    const units = path.join(folder, 'units');
    mkdirSync(units);
    for (const name of ['epay.service', 'epay-backup.service', 'epay-backup.timer']) {
      // Where it is here, so that systemd finds the program.
      writeFileSync(path.join(units, name), readFileSync(unpacked(`usr/lib/systemd/system/${name}`), 'utf8').replaceAll('=/usr/', `=${unpacked('usr')}/`));
    }
    for (const name of readdirSync(units)) {
      const checked = spawnSync('systemd-analyze', ['verify', '--man=no', path.join(units, name)], { encoding: 'utf8' });
      assert.deepEqual([checked.status, checked.stderr.split('\n').filter((line) => line.includes('epay'))], [0, []], name);
    }
    const exposure = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', path.join(units, 'epay.service')], { encoding: 'utf8' });
    assert.equal(exposure.status, 0, exposure.stdout.split('\n').slice(-3).join('\n') + exposure.stderr);
  });

  test('a stop has the time that it takes', async () => {
    const { stdout } = await runEpay(['serve', '--help']);
    const drain = Number(stdout.match(/--stop-timeout TEXT=(\d+)s /)[1]);
    assert.ok(Number(settingOf('epay.service', 'TimeoutStopSec')) >= drain + 5, `${drain} s`);
  });

  // Runs a script of its own in namespaces of its own: what it does to the system is gone with it.
  async function live(t, script, namespaces) {
    if (process.getuid() !== 0) return t.skip('a copy of this system takes the rights of root');
    const words = [...namespaces, '--mount', '--fork', '--kill-child', 'bash', path.join(root, 'tests/e2e', script), file, String(await freePort())];
    const lived = spawnSync('unshare', words, { encoding: 'utf8', timeout: 200_000, env: { ...process.env, TMPDIR: folder } });
    if (lived.status === 77) return t.skip(lived.stdout.trim());
    assert.equal(lived.status, 0, `${lived.stdout}\n${lived.stderr}`);
    t.diagnostic(lived.stdout.trim().replaceAll('\n', '; '));
  }
  test('installs, serves, backs up, upgrades, is removed and purged', (t) => live(t, 'package_life.sh', ['--pid']));
  test('its service lives under systemd, shut in', (t) => live(t, 'package_service.sh', ['--ipc', '--uts', '--cgroup']));
});
