import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Progress, progressMode, showsUnicode, whenLoaded } from '../../../bin/ui/progress.js';
import { streams } from './streams.js';

const mode = suite('progressMode');

const size = { columns: 80, rows: 24 };

for (const [what, json, terminal, env, expected] of [
  ['on a terminal', false, size, { TERM: 'xterm-256color' }, 'live'],
  ['in a pipe', false, null, { TERM: 'xterm-256color' }, 'plain'],
  ['on a terminal that knows nothing', false, size, { TERM: 'dumb' }, 'plain'],
  ['on a terminal without a size', false, { columns: 0, rows: 0 }, { TERM: 'xterm' }, 'plain'],
  ['on a small terminal', false, { columns: 30, rows: 8 }, { TERM: 'xterm' }, 'live'],
  ['on a terminal too low', false, { columns: 80, rows: 7 }, { TERM: 'xterm' }, 'plain'],
  ['on a terminal too narrow', false, { columns: 29, rows: 24 }, { TERM: 'xterm' }, 'plain'],
  ['for a screen reader', false, size, { TERM: 'xterm', INK_SCREEN_READER: 'true' }, 'plain'],
  ['in CI', false, size, { TERM: 'xterm', CI: 'true' }, 'plain'],
  ['in CI of another kind', false, size, { TERM: 'xterm', CONTINUOUS_INTEGRATION: '1' }, 'plain'],
  ['where CI is denied', false, size, { TERM: 'xterm', CI: 'false' }, 'live'],
  ['without colours', false, size, { TERM: 'xterm', NO_COLOR: '1' }, 'live'],
  ['beside JSON', true, size, { TERM: 'xterm' }, 'silent'],
  ['beside JSON in a pipe', true, null, {}, 'silent'],
] as const)
  mode(`${what}: ${expected}`, () => {
    assert.is(progressMode(json, terminal, env), expected);
  });

mode.run();

const unicode = suite('showsUnicode');

for (const [env, expected] of [
  [{ TERM: 'xterm', LANG: 'C.UTF-8' }, true],
  [{ TERM: 'xterm', LANG: 'de_DE.utf8' }, true],
  [{ TERM: 'xterm', LANG: 'C.UTF-8', LC_ALL: 'C' }, false],
  [{ TERM: 'xterm', LANG: 'C', LC_CTYPE: 'UTF-8' }, true],
  [{ TERM: 'xterm' }, false],
  [{ TERM: 'linux', LANG: 'C.UTF-8' }, false],
] as const)
  unicode(`${JSON.stringify(env)}: ${expected}`, () => {
    assert.is(showsUnicode(env), expected);
  });

unicode.run();

/** Keeps what it is told. */
function recorder(): Progress & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    event: ({ event, at }) => told.push(`${event} ${at}`),
    close: async () => {
      told.push('closed');
    },
  };
}

const loaded = suite('whenLoaded');
const { events } = streams.good;
const expected = [...events.map(({ event, at }) => `${event} ${at}`), 'closed'];

loaded('loses no event that comes while it loads', async () => {
  const record = recorder();
  const progress = whenLoaded(sleep(20, record), recorder);
  for (const event of events.slice(0, 5)) progress.event(event);
  await sleep(30);
  for (const event of events.slice(5)) progress.event(event);
  await progress.close();
  assert.equal(record.told, expected);
});

loaded('tells another where it cannot be loaded', async () => {
  const record = recorder();
  const progress = whenLoaded(Promise.reject(new Error('not there')), () => record);
  for (const event of events) progress.event(event);
  await progress.close();
  assert.equal(record.told, expected);
});

loaded.run();
