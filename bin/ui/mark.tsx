/** What stands before a row, and the bar of a countdown: in Unicode, or in ASCII where the terminal knows no more. */

import { Text, Transform } from 'ink';
import Spinner from 'ink-spinner';
import type { Canvas } from './block.js';

export type MarkName = 'moving' | 'done' | 'failed' | 'idle';

export function Mark({ canvas, mark }: { readonly canvas: Canvas; readonly mark: MarkName }) {
  const { style, unicode } = canvas;
  switch (mark) {
    case 'moving':
      return (
        // Not ink's own colours: those ask stdout whether it wants them.
        <Transform transform={style.cyan}>
          <Spinner type={unicode ? 'dots' : 'line'} />
        </Transform>
      );
    case 'done':
      return <Text>{style.green(unicode ? '✓' : '*')}</Text>;
    case 'failed':
      return <Text>{style.red(unicode ? '✗' : 'x')}</Text>;
    case 'idle':
      return <Text>{style.dim(unicode ? '·' : '-')}</Text>;
  }
}

/** Full where `left` is 1, empty where it is 0. */
export function bar(left: number, width: number, { style, unicode }: Canvas): string {
  const full = Math.round(width * left);
  const [on, off] = unicode ? ['━', '─'] : ['#', '-'];
  return style.cyan(on.repeat(full)) + style.dim(off.repeat(width - full));
}
