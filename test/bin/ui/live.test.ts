import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { styleFor } from '../../../bin/cli/style.js';
import { begin, see } from '../../../bin/ui/view.js';
import { testIfTools } from '../../support/needs.js';
import { drawn, FakeTerminal, inTerminal } from '../../support/terminal.js';
import { type Stream, streams } from './streams.js';

/** Ink draws nothing where it finds itself in CI when it is loaded. */
async function loadOutsideCi() {
  const { CI } = process.env;
  delete process.env.CI;
  const { load } = await import('#live');
  const live = await load();
  if (CI !== undefined) process.env.CI = CI;
  return live;
}

interface Screen {
  readonly columns?: number;
  readonly rows?: number;
  readonly color?: 'always' | 'never';
  readonly unicode?: boolean;
  /** Events to tell; all of them where it is absent. */
  readonly until?: number;
  /** Without the end: what stands there meanwhile. */
  readonly open?: boolean;
}

/** What is written for a stream, with time for a few frames. */
async function output({ hosts, events }: Stream, screen: Screen = {}): Promise<string> {
  const { columns = 80, rows = 24, color = 'never', unicode = true, until = events.length, open = false } = screen;
  const { openLive } = await loadOutsideCi();
  const terminal = new FakeTerminal(columns, rows);
  const options = {
    title: `acme prod: generation 8 to ${hosts.join(', ')}`,
    hosts,
    soak: 10,
    confirmCommand: 'tsm org confirm @prod',
    screen: { json: false, color },
  };
  const progress = openLive(options, { stream: terminal.asStream, style: styleFor(color, true), unicode });
  for (const [i, event] of events.slice(0, until).entries()) {
    progress.event(event);
    if (i % 12 === 3) await sleep(35);
  }
  if (open) await sleep(150);
  const meanwhile = terminal.writes.join('');
  await progress.close();
  return open ? meanwhile : terminal.writes.join('');
}

const live = suite('openLive');

live('leaves the whole activation in the scrollback, and the cursor below it', async () => {
  const { lines, row } = drawn(await output(streams.reverted));
  assert.fixture(
    lines.slice(0, row).join('\n'),
    `acme prod: generation 8 to web1
✗ web1
  ✓ connect    deploy@web1.acme.com                                         0.2s
  ✓ ship       9 files, 14 KB
  ✓ lease      nobody else is at work
  ✓ verify     9 files as the bundle lists them
  ✓ plan       generation 7 -> 8
      ~ restart acme-prod-api  Service.MemoryMax, Service.Environment
      + start   acme-prod-mailer  new
      - stop    acme-prod-legacy  removed
      . stale   acme-prod-db  Service.LimitNOFILE
      4 files: 1 added, 2 changed, 1 removed
      ~ load firewall
      ! closes tcp 8080 (python3)
  ✓ check      secrets, users, programs, units, rules, ports                1.1s
      12 checks passed
  ✓ stage      both generations on disk
  ✓ boundary   takes itself back from here on
  ✓ stop       acme-prod-legacy                                             0.4s
  ✓ switch     91c4d2aa
  ✓ reload     systemd                                                      0.2s
  ✓ firewall   14 rules                                                     0.1s
  ✓ start      acme-prod-mailer, acme-prod-api                              0.8s
  ✗ watch      3 services                                                   3.3s
  ✓ revert     to generation 7                                              1.5s
  ✗ reverted   generation 7 is active again                                 8.1s
      acme-prod-api restarted 3 times within 3 s
      | Error: listen EADDRINUSE: address already in use :::8080
      |   at Server.setupListenHandle (node:net:1817:16)
      | acme-prod-api.service: Main process exited, code=exited,
        status=1/FAILURE
      -> on web1: journalctl -u acme-prod-api`,
  );
});
/** Short enough that no row breaks them. */
const shortWords = ({ events }: Stream) =>
  events
    .reduce(see, begin({ soak: 10, confirmCommand: 'tsm org confirm @prod' }))
    .blocks.flatMap(({ entries }) => entries.flatMap(entry => entry.text.split(' ')))
    .filter(word => word.length <= 10);

const everyStream = Object.keys(streams) as (keyof typeof streams)[];

for (const [columns, rows, names] of [
  [80, 24, everyStream],
  [40, 20, everyStream],
  [30, 8, ['two', 'hostile']],
] as const)
  for (const name of names)
    live(`draws all of "${name}" on ${columns} by ${rows}, and shows the cursor again`, async () => {
      const { lines, widest, highest, cursorShown } = drawn(await output(streams[name], { columns, rows }));
      assert.ok(widest <= columns, `${widest} columns`);
      assert.ok(highest < rows, `${highest} rows`);
      assert.ok(cursorShown);
      const words = new Set(lines.join(' ').split(' '));
      assert.equal(
        shortWords(streams[name]).filter(word => !words.has(word)),
        [],
      );
    });

