import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatToml, formatValue } from '../../../lib/toml/format.js';
import { parseToml } from '../../../lib/toml/parse.js';
import { positions } from '../../../lib/toml/positions.js';
import { isTable } from '../../../lib/toml/values.js';
import type { Path, Position, Value } from '../../../lib/types.js';
import { document } from '../arbitraries.js';

function textBetween(text: string, start: Position, end: Position): string {
  const at = textAt(text, start);
  return at.slice(0, at.length - textAt(text, end).length);
}

function textAt(text: string, { line, column }: Position): string {
  const lines = text.split('\n');
  return [lines[line - 1]!.slice(column - 1), ...lines.slice(line)].join('\n');
}

function* leavesOf(value: Value, path: Path = []): Generator<[Path, Value]> {
  if (isTable(value)) for (const [name, item] of Object.entries(value)) yield* leavesOf(item, [...path, name]);
  else if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* leavesOf(item, [...path, i]);
  else yield [path, value];
}

const find = suite('positions');

find('agrees with the parser that reads the values, for every one of them', () => {
  fc.assert(
    fc.property(document, table => {
      const text = formatToml(table);
      const at = positions(text);
      for (const [path, value] of leavesOf(table)) {
        const place = at(path);
        assert.ok(place, path.join('/'));
        assert.is(textBetween(text, place.value, place.valueEnd), formatValue(value));
      }
    }),
    { numRuns: 200 },
  );
});

const sample = `a.b = 1 # one
"c d" = [ 2,
  { e = 'three' } ]
[t]
x = """
four"""
[[l]]
y = 5
[[l]]
  y = 6
[l.sub]
z = 7
`;

for (const [path, keyText, valueText] of [
  [['a', 'b'], 'b = 1', '1 #'],
  [['c d', 0], '2,', '2,'],
  [['c d', 1, 'e'], "e = 'three'", "'three'"],
  [['t'], 't]', 't]'],
  [['t', 'x'], 'x = """', '"""\nfour'],
  [['l', 0, 'y'], 'y = 5', '5'],
  [['l', 1, 'y'], 'y = 6', '6'],
  [['l', 1, 'sub', 'z'], 'z = 7', '7'],
] as const)
  find(`points at the key and the value of ${path.join('/')}`, () => {
    const place = positions(sample)(path)!;
    assert.ok(textAt(sample, place.key).startsWith(keyText));
    assert.ok(textAt(sample, place.value).startsWith(valueText));
  });

find('points at the nearest table around what is not there', () => {
  assert.equal(positions(sample)(['t', 'none', 'deeper'])?.value, positions(sample)(['t'])?.value);
  assert.is(positions(sample)(['none']), undefined);
});

find('does not confuse an index with a key that looks like one', () => {
  const text = '"a[0]" = 1\na = [2]\nb.0 = 3\n';
  for (const [path, value] of [
    [['a[0]'], '1'],
    [['a', 0], '2'],
    [['b', '0'], '3'],
  ] as const)
    assert.ok(textAt(text, positions(text)(path)!.value).startsWith(value));
});

find('reads whatever the parser of the values reads', () => {
  for (const text of ['a = {\n b = 1, # x\n}', 'a = "\\e\\x41"', 'a = 07:32', '\uFEFFa = 1', 'a = 1\r\nb = 2\r\n']) {
    assert.is(parseToml(text).problems, undefined);
    assert.equal(positions(text)(['a'])?.key, { line: 1, column: 1 });
  }
});

find.run();
