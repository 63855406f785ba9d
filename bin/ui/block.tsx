/** The activation of one host as rows of a terminal. */

import { Box, Text, Transform } from 'ink';
import type { ReactNode } from 'react';
import type { Style } from '../cli/style.js';
import { layoutFor, newest, parts } from './layout.js';
import { Mark, type MarkName } from './mark.js';
import type { Block, Entry, LineEntry } from './view.js';
import { duration, painted, succeeded } from './words.js';

/** What is drawn on, and with. */
export interface Canvas {
  readonly columns: number;
  readonly style: Style;
  /** False where only ASCII can be shown. */
  readonly unicode: boolean;
}

export interface BlockProps {
  readonly canvas: Canvas;
  readonly block: Block;
  /** The others stand apart from the one before. */
  readonly isFirst: boolean;
  /** For what is under way: ms since the current step began, and the rows that there are. */
  readonly live?: { readonly elapsed: number; readonly rows: number };
}

export function BlockRows({ canvas, block, isFirst, live }: BlockProps) {
  const { host, entries, outcome } = block;
  const layout = layoutFor(canvas.columns);
  const shown = live ? newest(entries, canvas.columns, live.rows - 1) : entries;
  const hidden = entries.length - shown.length;
  const mark = outcome === undefined ? (live ? 'moving' : 'idle') : succeeded(outcome) ? 'done' : 'failed';
  return (
    <Box flexDirection="column" width={layout.width} marginTop={isFirst ? 0 : 1}>
      <Box>
        <Cell width={parts.mark}>
          <Mark canvas={canvas} mark={mark} />
        </Cell>
        <Text wrap="truncate">{canvas.style.bold(host)}</Text>
      </Box>
      {hidden > 0 && (
        <Box paddingLeft={layout.lineIndent}>
          <Text>{canvas.style.dim(`${hidden} earlier ${hidden === 1 ? 'line' : 'lines'}`)}</Text>
        </Box>
      )}
      {shown.map((entry, i) => (
        <EntryRow key={hidden + i} canvas={canvas} entry={entry} elapsed={live?.elapsed} />
      ))}
    </Box>
  );
}

interface EntryProps {
  readonly canvas: Canvas;
  readonly entry: Entry;
  /** ms since the current step began; absent where nothing moves any more. */
  readonly elapsed: number | undefined;
}

function EntryRow({ canvas, entry, elapsed }: EntryProps) {
  const { style } = canvas;
  const { times } = layoutFor(canvas.columns);
  if (entry.kind === 'line') return <LineRow canvas={canvas} entry={entry} />;
  if (entry.kind === 'verdict') {
    const { outcome, text, at } = entry;
    const [mark, color] = succeeded(outcome) ? (['done', style.green] as const) : (['failed', style.red] as const);
    return <Row canvas={canvas} mark={mark} name={style.bold(color(outcome))} text={text} time={at} />;
  }
  const { step, text, state, took } = entry;
  const isMoving = state === 'current' && elapsed !== undefined;
  return (
    <Row
      canvas={canvas}
      mark={state === 'current' ? (isMoving ? 'moving' : 'idle') : state}
      name={state === 'failed' ? style.red(step) : step}
      text={text}
      time={isMoving ? elapsed : times && took && took >= 100 ? took : undefined}
    />
  );
}

interface RowProps {
  readonly canvas: Canvas;
  readonly mark: MarkName;
  readonly name: string;
  readonly text: string;
  /** ms */
  readonly time?: number;
}

function Row({ canvas, mark, name, text, time }: RowProps) {
  return (
    <Box paddingLeft={layoutFor(canvas.columns).indent}>
      <Cell width={parts.mark}>
        <Mark canvas={canvas} mark={mark} />
      </Cell>
      <Cell width={parts.name} gap={2}>
        <Text>{name}</Text>
      </Cell>
      <Box flexGrow={1}>
        <Words>{text}</Words>
      </Box>
      {time !== undefined && (
        <Box width={parts.time} flexShrink={0} justifyContent="flex-end">
          <Text>{canvas.style.dim(duration(time))}</Text>
        </Box>
      )}
    </Box>
  );
}

function LineRow({ canvas, entry }: { readonly canvas: Canvas; readonly entry: LineEntry }) {
  const { sign, text } = painted(entry, canvas.style);
  return (
    <Box paddingLeft={layoutFor(canvas.columns).lineIndent}>
      {sign !== '' && (
        <Cell width={parts.sign} gap={1}>
          <Text>{sign}</Text>
        </Cell>
      )}
      <Words>{text}</Words>
    </Box>
  );
}

/** Text that may take several rows. Ink begins a row with the blank at which it broke a full one. */
function Words({ children }: { readonly children: string }) {
  return (
    <Transform transform={(row, i) => (i > 0 ? row.trimStart() : row)}>
      <Text>{children}</Text>
    </Transform>
  );
}

interface CellProps {
  /** At least so wide, with so many blanks at the end. */
  readonly width: number;
  readonly gap?: number;
  readonly children: ReactNode;
}

function Cell({ width, gap = 0, children }: CellProps) {
  return (
    <Box minWidth={width} paddingRight={gap} flexShrink={0}>
      {children}
    </Box>
  );
}
