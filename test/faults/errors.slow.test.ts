/** Every command, with a full or failing disk at any of its writes. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfTools } from '../support/needs.js';
import { Sandbox } from '../support/sandbox.js';
import { copyOf, runInjected, type Scenario, scenarios } from './inject.js';
import { brokenInvariants, historiesOf } from './state.js';

const calls = ['mkdir', 'pwrite64', 'write', 'fchmod', 'fsync', 'link', 'rename', 'symlink'];

const test = suite('a disk that fails');

for (const failure of ['ENOSPC', 'EIO'])
  for (const scenario of scenarios)
    testIfTools(
      test,
      'a full or failing disk',
      'strace',
    )(
      `${scenario.title} with ${failure}: an error in words, nothing half-done, and the next command works`,
      async () => {
        const original = new Sandbox();
        scenario.prepare(original);
        let failures = 0;
        for (const call of calls)
          for (let n = 1; await failsWell(original, scenario, call, n, failure); n++) failures++;
        original.remove();
        assert.ok(failures > 5, `only ${failures} failures`);
      },
    );

test.run();

/** False where the command makes fewer such calls. */
async function failsWell(
  original: Sandbox,
  scenario: Scenario,
  call: string,
  n: number,
  failure: string,
): Promise<boolean> {
  const box = copyOf(original);
  const before = await historiesOf(box.layout, 'acme');
  const { reached, code, stderr } = runInjected(box, scenario.command, call, n, `error=${failure}`);
  const point = `${scenario.title}, ${failure} at ${call} ${n}`;
  if (reached) {
    // Node itself ends with a signal where its own wake-up pipe fails; that is a kill, which another test covers.
    const ownWords = /^error: .*\n {2}-> .*\n$/.test(stderr);
    assert.ok(
      code === 0 || code === null || code > 128 || (code === 1 && ownWords),
      `${point}: exit ${code}, ${stderr}`,
    );
    assert.not.match(stderr, /\n\s+at .*tsm\.cjs/, point);
  }
  assert.equal(await brokenInvariants(box.layout, 'acme', before), [], point);
  if (scenario.title === 'init' && box.run('org', 'list').stdout.startsWith('no')) box.org('acme');
  const next = box.run(...scenario.next);
  assert.is(next.code, 0, `${point}: ${next.stderr}`);
  assert.is(box.run('store', 'verify').code, 0, point);
  box.remove();
  return reached;
}
