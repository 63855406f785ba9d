import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseCommand } from '../../lib/command.js';
import './arbitraries.js';

const words = (line: string): string[] | null => {
  const command = parseCommand(line);
  return 'problem' in command ? null : command.words.map(word => word.text);
};

const parse = suite('parseCommand');

for (const [line, expected] of [
  ['node server.js', ['node', 'server.js']],
  ['  a\t b  ', ['a', 'b']],
  [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
  [`a b' 'c"d"e`, ['a', 'b cde']],
  [`a '' ""`, ['a', '', '']],
  ['a \\  b', ['a', ' ', 'b']],
  [`a "\\"\\\\\\x" 'x\\'`, ['a', '"\\\\x', 'x\\']],
  [`sh -c 'a | b; c > d && $(e)'`, ['sh', '-c', 'a | b; c > d && $(e)']],
  ['a b#c', ['a', 'b#c']],
  ['a "| ; &"', ['a', '| ; &']],
  ['a % $5 ${PORT} \'$HOME\' "~"', ['a', '%', '$5', '${PORT}', '$HOME', '~']],
] as const)
  parse(`splits ${line}`, () => {
    assert.equal(words(line), [...expected]);
  });

for (const line of [
  'a | b',
  'a; b',
  'a && b',
  'a & ',
  'a > b',
  'a 2>&1',
  'a < b',
  'a $(b)',
  'a "$(b)"',
  'a "\\\\$(b)"',
  'a `b`',
  'a "`b`"',
  '(a)',
  'a # b',
])
  parse(`refuses ${line}, which needs a shell`, () => {
    const refused = parseCommand(line) as { problem: string; hint: string };
    assert.match(refused.problem, 'not run by a shell');
    assert.match(refused.hint, "sh -c '...'");
  });

for (const [line, problem] of [
  ['node x --port $PORT', 'needs braces'],
  ['node ~/app.js', 'expand ~'],
  ['~/bin/app', 'expand ~'],
  ['FOO=bar node x', 'begins with its program'],
] as const)
  parse(`refuses ${line}, which only a shell would understand`, () => {
    assert.match((parseCommand(line) as { problem: string }).problem, problem);
  });

for (const [line, problem] of [
  ["a 'b", /single quote that is not closed/],
  ['a "b', /double quote that is not closed/],
  ['a "b\\"', /double quote that is not closed/],
  ['a \\', /backslash at the end/],
  ['', /without a word/],
  ['  ', /without a word/],
] as const)
  parse(`refuses ${JSON.stringify(line)}`, () => {
    assert.match((parseCommand(line) as { problem: string }).problem, problem);
  });

parse('knows what is literal', () => {
  const command = parseCommand(`\${A}'\${B}'"\${C}"\\\${D}`);
  assert.ok('words' in command);
  const parts = command.words.flatMap(word => word.parts).filter(part => part.text !== '');
  assert.equal(
    parts.map(part => [part.text, part.expand]),
    [
      ['${A}', true],
      ['${B}', false],
      ['${C}', true],
      ['$', false],
      ['{D}', true],
    ],
  );
});

/** What sh makes of a line, without its expansions of file names. */
function splitBySh(line: string): string[] {
  const { stdout, stderr } = spawnSync(
    '/bin/sh',
    ['-c', `set -f; for word in ${line}\ndo printf '%s\\0' "$word"; done`],
    {
      encoding: 'utf8',
    },
  );
  assert.is(stderr, '', line);
  return stdout.split('\0').slice(0, -1);
}

parse('takes nothing that sh would split otherwise', () => {
  const pieces = [
    'a',
    'b',
    ' ',
    ' ',
    '"',
    '"',
    "'",
    "'",
    '\\',
    '$(',
    ')',
    '`',
    '#',
    '%',
    '=',
    '|',
    ';',
    '&',
    '<',
    '>',
    'é',
  ];
  const line = fc.array(fc.constantFrom(...pieces), { maxLength: 10 }).map(list => `a ${list.join('')}`);
  fc.assert(
    fc.property(line, text => {
      const mine = words(text);
      if (mine) assert.equal(mine, splitBySh(text), text);
    }),
    { numRuns: 600 },
  );
});

parse.run();
