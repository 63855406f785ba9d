import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUnit, runsHere, unitData, unitType, valueIn } from '../../../lib/host/unit.js';
import { testIfTools } from '../../support/needs.js';
import '../arbitraries.js';

/** `Section.Name: value, value` for each directive. */
const shown = (text: string) =>
  [...parseUnit(text)].flatMap(([section, directives]) =>
    [...directives].map(([name, values]) => `${section}.${name}: ${values.join(', ')}`),
  );

const parse = suite('parseUnit');

for (const [what, text, expected] of [
  ['nothing', '', []],
  ['directives of sections, in order', '[B]\nY=1\nX=2\n[A]\nZ=3\n', ['B.Y: 1', 'B.X: 2', 'A.Z: 3']],
  ['white space around names and values', '[A]\n \tX \t=\t a  b \n', ['A.X: a  b']],
  ['a no-break space as part of the value', '[A]\nX=\u00a0a\u00a0\n', ['A.X: \u00a0a\u00a0']],
  ['a value with = in it', '[A]\nX=a=b\n', ['A.X: a=b']],
  ['comments, also indented ones', '# X=1\n[A]\n;X=1\n  # X=1\nY=#2\n', ['A.Y: #2']],
  ['several values', '[A]\nX=1\nX=2\n', ['A.X: 1, 2']],
  ['a section that is opened twice', '[A]\nX=1\n[B]\nX=3\n[A]\nX=2\n', ['A.X: 1, 2', 'B.X: 3']],
  ['an empty value', '[A]\nX=\n', ['A.X: ']],
  ['an empty value that takes away those before it', '[A]\nX=1\nX=\nX=2\n', ['A.X: , 2']],
  ['a line that goes on', '[A]\nX=a\\\nb\n', ['A.X: a b']],
  ['a line that goes on, indented', '[A]\nX=a\\\n  b\\\n  c\n', ['A.X: a   b   c']],
  ['a comment where a line goes on', '[A]\nX=a\\\n# one\n  ; two\nb\nY=1\n', ['A.X: a b', 'A.Y: 1']],
  ['a blank line that ends what goes on', '[A]\nX=a\\\n\nY=1\n', ['A.X: a', 'A.Y: 1']],
  ['a line that goes on at the end', '[A]\nX=a\\', ['A.X: a']],
  ['a backslash behind a backslash', '[A]\nX=a\\\\\nY=1\n', ['A.X: a\\\\', 'A.Y: 1']],
  ['three backslashes', '[A]\nX=a\\\\\\\nY=1\n', ['A.X: a\\\\ Y=1']],
  ['CRLF', '[A]\r\nX=1\r\n', ['A.X: 1']],
  ['no assignment above the first section', 'X=1\n[A]\nY=1\n', ['A.Y: 1']],
  ['no line without =', '[A]\nX\n=1\nY=1\n', ['A.Y: 1']],
] as const)
  parse(`reads ${what}`, () => {
    assert.equal(shown(text), [...expected]);
  });

/** Descriptions of units, as systemd itself reads them: its debug output shows every unit that it parsed. */
function asSystemdReads(texts: readonly string[]): (string | undefined)[] {
  const folder = mkdtempSync(join(tmpdir(), 'tetra-units-'));
  try {
    const names = texts.map((_, i) => `u${i}.service`);
    for (const [i, name] of names.entries()) writeFileSync(join(folder, name), texts[i] as string);
    const { stdout } = spawnSync('systemd-analyze', ['verify', '--man=no', ...names.map(name => join(folder, name))], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8', SYSTEMD_LOG_LEVEL: 'debug' },
    });
    return names.map(name => {
      const dump = stdout.slice(stdout.indexOf(`-> Unit ${name}:\n`));
      return /^\t*Description: (.*)$/m.exec(dump.slice(0, dump.indexOf('-> Unit ', 1)))?.[1];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const pieces = ['a', 'b', ' ', '  ', '\t', '\\', '\\\\', '\\\n', '\n', '#', ';', '=', '\\\n#c\n', '\nDescription='];
const description = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 10 }).map(list => list.join(''));

const agreement = testIfTools(parse, 'systemd and we read units alike', 'systemd-analyze');

agreement('reads what systemd reads', () => {
  fc.assert(
    fc.property(fc.array(description, { minLength: 50, maxLength: 50 }), list => {
      const texts = list.map(text => `[Unit]\nDescription=x${text}\n\n[Service]\nExecStart=/bin/true\n`);
      const read = asSystemdReads(texts);
      // Without a description systemd shows the name of the unit.
      for (const [i, text] of texts.entries())
        assert.is(valueIn(parseUnit(text), 'Unit', 'Description') ?? `u${i}.service`, read[i], JSON.stringify(text));
    }),
    { numRuns: 4 },
  );
});

parse.run();

const value = suite('valueIn');

for (const [what, text, expected] of [
  ['the last of several', '[A]\nX=1\nX=2\n', '2'],
  ['nothing where the section is not there', '[B]\nX=1\n', undefined],
  ['nothing where the directive is not there', '[A]\nY=1\n', undefined],
  ['nothing where it was taken away', '[A]\nX=1\nX=\n', undefined],
] as const)
  value(`is ${what}`, () => {
    assert.is(valueIn(parseUnit(text), 'A', 'X'), expected);
  });

value.run();

const type = suite('unitType');

for (const [unit, expected] of [
  ['acme-prod-api.service', 'service'],
  ['acme-prod.target', 'target'],
  ['acme-prod-a.b.timer', 'timer'],
] as const)
  type(`of ${unit} is ${expected}`, () => {
    assert.is(unitType(unit), expected);
  });

type.run();

const data = suite('unitData');

const dataOf = (...lines: string[]) => unitData(parseUnit(['[X-Tsm]', ...lines].join('\n')));
const times = ['HealthInterval=2', 'HealthTimeout=5'];

data('of a unit without any is that of one that runs everywhere and is restarted', () => {
  const expected = { reads: null, roles: [], restartIfChanged: true, health: null };
  assert.equal(unitData(parseUnit('[Service]\nExecStart=a\n')), expected);
});

data('tells roles, and whether an activation may restart it', () => {
  const { reads, roles, restartIfChanged } = dataOf('Reads=sha256:ab', 'Roles=web db', 'RestartIfChanged=no');
  assert.equal([reads, roles, restartIfChanged], ['sha256:ab', ['web', 'db'], false]);
});

for (const [line, expected] of [
  ['HealthHttp=http://127.0.0.1:80/h', { kind: 'http', url: 'http://127.0.0.1:80/h' }],
  ['HealthTcp=127.0.0.1:5432', { kind: 'tcp', host: '127.0.0.1', port: 5432 }],
  ['HealthCommand=["/bin/a","b c","\\"\\\\"]', { kind: 'command', argv: ['/bin/a', 'b c', '"\\'] }],
] as const)
  data(`tells the check of ${line}`, () => {
    assert.equal(dataOf(line, ...times).health, { interval: 2, timeout: 5, ...expected });
  });

data.run();

const here = suite('runsHere');

for (const [roles, host, expected] of [
  ['', [], true],
  ['', ['web'], true],
  ['web', ['web'], true],
  ['web db', ['db'], true],
  ['web', [], false],
  ['web db', ['mail', 'we'], false],
] as const)
  here(`${roles || 'no role'} on a host with ${host.join(', ') || 'none'}: ${expected}`, () => {
    assert.is(runsHere(dataOf(`Roles=${roles}`), host), expected);
  });

here.run();
