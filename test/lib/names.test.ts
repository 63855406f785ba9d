import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { envName, envNameProblem, orgNameProblem, parseStoreName, storeName } from '../../lib/names.js';
import { nearest } from '../../lib/nearest.js';

const names = suite('names');

for (const [name, org, env] of [
  ['acme', true, true],
  ['a1', true, true],
  ['a-b', true, false],
  ['a'.repeat(32), true, true],
  ['a'.repeat(33), false, false],
  ['', false, false],
  ['1a', false, false],
  ['-a', false, false],
  ['A', false, false],
  ['a/b', false, false],
  ['..', false, false],
  ['a\n', false, false],
  ['é', false, false],
] as const)
  names(`${JSON.stringify(name)} is ${org ? '' : 'no '}organization and ${env ? '' : 'no '}environment`, () => {
    assert.is(orgNameProblem(name) === null, org);
    assert.is(envNameProblem(name) === null, env);
  });

names('of environments may have an @, and production is prod', () => {
  assert.equal(['@dev', 'dev', '@production', 'production', 'prod'].map(envName), [
    'dev',
    'dev',
    'prod',
    'prod',
    'prod',
  ]);
});

names.run();

const store = suite('parseStoreName');
const digest = '0123456789abcdef0123456789abcdef01234567';

for (const [org, env] of [
  ['acme', 'prod'],
  ['a-b-c', 'qa'],
  ['a-', 'b'],
] as const)
  store(`gives back ${org} and ${env}`, () => {
    assert.equal(parseStoreName(storeName(digest, org, env)), { address: digest, org, env });
  });

for (const name of [
  `${digest}-acme`,
  `${digest.slice(1)}-a-b`,
  `${digest}.drv`,
  `${digest}-a-b/..`,
  `${digest}-A-b`,
  `x${digest}-a-b`,
])
  store(`takes ${name} for something else`, () => {
    assert.is(parseStoreName(name), null);
  });

store.run();

const near = suite('nearest');

for (const [word, expected] of [
  ['memory_mx', 'memory_max'],
  ['memroy_max', 'memory_max'],
  ['nofil', 'nofile'],
  ['mail', undefined],
  ['memory_max', undefined],
  ['', undefined],
] as const)
  near(`of ${JSON.stringify(word)} is ${expected}`, () => {
    assert.is(nearest(word, ['memory_max', 'nofile', 'nproc']), expected);
  });

near.run();
