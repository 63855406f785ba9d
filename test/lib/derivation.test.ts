import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { derivationFile, parseDerivation } from '../../lib/derivation.js';
import { minimal, promotion } from '../support/sources.js';

const rich = `${minimal}[app]\nx = 1.0\nat = 1979-05-27\nbig = 9223372036854775807\n[env.prod.app]\ny = 'a "b"'\n`;
const made = promotion(rich);

const derivation = suite('derivation');

derivation('makes the same bundle again', () => {
  const read = parseDerivation(derivationFile(made.derivation).content)!;
  assert.equal(read, made.derivation);
  const again = promotion(read.source, read.env, read.org);
  assert.is(again.bundle.name, made.bundle.name);
  assert.is(derivationFile(again.derivation).name, derivationFile(made.derivation).name);
});

derivation('does not move under comments and layout, and moves with every value', () => {
  const name = (text: string) => derivationFile(promotion(text).derivation).name;
  assert.is(name(`# x\n${rich.replaceAll('\n', '\r\n')}`), name(rich));
  assert.is.not(name(rich.replace('1.0', '1')), name(rich));
  assert.is.not(name(`${rich}[env.dev.app]\nz = 1\n`), name(rich));
});

derivation('is not read from anything else', () => {
  for (const text of ['', '{}', 'null', '[]', '{"format":"1"}', '{"format":1,"org":"a","env":"b","source":""}'])
    assert.is(parseDerivation(text), null, text);
});

derivation.run();
