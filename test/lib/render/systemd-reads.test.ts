/**
 * The units as systemd itself reads them: `systemd-analyze verify` with debug output prints each unit as it was parsed,
 * so nothing here has to know how systemd quotes, but for the shell quotes of that output.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Promotion } from '../../../lib/promote.js';
import { templateSettings } from '../../../lib/template.js';
import { quoted } from '../../../lib/text.js';
import { formatToml } from '../../../lib/toml/format.js';
import { testIfTools } from '../../support/needs.js';
import { problemsOf, promotion } from '../../support/sources.js';
import { text } from '../arbitraries.js';

interface Verified {
  readonly complaints: string[];
  readonly dump: string;
}

function verify(made: Promotion, debug: boolean): Verified {
  const folder = mkdtempSync(join(tmpdir(), 'tetra-units-'));
  try {
    const units = made.bundle.files.filter(file => file.path.startsWith('systemd/'));
    const names = units.map(file => join(folder, basename(file.path)));
    for (const [i, file] of units.entries()) writeFileSync(names[i] as string, file.content);
    const env = { ...process.env, LC_ALL: 'C.UTF-8', ...(debug ? { SYSTEMD_LOG_LEVEL: 'debug' } : {}) };
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...names], {
      encoding: 'utf8',
      env,
    });
    // Debug output mentions our files all the time; complaints name the line.
    const named = debug ? new RegExp(`${folder}/\\S+:\\d+: `) : /acme-/;
    return { complaints: stderr.split('\n').filter(line => named.test(line)), dump: stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The values of one unit's dump behind `name: `. */
function dumped(dump: string, unit: string, name: string): string[] {
  const start = dump.indexOf(`-> Unit ${unit}:\n`);
  assert.ok(start >= 0, `no ${unit} in the dump`);
  const end = dump.indexOf('-> Unit ', start + 1);
  const lines = dump.slice(start, end < 0 ? undefined : end).split('\n');
  return lines.filter(line => line.trimStart().startsWith(`${name}: `)).map(line => line.slice(line.indexOf(': ') + 2));
}

/** Words as systemd prints them: bare, or in double quotes with \ before " \ ` and $. */
function unquoted(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|([^ ]+)/gu)].map(
    ([, inQuotes, bare]) => bare ?? inQuotes!.replaceAll(/\\(.)/gu, '$1'),
  );
}

const suiteName = suite('systemd-analyze');
const test = testIfTools(suiteName, 'systemd reads the units', 'systemd-analyze');

const template = formatToml(templateSettings({ user: 'ana', os: 'linux' }));
const services = `
[services.api]
command = "/bin/true \${PORT_API}"
description = "The \\"API\\" at 100%"
env_file = "x"
port = "api"
roles = ["web", "db"]
reload_command = "/bin/true 'a b' \${MAINPID} '\${MAINPID}' 100%"
restart_if_changed = false
stop_timeout = 30
[services.api.health]
command = '''/bin/true 'a b' '100% "ü\\' \${PORT_API}'''
interval = 10
[services.low]
command = "/bin/true"
port = "low"
[services.low.health]
http = "/health?a=%20"
[services.low.environment]
X = "a b"
[env.dev.ports]
low = 80
[env.staging.ports]
low = 80
[env.prod.ports]
low = 80
`;

for (const env of ['dev', 'staging', 'prod'])
  for (const destination of ['syslog', 'file'])
    test(`has nothing to say against the units of ${env} that log to ${destination}`, () => {
      const text = template
        .replace('node server/server.js', '/bin/true server/server.js')
        .replace('npm start', '/bin/true start')
        .concat(services, `[env.${env}]\nlogging.destination = "${destination}"\nservices.devpages.enabled = true\n`);
      const made = promotion(text, env);
      assert.is(made.bundle.files.filter(file => file.path.endsWith('.service')).length, 4);
      assert.equal(verify(made, false).complaints, []);
    });

test('would have something to say against a bad unit', () => {
  const made = promotion('[services.a]\ncommand = "/bin/true"\n[services.b]\ncommand = "/nowhere/program"\n');
  assert.match(verify(made, false).complaints.join('\n'), '/nowhere/program is not executable');
});

/** The words of a source, each in single quotes. */
const shellWord = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
const sourceOf = (description: string, words: readonly string[], values: readonly string[]) =>
  [
    '[services.a]',
    `description = ${quoted(description)}`,
    `command = ${quoted(['/bin/true', ...words.map(shellWord)].join(' '))}`,
    '[services.a.environment]',
    ...values.map((value, i) => `V${i} = ${quoted(value)}`),
  ].join('\n');
const isLegal = (source: string) => problemsOf(source, 'dev').length === 0;

const pieces = [
  '%',
  '%n',
  '$',
  '$$',
  '${',
  '}',
  '$HOME',
  '"',
  "'",
  '\\',
  '\\n',
  '\\x41',
  ';',
  '#',
  '=',
  ' ',
  '-',
  '~',
  '*',
  '\u00a0',
];
const nasty = fc.oneof(
  fc.array(fc.oneof(fc.constantFrom(...pieces), text), { maxLength: 6 }).map(list => list.join('')),
  text,
  fc.string({
    unit: fc
      .integer({ min: 0, max: 0x10ffff })
      .filter(code => code < 0xd800 || code > 0xdfff)
      .map(code => String.fromCodePoint(code)),
  }),
);

test('reads back every description, argument and variable that is not refused', () => {
  let read = 0;
  const lists = fc.tuple(nasty, fc.array(nasty, { maxLength: 12 }), fc.array(nasty, { maxLength: 12 }));
  fc.assert(
    fc.property(lists, ([description, words, values]) => {
      const meant = isLegal(sourceOf(description, [], [])) ? description : 'refused';
      const args = words.filter(word => isLegal(sourceOf('x', [word], [])));
      // In a variable's value `${NAME}` and `$${NAME}` have a meaning of their own.
      const variables = values.filter(value => !value.includes('${') && isLegal(sourceOf('x', [], [value])));
      const { complaints, dump } = verify(promotion(sourceOf(meant, args, variables), 'dev'), true);
      assert.equal(complaints, []);
      const unit = 'acme-dev-a.service';
      assert.equal(dumped(dump, unit, 'Description'), [`${meant || 'a'} (acme dev)`]);
      const [line = ''] = dumped(dump, unit, 'Command Line');
      // Variables of the command line are resolved at its start only, which makes $ of $$.
      assert.equal(unquoted(line), ['/bin/true', ...args.map(arg => arg.replaceAll('$', '$$$$'))]);
      const environment = dumped(dump, unit, 'Environment').filter(value => /^V\d+=/.test(value));
      assert.equal(
        environment,
        variables.map((value, i) => `V${i}=${value}`),
      );
      read += args.length + variables.length;
    }),
    { numRuns: 40, includeErrorInReport: true },
  );
  assert.ok(read > 200, `only ${read} were legal`);
});

suiteName.run();
