/** Arbitrary TOML values, with what is easily got wrong in front. */

import fc from 'fast-check';
import { DateTime, Float, newTable } from '../../lib/toml/values.js';
import type { Table, Value } from '../../lib/types.js';

// The same values in every run; another seed tries others.
fc.configureGlobal({ seed: Number(process.env.TETRA_TEST_SEED ?? 1) });

const odd = [
  '',
  '"',
  "'",
  '\\',
  'a"b\\c',
  'a\nb',
  '\r\n',
  '\t',
  '\u0000',
  '\u007f',
  '\u2028',
  '\u202e',
  '#',
  '🦊',
  'é',
];

// fast-check's 'grapheme' makes whole characters only: TOML has no lone surrogates.
export const text = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...odd) },
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
);

export const key = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '0', '-1', '1.5', 'a.b', '[x]', 'a[0]'),
  },
  { weight: 1, arbitrary: text },
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z0-9_-]{1,6}$/) },
);

const edges = [0, -0, 1, -1, 2 ** 53 - 1, -(2 ** 53) + 1];
const whole = fc.oneof(
  fc.constantFrom(...edges.map(edge => edge + 0)),
  fc.maxSafeInteger().map(number => number + 0),
);
const large = fc
  .oneof(
    fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  )
  .map(number => (Number.isSafeInteger(Number(number)) ? Number(number) : number));
const float = fc
  .oneof(fc.constantFrom(0, -0, 1, 1e21, -1e21, 1e-7, 5e-324, Number.MAX_VALUE), fc.double())
  .map(Float.of);

const two = (max: number, min = 0) => fc.integer({ min, max }).map(number => String(number).padStart(2, '0'));
const date = fc.tuple(fc.integer({ min: 1000, max: 9999 }), two(12, 1), two(28, 1)).map(parts => parts.join('-'));
const time = fc
  .tuple(two(23), two(59), two(59), fc.integer({ min: 0, max: 999 }))
  .map(([h, m, s, ms]) => `${h}:${m}:${s}.${String(ms).padStart(3, '0')}`);
const offset = fc.oneof(
  fc.constant('Z'),
  fc.tuple(fc.constantFrom('+', '-'), two(13, 1), two(59)).map(([sign, h, m]) => `${sign}${h}:${m}`),
);
const dateTime = fc
  .oneof(
    date,
    time,
    fc.tuple(date, time).map(parts => parts.join('T')),
    fc.tuple(date, time, offset).map(([d, t, o]) => `${d}T${t}${o}`),
  )
  .map(written => new DateTime(written));

const scalar: fc.Arbitrary<Value> = fc.oneof(text, fc.boolean(), whole, large, float, dateTime);

const tableOf = (values: fc.Arbitrary<Value>): fc.Arbitrary<Table> =>
  fc.array(fc.tuple(key, values), { maxLength: 5 }).map(entries => {
    const table = newTable();
    for (const [name, value] of entries) table[name] = value;
    return table;
  });

const { nested } = fc.letrec<{ nested: Value }>(tie => ({
  nested: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 4, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie('nested'), { maxLength: 4 }) },
    { weight: 2, arbitrary: tableOf(tie('nested')) },
    { weight: 1, arbitrary: fc.array(tableOf(tie('nested')), { maxLength: 3 }) },
  ),
}));

export const document: fc.Arbitrary<Table> = tableOf(nested);

/** The same value, its tables filled in another order. */
export function reversed(value: Value): Value {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value instanceof Float || value instanceof DateTime) return value;
  const table = newTable();
  for (const [name, item] of Object.entries(value).reverse()) table[name] = reversed(item);
  return table;
}
