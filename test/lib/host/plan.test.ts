import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ActiveState,
  type HostUnits,
  isChanged,
  planUnits,
  unitsElsewhere,
  unitsHere,
} from '../../../lib/host/plan.js';
import { promotion } from '../../support/sources.js';
import '../arbitraries.js';

const api = `# acme-prod: made by tsm
[Unit]
Description=api
After=network-online.target

[Service]
Type=exec
Environment=A=1
Environment=B=2
ExecStart=/opt/api
Restart=always
MemoryMax=512M
CapabilityBoundingSet=

[Install]
WantedBy=acme-prod.target

[X-Tsm]
Reads=sha256:1
`;
const reloading = api.replace('Restart=', 'ExecReload=kill -HUP $MAINPID\nRestart=');
const held = `${api}RestartIfChanged=no\n`;
const web = `${api}Roles=web\n`;
const target = '# acme-prod: made by tsm\n[Unit]\nDescription=acme prod\n';

const unit = 'acme-prod-api.service';

/** A host of the role web on which the environment runs; `states` name the units that are not active. */
function host(before: Record<string, string>, after: Record<string, string>, more: Partial<HostUnits> = {}): HostUnits {
  return {
    before: new Map(Object.entries(before)),
    after: new Map(Object.entries(after)),
    states: new Map(Object.keys(before).map(name => [name, { active: 'active' }])),
    roles: ['web'],
    targetActive: true,
    ...more,
  };
}

/** `restart acme-prod-api.service: Service.MemoryMax` */
const shown = (units: HostUnits) =>
  planUnits(units).map(({ unit, verb, because }) => `${verb} ${unit}: ${because.join(', ')}`);

/** What is done with the service alone: `restart: Service.MemoryMax`; empty where it is not named. */
function stepOf(before: string | undefined, after: string | undefined, state: ActiveState, more = {}): string {
  const files = (text: string | undefined): Record<string, string> => (text === undefined ? {} : { [unit]: text });
  const states = new Map([[unit, { active: state }]]);
  return shown(host(files(before), files(after), { states, ...more }))
    .join()
    .replace(` ${unit}`, '');
}

const plan = suite('planUnits');

