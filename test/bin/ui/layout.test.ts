import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newest } from '../../../bin/ui/layout.js';
import type { Entry } from '../../../bin/ui/view.js';

const line = (text: string): Entry => ({ kind: 'line', sign: '', text, aside: '', tone: 'plain' });
const lines = ['a', 'b', 'c', 'd', 'e'].map(line);
const texts = (entries: readonly Entry[]) => entries.map(entry => entry.text).join('');

const window = suite('newest');

for (const [rows, expected] of [
  [9, 'abcde'],
  [5, 'abcde'],
  [4, 'cde'],
  [2, 'e'],
  [1, ''],
  [0, ''],
  [-3, ''],
] as const)
  window(`of five lines in ${rows} rows: "${expected}"`, () => {
    assert.is(texts(newest(lines, 80, rows)), expected);
  });

for (const [what, text, rows] of [
  ['a line that wraps', 'word '.repeat(20).trim(), 4],
  ['wide characters', '服'.repeat(40), 4],
  ['a word longer than a row', 'x'.repeat(100), 4],
] as const)
  window(`counts the rows of ${what}`, () => {
    const entries = [line('a'), line(text), line('b')];
    assert.is(newest(entries, 80, rows + 2).length, 3);
    assert.is(newest(entries, 80, rows + 1).length, 1);
  });

window.run();
