import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { byCodeUnits, dotted, hasControls, printable, quoted } from '../../lib/text.js';
import type { Path } from '../../lib/types.js';
import { key, text } from './arbitraries.js';

const dots = suite('dotted');

for (const [path, expected] of [
  [['services', 'tetra', 'command'], 'services.tetra.command'],
  [['app', 'a b', ''], 'app."a b".""'],
  [['env', 'prod', 'accept', 0, 'rule'], 'env.prod.accept[0].rule'],
  [['a', '0'], 'a.0'],
  [['a.b'], '"a.b"'],
] as const)
  dots(`writes ${expected}`, () => {
    assert.is(dotted(path), expected);
  });

dots('never writes two paths alike', () => {
  const part = fc.oneof(key, fc.nat(3));
  const path = fc.tuple(key, fc.array(part, { maxLength: 3 })).map(([first, rest]): Path => [first, ...rest]);
  fc.assert(
    fc.property(path, path, (a, b) => {
      assert.is(dotted(a) === dotted(b), JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

dots.run();

const safe = suite('text for terminals');

const risky = [
  '\u0000',
  '\u001b',
  '\u007f',
  '\u009b',
  '\u00ad',
  '\u061c',
  '\u200b',
  '\u2028',
  '\u202e',
  '\u2066',
  '\ufeff',
  '\ufdd0',
  '\uffff',
  '\u{1fffe}',
];

for (const char of risky)
  safe(`escapes U+${char.codePointAt(0)!.toString(16)}`, () => {
    assert.ok(hasControls(`a${char}b`));
    assert.not.match(printable(`a${char}b`), char);
    assert.not.match(quoted(`a${char}b`), char);
  });

for (const fine of ['a b', 'Größe', '日本語', '🦊', '"\'\\%$`'])
  safe(`leaves ${fine} alone`, () => {
    assert.not.ok(hasControls(fine));
    assert.is(printable(fine), fine);
  });

safe.run();

const order = suite('byCodeUnits');

order('sorts as sort() does, whatever the language', () => {
  fc.assert(
    fc.property(fc.array(text), texts => {
      assert.equal([...texts].sort(byCodeUnits), [...texts].sort());
    }),
  );
  assert.equal(['ä', 'z', 'Z', 'a'].sort(byCodeUnits), ['Z', 'a', 'z', 'ä']);
});

order.run();