for (const [what, before, after, expected] of [
  ['nothing of a unit that stays', api, api, ''],
  ['the start of a new one', undefined, api, 'start: new'],
  ['the stop of one that is gone', api, undefined, 'stop: removed'],

  ['no more than the file where a comment changes', api, api.replace('by tsm', 'by us'), 'none'],
  ['the same for blank lines', api, api.replaceAll('\n\n', '\n'), 'none'],
  ['the same for white space', api, api.replace('MemoryMax=512M', 'MemoryMax = 512M '), 'none'],
  ['the same for the order of sections', api, api.replace(/(\[Unit\][\s\S]*)(\[Service\][\s\S]*)/, '$2$1'), 'none'],
  ['the same for a line that is broken in two', api, api.replace('=512M', '=\\\n512M'), 'none'],

  ['a restart for another program', api, api.replace('/opt/api', '/opt/api2'), 'restart: Service.ExecStart'],
  ['a restart for another limit', api, api.replace('512M', '1G'), 'restart: Service.MemoryMax'],
  ['a restart for a limit that is gone', api, api.replace(/MemoryMax.*\n/, ''), 'restart: Service.MemoryMax'],
  ['a restart for a new line', api, api.replace('[Ins', 'Nice=5\n[Ins'), 'restart: Service.Nice'],
  ['a restart for one of several values', api, api.replace('B=2', 'B=3'), 'restart: Service.Environment'],
  ['a restart for the order of values', api, api.replace(/(Env.*\n)(Env.*\n)/, '$2$1'), 'restart: Service.Environment'],
  ['a restart where an empty value is gone', api, api.replace(/Cap.*\n/, ''), 'restart: Service.CapabilityBoundingSet'],
  ['a restart where a value is taken away', api, api.replace('[Ins', 'MemoryMax=\n[Ins'), 'restart: Service.MemoryMax'],
  ['a restart for a directive nobody knows', api, api.replace('[Ins', 'Foo=1\n[Ins'), 'restart: Service.Foo'],
  ['a restart for one in [Unit]', api, api.replace('After=', 'Foo=1\nAfter='), 'restart: Unit.Foo'],
  ['a restart for a section nobody knows', api, `${api}[Foo]\nX=1\n`, 'restart: Foo.X'],
  ['a restart for the name spaces of another unit', api, `${api}[Unit]\nJoinsNamespaceOf=a.service\n`, 'restart'],
  [
    'every change',
    api,
    api.replace('512M', '1G').replace('=api', '=x'),
    'restart: Unit.Description, Service.MemoryMax',
  ],

  ['no restart for a description', api, api.replace('=api', '=x'), 'none: Unit.Description'],
  ['no restart for the order of starts', api, api.replace('After=', 'Before='), 'none: Unit.Before, Unit.After'],
  ['no restart for a condition', api, `${api}[Unit]\nConditionPathExists=/a\n`, 'none: Unit.ConditionPathExists'],
  ['no restart for what wants it', api, api.replace('WantedBy', 'RequiredBy'), 'none'],
  ['no restart for when to restart', api, api.replace('=always', '=no\nRestartSec=9'), 'none'],
  ['no restart for how long a start may take', api, `${api}[Service]\nTimeoutStartSec=9\n`, 'none'],
  ['no restart for how to reload', api, reloading, 'none: Service.ExecReload'],
  ['no restart for another check', api, `${api}HealthTcp=127.0.0.1:1\n`, 'none: X-Tsm.HealthTcp'],
  ['no restart for a role', api, web, 'none: X-Tsm.Roles'],

  ['a restart for what it reads', api, api.replace('6:1', '6:2'), 'restart: what it reads changed'],
  [
    'a reload for that where one is declared',
    reloading,
    reloading.replace('6:1', '6:2'),
    'reload: what it reads changed',
  ],
  ['a reload where it is declared just now', api, reloading.replace('6:1', '6:2'), 'reload'],
  ['a restart where it is declared no more', reloading, api.replace('6:1', '6:2'), 'restart'],
  ['a reload with what needs nothing', reloading, reloading.replace('6:1', '6:2').replace('=api', '=x'), 'reload'],
  ['a restart with what needs one', reloading, reloading.replace('6:1', '6:2').replace('512M', '1G'), 'restart'],

  ['a stop first where the end is another', api, `${api}[Service]\nExecStop=/bin/x\n`, 'stop-start: Service.ExecStop'],
  ['the same for what follows it', api, `${api}[Service]\nExecStopPost=/bin/x\n`, 'stop-start: Service.ExecStopPost'],
  ['the same for the signal', api, `${api}[Service]\nKillSignal=SIGINT\n`, 'stop-start: Service.KillSignal'],
  ['the same for whom it reaches', api, `${api}[Service]\nKillMode=process\n`, 'stop-start: Service.KillMode'],
  ['no restart for the time it may take', api, `${api}[Service]\nTimeoutStopSec=9\n`, 'none: Service.TimeoutStopSec'],
  [
    'a stop under the old time where it restarts anyway',
    api,
    `${api.replace('512M', '1G')}[Service]\nTimeoutStopSec=9\n`,
    'stop-start: Service.MemoryMax, Service.TimeoutStopSec',
  ],
  ['a reload in whatever time', reloading, `${reloading.replace('6:1', '6:2')}[Service]\nTimeoutStopSec=9\n`, 'reload'],

  ['that it runs on where that is wanted', held, held.replace('512M', '1G'), 'stale: Service.MemoryMax'],
  ['the same in place of a reload', held, `${reloading.replace('6:1', '6:2')}RestartIfChanged=no\n`, 'stale'],
  ['the same in place of a stop', held, `${held}[Service]\nExecStop=/bin/x\n`, 'stale: Service.ExecStop'],
  ['the same where that is said just now', api, held.replace('512M', '1G'), 'stale'],
  ['nothing stale where nothing needs a restart', held, held.replace('=api', '=x'), 'none: Unit.Description'],

  ['nothing of a service for other hosts', undefined, web.replace('=web', '=db'), ''],
  ['the stop of one that goes to other hosts', api, web.replace('=web', '=db mail'), 'stop: not in role db or mail'],
  ['the start of one for this host', undefined, web, 'start: new'],
  ['nothing of one that has one more role', web, `${web}`, ''],
] as const)
  plan(`tells ${what}`, () => {
    const told = stepOf(before, after, 'active', before === undefined ? { states: new Map() } : {});
    if (expected.includes(':') || expected === '') assert.is(told, expected);
    else assert.is(told.split(':')[0], expected);
  });

