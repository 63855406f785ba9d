import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { edit, Sandbox, withSetting } from '../support/sandbox.js';

interface Context {
  box: Sandbox;
  source: string;
}

const test = suite<Context>('org diff');

test.before.each(context => {
  context.box = new Sandbox();
  context.source = context.box.org('acme');
  context.box.json('org', 'promote', '@prod');
});
test.after.each(({ box }) => box.remove());

const memory = (source: string) => edit(source, text => `${text}\n[env.prod.resources]\nmemory_max = 8192\n`);

test('shows what a promote would change, with who says so, and what it means for the units', ({ box, source }) => {
  memory(source);
  const { pending, from, to, settings, files, tsm } = box.json('org', 'diff', '@prod');
  assert.equal([pending, from, to], [true, 1, 'local']);
  assert.equal(settings, [{ key: 'resources.memory_max', before: '4096', after: '8192', layer: 'override' }]);
  assert.equal(
    files.map(({ path, change, effect }: Record<string, string>) => [path, change, effect]),
    [
      ['env.toml', 'changed', undefined],
      ['systemd/acme-prod-tetra.service', 'changed', 'restart'],
    ],
  );
  assert.equal(tsm, { settings: [], files: [] });
});

test('fits one screen for a small change', ({ box, source }) => {
  memory(source);
  const { stdout } = box.run('org', 'diff', '@prod');
  assert.ok(stdout.split('\n').length < 8, stdout);
  assert.match(stdout, /override +resources\.memory_max +4096 -> 8192/);
});

test('shows the last change where nothing is pending, and says so', ({ box, source }) => {
  memory(source);
  box.json('org', 'promote', '@prod');
  const { pending, from, to, settings } = box.json('org', 'diff', '@prod');
  assert.equal([pending, from, to, settings.length], [false, 1, 2, 1]);
  assert.match(box.run('org', 'diff', '@prod').stdout, 'nothing is pending');
});

test('exits 2 with --exit-code only where something is pending', ({ box, source }) => {
  assert.is(box.run('org', 'diff', '@prod', '--exit-code').code, 0);
  memory(source);
  assert.is(box.run('org', 'diff', '@prod', '--exit-code').code, 2);
  assert.is(box.run('org', 'diff', '@prod').code, 0);
});

test('compares any two generations, in either direction', ({ box, source }) => {
  for (const n of [1, 2]) {
    edit(source, text => withSetting(text, n));
    box.json('org', 'promote', '@prod');
  }
  const change = (...args: string[]) => {
    const [setting] = box.json('org', 'diff', '@prod', ...args).settings;
    return [setting.before, setting.after];
  };
  assert.equal(change('2', '3'), ['1', '2']);
  assert.equal(change('3', '2'), ['2', '1']);
  assert.equal(change('1'), [undefined, '2']);
  assert.is(box.run('org', 'diff', '@prod', '1', '9').code, 64);
});

test('says start, stop, and nothing where only a comment of the unit would change', ({ box, source }) => {
  edit(source, text => text.replace('[services.devpages]\nenabled = false', '[services.devpages]\nenabled = true'));
  const effects = () =>
    Object.fromEntries(
      box.json('org', 'diff', '@prod').files.map((file: { path: string; effect: string }) => [file.path, file.effect]),
    );
  assert.is(effects()['systemd/acme-prod-devpages.service'], 'start');
  box.json('org', 'promote', '@prod');
  edit(source, text => text.replace('[services.devpages]\nenabled = true', '[services.devpages]\nenabled = false'));
  assert.is(effects()['systemd/acme-prod-devpages.service'], 'stop');
});

test('with --local shows what the environment makes of local.toml', ({ box }) => {
  const { settings } = box.json('org', 'diff', '@prod', '--local');
  const user = settings.find(({ key }: { key: string }) => key === 'deployment.tetra_src');
  assert.equal(user, {
    key: 'deployment.tetra_src',
    before: '"~/src/devops/tetra"',
    after: '"/opt/tetra"',
    layer: 'profile',
  });
  assert.not.ok(
    settings.some(({ key }: { key: string }) => key === 'ports.api'),
    'what stays is not shown',
  );
});

