import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { clean, duration, planLines, succeeded, verdictText } from '../../../bin/ui/words.js';
import type { HostOutcome, HostPlan } from '../../../lib/host/activation.js';

const time = suite('duration');

for (const [ms, expected] of [
  [0, '0.0s'],
  [99, '0.0s'],
  [100, '0.1s'],
  [59_999, '59.9s'],
  [60_000, '1m00s'],
  [125_400, '2m05s'],
  [3_600_000, '60m00s'],
] as const)
  time(`of ${ms} ms is ${expected}`, () => {
    assert.is(duration(ms), expected);
  });

time.run();

const safe = suite('clean');

safe('leaves one printable line', () => {
  assert.is(clean('\tat x\n\x1b[1m \x9b \u202e'), '  at x\\u{a}\\u{1b}[1m \\u{9b} \\u{202e}');
  assert.is(clean('grüße 服务  '), 'grüße 服务');
});

safe.run();

const plan = suite('planLines');

const empty: HostPlan = {
  org: 'acme',
  env: 'prod',
  from: null,
  to: 'x',
  units: [],
  files: [],
  firewall: { change: 'none', closes: [] },
};

plan('says where nothing changes', () => {
  assert.equal(
    planLines(empty).map(({ sign, text }) => `${sign} ${text}`),
    ['. nothing changes'],
  );
});

plan('tells what the firewall closes and loses', () => {
  const lines = planLines({ ...empty, firewall: { change: 'remove', closes: ['tcp 80 (\x1b)'] } });
  assert.equal(
    lines.map(({ sign, text }) => `${sign} ${text}`),
    ['- remove firewall', '! closes tcp 80 (\\u{1b})'],
  );
});

plan('names services without their suffix, other units with it', () => {
  const units = ['a-b-c.service', 'a-b-c.timer'].map(unit => ({ unit, verb: 'start' as const, because: ['new', 'x'] }));
  assert.equal(
    planLines({ ...empty, units }).map(({ text, aside }) => [text, aside]),
    [
      ['start a-b-c', 'new, x'],
      ['start a-b-c.timer', 'new, x'],
    ],
  );
});

plan.run();

const texts: Readonly<Record<HostOutcome, readonly [first: string, later: string]>> = {
  confirmed: ['nothing is active', 'generation 3 is active'],
  unchanged: ['nothing was active', 'generation 3 was active already'],
  planned: ['nothing was touched', 'generation 3 stays active'],
  refused: ['nothing was touched', 'generation 3 stays active'],
  reverted: ['nothing is active, as before', 'generation 3 is active again'],
  'revert-failed': ['the way back failed as well', 'the way back failed as well'],
  shipped: ['nothing was touched', 'generation 3 stays active'],
  unreachable: ['what it runs is not known', 'what it runs is not known'],
};

const success = suite('succeeded');

success('where a host did what was asked, or had nothing to do', () => {
  const outcomes = Object.keys(texts) as HostOutcome[];
  assert.equal(outcomes.filter(succeeded), ['confirmed', 'unchanged', 'planned', 'shipped']);
});

success.run();

const verdict = suite('verdictText');

for (const [outcome, expected] of Object.entries(texts) as [HostOutcome, (typeof texts)[HostOutcome]][])
  verdict(`of ${outcome} says what is active`, () => {
    const made = [null, 3].map(generation => verdictText({ outcome, generation, bundle: null, held: [] }));
    assert.equal(made, expected);
  });

verdict.run();
