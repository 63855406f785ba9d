import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Expectation, expectations, judge, parseShow, type Sample } from '../../../lib/host/health.js';
import type { UnitVerb } from '../../../lib/host/plan.js';

const well: Sample = {
  active: 'active',
  sub: 'running',
  result: 'success',
  mainPid: 10,
  invocation: 'a1',
  restarts: 0,
  hasJob: false,
  answers: [],
};
const ended: Partial<Sample> = { active: 'inactive', sub: 'dead', mainPid: 0, invocation: '' };
const failed: Partial<Sample> = { ...ended, active: 'failed', sub: 'failed', result: 'exit-code' };
const again: Partial<Sample> = { active: 'activating', sub: 'auto-restart', mainPid: 0, result: 'exit-code' };
const starting: Partial<Sample> = { active: 'activating', sub: 'start' };

const show = suite('parseShow');

/** As systemd 252 prints them, whatever the order of the properties that were asked for. */
const output = `MainPID=56
Result=success
NRestarts=2
Id=acme-prod-api.service
ActiveState=active
SubState=running
Job=
InvocationID=fe3a8c4f89f04207b5661e0ff289df92

MainPID=0
Result=success
NRestarts=0
Id=acme-prod-slow.service
ActiveState=activating
SubState=start
Job=793
InvocationID=c5babf29241b41c18dd5df1ae8bae042

Result=success
Id=acme-prod-backup.timer
ActiveState=active
SubState=waiting
Job=
InvocationID=61e6f170d8fa4e01b75cfc10514732b0

Id=acme-prod.target
ActiveState=inactive
SubState=dead
Job=
InvocationID=
`;

show('reads a block for each unit', () => {
  const api = { ...well, mainPid: 56, restarts: 2, invocation: 'fe3a8c4f89f04207b5661e0ff289df92' };
  const slow = { ...well, ...starting, mainPid: 0, hasJob: true, invocation: 'c5babf29241b41c18dd5df1ae8bae042' };
  assert.equal(parseShow(output).get('acme-prod-api.service'), api);
  assert.equal(parseShow(output).get('acme-prod-slow.service'), slow);
  assert.is(parseShow(output).size, 4);
});

show('takes what a unit does not have for none', () => {
  const { mainPid, restarts, result } = parseShow(output).get('acme-prod.target') as Sample;
  assert.equal([mainPid, restarts, result], [0, 0, '']);
});

show('reads nothing of nothing', () => {
  assert.is(parseShow('').size, 0);
  assert.is(parseShow('\n').size, 0);
});

show.run();

const expected = suite('expectations');

const service = '[Service]\nExecStart=a\nRestart=always\n';
const checked = `${service}[X-Tsm]\nHealthTcp=127.0.0.1:1\nHealthInterval=2\nHealthTimeout=5\n`;
const other = service.replace('=a', '=b');

/** Of one unit: its file before and after, what is done with it, what it was before; and whether it is watched. */
for (const [what, before, verb, earlier, watched] of [
  ['a new one', undefined, 'start', undefined, true],
  ['one that changed', other, 'restart', {}, true],
  ['one that is reloaded', other, 'reload', {}, true],
  ['one that changed and had failed', other, 'start', failed, true],
  ['one that changed and failed its check', other, 'restart', { answers: ['status 503'] }, true],
  ['one that is left alone and was well', service, undefined, {}, true],
  ['one that is left alone and passed its check', service, undefined, { answers: [null] }, true],
  ['one that is left alone and was starting', service, undefined, starting, true],
  ['one whose comment changed', `#\n${service}`, 'none', {}, true],
  ['one that is kept as it was', other, 'stale', {}, true],
  ['one that is started once more', service, 'start', ended, true],
  ['none that is left alone and did not run', service, undefined, ended, false],
  ['none that is left alone and had failed', service, undefined, failed, false],
  ['none that is left alone and was restarting', service, undefined, again, false],
  ['none that is left alone and failed its check', service, undefined, { answers: ['status 503'] }, false],
  ['none that is started once more and had failed', service, 'start', failed, false],
  ['none that is started once more and had failed, but for a comment', `#\n${service}`, 'start', failed, false],
  ['none that was stopped by hand', other, 'stays-stopped', ended, false],
] as const)
  expected(`watch ${what}`, () => {
    const unit = 'a.service';
    const steps = verb === undefined ? [] : [{ unit, verb: verb as UnitVerb, because: [] }];
    const list = expectations({
      before: new Map(before === undefined ? [] : [[unit, before]]),
      after: new Map([[unit, service]]),
      steps,
      earlier: new Map(earlier === undefined ? [] : [[unit, { ...well, ...earlier }]]),
    });
    assert.equal(list, watched ? [{ unit, mayEnd: false, hasCheck: false }] : []);
  });

expected('are sorted by unit, and know who may end and who has a check', () => {
  const texts: readonly (readonly [string, string])[] = [
    ['d.timer', '[Timer]\nOnCalendar=daily\n'],
    ['d.service', service],
    ['c.service', service.replace('always', 'no')],
    ['b.service', checked],
    ['a.service', '[Service]\nExecStart=a\nRestart=on-failure\n'],
    ['acme-prod.target', ''],
  ];
  const after = new Map(texts);
  const steps = texts.map(([unit]) => ({ unit, verb: 'start' as const, because: [] }));
  assert.equal(expectations({ before: new Map(), after, steps, earlier: new Map() }), [
    { unit: 'a.service', mayEnd: true, hasCheck: false },
    { unit: 'acme-prod.target', mayEnd: false, hasCheck: false },
    { unit: 'b.service', mayEnd: false, hasCheck: true },
    { unit: 'c.service', mayEnd: true, hasCheck: false },
    { unit: 'd.timer', mayEnd: false, hasCheck: false },
  ]);
});

