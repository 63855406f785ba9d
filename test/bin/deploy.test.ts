import { appendFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edit, Sandbox } from '../support/sandbox.js';

interface Context {
  box: Sandbox;
  source: string;
}

const test = suite<Context>('org deploy');

/** A folder stands for the host; the service has a check that refuses a setting. */
test.before.each(context => {
  const box = new Sandbox();
  const source = box.org('acme');
  appendFileSync(box.layout.org('acme').manifest, `\n[hosts.web1]\naddress = "local:${join(box.home, 'web1')}"\n`);
  edit(source, text => text.replace('[app]\n', '[app]\npool = 20\n'));
  const check = `sh -c 'grep -q "^pool = 20$" "$TETRA_ENV_FILE" || { echo too many >&2; exit 1; }'`;
  appendFileSync(source, `\n[services.tetra.health]\ncommand = """${check.replaceAll('$', '$$')}"""\n`);
  Object.assign(context, { box, source });
});
test.after.each(({ box }) => box.remove());

const generations = (box: Sandbox): number => box.json('org', 'history', '@dev').generations.length;
const active = (box: Sandbox): string => readlinkSync(join(box.home, 'web1/var/lib/tsm/acme-dev/current'));

test('goes back to what was active where a check refuses a setting, and says why', ({ box, source }) => {
  box.json('org', 'deploy', '@dev');
  const before = active(box);
  edit(source, text => text.replace('pool = 20', 'pool = 500'));
  const { code, stderr } = box.run('org', 'deploy', '@dev');
  assert.is(code, 3);
  assert.match(stderr, 'acme-dev-tetra.service is sick: its check never passed: sh: too many');
  assert.is(active(box), before);
  assert.match(box.run('org', 'history', '@dev').stdout, 'web1 reverted');
});

const mistakes: [args: string[], code: number, message: RegExp][] = [
  [['@dev', '--soak', 'soon'], 64, /--soak takes a number of seconds/],
  [['@dev', '--host', 'web9'], 64, /no host is named "web9"/],
  [['@dve'], 64, /no environment "dve"/],
  [['@prod'], 65, /domain is not met/],
];

for (const [args, expected, message] of mistakes)
  test(`makes no generation where nothing can reach a host: ${args.join(' ')}`, ({ box }) => {
    box.json('org', 'promote', '@dev');
    box.json('org', 'promote', '@prod');
    edit(box.layout.org('acme').source, text => text.replace('pool = 20', 'pool = 21'));
    const { code, stderr } = box.run('org', 'deploy', ...args);
    assert.is(code, expected);
    assert.match(stderr, message);
    assert.is(generations(box), 1);
    assert.is(box.json('org', 'history', '@prod').generations.length, 1);
  });

test.run();
