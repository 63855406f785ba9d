import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { expandAll, expandSome, variablesOf } from '../../lib/variables.js';

const lookup = (name: string) => ({ A: 'one', B: '${A}', C: '$&' })[name];

const rows = [
  // text, the names in it, some expanded, all expanded
  ['plain $A {A} $', [], 'plain $A {A} $', 'plain $A {A} $'],
  ['${A}-${A}', ['A', 'A'], 'one-one', 'one-one'],
  ['${X}${A}', ['X', 'A'], '${X}one', '${X}one'],
  ['$${A}', [], '$${A}', '${A}'],
  ['$$${A}', [], '$$${A}', '$${A}'],
  ['${}', [''], '${}', '${}'],
  ['${A', [], '${A', '${A'],
  ['${B}', ['B'], '${A}', '${A}'],
  ['${C}', ['C'], '$&', '$&'],
] as const;

const names = suite('variablesOf');
const some = suite('expandSome');
const all = suite('expandAll');

for (const [text, expected, someExpanded, allExpanded] of rows) {
  names(`finds ${JSON.stringify(expected)} in ${text}`, () => {
    assert.equal(variablesOf(text), [...expected]);
  });
  some(`makes ${someExpanded} of ${text}, and leaves escapes for a later turn`, () => {
    assert.is(expandSome(text, lookup), someExpanded);
  });
  all(`makes ${allExpanded} of ${text}`, () => {
    assert.is(expandAll(text, lookup), allExpanded);
  });
}

names.run();
some.run();
all.run();