live('shows what is under way, what it waits for and who is next', async () => {
  const { lines, cursorShown } = drawn(await output(streams.two, { until: 16, open: true }));
  const [block, ...rest] = [lines.find(line => line.endsWith(' web1')), ...lines.slice(-4)];
  assert.match(block ?? '', /^[⠁-⣿] web1$/);
  assert.match(rest[0] ?? '', /^ {2}[⠁-⣿] watch {6}3 services +0\.[1-9]s$/);
  assert.match(rest[1] ?? '', /^ {6}━+─* {2}10 s left$/);
  assert.equal(rest.slice(2), ['· then db-primary', '']);
  assert.not.ok(cursorShown);
});

live('tells of the lines that there is no room for', async () => {
  const { lines } = drawn(await output(streams.good, { rows: 10, until: 16, open: true }));
  assert.ok(lines.some(line => /^ {6}\d+ earlier lines$/.test(line)));
});

live('leaves a block that has no verdict as it stands', async () => {
  const { lines, cursorShown } = drawn(await output(streams.two, { until: 16 }));
  assert.ok(lines.includes('· web1'));
  assert.is(lines.at(-3), '  · watch      3 services');
  assert.ok(cursorShown);
});

live('has colours only where they are wanted', async () => {
  assert.not.match(await output(streams.two), /\x1b\[[\d;]*m/);
  const colored = await output(streams.two, { color: 'always' });
  assert.match(colored, '\x1b[31m✗\x1b[39m');
  const plain = drawn(await output(streams.two)).lines;
  assert.equal(drawn(colored.replaceAll(/\x1b\[[\d;]*m/g, '')).lines, plain);
});

live('keeps to ASCII where there is nothing else', async () => {
  assert.match(await output(streams.two, { unicode: false }), /^[\x00-\x7f]*$/);
});

live('stays below the height of the terminal at its lowest', async () => {
  for (let until = 1; until <= streams.two.events.length; until += 4) {
    const { highest } = drawn(await output(streams.two, { columns: 30, rows: 8, until }));
    assert.ok(highest < 8, `${highest} rows after ${until} events`);
  }
});

live('lets go of every listener', async () => {
  const count = () => ['SIGTSTP', 'SIGCONT', 'SIGINT'].map(signal => process.listenerCount(signal));
  await output(streams.good);
  const before = count();
  await output(streams.good);
  assert.equal(count(), before);
});

live.run();

const play = resolve(import.meta.dirname ?? __dirname, 'play.ts');
const real = suite('a terminal');
const test = testIfTools(real, 'progress on a real terminal', 'script');

test('has all of it on the screen, though every event came before the renderer was loaded', async () => {
  const { code, output } = await inTerminal(play, ['two', '1000000'], { columns: 40, rows: 20 });
  const { lines, widest, cursorShown } = drawn(output);
  assert.is(code, 0);
  assert.ok(widest <= 40 && cursorShown);
  for (const line of ['✓ web1', '✗ db-primary', '✗ watch      3 services']) assert.ok(lines.includes(line), line);
});

test('gives a key to who waits for it, and gets its modes back', async () => {
  const answers = [['or press c', 'c']] as const;
  const { code, output } = await inTerminal(play, ['manual', '40'], { answers });
  const { lines, cursorShown } = drawn(output);
  assert.is(code, 0);
  assert.ok(lines.some(line => line.startsWith('  ✓ confirmed  generation 8 is active')));
  assert.ok(cursorShown);
  assert.match(output, / icanon /);
});

for (const [when, stream, speed, shown] of [
  ['while keys are read', 'manual', '40', 'or press c'],
  ['while they are not', 'good', '8', 's left'],
] as const)
  test(`leaves Ctrl-C to the command ${when}`, async () => {
    const { code, output } = await inTerminal(play, [stream, speed], { answers: [[shown, '\x03']] });
    const { lines, cursorShown } = drawn(output);
    assert.is(code, 130);
    assert.ok(lines.includes('· web1'));
    assert.ok(cursorShown);
    assert.match(output, / icanon /);
  });

test('draws nothing but lines where it is dumb', async () => {
  const { output } = await inTerminal(play, ['good', '1000000'], { term: 'dumb' });
  assert.match(output, ' 13.8s  confirmed  generation 8 is active\r\n');
  assert.not.match(output, '\x1b');
});

real.run();
