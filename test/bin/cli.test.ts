import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '../../bin/commands/index.js';
import { Sandbox, tsmPath } from '../support/sandbox.js';

const box = new Sandbox();
box.org('acme');

const help = suite('help');

help('lists every command, with stable exit codes, on stdout', () => {
  const { code, stdout, stderr } = box.run('--help');
  assert.equal([code, stderr], [0, '']);
  for (const { words } of commands) assert.match(stdout, `tsm ${words.join(' ')}`);
  assert.match(stdout, 'Exit codes');
});

for (const command of commands) {
  help(`of ${command.words.join(' ')} says what it takes`, () => {
    const { code, stdout } = box.run(...command.words, '--help');
    assert.is(code, 0);
    assert.match(stdout, `Usage: tsm ${command.words.join(' ')}`);
    for (const { name } of command.options) assert.match(stdout, `--${name}`);
  });
}

help('is shown without a word, and for a group', () => {
  assert.match(box.run().stdout, 'Usage: tsm COMMAND');
  assert.match(box.run('org', '--help').stdout, 'tsm org promote');
  assert.match(box.run('help', 'org', 'promote').stdout, 'Usage: tsm org promote');
});

help('tells the version', () => {
  assert.match(box.run('--version').stdout, /^tsm \d+\.\d+\.\d+\n$/);
});

help.run();

const usage = suite('wrong usage');

const mistakes: [string[], RegExp, RegExp][] = [
  [['org', 'promte', '@dev'], /no command "promte"/, /did you mean: tsm org promote/],
  [['ogr'], /no command "ogr"/, /tsm org/],
  [['deploy', '@dev'], /no command "deploy"/, /did you mean: tsm org deploy/],
  [['org'], /tsm org needs one of/, /tsm org --help/],
  [['org', 'promote'], /needs @ENV/, /--help/],
  [['org', 'promote', '@dev', '@prod'], /"@prod" is one argument too many/, /--help/],
  [['org', 'promote', '@dev', '--dryrun'], /no option --dryrun/, /did you mean --dry-run/],
  [['org', 'promote', '@dev', '--message'], /--message needs a value/, /--help/],
  [['org', 'promote', '@dev', '--dry-run=yes'], /takes no value/, /--help/],
  [['org', 'promote', '@dev', '-m', ''], /--message takes/, /sentence/],
  [['org', 'promote', '@dve'], /no environment "dve"/, /did you mean @dev/],
  [['org', 'promote', 'local'], /Cannot promote to local/, /@dev/],
  [['org', 'promote', '@../../etc'], /no environment/, /there are: dev/],
  [['org', 'promote', '@dev', '--org', 'acne'], /no organization acne/, /did you mean acme/],
  [['org', 'promote', '@dev', '--org', '../x'], /organization is named/, /org list/],
  [['org', 'rollback', '@dev', 'two'], /a generation is a number/, /history/],
  [['org', 'history', '@dev', '-n', 'x'], /--limit takes a number/, /--help/],
  [['org', 'init', 'Bad_Name'], /organization is named/, /org init/],
  [['org', 'init', 'acme'], /already there, and nothing in it was changed/, /org use acme/],
  [['org', 'render', '@dev'], /needs --out/, /--out/],
  [['org', 'list', '--color=pink'], /auto, always or never/, /--help/],
  [['org', 'list', '--org'], /--org needs a value/, /--help/],
  [['org', 'list', '--json=no'], /--json takes no value/, /--help/],
  [['--frob'], /no option --frob/, /--help/],
  [['org', 'history', 'local'], /has no generations/, /env list/],
];

for (const [args, message, hint] of mistakes) {
  usage(`tsm ${args.join(' ')}: exit 64, what, and the next command`, () => {
    const { code, stdout, stderr } = box.run(...args);
    assert.equal([code, stdout], [64, '']);
    const [first = '', ...rest] = stderr.split('\n');
    assert.match(first, message);
    assert.match(rest.join('\n'), hint);
  });
}

usage('is JSON on stdout where JSON was asked for', () => {
  const { code, stdout, stderr } = box.run('org', 'promote', '@dve', '--json');
  const { schema, error } = JSON.parse(stdout);
  assert.equal([code, stderr, schema, error.code, error.env], [64, '', 'tsm/error/1', 'unknown-environment', 'dve']);
  assert.ok(error.message && error.hint);
});

usage.run();

const screen = suite('screen');

screen('has no colours in a pipe, and has them where they are asked for', () => {
  assert.not.match(box.run('org', 'list').stdout, '\x1b');
  for (const color of [['--color=always'], ['--color', 'always']])
    assert.match(box.run('org', 'list', ...color).stdout, '\x1b');
  assert.not.match(box.run('org', 'list', '--no-color').stdout, '\x1b');
});

screen('survives a reader that stops reading', () => {
  const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${tsmPath}" --help | head -1`], {
    env: box.environment(),
    encoding: 'utf8',
  });
  assert.equal([status, stderr], [0, '']);
});

screen('never shows a stack trace', () => {
  for (const args of [
    ['org', 'promote', '@dev', '--org', 'nobody'],
    ['store', 'path-info', 'x'],
  ])
    assert.not.match(box.run(...args).stderr, /\n\s+at /);
});

screen.run();

const choice = suite('organization');

choice('is --org, else TETRA_ORG, else the one in use, else the only one', () => {
  const own = new Sandbox();
  assert.match(own.run('org', 'history', '@dev').stderr, /no organization .* yet/);
  own.org('one');
  const meant = (...args: string[]) => JSON.parse(own.run('org', 'promote', '@dev', '--json', ...args).stdout).org;
  assert.is(meant(), 'one');
  own.org('two');
  assert.match(own.run('org', 'promote', '@dev').stderr, /no organization is chosen[\s\S]*one, two/);
  own.run('org', 'use', 'two');
  assert.is(meant(), 'two');
  own.env.TETRA_ORG = 'one';
  assert.is(meant(), 'one');
  assert.is(meant('--org', 'two'), 'two');
  assert.match(own.run('org', 'use', 'two').stderr, 'TETRA_ORG=one is set here, and is stronger');
  own.remove();
});

choice.after(() => box.remove());
choice.run();