expected.run();

const verdict = suite('judge');

const stays: Expectation = { unit: 'a.service', mayEnd: false, hasCheck: false };
const mayEnd: Expectation = { ...stays, mayEnd: true };
const hasCheck: Expectation = { ...stays, hasCheck: true };

/** What is wrong while the watch goes on, and at its end; `''` where nothing is. */
for (const [what, expectation, first, now, during, over] of [
  ['one that runs', stays, {}, {}, '', ''],
  ['one that failed', stays, {}, failed, 'failed (exit-code)', 'failed (exit-code)'],
  ['one that failed and may end', mayEnd, {}, failed, 'failed (exit-code)', 'failed (exit-code)'],
  [
    'one that waits to be started again',
    stays,
    again,
    again,
    'ended (exit-code), and waits to be started again',
    'ended (exit-code), and waits to be started again',
  ],
  ['one that does not run', stays, {}, ended, 'not running', 'not running'],
  ['one that is being stopped', stays, {}, { active: 'deactivating' }, 'not running', 'not running'],
  ['one that ended, as it may', mayEnd, {}, ended, '', ''],
  ['one that ended at once, as it may', mayEnd, ended, ended, '', ''],
  ['one that is starting', stays, starting, starting, '', 'still starting'],
  ['one that was starting and is up', stays, { ...starting, mainPid: 0 }, {}, '', ''],
  ['one that waits for its turn', stays, ended, { ...ended, hasJob: true }, '', 'what it was asked to do is not done'],
  ['one that is reloading', stays, {}, { active: 'reloading' }, '', ''],
  ['restarts from before', stays, { restarts: 7 }, { restarts: 7 }, '', ''],
  ['a restart', stays, { restarts: 7 }, { restarts: 8, mainPid: 11 }, 'was started again by systemd', 'was started'],
  ['restarts', stays, {}, { restarts: 2 }, 'was started again by systemd 2 times', 'was started'],
  ['another main process', stays, {}, { mainPid: 11 }, 'its main process changed, from 10 to 11', 'its main process'],
  ['a start by somebody', stays, {}, { invocation: 'a2' }, 'was started anew', 'was started anew'],
  ['a counter that began again', stays, { restarts: 7 }, { invocation: 'a2' }, 'was started anew', 'was started anew'],
  ['a timer', stays, { mainPid: 0, sub: 'waiting' }, { mainPid: 0, sub: 'waiting' }, '', ''],

  ['a check that passes', hasCheck, {}, { answers: [null, null] }, '', ''],
  ['a check that takes its time', hasCheck, {}, { answers: ['refused', 'refused', null] }, '', ''],
  ['a check that failed once', hasCheck, {}, { answers: [null, 'refused', null] }, '', ''],
  [
    'a check that failed twice',
    hasCheck,
    {},
    { answers: ['refused', null, 'status 500', null, 'status 503'] },
    'its check failed 2 times: status 503',
    'its check failed 2 times: status 503',
  ],
  [
    'a check that did not pass',
    hasCheck,
    {},
    { answers: ['refused', 'status 503'] },
    '',
    'its check never passed: status 503',
  ],
  ['a check that did not answer', hasCheck, {}, {}, '', 'its check never passed: no answer'],
  [
    'no check of one that has ended, as it may',
    { ...mayEnd, hasCheck: true },
    {},
    { ...ended, answers: ['refused'] },
    '',
    '',
  ],
  ['a failure before its check', hasCheck, {}, { ...failed, answers: ['refused'] }, 'failed', 'failed'],
  ['no check where none is asked for', stays, {}, { answers: ['refused', 'refused'] }, '', ''],
] as const)
  verdict(`of ${what}: ${during || 'fine'}, and at the end: ${over || 'fine'}`, () => {
    const told = (isOver: boolean) => {
      const [begun, sample]: Sample[] = [
        { ...well, ...first },
        { ...well, ...now },
      ];
      const [sick] = judge({
        expected: [expectation],
        first: new Map([[stays.unit, begun as Sample]]),
        now: new Map([[stays.unit, sample as Sample]]),
        over: isOver,
      });
      return sick?.reason ?? '';
    };
    if (during === '') assert.is(told(false), '');
    else assert.match(told(false), during);
    if (over === '') assert.is(told(true), '');
    else assert.match(told(true), over);
  });

verdict('names the sick alone', () => {
  const names = ['a.service', 'b.service', 'c.service'];
  const samples = new Map(names.map(unit => [unit, well]));
  const now = new Map([...samples, ['b.service', { ...well, ...failed }]]);
  const told = judge({ expected: names.map(unit => ({ ...stays, unit })), first: samples, now, over: false });
  assert.equal(told, [{ unit: 'b.service', reason: 'failed (exit-code)' }]);
});

verdict('tells of a unit that systemd does not show', () => {
  const told = judge({ expected: [stays], first: new Map(), now: new Map(), over: false });
  assert.equal(told, [{ unit: 'a.service', reason: 'systemd does not know it' }]);
});

verdict.run();
