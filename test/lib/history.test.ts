import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bringsBack,
  confirmedBefore,
  isLogRecord,
  type LogRecord,
  logFormat,
  wantedBefore,
} from '../../lib/history.js';
import type { Json } from '../../lib/json.js';
import './arbitraries.js';

function record(generation: number, bundle: string, of?: number): LogRecord {
  const action = of === undefined ? 'promote' : 'rollback';
  return { format: logFormat, seq: generation, generation, action, bundle, of, deriver: 'd', at: 't', by: 'b' };
}

/** A history from words: `A` promotes the bundle A, `<2` rolls back to generation 2, `<` to what was wanted before. */
class History {
  readonly records: LogRecord[] = [];
  readonly read = (generation: number) => this.records.find(one => one.generation === generation);

  constructor(words = '') {
    for (const word of words.split(' ').filter(Boolean)) this.add(word);
  }

  /** False where there is nothing to go back to. */
  add(word: string): boolean {
    if (!word.startsWith('<')) this.records.push(record(this.records.length + 1, word));
    else {
      const target = word === '<' ? wantedBefore(this.current, this.read) : this.read(Number(word.slice(1)));
      if (!target) return false;
      this.records.push(record(this.records.length + 1, target.bundle, target.generation));
    }
    return true;
  }

  get current(): LogRecord {
    return this.records.at(-1) as LogRecord;
  }
}

const before = suite('wantedBefore');

for (const [what, words, expected] of [
  ['nothing before the first', 'A', undefined],
  ['the one before', 'A B', 'A 1'],
  ['further back at each turn', 'A B C D < <', 'A 1'],
  ['nothing before the first again', 'A B C < <', undefined],
  ['not the bad one that was left', 'A B < C', 'A 3'],
  ['not the bad one, at the next turn either', 'A B < C <', undefined],
  ['not two bad ones', 'A B < C < D', 'A 5'],
  ['what came before two bad ones', 'X A B < C < D <', 'X 1'],
  ['further back from a number that was given', 'A B C D <2', 'A 1'],
  ['what was wanted before the number was given', 'A B C <1 D', 'A 4'],
  ['nothing before the first by number', 'A B C <1', undefined],
  ['one bundle twice as two steps', 'A B A', 'B 2'],
  ['past the same bundle under another number', 'A B <1 <', undefined],
  ['no rollback of its own as another step', 'A B <1 C <', undefined],
  ['a number above a rollback', 'A B C <2 D E <', 'B 4'],
] as const)
  before(`is ${what}: ${words}`, () => {
    const history = new History(words);
    const found = wantedBefore(history.current, history.read);
    assert.is(found && `${found.bundle} ${found.generation}`, expected);
  });

/** Follows rollbacks down to the promote that they stand for. */
function origin(history: History, from: LogRecord): number {
  return from.of === undefined ? from.generation : origin(history, history.read(from.of) as LogRecord);
}

before('goes further back at each turn, until nothing is left', () => {
  const word = fc.oneof(fc.constantFrom('A', 'B', 'C', 'D'), fc.constantFrom('<', '<1', '<2', '<3'));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), words => {
      const history = new History('A');
      for (const step of words) history.add(step);
      for (let last = origin(history, history.current); ; ) {
        const left = history.current.bundle;
        if (!history.add('<')) break;
        assert.is.not(history.current.bundle, left);
        const now = origin(history, history.current);
        assert.ok(now < last, `${now} after ${last}`);
        last = now;
      }
    }),
    { numRuns: 300 },
  );
});

before('is nothing where the record that a rollback names is gone', () => {
  assert.is(
    wantedBefore(record(3, 'A', 1), () => undefined),
    undefined,
  );
});

before.run();

const confirmed = suite('confirmedBefore');

/** `A+` stood on a host, `A-` was taken back there. */
for (const [what, words, expected] of [
  ['the newest that stood', 'A+ B- C D', 'A 1'],
  ['nothing where none stood', 'A- B C', undefined],
  ['not the current one itself', 'A B C+', undefined],
  ['further back after a rollback', 'A+ B+ C+ <2', 'A 1'],
  ['not the same bundle under another number', 'A+ B+ C A', 'B 2'],
  ['a rollback that stood', 'A+ B- <1+ C', 'A 3'],
] as const)
  confirmed(`is ${what}: ${words}`, () => {
    const history = new History();
    const all: LogRecord[] = [];
    for (const word of words.split(' ')) {
      const [, name = '', sign] = /^(.*?)([+-]?)$/.exec(word) as unknown as [string, string, string];
      history.add(name);
      all.push(history.current);
      const outcome = sign === '+' ? 'confirmed' : 'reverted';
      const { generation, bundle } = history.current;
      if (sign) all.push({ ...record(generation, bundle), action: 'verdict', of: generation, host: 'web1', outcome });
    }
    const found = confirmedBefore(history.current, all.reverse(), history.read);
    assert.is(found && `${found.bundle} ${found.generation}`, expected);
  });

confirmed.run();

const shape = suite('isLogRecord');

const good = { format: 1, seq: 1, generation: 1, action: 'promote', bundle: 'x', deriver: 'y', at: 'z', by: 'b' };

shape('takes what it should', () => {
  assert.ok(isLogRecord(good));
  assert.ok(isLogRecord({ ...good, action: 'rollback', of: 1, later: 'unknown' }));
});

for (const wrong of [
  null,
  'text',
  [],
  {},
  { ...good, format: 2 },
  { ...good, seq: '1' },
  { ...good, generation: 1.5 },
  { ...good, action: 'delete' },
  { ...good, bundle: 1 },
  { ...good, by: undefined },
])
  shape(`refuses ${JSON.stringify(wrong)}`, () => {
    assert.not.ok(isLogRecord(wrong as Json));
  });

shape.run();

const back = suite('bringsBack');

back('finds every bundle that a run of rollbacks has left, and no other', () => {
  const record = (generation: number, bundle: string, of?: number): LogRecord => ({
    format: 1,
    seq: generation,
    generation,
    action: of === undefined ? 'promote' : 'rollback',
    of,
    bundle,
    deriver: '',
    at: '',
    by: '',
  });
  const log = [record(1, 'a'), record(2, 'b'), record(3, 'c'), record(4, 'b', 2), record(5, 'a', 1)];
  const read = (generation: number) => log[generation - 1];
  assert.equal(
    ['c', 'b', 'a', 'd'].map(bundle => bringsBack(bundle, log[4]!, read)),
    [true, true, false, false],
  );
  assert.is(bringsBack('b', log[2]!, read), false);
});

back.run();
