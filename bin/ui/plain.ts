/** Progress as lines, for pipes, logs and CI: each is written once, when it happens, and none is drawn over. */

import type { Style } from '../cli/style.js';
import type { Progress, ProgressOptions } from './progress.js';
import { begin, type Entry, type StepEntry, see, type VerdictEntry } from './view.js';
import { clean, duration, painted, succeeded } from './words.js';

/** Lines are never wrapped here: who reads them later knows how wide they may be. */
export function openPlain(options: ProgressOptions, style: Style, write: (text: string) => void): Progress {
  const width = Math.max(...options.hosts.map(host => clean(host).length));
  const column = (host: string) => (options.hosts.length > 1 ? `${style.bold(host.padEnd(width))} ` : '');
  let view = begin(options);
  let written = 0;
  write(`${style.bold(clean(options.title))}\n`);
  return {
    event(event) {
      const before = view.blocks.length;
      view = see(view, event);
      if (view.blocks.length > before) written = 0;
      const { host, entries } = view.blocks.at(-1)!;
      for (const entry of entries.slice(written)) write(`${column(host)}${line(entry, style)}\n`);
      written = entries.length;
    },
    close: async () => {},
  };
}

/** `  0.4s  check      12 checks passed`; what belongs to a step stands below its text. */
function line(entry: Entry, style: Style): string {
  if (entry.kind === 'line') {
    const { sign, text } = painted(entry, style);
    return `${' '.repeat(19)}${sign && `${sign} `}${text}`.trimEnd();
  }
  const time = style.dim(duration(entry.at).padStart(6));
  return `${time}  ${name(entry, style)}  ${entry.text}`.trimEnd();
}

function name(entry: StepEntry | VerdictEntry, { bold, green, red }: Style): string {
  if (entry.kind === 'step') return entry.step.padEnd(9);
  return bold((succeeded(entry.outcome) ? green : red)(entry.outcome.padEnd(9)));
}
