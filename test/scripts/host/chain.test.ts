import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sha256 } from '../../../lib/digest.js';
import { exitCodes } from '../../../lib/errors.js';
import { extendChain, readChain } from '../../../scripts/host/chain.js';
import { errorOf } from '../../support/errors.js';
import { Operator } from '../../support/operator.js';

const owner = { org: 'acme', env: 'dev', host: 'web1' };

interface Context {
  ana: Operator;
  /** Of five generations. */
  lines: string[];
  path: string;
}

function chainSuite(name: string) {
  const test = suite<Context>(name);
  test.before(async context => {
    context.ana = new Operator('ana');
    for (let n = 1; n <= 5; n++) await context.ana.promote(n);
    context.lines = await context.ana.lines();
  });
  test.after(({ ana }) => ana.remove());
  test.before.each(context => {
    context.path = join(mkdtempSync(join(tmpdir(), 'tetra-chain-')), 'acme-dev/chain');
  });
  test.after.each(({ path }) => rmSync(join(path, '../..'), { recursive: true }));
  return test;
}

const extend = chainSuite('extendChain');

extend('keeps the records as they stand in the log', async ({ path, lines }) => {
  const head = await extendChain(path, lines.slice(0, 2), owner);
  assert.equal([head.record.seq, head.digest], [2, sha256(lines[1] as string)]);
  await extendChain(path, lines.slice(2), owner);
  assert.is(readFileSync(path, 'utf8'), lines.join(''));
});

for (const [from, what] of [
  [0, 'the whole log'],
  [1, 'a part that overlaps'],
  [2, 'the newest line that is known, and more'],
  [3, 'what is new alone'],
] as const)
  extend(`takes ${what}`, async ({ path, lines }) => {
    await extendChain(path, lines.slice(0, 3), owner);
    assert.is((await extendChain(path, lines.slice(from), owner)).record.seq, 5);
    assert.is(readFileSync(path, 'utf8'), lines.join(''));
  });

extend('writes nothing where nothing is new', async ({ path, lines }) => {
  await extendChain(path, lines, owner);
  assert.is((await extendChain(path, lines.slice(4), owner)).record.seq, 5);
  assert.is(readFileSync(path, 'utf8'), lines.join(''));
});

extend('refuses an operator who forked, in words for him', async ({ path, lines, ana }) => {
  const [eva, ben] = [ana.clone('eva'), ana.clone('ben')];
  await eva.promote(6);
  await ben.promote(7);
  await ben.promote(8);
  await extendChain(path, await eva.lines(), owner);
  for (const from of [1, 5, 6, 7]) {
    const error = await errorOf(extendChain(path, await ben.lines(from), owner));
    assert.is(error.message, "web1 is on generation 6 by eva@laptop, which you don't have");
    assert.is(error.hint, 'take over history/dev from whoever promoted it, then run the command again');
    assert.is(exitCodes[error.code], 75);
  }
  assert.is((await readChain(path)).head?.record.seq, lines.length + 1);
  eva.remove();
  ben.remove();
});

extend('refuses an operator who is behind, with the same words', async ({ path, lines }) => {
  await extendChain(path, lines, owner);
  for (const known of [1, 4]) {
    const error = await errorOf(extendChain(path, lines.slice(0, known), owner));
    assert.is(error.message, "web1 is on generation 5 by ana@laptop, which you don't have");
  }
});

extend('refuses a log that begins later than the chain ends', async ({ path, lines }) => {
  await extendChain(path, lines.slice(0, 2), owner);
  const error = await errorOf(extendChain(path, lines.slice(3), owner));
  assert.equal([error.code, error.hint], ['moved', 'run the command again']);
});

const damages: readonly (readonly [string, (lines: string[]) => string[], RegExp])[] = [
  ['no lines', () => [], /there are no lines/],
  [
    'a flipped character',
    lines => lines.map((line, i) => (i === 1 ? line.replace('ana@', 'bob@') : line)),
    /^line 2 is not what/,
  ],
  ['a missing line', lines => lines.filter((_, i) => i !== 2), /^line 3 does not follow/],
  ['a line twice', lines => [...lines.slice(0, 2), ...lines.slice(1)], /^line 3 does not follow/],
  ['lines out of order', lines => [...lines].reverse(), /^line 2 does not follow/],
  ['a line without its end', lines => [...lines.slice(0, 4), lines[4]?.trimEnd() as string], /^line 5 is not what/],
  ['an empty line', lines => [...lines, '\n'], /^line 6 is not what/],
];

for (const [what, damage, problem] of damages)
  extend(`refuses ${what}, and changes nothing`, async ({ path, lines }) => {
    await extendChain(path, lines.slice(0, 1), owner);
    const error = await errorOf(extendChain(path, damage(lines), owner));
    assert.is(error.code, 'invalid-input');
    assert.match(String(error.facts.problem), problem);
    assert.is(readFileSync(path, 'utf8'), lines[0]);
  });

extend('refuses the log of another environment, and of another organization', async ({ path }) => {
  for (const other of [new Operator('ana', 'staging'), new Operator('ana', 'dev', 'my-acme')]) {
    await other.promote(1);
    const error = await errorOf(extendChain(path, await other.lines(), owner));
    assert.match(String(error.facts.problem), 'line 1 is not of acme dev');
    other.remove();
  }
});

extend('continues a chain whose last line was torn by a power cut', async ({ path, lines }) => {
  await extendChain(path, lines.slice(0, 3), owner);
  for (const torn of [lines[3]?.slice(0, 30) as string, '\0'.repeat(40), 'xxh64:\u00e9'.slice(0, 7)]) {
    appendFileSync(path, torn);
    assert.is((await readChain(path)).head?.record.seq, 3);
  }
  await extendChain(path, lines, owner);
  assert.is(readFileSync(path, 'utf8'), lines.join(''));
});

extend.run();

const read = chainSuite('readChain');

read('is empty where the host was given none', async ({ path }) => {
  const chain = await readChain(path);
  assert.equal([chain.head, chain.at(1)], [null, undefined]);
});

read('finds each record by its number', async ({ path, lines }) => {
  await extendChain(path, lines, owner);
  const chain = await readChain(path);
  for (let seq = 1; seq <= 5; seq++)
    assert.equal([chain.at(seq)?.record.seq, chain.at(seq)?.digest], [seq, sha256(lines[seq - 1] as string)]);
  for (const seq of [-1, 0, 6]) assert.is(chain.at(seq), undefined);
});

read('is whole at whatever byte the writing stopped', async ({ path, lines }) => {
  await extendChain(path, lines, owner);
  const ends = lines.map((_, i) => Buffer.byteLength(lines.slice(0, i + 1).join('')));
  for (let size = ends[4] as number; size >= 0; size--) {
    truncateSync(path, size);
    assert.is((await readChain(path)).head?.record.seq ?? 0, ends.filter(end => end <= size).length);
  }
});

for (const [what, damage] of [
  ['a line in the middle that rotted', (text: string) => text.replace('"seq":2', '"seq":7')],
  ['a newest line that rotted', (text: string) => text.replace('"seq":5', '"seq":7')],
  ['a line that is gone', (text: string) => text.replace(/^.*"seq":2.*\n/m, '')],
] as const)
  read(`tells ${what}`, async ({ path, lines }) => {
    await extendChain(path, lines, owner);
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    const error = await errorOf(extendChain(path, lines, owner));
    assert.is(error.code, 'log-damaged');
    assert.match(error.hint ?? '', `mv ${path} aside`);
  });

read.run();
