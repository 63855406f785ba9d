/** All that the live renderer shows. */

import { Box, Static, Text, useInput, useStdout } from 'ink';
import { type ReactNode, useEffect, useState } from 'react';
import type { Style } from '../cli/style.js';
import { BlockRows, type Canvas } from './block.js';
import { layoutFor } from './layout.js';
import { bar, Mark } from './mark.js';
import { isUnderWay, type View, type Wait } from './view.js';
import { clean } from './words.js';

export interface SceneProps {
  readonly title: string;
  readonly hosts: readonly string[];
  readonly style: Style;
  readonly unicode: boolean;
  readonly view: View;
  /** When the current step, and what it waits for, began: ms on the clock of `performance.now`. */
  readonly stepSince: number;
  readonly waitSince: number;
  /** Absent where no keys can be read. */
  readonly onConfirm?: () => void;
  readonly isClosed?: boolean;
}

export function Scene(props: SceneProps) {
  const { title, style, unicode, view, isClosed = false } = props;
  const { stdout } = useStdout();
  const now = useClock(!isClosed);
  const { columns, rows } = stdout;
  const canvas = { columns, style, unicode };
  const { blocks } = view;
  const last = blocks.at(-1);
  const moving = !isClosed && last && isUnderWay(last) ? last : undefined;
  const past = moving ? blocks.slice(0, -1) : blocks;
  const isFirst = past.length === 0;
  const wait = moving?.wait;
  const confirmKey = wait?.manual ? props.onConfirm : undefined;
  const next = isClosed ? [] : hostsToCome(props);
  // The cursor's row, and what stands around the block.
  const taken = 1 + [!isFirst, wait, confirmKey, next.length > 0].filter(Boolean).length;
  return (
    <>
      <Static items={[title, ...past]}>
        {(item, i) =>
          typeof item === 'string' ? (
            <Text key={i}>{style.bold(clean(item))}</Text>
          ) : (
            <BlockRows key={i} canvas={canvas} block={item} isFirst={i === 1} />
          )
        }
      </Static>
      {moving && (
        <BlockRows
          canvas={canvas}
          block={moving}
          isFirst={isFirst}
          live={{ elapsed: now - props.stepSince, rows: rows - taken }}
        />
      )}
      {wait && (
        <Below canvas={canvas}>
          <Text>{countdown(wait, now - props.waitSince, canvas)}</Text>
          {confirmKey && <ConfirmKey style={style} onConfirm={confirmKey} />}
        </Below>
      )}
      {next.length > 0 && <Next canvas={canvas} hosts={next} />}
    </>
  );
}

/** Below a step, where its lines stand. */
function Below({ canvas, children }: { readonly canvas: Canvas; readonly children: ReactNode }) {
  return (
    <Box flexDirection="column" paddingLeft={layoutFor(canvas.columns).lineIndent}>
      {children}
    </Box>
  );
}

/** `━━━━━━━───  7 s left` */
function countdown({ seconds }: Wait, elapsed: number, canvas: Canvas): string {
  const left = Math.max(0, seconds - elapsed / 1000);
  const width = Math.max(0, Math.min(32, canvas.columns - 20));
  return `${bar(seconds > 0 ? left / seconds : 0, width, canvas)}  ${Math.ceil(left)} s left`;
}

/** Reads keys while it is shown; the terminal then sends Ctrl-C as a key as well. */
function ConfirmKey({ style, onConfirm }: { readonly style: Style; readonly onConfirm: () => void }) {
  const [isPressed, setPressed] = useState(false);
  useInput((input, key) => {
    if (key.ctrl && input === 'c') process.kill(process.pid, 'SIGINT');
    else if (input === 'c' && !isPressed) {
      setPressed(true);
      onConfirm();
    }
  });
  return <Text>{isPressed ? style.dim('confirming') : style.cyan('-> or press c')}</Text>;
}

function Next({ canvas, hosts }: { readonly canvas: Canvas; readonly hosts: readonly string[] }) {
  return (
    <Box>
      <Mark canvas={canvas} mark="idle" />
      <Text wrap="truncate">{canvas.style.dim(` then ${hosts.join(', ')}`)}</Text>
    </Box>
  );
}

function hostsToCome({ hosts, view }: SceneProps): string[] {
  return hosts.map(clean).filter(host => !view.blocks.some(block => block.host === host));
}

/** The time now, again and again while it matters. */
function useClock(runs: boolean): number {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(() => setNow(performance.now()), 100);
    return () => clearInterval(timer);
  }, [runs]);
  // An event that came since the last tick began later than that.
  return Math.max(now, performance.now());
}
