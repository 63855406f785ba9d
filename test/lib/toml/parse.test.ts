import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseToml } from '../../../lib/toml/parse.js';
import { DateTime, Float } from '../../../lib/toml/values.js';

const problemsIn = (text: string) => parseToml(text).problems ?? [];

const parse = suite('parseToml');

for (const [text, expected] of [
  ['9007199254740991', 9007199254740991],
  ['9007199254740992', 9007199254740992n],
  ['9007199254740993', 9007199254740993n],
  ['9223372036854775807', 2n ** 63n - 1n],
  ['-9223372036854775808', -(2n ** 63n)],
  ['0xff', 255],
  ['1_000', 1000],
  ['1.0', new Float('1.0')],
  ['-0.0', new Float('-0.0')],
  ['1e3', new Float('1000.0')],
  ['-inf', new Float('-inf')],
  ['2024-02-29', new DateTime('2024-02-29')],
  ['07:32:00', new DateTime('07:32:00.000')],
  ['1979-05-27 07:32:00.5-07:00', new DateTime('1979-05-27T07:32:00.500-07:00')],
] as const)
  parse(`holds ${text} exactly`, () => {
    assert.equal(parseToml(`a = ${text}`).problems, undefined);
    const { a } = (parseToml(`a = ${text}`) as { table: Record<string, unknown> }).table;
    assert.is(Object.getPrototypeOf(a), Object.getPrototypeOf(expected));
    assert.equal(a, expected);
  });

for (const [text, message] of [
  ['9223372036854775808', /more than 64 bits/],
  ['-9223372036854775809', /more than 64 bits/],
  ['[1, [99999999999999999999]]', /more than 64 bits/],
  ['07:32:00.0001', /finer than a millisecond/],
  ['1979-05-27T00:32:00.999999Z', /finer than a millisecond/],
  ['{ at = 1979-05-27T00:32:00.1234 }', /finer than a millisecond/],
  ['1e400', /too large/],
  ['[inf, -1e999]', /too large/],
  ['2023-02-29', /not in the calendar/],
  ['2023-02-31', /not in the calendar/],
  ['2024-04-31T00:00:00Z', /not in the calendar/],
] as const)
  parse(`refuses ${text}, which it could not keep`, () => {
    const [problem] = problemsIn(`a = ${text}`);
    assert.match(problem!.message, message);
    // What the library bent is found in the text, the others in the values.
    assert.ok(problem!.at?.line === 1 || problem!.path?.[0] === 'a');
  });

parse('takes names that look like days for names, and inf for what it is', () => {
  assert.equal(
    problemsIn('a = 2024-02-29\nb = [inf, -inf, +inf]\n[r.2024-02-30]\n2023-02-31 = "2023-02-31" # 2023-02-31'),
    [],
  );
});

parse('takes trailing zeros for what they are', () => {
  assert.equal(problemsIn('a = 07:32:00.120000'), []);
});

parse('tells the place of a day that is not in the calendar', () => {
  assert.equal(problemsIn('x = 1\na = 2023-02-30')[0]!.at, { line: 2, column: 5 });
});

const secret = 'hunter2';
for (const [text, at] of [
  [`a = "${secret}`, 1],
  [`x = 1\na = ${secret}`, 2],
  [`password = "${secret}" "${secret}"`, 1],
  [`x = 1\r\n\r\npassword = "${secret}\\q"`, 3],
  [`password = "${secret}"\npassword = "${secret}"`, 2],
  [`a = ["${secret}"`, 1],
  [`a = { b = "${secret}"`, 1],
  [`[a\npassword = "${secret}"`, 1],
  [`a = """${secret}`, 1],
] as const)
  parse(`tells the place of ${JSON.stringify(text.replaceAll(secret, '...'))} and quotes nothing of it`, () => {
    const [problem, ...others] = problemsIn(text);
    assert.equal(others, []);
    assert.match(problem!.message, /^not valid TOML: ./);
    assert.is(problem!.at!.line, at);
    assert.ok(problem!.at!.column >= 1);
    assert.not.match(JSON.stringify(problem), secret);
    assert.not.match(problem!.message, '\n');
  });

parse('makes tables that inherit nothing', () => {
  const { table } = parseToml('__proto__ = 1\n[a.__proto__]\nx = 1') as { table: Record<string, unknown> };
  assert.equal(Object.keys(table), ['__proto__', 'a']);
  assert.is(Object.getPrototypeOf(table), null);
  assert.is(({} as Record<string, unknown>).x, undefined);
});

parse('is not overrun by depth', () => {
  assert.match(problemsIn(`a = ${'['.repeat(5000)}${']'.repeat(5000)}`)[0]!.message, /^not valid TOML/);
});

parse.run();
