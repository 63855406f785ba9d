/**
 * Every command, killed at every system call that writes, before the call takes effect. The tracer counts each call
 * by name, so the points are (call, n) until n is higher than what the command does.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfTools } from '../support/needs.js';
import { edit, Sandbox, tsmPath, withSetting } from '../support/sandbox.js';
import { brokenInvariants, historiesOf } from './state.js';

const writingCalls = [
  'mkdir',
  'write',
  'fchmod',
  'chmod',
  'fsync',
  'link',
  'rename',
  'symlink',
  'unlink',
  'rmdir',
  'openat',
];

interface Scenario {
  readonly title: string;
  /** Makes the state before. */
  readonly prepare: (box: Sandbox) => void;
  readonly command: readonly string[];
  /** What the user would do next; it has to succeed. */
  readonly next: readonly string[];
}

const changed = (box: Sandbox) => edit(box.layout.org('acme').source, text => withSetting(text, 1));

const scenarios: readonly Scenario[] = [
  {
    title: 'init',
    prepare: () => {},
    command: ['org', 'init', 'acme'],
    next: ['org', 'promote', '@dev'],
  },
  {
    title: 'the first promote',
    prepare: box => void box.org('acme'),
    command: ['org', 'promote', '@dev'],
    next: ['org', 'promote', '@dev'],
  },
  {
    title: 'a later promote',
    prepare: box => {
      box.org('acme');
      box.run('org', 'promote', '@dev');
      changed(box);
    },
    command: ['org', 'promote', '@dev'],
    next: ['org', 'promote', '@dev'],
  },
  {
    title: 'rollback',
    prepare: box => {
      box.org('acme');
      box.run('org', 'promote', '@dev');
      changed(box);
      box.run('org', 'promote', '@dev');
    },
    command: ['org', 'rollback', '@dev', '1'],
    next: ['org', 'rollback', '@dev', '1'],
  },
];

const test = suite('killed at any writing call');

for (const scenario of scenarios) {
  testIfTools(
    test,
    'kill at every system call',
    'strace',
  )(`${scenario.title}: old or new, and the next command works`, async () => {
    const original = new Sandbox();
    scenario.prepare(original);
    let kills = 0;
    for (const call of writingCalls) {
      for (let n = 1; ; n++) {
        const box = copyOf(original);
        const before = await historiesOf(box.layout, 'acme');
        const killed = runKilled(box, scenario.command, call, n);
        const point = `${scenario.title}, ${call} ${n}`;
        assert.equal(await brokenInvariants(box.layout, 'acme', before), [], point);
        if (scenario.title === 'init' && box.run('org', 'list').stdout.startsWith('no')) box.org('acme');
        const next = box.run(...scenario.next);
        assert.is(next.code, 0, `${point}: ${next.stderr}`);
        assert.is(box.run('store', 'verify').code, 0, point);
        box.remove();
        if (!killed) break;
        kills++;
      }
    }
    original.remove();
    console.log(`\n  ${scenario.title}: killed at ${kills} points`);
    assert.ok(kills > 10, `only ${kills} kills: does the tracer still count these calls?`);
  });
}

test.run();

function copyOf(original: Sandbox): Sandbox {
  const box = new Sandbox();
  cpSync(original.home, box.home, { recursive: true, verbatimSymlinks: true, force: true });
  return box;
}

/** True where the n-th call was reached, and so the command killed. */
function runKilled(box: Sandbox, command: readonly string[], call: string, n: number): boolean {
  const trace = join(mkdtempSync(join(tmpdir(), 'tetra-trace-')), 'log');
  const inject = `inject=${call}:signal=KILL:when=${n}`;
  const { signal, status, error } = spawnSync(
    'strace',
    ['-f', '-qq', '-o', trace, '-e', `trace=${call}`, '-e', inject, process.execPath, tsmPath, ...command],
    { env: box.environment(), cwd: box.home },
  );
  if (error) throw error;
  return signal === 'SIGKILL' || status === 137;
}
