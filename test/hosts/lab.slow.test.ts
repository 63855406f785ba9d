/** The servers of the tests behave as real ones where the other tests rely on it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../support/needs.js';
import { run, until } from './support/commands.js';
import { labOf, openLab } from './support/lab.js';

const test = suite('host');
const promise = testIfHosts(test, 'tests on booted servers');
const lab = labOf(test);

const unit = '[Service]\nExecStart=/bin/sh -c "echo hello; exec sleep infinity"\n';

promise('boots and answers over ssh', async () => {
  const host = await (await lab()).booted('answers');
  const { code, stdout, stderr } = await host.ssh('cat; hostname', { input: 'asked ' });
  assert.equal({ code, stdout, stderr }, { code: 0, stdout: 'asked answers\n', stderr: '' });
});

promise('runs units, and tells their main process and their journal', async () => {
  const host = await (await lab()).booted('units');
  await host.put('/etc/systemd/system/a.service', unit);
  await host.sh('systemctl daemon-reload && systemctl start a.service');
  const pids = await host.pids('a.service', 'absent.service');
  assert.is(pids['absent.service'], 0);
  assert.is(await host.read(`/proc/${pids['a.service']}/comm`), 'sleep\n');
  assert.match(await host.journal('a.service'), /^hello$/m);
});

promise('loses in a power cut what was not forced to the disk, and nothing else', async () => {
  const host = await (await lab()).booted('cut', { var: 64 });
  const written = '/synced /unsynced /var/synced /var/unsynced';
  await host.sh('for f in / /var/; do echo 1 >${f}synced; sync ${f}synced; echo 1 >${f}unsynced; done');
  await host.powerCut();
  host.boot();
  await host.wait();
  assert.is((await host.run(`ls ${written}`)).stdout, '/synced\n/var/synced\n');
});

promise('keeps what was written when its processes are killed', async () => {
  const host = await (await lab()).booted('killed');
  await host.sh('echo 1 >/unsynced');
  await host.kill();
  assert.is.not((await host.ssh('true', { timeout: 2 })).code, 0);
  host.boot();
  await host.wait();
  assert.is(await host.read('/unsynced'), '1\n');
});

promise('reboots as another boot, without its rules and with its journal', async () => {
  const host = await (await lab()).booted('reboots');
  const boot = await host.read('/proc/sys/kernel/random/boot_id');
  await host.sh('nft add table inet old && systemd-cat -t marked echo before');
  assert.match(await host.rules(), /table inet old/);
  assert.is(await host.reboot(), 'running');
  assert.is(await host.rules(), '');
  assert.is.not(await host.read('/proc/sys/kernel/random/boot_id'), boot);
  assert.is(await host.sh('journalctl --no-pager --output=cat --identifier=marked'), 'before');
});

promise('is silent behind a partition until it heals; the console is not', async () => {
  const host = await (await lab()).booted('parted');
  await host.partition();
  assert.is.not((await host.ssh('true', { timeout: 2 })).code, 0);
  assert.is(await host.sh('hostname'), 'parted');
  await host.heal();
  assert.is((await host.ssh('true')).code, 0);
});

promise('has no space left when its small disk is full', async () => {
  const host = await (await lab()).booted('small', { disk: 40 });
  const { code, stderr } = await host.run('head -c 64M /dev/zero >/fill');
  assert.is(code, 1);
  assert.match(stderr, /No space left on device/);
});

promise('has /var on another file system, mounted after units were read', async () => {
  const host = await (await lab()).booted('var', { var: 64 });
  await host.put('/var/lib/a.service', unit);
  assert.match((await host.run('ln /var/lib/a.service /etc/a.service')).stderr, /Invalid cross-device link/);
  await host.sh(
    'ln -s /var/lib/a.service /etc/systemd/system/ && systemctl daemon-reload && systemctl start a.service',
  );
  await host.reboot();
  assert.is(await host.sh('systemctl show --property=LoadState a.service'), 'LoadState=loaded');
  assert.is(await host.sh('systemctl is-active var.mount'), 'active');
});

promise('has an operator without rights, until commands are allowed', async () => {
  const host = await (await lab()).booted('operated');
  const asOperator = { user: 'deploy' };
  assert.is((await host.ssh('sudo -n id -u', asOperator)).code, 1);
  await host.allowSudo('/usr/bin/id');
  assert.is((await host.ssh('sudo -n id -u', asOperator)).stdout, '0\n');
  assert.is((await host.ssh('sudo -n cat /etc/shadow', asOperator)).code, 1);
});

promise('can have a read-only /etc', async () => {
  const host = await (await lab()).booted('readonly');
  await host.remountEtc('ro');
  assert.match((await host.run('touch /etc/new')).stderr, /Read-only file system/);
  await host.remountEtc('rw');
  await host.sh('touch /etc/new');
});

promise('runs programs under a tracer, which can make a call fail', async () => {
  const host = await (await lab()).booted('traced');
  const trace = 'strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:error=EIO';
  assert.match((await host.run(`${trace} sync /etc/hostname`)).stderr, /Input\/output error/);
});

promise('stands beside others: they reach each other, and share no unit', async () => {
  const [one, two] = await Promise.all([(await lab()).booted('one'), (await lab()).booted('two')]);
  for (const host of [one, two]) {
    await host.put('/run/systemd/system/a.service', unit);
    await host.sh('systemctl start a.service');
  }
  await one.sh('systemctl stop a.service');
  assert.is(await two.sh('systemctl is-active a.service'), 'active');
  assert.match(await one.sh(`curl -sS http://${two.address}/`), /nginx/);
});

test.run();

const leftover = suite('lab');
const whenKilled = testIfHosts(leftover, 'labs that are killed');

for (const signal of ['SIGINT', 'SIGKILL'] as const)
  whenKilled(`leaves nothing behind when ${signal} ends its process`, async () => {
    const child = startLab();
    const [line] = await once(createInterface(child.stdout as Readable), 'line');
    const address = String(line);
    const bridge = `tetra${address.split('.')[2]}`;
    assert.ok(await answers(address), address);
    child.kill(signal);
    await until(async () => !(await answers(address)), 'the host is gone');
    if (signal === 'SIGKILL') await (await openLab()).close();
    assert.is.not((await run('ip', ['link', 'show', bridge])).code, 0);
  });

leftover.run();

/** A process with a host of its own, whose address it prints. */
function startLab(): ChildProcess {
  const program = join(import.meta.dirname ?? __dirname, 'support/abandoned.mts');
  return spawn(process.execPath, ['--import', 'tsx', program], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function answers(address: string): Promise<boolean> {
  const greeting = `read -r line </dev/tcp/${address}/22 && [[ $line == SSH-* ]]`;
  return (await run('bash', ['-c', greeting], { timeout: 1 })).code === 0;
}
