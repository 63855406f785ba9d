import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Block, begin, see } from '../../../bin/ui/view.js';
import type { TimedEvent } from '../../../lib/host/activation.js';
import { type Stream, streams } from './streams.js';

const settings = { soak: 10, confirmCommand: 'tsm org confirm @prod' };
const viewOf = (events: readonly TimedEvent[]) => events.reduce(see, begin(settings));
const blocksOf = ({ events }: Stream) => viewOf(events).blocks;

/** The block after each event of a stream with one host. */
const stages = ({ events }: Stream): Block[] => events.map((_, i) => viewOf(events.slice(0, i + 1)).blocks.at(-1)!);

const steps = ({ entries }: Block) =>
  entries.flatMap(entry => (entry.kind === 'step' ? `${entry.state} ${entry.step}` : []));

const lines = ({ entries }: Block) =>
  entries.flatMap(entry =>
    entry.kind === 'line' ? [entry.sign, entry.text, entry.aside].filter(Boolean).join(' ') : [],
  );

const beginning = ['connect', 'ship', 'lease', 'verify', 'plan'].map(step => `done ${step}`);
const converging = ['check', 'stage', 'boundary', 'stop', 'switch', 'reload', 'firewall', 'start'].map(
  step => `done ${step}`,
);

const fold = suite('see');

for (const [name, expected] of [
  ['good', [...beginning, ...converging, 'done watch', 'done confirm']],
  ['reverted', [...beginning, ...converging, 'failed watch', 'done revert']],
  ['refused', [...beginning, 'failed check']],
  ['unchanged', beginning],
  ['attached', [...beginning, ...converging, 'done watch', 'done confirm']],
  ['planned', [...beginning, 'done check']],
  ['hostile', ['failed connect']],
] as const)
  fold(`tells how each step of "${name}" ended`, () => {
    assert.equal(blocksOf(streams[name]).map(steps), [expected]);
  });

fold('has one current step until the verdict', () => {
  const current = stages(streams.reverted).map(block => steps(block).filter(step => step.startsWith('current')));
  assert.equal(current.slice(0, 3), [['current connect'], ['current ship'], ['current lease']]);
  assert.ok(current.slice(0, -1).every(found => found.length === 1));
  assert.equal(current.at(-1), []);
});

fold('marks a revert that failed, too', () => {
  const events = streams.reverted.events.map(event =>
    event.event === 'verdict' ? { ...event, verdict: { ...event.verdict, outcome: 'revert-failed' as const } } : event,
  );
  assert.equal(steps(viewOf(events).blocks[0]!).slice(-2), ['failed watch', 'failed revert']);
});

fold('shows a plan with units, files and firewall', () => {
  assert.equal(lines(stages(streams.good)[5]!), [
    '~ restart acme-prod-api Service.MemoryMax, Service.Environment',
    '+ start   acme-prod-mailer new',
    '- stop    acme-prod-legacy removed',
    '. stale   acme-prod-db Service.LimitNOFILE',
    '4 files: 1 added, 2 changed, 1 removed',
    '~ load firewall',
    '! closes tcp 8080 (python3)',
  ]);
});

fold('shows why a host refused, what to do, and what stays', () => {
  assert.equal(blocksOf(streams.refused)[0]?.entries.slice(-6), [
    { kind: 'verdict', outcome: 'refused', text: 'generation 7 stays active', at: 1110 },
    { kind: 'line', sign: '', text: '3 of 12 checks failed', aside: '', tone: 'bad' },
    ...[
      'secrets: /etc/tetra/acme-prod/api.env lacks STRIPE_KEY',
      'programs: /srv/acme/server.js is not there',
      'ports: tcp 8080 is taken by python3 (pid 4711)',
    ].map(text => ({ kind: 'line', sign: '|', text, aside: '', tone: 'dim' })),
    { kind: 'line', sign: '->', text: 'tsm org secrets push @prod', aside: '', tone: 'next' },
  ]);
});

fold('names the digest of a plan that was only made', () => {
  assert.ok(lines(blocksOf(streams.planned)[0]!).includes('plan sha256:3f2a91c04be75d6688f1c0de9a417b25'));
  assert.not.ok(lines(blocksOf(streams.good)[0]!).some(text => text.startsWith('plan')));
});

fold('keeps a note where it was told, whatever step it speaks of', () => {
  const { entries } = blocksOf(streams.attached)[0]!;
  const watch = entries.findIndex(entry => entry.kind === 'step' && entry.step === 'watch');
  assert.equal(
    entries.slice(watch + 1, watch + 3).map(entry => entry.text),
    ['connection lost; the host goes on by itself', 'attached again'],
  );
});

fold('waits while the services are watched, and for who has to confirm', () => {
  const waits = stages(streams.manual).map(({ wait }) => wait && `${wait.seconds} ${wait.manual}`);
  assert.equal(waits.slice(-4), ['10 false', undefined, '60 true', undefined]);
  assert.ok(lines(blocksOf(streams.manual)[0]!).includes('-> confirm within 60 s: tsm org confirm @prod'));
});

fold('begins a block for each host', () => {
  const blocks = blocksOf(streams.two);
  assert.equal(
    blocks.map(({ host, outcome, at }) => [host, outcome, at]),
    [
      ['web1', 'confirmed', 13810],
      ['db-primary', 'reverted', 8110],
    ],
  );
});

fold('begins another block where a host that has its verdict is activated again', () => {
  const { events } = streams.unchanged;
  assert.equal(
    viewOf([...events, ...events]).blocks.map(block => steps(block).length),
    [5, 5],
  );
});

fold("goes on from the operator's time where the host's clock begins", () => {
  const times = blocksOf(streams.unchanged)[0]!.entries.map(entry => (entry.kind === 'line' ? [] : entry.at));
  assert.equal(times, [0, 190, 190, 200, 250, 280]);
});

fold('only ever adds entries', () => {
  for (const stream of Object.values(streams))
    for (const [i, block] of stages(stream).entries()) {
      const before = stages(stream)[i - 1];
      if (before?.host !== block.host) continue;
      const texts = (one: Block) => one.entries.map(entry => `${entry.kind} ${entry.text}`);
      assert.equal(texts(block).slice(0, before.entries.length), texts(before));
    }
});

fold('takes a step that is told twice for one', () => {
  const events: readonly TimedEvent[] = streams.unchanged.events;
  const twice = events.flatMap((event): TimedEvent[] => (event.event === 'step' ? [event, event] : [event]));
  assert.equal(viewOf(twice), viewOf(events));
});

fold('makes what hosts say printable', () => {
  const said = JSON.stringify(blocksOf(streams.hostile).map(({ host, entries }) => [host, entries]));
  assert.not.match(said, /\\u00|\\r|\\n|\u202e|\x9b/);
  assert.match(said, 'web1\\\\u{1b}[2J');
});

fold.run();