const changed = api.replace('512M', '1G');
const comment = api.replace('by tsm', 'by us');

/** What becomes of a unit that is in this state, where the target is active and where it is not. */
for (const [state, before, after, active, inactive] of [
  ['active', api, api, '', ''],
  ['active', api, changed, 'restart: Service.MemoryMax', 'restart: Service.MemoryMax'],
  ['reloading', api, changed, 'restart: Service.MemoryMax', 'restart: Service.MemoryMax'],
  ['activating', api, api, '', ''],
  ['activating', api, changed, 'restart: Service.MemoryMax', 'restart: Service.MemoryMax'],
  [
    'activating',
    reloading,
    reloading.replace('6:1', '6:2'),
    'restart: what it reads changed',
    'restart: what it reads changed',
  ],
  ['inactive', api, api, '', 'start: not running'],
  ['inactive', api, comment, 'none: nothing that systemd reads', 'start: not running'],
  ['inactive', api, changed, 'stays-stopped: Service.MemoryMax', 'start: Service.MemoryMax'],
  ['inactive', held, held.replace('512M', '1G'), 'stays-stopped: Service.MemoryMax', 'start: Service.MemoryMax'],
  ['inactive', api, undefined, 'stop: removed', 'stop: removed'],
  ['inactive', undefined, api, 'start: new', 'start: new'],
  ['deactivating', api, changed, 'stays-stopped: Service.MemoryMax', 'start: Service.MemoryMax'],
  ['failed', api, api, '', 'start: not running'],
  ['failed', api, comment, 'none: nothing that systemd reads', 'start: not running'],
  ['failed', api, changed, 'start: Service.MemoryMax', 'start: Service.MemoryMax'],
  ['failed', held, held.replace('512M', '1G'), 'start: Service.MemoryMax', 'start: Service.MemoryMax'],
  ['active', undefined, api, 'stop-start: new', 'stop-start: new'],
] as const) {
  const what = after === before ? 'did not change' : after === comment ? 'has another comment' : 'changed';
  plan(
    `leaves a unit that is ${state} and ${what} as it should be: ${active || 'nothing'}, ${inactive || 'nothing'}`,
    () => {
      assert.is(stepOf(before, after, state, { targetActive: true }), active);
      assert.is(stepOf(before, after, state, { targetActive: false }), inactive);
    },
  );
}

plan('is a stop and a start where a service has another name', () => {
  const units = host({ 'acme-prod-a.service': api }, { 'acme-prod-b.service': api });
  assert.equal(shown(units), ['stop acme-prod-a.service: removed', 'start acme-prod-b.service: new']);
});

plan('starts a target that is not active, and never restarts one', () => {
  const name = 'acme-prod.target';
  const other = target.replace('=acme prod', '=x');
  const inactive = { states: new Map(), targetActive: false };
  assert.equal(shown(host({}, { [name]: target }, inactive)), [`start ${name}: new`]);
  assert.equal(shown(host({ [name]: target }, { [name]: target }, inactive)), [`start ${name}: not running`]);
  assert.equal(shown(host({ [name]: target }, { [name]: target })), []);
  assert.equal(shown(host({ [name]: target }, { [name]: other })), [`none ${name}: Unit.Description`]);
  assert.equal(shown(host({ [name]: target }, {})), [`stop ${name}: removed`]);
});

