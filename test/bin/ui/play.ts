/**
 * Plays a recorded activation for a person to look at:
 *
 *     node --import tsx test/bin/ui/play.ts good|manual|reverted|... [SPEED]
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { openProgress } from '../../../bin/ui/progress.js';
import { type Stream, streams } from './streams.js';

async function play({ hosts, events }: Stream, speed: number) {
  let confirm = () => {};
  const confirmed = new Promise<void>(done => {
    confirm = done;
  });
  const progress = openProgress({
    title: `acme prod: generation 8 to ${hosts.join(', ')}`,
    hosts,
    soak: 10,
    confirmCommand: 'tsm org confirm @prod',
    screen: { json: false, color: 'auto' },
    onConfirm: confirm,
  });
  process.on('SIGINT', () => progress.close().then(() => process.exit(130)));
  let before = 0;
  // Whoever has to press a key gets the time for it at any speed.
  let waits = false;
  for (const event of events) {
    const time = Math.max(0, event.at - before);
    await (waits ? Promise.race([sleep(time), confirmed]) : sleep(time / speed));
    before = event.at;
    progress.event(event);
    waits = event.event === 'awaiting' && event.confirm === 'manual';
  }
  await progress.close();
  process.exit();
}

const [name = '', speed = '1'] = process.argv.slice(2);
const stream = (streams as Record<string, Stream>)[name];
if (stream) play(stream, Number(speed));
else console.error(`There are: ${Object.keys(streams).join(', ')}`);
