import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyOrder } from '../../../lib/schema/keys.js';
import { formatToml, formatValue, tomlLines } from '../../../lib/toml/format.js';
import { parseToml } from '../../../lib/toml/parse.js';
import { Float, sameValue } from '../../../lib/toml/values.js';
import type { Table } from '../../../lib/types.js';
import { document, reversed } from '../arbitraries.js';

function parsed(text: string): Table {
  const result = parseToml(text);
  if (result.problems) throw new Error(result.problems.map(problem => problem.message).join('\n'));
  return result.table;
}

const canonical = (text: string) => formatToml(parsed(text));

const format = suite('formatToml');

format('gives back every value that it is given', () => {
  fc.assert(
    fc.property(document, table => sameValue(parsed(formatToml(table)), table)),
    { numRuns: 400 },
  );
});

format('writes one text for one value, in whatever order it was filled', () => {
  fc.assert(
    fc.property(document, table => formatToml(table) === formatToml(reversed(table) as Table)),
    { numRuns: 200 },
  );
});

format('is its own fixed point', () => {
  fc.assert(
    fc.property(document, table => canonical(formatToml(table)) === formatToml(table)),
    { numRuns: 200 },
  );
});

for (const [what, text] of [
  ['comments', '# why\na = 1 # because\n[t] # t\nb = "x"\n'],
  ['CRLF', 'a = 1\r\n[t]\r\nb = "x"\r\n'],
  ['a byte order mark', '\uFEFFa = 1\n[t]\nb = "x"\n'],
  ['white space', '  a=1\n\n\n [ t ]\n\tb  =  "x"'],
  ['key order', 't.b = "x"\na = 1'],
  ['inline tables', 't = { b = "x" }\na = 1'],
  ['quoted keys', '"a" = 1\n["t"]\n\'b\' = "x"'],
  ['the kind of quotes', "a = 1\n[t]\nb = 'x'"],
  ['how a number is written', 'a = 0x01\n[t]\nb = "x"'],
] as const)
  format(`does not depend on ${what}`, () => {
    assert.is(canonical(text), 'a = 1\n\n[t]\nb = "x"\n');
  });

format('keeps 1.0 apart from 1', () => {
  assert.is(canonical('a = 1.0\nb = 1'), 'a = 1.0\nb = 1\n');
});

format('writes the sections in the order of the schema, then the others by code units', () => {
  const text = canonical('[Z]\na=1\n[b]\na=1\n[resources]\nx=1\n[environment]\ntype=""\nname=""\n[bundle]\nx=1');
  const ordered = formatToml(parsed(text), keyOrder);
  assert.equal(ordered.match(/^\[.*\]/gm), ['[bundle]', '[environment]', '[resources]', '[Z]', '[b]']);
  assert.ok(ordered.indexOf('name') < ordered.indexOf('type'));
});

format('knows the setting behind each line', () => {
  const lines = tomlLines(parsed('[a.b]\nc = 1\n[[t]]\nx = 1'));
  assert.equal(
    lines.map(({ text, path }) => `${text} <- ${path.join('/')}`),
    ['[a.b] <- a/b', 'c = 1 <- a/b/c', ' <- ', '[[t]] <- t', 'x = 1 <- t/x'],
  );
});

format.run();

const value = suite('formatValue');

for (const [number, text] of [
  [1, '1.0'],
  [-0, '-0.0'],
  [0.1, '0.1'],
  [1e21, '1e+21'],
  [1e-7, '1e-7'],
  [Number.POSITIVE_INFINITY, 'inf'],
  [Number.NEGATIVE_INFINITY, '-inf'],
  [Number.NaN, 'nan'],
] as const)
  value(`writes the float ${text} so that TOML reads it as one`, () => {
    assert.is(formatValue(Float.of(number)), text);
    assert.is(canonical(`a = ${text}`), `a = ${text}\n`);
  });

value('writes nothing into a text that could move a cursor', () => {
  assert.is(formatValue('a\u202eb\u001b[2J\n'), '"a\\u202Eb\\u001B[2J\\n"');
});

value.run();
