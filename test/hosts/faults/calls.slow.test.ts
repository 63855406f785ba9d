/** The program on a host is killed just before one of its system calls that write, wherever that is. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfHosts } from '../../support/needs.js';
import { labOf } from '../support/lab.js';
import { activateUnit, revertUnit, type Site, siteOf } from './support.js';

const test = suite('an activation that is killed at a system call');
const promise = testIfHosts(test, 'faults on booted servers');
const opened = siteOf(labOf(test), 'calls');

/** By which the program changes what is on the disk, and at how many of each it is killed, spread over all of them. */
const calls = { rename: 12, link: 4, symlink: 1, unlink: 6, fsync: 12, fchmod: 4, mkdir: 3, rmdir: 2 };

/** Confirmed, or taken back because nobody confirms. */
const ways: readonly (readonly string[])[] = [[], ['--confirm', 'manual', '--confirm-timeout', '0']];

for (const [call, points] of Object.entries(calls))
  promise(`${call} is on one generation, and the next works`, async () => {
    const site = await opened();
    const outcomes: string[] = [];
    for (const way of ways) {
      const count = await countOf(site, call, way);
      assert.ok(count > 0, `the program makes no ${call}`);
      const chosen = Array.from({ length: points }, (_, i) => 1 + Math.floor((i * count) / points));
      for (const n of new Set(chosen)) {
        const wanted = site.other;
        await traceWith(site, `-e trace=${call} -e inject=${call}:signal=KILL:when=${n}`);
        const { code, stderr } = await site.deliver(way).result;
        await untraced(site);
        assert.ok([0, 1, 3, 4].includes(Number(code)), `${call} ${n}: exit ${code}\n${stderr}`);
        await site.expectWhole(code === 0 ? wanted : undefined);
        outcomes.push(`${n}: exit ${code}`);
      }
    }
    console.log(`\n  ${call} ${outcomes.join(', ')}`);
    await site.expectSound();
  });

promise('while it goes back, and so is who goes on with that, is taken back by the deadline', async () => {
  const site = await opened();
  const before = site.version;
  await site.host.put(`/run/systemd/system/${revertUnit}.d/short.conf`, '[Service]\nRuntimeMaxSec=4\n');
  for (const n of [1, 3, 5]) {
    await traceWith(site, `-e trace=rename -e inject=rename:signal=KILL:when=${n}`, ['ended']);
    const killed = site.at('confirm', await site.newest(), `systemctl kill --signal=KILL ${activateUnit}`);
    const client = site.deliver(['--confirm', 'manual']);
    assert.is((await killed).code, 0);
    const { code, stderr } = await client.result;
    await untraced(site);
    assert.is(code, 3, stderr);
    await site.expectWhole(before);
  }
  await site.host.sh(`rm -r /run/systemd/system/${revertUnit}.d && systemctl daemon-reload`);
  await site.expectSound(before);
});

const program = '/usr/local/lib/tsm/host';

/** From now on these verbs of the program run under strace(1). The units call it by Node, so this is for Node. */
async function traceWith({ host }: Site, options: string, verbs: readonly string[] = ['run']) {
  const words = JSON.stringify(`strace -qq -o /root/trace ${options}`.split(' '));
  await host.sh(`test -e ${program}.real || mv ${program} ${program}.real`);
  await host.put(
    program,
    `#!/usr/bin/env node
if (${JSON.stringify(verbs)}.includes(process.argv[2])) {
  const [tracer, ...words] = ${words};
  const command = [process.execPath, '${program}.real', ...process.argv.slice(2)];
  process.exitCode = require('node:child_process').spawnSync(tracer, [...words, ...command]).status ?? 1;
} else require('${program}.real');
`,
    0o755,
  );
}

async function untraced({ host }: Site) {
  await host.sh(`mv ${program}.real ${program}`);
}

/** How often the main thread of an activation makes the call. */
async function countOf(site: Site, call: string, way: readonly string[]): Promise<number> {
  await traceWith(site, `-e trace=${call}`);
  await site.deliver(way).result;
  await untraced(site);
  await site.expectWhole();
  return Number(await site.host.sh(`grep -c '^${call}(' /root/trace || true`));
}

test.run();
