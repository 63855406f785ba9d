import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { removeBundle } from '../../store/bundles.js';
import { testIfTools } from '../support/needs.js';
import { edit, Sandbox, withSetting } from '../support/sandbox.js';

interface Context {
  box: Sandbox;
  source: string;
}

function orgSuite(name: string) {
  const test = suite<Context>(name);
  test.before.each(context => {
    context.box = new Sandbox();
    context.source = context.box.org('acme');
  });
  test.after.each(({ box }) => box.remove());
  return test;
}

/** Every path below, with the content of files. */
function snapshot(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .map(
      entry =>
        join(entry.parentPath, entry.name) + (entry.isFile() ? readFileSync(join(entry.parentPath, entry.name)) : ''),
    )
    .sort()
    .join('\n');
}

const change = (source: string, n: number) => edit(source, text => withSetting(text, n));

const init = orgSuite('org init');

init('writes a local.toml that promotes to every environment as it is', ({ box }) => {
  for (const env of ['dev', 'staging', 'prod']) assert.is(box.json('org', 'promote', `@${env}`).changed, true);
  assert.is(box.run('org', 'env', 'validate').code, 0);
});

init('says in its comments what the environments make of a setting', ({ source }) => {
  const text = readFileSync(source, 'utf8');
  assert.match(text, /^memory_max = 0 +# dev: 1024, staging: 2048, prod: 4096$/m);
  assert.match(text, /^firewall_enabled = false +# every server: true$/m);
  assert.match(text, /^allowed_ips = .* # dev: \["0\.0\.0\.0\/0"\], staging: \["10\.0\.0\.0\/8"\]/m);
});

init('keeps secrets to the user, and generated files out of git', ({ box }) => {
  const org = box.layout.org('acme');
  assert.is(statMode(org.secrets), 0o700);
  const ignored = readFileSync(join(org.root, '.gitignore'), 'utf8');
  for (const pattern of ['/environments/*', '!/environments/local.toml', '/history/', '/secrets/'])
    assert.ok(ignored.split('\n').includes(pattern), pattern);
});

init('overwrites nothing, not even an empty folder', ({ box }) => {
  const before = snapshot(box.root);
  assert.is(box.run('org', 'init', 'acme').code, 64);
  assert.is(snapshot(box.root), before);
  mkdirSync(box.layout.org('empty').root);
  assert.is(box.run('org', 'init', 'empty').code, 64);
});

init.run();

const promote = orgSuite('org promote');

promote('makes generation 1, and a file under the name of the environment', ({ box }) => {
  const { org, env, generation, bundle, path, changed, unmet, warnings } = box.json('org', 'promote', '@prod');
  assert.equal([org, env, generation, changed, warnings], ['acme', 'prod', 1, true, []]);
  assert.match(bundle, /^[0-9a-f]{40}-acme-prod$/);
  assert.ok(existsSync(join(path, 'env.toml')));
  assert.ok(unmet.some((item: { rule: string }) => item.rule === 'certificate'));
  assert.match(readFileSync(box.layout.org('acme').pointer('prod'), 'utf8'), '--env production');
});

promote('makes no generation where nothing changed, and says so', ({ box, source }) => {
  box.json('org', 'promote', '@dev');
  edit(source, text => `# a comment\r\n${text.replaceAll('\n', '\r\n')}`);
  const again = box.json('org', 'promote', 'dev');
  assert.equal([again.generation, again.changed], [1, false]);
  assert.match(box.run('org', 'promote', '@dev').stdout, 'already at generation 1');
});

promote('takes production for prod', ({ box }) => {
  assert.is(box.json('org', 'promote', '@production').env, 'prod');
});

promote('with --dry-run says what would change, and writes nothing', ({ box, source }) => {
  const before = snapshot(box.root);
  assert.equal([box.json('org', 'promote', '@dev', '--dry-run').generation, snapshot(box.root)], [1, before]);
  box.json('org', 'promote', '@dev');
  change(source, 5);
  const after = snapshot(box.root);
  const { generation, changed, settings } = box.json('org', 'promote', '@dev', '--dry-run');
  assert.equal([generation, changed, settings], [2, true, [{ key: 'app.n', after: '5', layer: 'local' }]]);
  assert.is(snapshot(box.root), after);
});

promote('refuses what is wrong with file, line and column, writes nothing, and exits 65', ({ box, source }) => {
  edit(source, text => text.replace('memory_max = 0', 'memory_max = "lots"').replace('api = 8080 ', 'api = 80800'));
  const before = snapshot(box.root);
  const { code, stdout, stderr } = box.run('org', 'promote', '@dev');
  assert.equal([code, stdout], [65, '']);
  assert.match(stderr, /local\.toml:\d+:7: error: ports\.api must be a port/);
  assert.match(stderr, /local\.toml:\d+:14: error: resources\.memory_max must be a number of MB/);
  assert.is(snapshot(box.root), before);
  const { error } = JSON.parse(box.run('org', 'promote', '@dev', '--json').stdout);
  assert.equal([error.code, error.problems.length], ['invalid-input', 2]);
  assert.ok(error.problems.every((problem: { line: number }) => problem.line > 1));
});

promote('never shows a line of the source where the syntax is wrong', ({ box, source }) => {
  edit(source, text => `${text}\npassword = "hunter2\n`);
  const { code, stderr } = box.run('org', 'promote', '@dev');
  assert.is(code, 65);
  assert.not.match(stderr, 'hunter2');
});

promote('says who, when and why in the history, and never in the bundle', ({ box }) => {
  box.env.USER = 'poison-user';
  const { path } = box.json('org', 'promote', '@dev', '-m', 'poison-message');
  const [record] = box.json('org', 'history', '@dev').generations;
  assert.match(record.by, /^poison-user@/);
  assert.is(record.message, 'poison-message');
  assert.match(record.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.not.match(snapshot(path), 'poison-');
});

promote('refuses a file that is not UTF-8, a folder, and a file that is gone', ({ box, source }) => {
  writeFileSync(source, Buffer.from([0x61, 0x3d, 0x22, 0xe9, 0x22]));
  assert.match(box.run('org', 'promote', '@dev').stderr, 'not UTF-8');
  rmSync(source);
  const { code, stderr } = box.run('org', 'promote', '@dev');
  assert.is(code, 65);
  assert.match(stderr, 'there is no such file');
  mkdirSync(source);
  assert.match(box.run('org', 'promote', '@dev').stderr, 'is a folder');
});

promote('refuses to touch an environment that was edited by hand, and names what differs', ({ box, source }) => {
  box.json('org', 'promote', '@dev');
  const pointer = box.layout.org('acme').pointer('dev');
  const edited = readFileSync(pointer, 'utf8').replace('memory_max = 1024', 'memory_max = 9999');
  rmSync(pointer);
  writeFileSync(pointer, edited);
  change(source, 1);
  for (const command of [
    ['promote', '@dev'],
    ['rollback', '@dev', '1'],
  ]) {
    const { code, stdout } = box.run('org', ...command, '--json');
    const { error } = JSON.parse(stdout);
    assert.equal([code, error.code, error.keys], [1, 'pointer-edited', ['resources.memory_max']]);
  }
  assert.is(readFileSync(pointer, 'utf8'), edited);
  const { warnings, generation } = box.json('org', 'promote', '@dev', '--discard');
  assert.is(generation, 2);
  const copy = /is now (\S+)/.exec(warnings[0])?.[1] as string;
  assert.is(readFileSync(copy, 'utf8'), edited);
});

promote('mends a pointer that is stale, missing or leads to a bundle that is gone', ({ box }) => {
  const { path } = box.json('org', 'promote', '@dev');
  const pointer = box.layout.org('acme').pointer('dev');
  const whole = readFileSync(pointer, 'utf8');
  rmSync(pointer);
  assert.is(box.json('org', 'promote', '@dev').changed, false);
  assert.is(readFileSync(pointer, 'utf8'), whole);
  rmSync(pointer);
  symlinkSync(`../../../store/${'0'.repeat(40)}-acme-dev/env.toml`, pointer);
  box.json('org', 'promote', '@dev');
  assert.is(readFileSync(pointer, 'utf8'), whole);
  removeBundle(path);
  box.json('org', 'promote', '@dev');
  assert.is(readFileSync(pointer, 'utf8'), whole);
});

promote('gives the same address under any time zone, locale, umask and folder', ({ box, source }) => {
  const { bundle } = box.json('org', 'promote', '@prod');
  const text = readFileSync(source, 'utf8');
  for (const env of [{ TZ: 'Asia/Kolkata' }, { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }, { USER: 'bob' }]) {
    const other = new Sandbox();
    Object.assign(other.env, env);
    other.org('acme', text);
    assert.is(other.json('org', 'promote', '@prod').bundle, bundle);
    other.remove();
  }
  const masked = new Sandbox();
  masked.org('acme', text);
  const umask = process.umask(0o077);
  try {
    assert.is(masked.json('org', 'promote', '@prod').bundle, bundle);
  } finally {
    process.umask(umask);
  }
  assert.is(masked.run('store', 'verify').code, 0);
  masked.remove();
});

promote('works where the whole folder was moved, and where the organization is a link', ({ box, source }) => {
  box.json('org', 'promote', '@dev');
  const org = box.layout.org('acme').root;
  renameSync(org, join(box.home, 'elsewhere'));
  symlinkSync(join(box.home, 'elsewhere'), org);
  change(source, 1);
  const { path } = box.json('org', 'promote', '@dev');
  assert.is(readFileSync(box.layout.org('acme').pointer('dev'), 'utf8'), readFileSync(join(path, 'env.toml'), 'utf8'));
});

promote('says in words what the system refuses', ({ box }) => {
  if (process.getuid?.() === 0) {
    // Root may write anywhere: a file where a folder should be stops it all the same.
    writeFileSync(box.layout.store, '');
  } else chmodSync(box.root, 0o500);
  const { code, stderr } = box.run('org', 'promote', '@dev');
  assert.ok(code === 1 || code === 77, `exit ${code}`);
  assert.match(stderr, /^error: .*\n {2}-> /);
  if (process.getuid?.() !== 0) chmodSync(box.root, 0o700);
});

promote('refuses to begin a history anew where one was lost', ({ box }) => {
  box.json('org', 'promote', '@dev');
  rmSync(box.layout.org('acme').history('dev'), { recursive: true });
  const { code, stderr } = box.run('org', 'promote', '@dev');
  assert.is(code, 1);
  assert.match(stderr, /history of dev is gone\n {2}-> bring back/);
});

promote('hides values under telling names where it shows changes', ({ box, source }) => {
  box.json('org', 'promote', '@dev');
  edit(source, text => `${text}\n[db]\npassword = "hunter2"\n`);
  assert.not.match(box.run('org', 'promote', '@dev', '--dry-run').stdout, 'hunter2');
  assert.not.match(JSON.stringify(box.json('org', 'diff', '@dev')), 'hunter2');
});

for (const secret of ['keys = [\n  ["hunter2"] oops\n]', 'aHVudGVyMg==', 'password = hunter2', '"hunter2" = = 1'])
  promote(`shows nothing of a line that may hold a secret: ${secret.replaceAll('\n', ' ')}`, ({ box, source }) => {
    edit(source, text => `${text}\n[app2]\n${secret}\n`);
    const { code, stderr } = box.run('org', 'promote', '@dev');
    assert.is(code, 65);
    assert.not.match(stderr, /hunter2|aHVudGVyMg/);
  });

promote('hides a secret in a list of tables as well', ({ box, source }) => {
  edit(source, text => `${text}\n[[app2.db]]\npassword = "hunter2"\n`);
  assert.not.match(JSON.stringify(box.json('org', 'diff', '@dev')), 'hunter2');
});

promote('sets nothing aside where it cannot go on', ({ box, source }) => {
  box.json('org', 'promote', '@dev');
  const org = box.layout.org('acme');
  rmSync(org.pointer('dev'));
  writeFileSync(org.pointer('dev'), 'by hand');
  rmSync(join(org.history('dev'), '00000001'));
  writeFileSync(join(org.history('dev'), '00000001'), 'torn');
  change(source, 1);
  assert.is(box.run('org', 'promote', '@dev', '--discard').code, 1);
  assert.is(readFileSync(org.pointer('dev'), 'utf8'), 'by hand');
});

promote('shows control characters of a name or a reason, and never sends them to the terminal', ({ box, source }) => {
  const waiver = '[[env.prod.accept]]\nrule = "domain"\nreason = "a\\nb\\u001b[31m"\n';
  edit(source, text => `${text}\n["\\u001b[31mred"]\nx = 1\n${waiver}`);
  const { code, stdout, stderr } = box.run('org', 'promote', '@prod');
  assert.is(code, 0, stderr);
  assert.not.match(stdout + stderr, '\x1b');
  assert.not.match(stdout, /^b/m);
});

testIfTools(
  promote,
  'commits in the history',
  'git',
)('knows the commit of local.toml, and whether it differs', ({ box, source }) => {
  const root = box.layout.org('acme').root;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=ana', '-c', 'user.email=ana@example.com', ...args], {
      cwd: root,
      encoding: 'utf8',
    }).trim();
  git('init', '-q');
  const record = () => box.json('org', 'history', '@dev').generations[0];
  box.json('org', 'promote', '@dev');
  assert.is(record().commit, undefined, 'there is no commit yet');
  git('add', '.');
  git('commit', '-qm', 'first');
  change(source, 1);
  box.json('org', 'promote', '@dev');
  assert.equal([record().commit, record().dirty], [git('rev-parse', 'HEAD'), true]);
  git('commit', '-qam', 'second');
  change(source, 2);
  git('commit', '-qam', 'third');
  box.json('org', 'promote', '@dev');
  assert.equal([record().commit, record().dirty], [git('rev-parse', 'HEAD'), false]);
  assert.is(git('status', '--porcelain'), '', 'generated files are ignored');
});

promote.run();

const render = orgSuite('org render');

render('writes the files of the bundle that promote would make', ({ box }) => {
  const out = join(box.home, 'out');
  const { files } = box.json('org', 'render', '@prod', '--out', out);
  const { path } = box.json('org', 'promote', '@prod');
  for (const file of files)
    assert.is(readFileSync(join(out, file), 'utf8'), readFileSync(join(path, file), 'utf8'), file);
  assert.is(box.run('org', 'render', '@prod', '--out', out).code, 64, 'the folder is no longer empty');
});

render.run();

const statMode = (path: string): number => statSync(path).mode & 0o777;
