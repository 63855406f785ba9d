import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogRecord } from '../../lib/history.js';
import { bundleProblems, derivationProblems, removeBundle } from '../../store/bundles.js';
import { namesIn } from '../../store/durable.js';
import { isTemporary, Layout } from '../../store/layout.js';
import { testIfTools } from '../support/needs.js';
import { Operator } from '../support/operator.js';
import { injected } from './inject.js';

interface Context {
  ana: Operator;
  second: LogRecord;
  /** A host that has the first generation. */
  before: Layout;
  shipment: Buffer;
  program: string;
}

const test = suite<Context>('a receive that is stopped anywhere');
const testIfStrace = testIfTools(test, 'receives stopped at every system call', 'strace');

const folder = () => mkdtempSync(join(tmpdir(), 'tetra-receive-'));

test.before(async context => {
  context.program = join(folder(), 'receiving.cjs');
  const entry = join(import.meta.dirname ?? __dirname, '../support/receiving.ts');
  buildSync({ entryPoints: [entry], outfile: context.program, bundle: true, platform: 'node', target: 'node18' });
  context.ana = new Operator('ana');
  const first = await context.ana.promote(1);
  context.before = new Layout(folder());
  const input = await context.ana.shipment([first]);
  spawnSync(process.execPath, [context.program, context.before.root], { input });
  context.second = await context.ana.promote(2);
  context.shipment = await context.ana.shipment([context.second], 1);
});
test.after(({ ana, before, program }) => {
  ana.remove();
  removeBundle(before.root);
  removeBundle(join(program, '..'));
});

const chainOf = (host: Layout): string => readFileSync(host.chain('acme', 'dev'), 'utf8');

/** What counts is whole; what the chain names is there; the chain is the log, to its end or as it was. */
async function check(host: Layout, { ana, before, second }: Context) {
  for (const name of namesIn(host.store).filter(entry => !isTemporary(entry))) {
    const problems = name.endsWith('.drv') ? derivationProblems : bundleProblems;
    assert.equal(problems(host.object(name), name), []);
  }
  const isExtended = chainOf(host) === (await ana.lines()).join('');
  if (isExtended) for (const name of [second.bundle, second.deriver]) assert.ok(existsSync(host.object(name)));
  // A line that was torn counts as little as one that was not written.
  else assert.ok(chainOf(host).startsWith(chainOf(before)));
}

for (const [effect, calls] of [
  ['signal=KILL', ['mkdir', 'write', 'fchmod', 'fsync', 'chmod', 'rename', 'link', 'unlink', 'ftruncate', 'rmdir']],
  ['error=ENOSPC', ['mkdir', 'write', 'fsync', 'rename', 'link']],
  ['error=EIO', ['write', 'fsync', 'rename']],
] as const)
  for (const call of calls)
    testIfStrace(`leaves old or new, and the next succeeds: ${call}, ${effect}`, async context => {
      let points = 0;
      for (let n = 1; points === n - 1; n++) {
        const host = new Layout(folder());
        cpSync(context.before.root, host.root, { recursive: true });
        const words = [process.execPath, context.program, host.root];
        if (injected(words, { input: context.shipment }, call, n, effect).reached) points++;
        await check(host, context);
        const next = spawnSync(process.execPath, [context.program, host.root], {
          input: context.shipment,
          encoding: 'utf8',
        });
        assert.equal([next.status, next.stderr], [0, '']);
        assert.is(chainOf(host), (await context.ana.lines()).join(''));
        await check(host, context);
        removeBundle(host.root);
      }
      assert.ok(points > 0, 'does the tracer still count this call?');
    });

test.run();