test('with --local shows what the offset makes of ports', ({ box, source }) => {
  edit(source, text => `${text}\n[env.qa]\nextends = "staging"\nports.offset = 100\n`);
  const { settings } = box.json('org', 'diff', '@qa', '--local');
  const port = settings.find(({ key }: { key: string }) => key === 'ports.tetra');
  assert.equal([port.before, port.after], ['4444', '4544']);
  box.json('org', 'promote', '@qa');
  assert.match(box.run('org', 'env', 'show', 'qa').stdout, /^tetra = 4544 {2}# Changed$/m);
});

test('shows apart what comes from another version of tsm', ({ box, source }) => {
  // A bundle as an older tsm might have rendered it: the same source, another unit.
  const [first] = box.json('org', 'history', '@prod').generations;
  const bundle = box.layout.object(first.bundle);
  rewrite(join(bundle, 'systemd/acme-prod-tetra.service'), text => text.replace('UMask=0027\n', ''));
  memory(source);
  const { files, tsm } = box.json('org', 'diff', '@prod');
  assert.equal(tsm.files, [], 'the user changed this unit as well, so it is the user’s');
  assert.is(files.length, 2);
  edit(source, text => withSetting(text.replace('[env.prod.resources]\nmemory_max = 8192\n', ''), 1));
  rewrite(join(bundle, 'secrets.toml'), text => `${text}# older\n`);
  assert.equal(
    box.json('org', 'diff', '@prod').tsm.files.map((file: { path: string }) => file.path),
    ['secrets.toml'],
  );
});

test.run();

function rewrite(path: string, change: (text: string) => string) {
  chmodSync(path, 0o644);
  edit(path, change);
}

const show = suite<Context>('org env show');

show.before.each(context => {
  context.box = new Sandbox();
  context.source = context.box.org('acme');
});
show.after.each(({ box }) => box.remove());

show('marks what the profile changed and the override added, and says who promoted it', ({ box, source }) => {
  edit(source, text => `${text}\n[env.dev.app]\nbanner = "dev"\n`);
  box.json('org', 'promote', '@dev', '-m', 'banner');
  const { stdout } = box.run('org', 'env', 'show', 'dev');
  assert.match(stdout, /^# generation 1, promoted .* by ana@\S+: banner\n/);
  assert.match(stdout, /^tetra_src = "\/root\/src\/devops\/tetra" {2}# Changed$/m);
  assert.match(stdout, /^banner = "dev" {2}# Added by override$/m);
  assert.match(stdout, /^timezone = "UTC"$/m);
});

show('is valid TOML in a pipe, with the same values as the file', ({ box }) => {
  box.json('org', 'promote', '@dev');
  const { stdout } = box.run('org', 'env', 'show', 'dev');
  const plain = box.run('org', 'env', 'show', 'dev', '--plain').stdout;
  assert.is(plain, readFileSync(box.layout.org('acme').pointer('dev'), 'utf8'));
  const stripped = stdout.replace(/^.*\n/, '').replaceAll(/ {2}# (Changed|Added).*$/gm, '');
  assert.is(stripped, plain);
});

show.run();

const envList = suite<Context>('org env list');

envList('marks environments that local.toml has moved on from', () => {
  const box = new Sandbox();
  const source = box.org('acme');
  box.json('org', 'promote', '@dev');
  const states = () =>
    Object.fromEntries(
      box.json('org', 'env', 'list').environments.map(({ env, state }: Record<string, string>) => [env, state]),
    );
  assert.equal(states(), { dev: 'clean', staging: 'not promoted', prod: 'not promoted' });
  edit(source, text => withSetting(text, 1));
  assert.is(states().dev, 'dirty');
  edit(source, text => `${text}\n[env.dev.ports]\napi = 3000\n`);
  assert.is(states().dev, 'invalid');
  box.remove();
});

envList.run();

const envEdit = suite<Context>('org env edit');

envEdit.before.each(context => {
  context.box = new Sandbox();
  context.source = context.box.org('acme');
});
envEdit.after.each(({ box }) => box.remove());

envEdit('opens the editor on local.toml and checks what was saved', ({ box, source }) => {
  box.env.EDITOR = `sh -c 'printf "\\n[shop]\\nx = 1\\n" >> "$1"' editor`;
  assert.equal([box.run('org', 'env', 'edit').code, /\[shop\]\nx = 1/.test(readFileSync(source, 'utf8'))], [0, true]);
  box.env.EDITOR = 'true';
  assert.is(box.run('org', 'env', 'edit').stdout, 'nothing was changed\n');
});

envEdit('without a terminal says what is wrong with what was saved, and does not ask', ({ box }) => {
  box.env.VISUAL = `sh -c 'printf "\\ncolor = red\\n" >> "$1"' editor`;
  const { code, stderr } = box.run('org', 'env', 'edit');
  assert.is(code, 65);
  assert.match(stderr, /local\.toml:\d+:\d+: error: not valid TOML/);
});

envEdit('refuses a generated environment, and says where to set it', ({ box }) => {
  const { code, stderr } = box.run('org', 'env', 'edit', 'prod');
  assert.is(code, 64);
  assert.match(stderr, '[env.prod]');
});

envEdit('says so where the editor cannot be run', ({ box }) => {
  box.env.EDITOR = 'no-such-editor';
  const { code, stderr } = box.run('org', 'env', 'edit');
  assert.is(code, 1);
  assert.match(stderr, 'set VISUAL or EDITOR');
});

envEdit.run();

const from = suite<Context>('promote --from');

from.before.each(context => {
  context.box = new Sandbox();
  context.source = context.box.org('acme');
});
from.after.each(({ box }) => box.remove());

from('gives prod the very source that staging ran, whatever local.toml says by now', ({ box, source }) => {
  edit(source, text => withSetting(text, 1));
  box.json('org', 'promote', '@staging');
  const wanted = box.json('org', 'promote', '@prod', '--dry-run').bundle;
  writeFileSync(source, 'not TOML at all');
  const { bundle, generation } = box.json('org', 'promote', '@prod', '--from', '@staging');
  assert.equal([bundle, generation], [wanted, 1]);
  assert.is(box.json('org', 'history', '@prod').generations[0].from, 'staging:1');
  assert.match(box.run('org', 'history', '@prod').stdout, 'promote from staging:1');
});

from('takes an older generation by its number', ({ box, source }) => {
  for (const n of [1, 2]) {
    edit(source, text => withSetting(text, n));
    box.json('org', 'promote', '@staging');
  }
  box.json('org', 'promote', '@prod', '--from', 'staging:1');
  assert.match(box.run('org', 'env', 'show', 'prod', '--plain').stdout, /^n = 1$/m);
  const { code, stderr } = box.run('org', 'promote', '@prod', '--from', '@staging:7');
  assert.equal([code, /no generation 7/.test(stderr)], [64, true]);
  assert.is(box.run('org', 'promote', '@prod', '--from', '@dev').code, 1);
});

from.run();

const check = suite<Context>('promote --check');

check('builds a second time, from shuffled keys, and finds the same bundle', () => {
  const box = new Sandbox();
  const example = readFileSync(
    join(import.meta.dirname ?? __dirname, '../../docs/examples/orchard/local.toml'),
    'utf8',
  );
  box.org('orchard', example);
  for (const env of ['dev', 'staging', 'prod', 'qa'])
    assert.is(box.run('org', 'promote', `@${env}`, '--check').code, 0);
  assert.is(readdirSync(box.layout.store).filter(name => name.endsWith('-orchard-qa')).length, 1);
  box.remove();
});

check.run();
