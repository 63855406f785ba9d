import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canonicalJson, type Json } from '../../lib/json.js';
import './arbitraries.js';

const json = suite('canonicalJson');

for (const [what, value, text] of [
  ['literals', [null, true, false], '[null,true,false]'],
  ['whole numbers', [0, -0, 1, -1, 9007199254740991], '[0,0,1,-1,9007199254740991]'],
  ['what must be escaped', '\u20ac$\u000f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
  ['the short escapes', '\b\t\n\f\r', '"\\b\\t\\n\\f\\r"'],
  ['no white space', { a: [1, { b: 2 }] }, '{"a":[1,{"b":2}]}'],
  ['numbers as keys like any other', { 10: 1, 9: 2, 1: 3 }, '{"1":3,"10":1,"9":2}'],
  ['nothing for what is undefined', { a: undefined, b: 1 }, '{"b":1}'],
] as const)
  json(`writes ${what}`, () => {
    assert.is(canonicalJson(value as Json), text);
  });

// The example of RFC 8785, section 3.2.3.
json('sorts keys by UTF-16 code units', () => {
  const keys = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
  const text = canonicalJson(Object.fromEntries(keys.map(key => [key, 0])));
  assert.equal(
    [...text.matchAll(/("(?:[^"\\]|\\.)*"):/g)].map(match => JSON.parse(match[1] as string)),
    ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'],
  );
});

for (const number of [1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])
  json(`refuses ${number}, which a reader could round`, () => {
    assert.throws(() => canonicalJson({ a: [number] }), /not a safe integer/);
  });

json('gives back what it was given', () => {
  const value = fc.jsonValue({ noUnicodeString: false }).filter(wholeOnly);
  fc.assert(
    fc.property(value, given => {
      const text = canonicalJson(given as Json);
      assert.equal(JSON.parse(text), JSON.parse(JSON.stringify(given)));
      assert.is(canonicalJson(JSON.parse(text)), text);
    }),
  );
});

function wholeOnly(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(wholeOnly);
}

json.run();
