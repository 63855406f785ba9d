/** Programs of the host are told by their exit code and their words, whether they are waited for or not. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hasProgram, notFound, run, runBeside } from '../../../scripts/host/system.js';

const cases = [
  { what: 'what was said on both streams', args: ['-c', 'cat; echo no >&2'], code: 0, stdout: 'yes', stderr: 'no\n' },
  { what: 'the exit code', args: ['-c', 'exit 3'], code: 3, stdout: '', stderr: '' },
  { what: 'the end by a signal as 128', args: ['-c', 'kill -9 $$'], code: 128, stdout: '', stderr: '' },
];

for (const [name, start] of [
  ['run', run],
  ['runBeside', runBeside],
] as const) {
  const test = suite(name);
  for (const { what, args, code, stdout, stderr } of cases)
    test(`tells ${what}`, async () => {
      const ran = await start('sh', args, { input: 'yes' });
      assert.equal({ code: ran.code, stdout: ran.stdout }, { code, stdout });
      assert.ok(ran.stderr.includes(stderr), ran.stderr);
    });

  test('tells that there is no such program as a shell does', async () => {
    const { code, stderr } = await start('no-such-program', []);
    assert.equal({ code, stderr }, { code: notFound, stderr: 'no-such-program: not found' });
  });

  test('kills what takes too long', async () => {
    assert.is((await start('sleep', ['60'], { timeout: 50 })).code === 0, false);
  });

  test.run();
}

const beside = suite('hasProgram');

beside('finds what a shell would find, and nothing else', () => {
  assert.is(hasProgram('sh'), true);
  assert.is(hasProgram('no-such-program'), false);
});

beside.run();