plan('restarts a timer, and leaves to it what it starts', () => {
  const timer = '[Timer]\nOnCalendar=daily\n';
  const [job, clock] = ['acme-prod-backup.service', 'acme-prod-backup.timer'];
  const before = { [job]: api, [clock]: timer };
  assert.equal(shown(host({}, before)), [`none ${job}: new`, `start ${clock}: new`]);
  const after = { [job]: changed, [clock]: timer.replace('daily', 'weekly') };
  assert.equal(shown(host(before, after)), [`none ${job}: Service.MemoryMax`, `restart ${clock}: Timer.OnCalendar`]);
  assert.equal(shown(host(before, {})), [`stop ${job}: removed`, `stop ${clock}: removed`]);
});

plan('is sorted by unit', () => {
  const names = ['b.service', 'a.service', 'c.service', 'B.service'];
  const units = host({}, Object.fromEntries(names.map(name => [name, api])));
  assert.equal(
    planUnits(units).map(step => step.unit),
    ['B.service', 'a.service', 'b.service', 'c.service'],
  );
});

const line = fc.constantFrom(
  ...['[Unit]', '[Service]', '[Install]', '[X-Tsm]', '[X]', '', '# c', 'Description=a', 'ExecStart=a', 'ExecStart='],
  ...['A=\\', 'Reads=1', 'Roles=web', 'RestartIfChanged=no', 'KillMode=none', 'TimeoutStopSec=1', 'nonsense'],
);
const file = fc.array(line, { maxLength: 12 }).map(lines => lines.join('\n'));
const name = fc.constantFrom('a.service', 'b.service', 'b.timer', 'acme-prod.target');
const files = fc.dictionary(name, file);

plan('is empty where nothing changes and everything runs', () => {
  fc.assert(fc.property(files, same => assert.equal(shown(host(same, same)), [])));
});

plan('names every unit whose file changes, and none twice', () => {
  fc.assert(
    fc.property(files, files, (before, after) => {
      const units = planUnits(host(before, after)).map(step => step.unit);
      const changed = Object.keys({ ...before, ...after }).filter(name => before[name] !== after[name]);
      assert.equal(units, changed.sort());
    }),
  );
});

plan('restarts nothing but what changed between two promotes', () => {
  const source = '[ports]\na = 1\nb = 2\n[services.a]\ncommand = "a"\n[services.b]\ncommand = "b"\nreads = ["x"]\n';
  const unitsOf = (text: string) =>
    Object.fromEntries(
      promotion(text)
        .bundle.files.filter(({ path }) => path.startsWith('systemd/'))
        .map(({ path, content }) => [path.slice('systemd/'.length), content]),
    );
  const steps = (more: string) => shown(host(unitsOf(`${source}[x]\ny = 1\n`), unitsOf(source + more)));
  assert.equal(steps('[x]\ny = 1\n'), []);
  assert.equal(steps('[x]\ny = 2\n'), [
    'restart acme-prod-a.service: what it reads changed',
    'restart acme-prod-b.service: what it reads changed',
  ]);
  assert.equal(steps('[x]\ny = 1\n[z]\n'), ['restart acme-prod-a.service: what it reads changed']);
  assert.equal(steps('[x]\ny = 1\n[services.b.health]\nhttp = "/"\n'), [
    'none acme-prod-b.service: X-Tsm.HealthHttp, X-Tsm.HealthInterval, X-Tsm.HealthTimeout',
  ]);
});

plan.run();

const here = suite('unitsHere');

here('and unitsElsewhere part the units of a bundle by the roles of a host', () => {
  const units = new Map([
    ['c.service', web.replace('=web', '=mail')],
    ['b.service', web.replace('=web', '=db mail')],
    ['a.service', web],
    ['acme-prod.target', target],
  ]);
  assert.equal([...unitsHere(units, ['web']).keys()], ['a.service', 'acme-prod.target']);
  assert.equal(unitsElsewhere(units, ['web']), [
    { unit: 'b.service', roles: ['db', 'mail'] },
    { unit: 'c.service', roles: ['mail'] },
  ]);
});

here.run();

const change = suite('isChanged');

for (const [what, old, now, expected] of [
  ['a new file', undefined, api, true],
  ['another value', api, changed, true],
  ['another comment', api, comment, false],
  ['nothing', api, api, false],
] as const)
  change(`${expected ? 'sees' : 'passes over'} ${what}`, () => {
    assert.is(isChanged(old, now), expected);
  });

change.run();
