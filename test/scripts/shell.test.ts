import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { asRoot, commandLine, refusedUser } from '../../scripts/shell.js';
import { programPath } from '../support/needs.js';
import { sudoFolder } from '../support/sudo.js';

const line = suite('commandLine');

line('holds nothing in single quotes that some shell reads as more than itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), script => {
      const parts = commandLine(script).split("'");
      assert.is(parts.length, 7);
      assert.equal([parts[0], parts[2], parts[4], parts[6]], ['exec sh -c ', ' sh ', ' ', '']);
      for (const part of [parts[1], parts[3], parts[5]]) assert.match(part as string, /^([ -[\]-~]|\\0[0-7]{3})*$/);
      assert.not.match(commandLine(script), '!');
    }),
  );
});

const script = `printf '<%s>' "it's" '\\\\ \\n' '!x' "$(echo a\\ b)"
cat <<'END'
here, $it ends
END
exit 3`;

// Whoever has other shells gets them tested.
for (const shell of ['sh', 'bash', 'dash', 'zsh', 'mksh', 'fish', 'tcsh', 'csh'].filter(name => programPath(name)))
  line(`means the same to ${shell}`, () => {
    const { status, stdout, stderr } = spawnSync(shell, ['-c', commandLine(script)], { encoding: 'utf8' });
    assert.equal([status, stdout, stderr], [3, `<it's><\\\\ \\n><!x><a b>here, $it ends\n`, '']);
  });

line.run();

const root = suite('asRoot');

function runAs(sudo: Parameters<typeof sudoFolder>[0], text: string, env: Record<string, string> = {}) {
  const folder = sudoFolder(sudo);
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', commandLine(text)], {
    env: { PATH: sudo === 'missing' ? folder : `${folder}:/usr/bin:/bin`, SSH_CONNECTION: 'here there', ...env },
    input: 'input',
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  return { status, stdout, stderr };
}

root('goes through sudo, with arguments and input as they are', () => {
  const { status, stdout } = runAs('allows', `${asRoot(`sh -c 'echo "$1"; cat' sh "$TSM_CONNECTION"`)}; echo " $?"`);
  assert.equal([status, stdout], [0, 'as root: sh -c echo "$1"; cat sh here there\nhere there\ninput 0\n']);
});

root('needs no sudo on a local host', () => {
  const { stdout } = runAs('refuses', asRoot('echo done'), { TSM_ROOT: '/srv/web1' });
  assert.is(stdout, 'done\n');
});

root('passes on how the command failed', () => {
  for (const code of [1, 2, 77, 127]) assert.is(runAs('allows', asRoot(`sh -c 'exit ${code}'`)).status, code);
});

root('tells a program that is not there from a refusal', () => {
  const { status, stderr } = runAs('refuses', asRoot('/usr/local/lib/no-such-program'));
  assert.equal([status, refusedUser(stderr)], [127, null]);
});

for (const sudo of ['refuses', 'missing'] as const)
  root(`ends the script where sudo ${sudo === 'missing' ? 'is missing' : sudo}, and says for whom`, () => {
    const { status, stdout, stderr } = runAs(sudo, `${asRoot('true')}; echo still here`);
    assert.equal([status, stdout, refusedUser(stderr)], [77, '', 'ana']);
  });

root.run();
