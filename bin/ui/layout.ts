/** Where the rows of the live drawing begin and end, and how many of them a terminal has room for. */

import type { Entry } from './view.js';

export interface Layout {
  readonly width: number;
  /** Columns left of a block's rows, and of what stands below a step. */
  readonly indent: number;
  readonly lineIndent: number;
  /** Whether there is room for the times of steps that are over. */
  readonly times: boolean;
}

/** Columns of a row's parts around its text. */
export const parts = { mark: 2, name: 11, time: 8, sign: 2 };

/** Longer lines are harder to read. */
const widest = 100;

export function layoutFor(columns: number): Layout {
  const isNarrow = columns < 60;
  const indent = isNarrow ? 0 : 2;
  return { width: Math.min(columns, widest), indent, lineIndent: indent + 2 * parts.mark, times: !isNarrow };
}

/** The newest entries that fit into so many rows. Where some do not, one row is kept free to say so. */
export function newest(entries: readonly Entry[], columns: number, rows: number): readonly Entry[] {
  const heights = entries.map(entry => heightOf(entry, layoutFor(columns)));
  let height = heights.reduce((sum, each) => sum + each, 0);
  if (height <= rows) return entries;
  let first = 0;
  while (first < entries.length && height > rows - 1) height -= heights[first++] as number;
  return entries.slice(first);
}

/** At most so many rows: two wrapped rows hold more than a full one, and no character is wider than two columns. */
function heightOf(entry: Entry, { width, indent, lineIndent }: Layout): number {
  const isLine = entry.kind === 'line';
  const words = isLine ? `${entry.text}  ${entry.aside}` : entry.text;
  const around = isLine ? lineIndent + parts.sign : indent + parts.mark + parts.name + parts.time;
  const room = Math.max(1, width - around);
  const columns = [...words].reduce((sum, char) => sum + (char < '\u0300' ? 1 : 2), 0);
  return columns <= room ? 1 : 2 * Math.ceil(columns / room);
}
