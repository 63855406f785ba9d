/**
 * Progress drawn with ink on a terminal. What is over goes up into the scrollback; below it stands the activation that
 * is under way, always lower than the terminal, since ink would clear all of a full one, scrollback and all.
 */

import { render } from 'ink';
import type { Style } from '../cli/style.js';
import type { Progress, ProgressOptions } from './progress.js';
import { Scene, type SceneProps } from './scene.js';
import { begin, see } from './view.js';

export interface Terminal {
  readonly stream: NodeJS.WriteStream;
  readonly style: Style;
  /** False where only ASCII can be shown. */
  readonly unicode: boolean;
}

/** Keys are read from stdin, and only while somebody has to confirm. */
export function openLive(options: ProgressOptions, { stream, style, unicode }: Terminal): Progress {
  const { title, hosts, onConfirm } = options;
  const now = performance.now();
  let scene: SceneProps = {
    title,
    hosts,
    style,
    unicode,
    view: begin(options),
    stepSince: now,
    waitSince: now,
    onConfirm: process.stdin.isTTY ? onConfirm : undefined,
  };
  const app = render(<Scene {...scene} />, {
    stdout: stream,
    // The command decides what an interruption means.
    exitOnCtrlC: false,
    patchConsole: false,
  });
  const stop = showCursorWhileStopped(stream);
  let closing: Promise<void> | undefined;
  async function finish() {
    app.rerender(<Scene {...scene} isClosed />);
    const done = app.waitUntilExit();
    app.unmount();
    await done;
    stop();
    // All is in the scrollback by now. This takes back the empty row that ink draws for an empty frame.
    stream.write('\x1b[1A\x1b[2K');
  }
  return {
    event(event) {
      // The command may be told to end while hosts go on.
      if (closing) return;
      const now = performance.now();
      if (event.event === 'step') scene = { ...scene, stepSince: now, waitSince: now };
      if (event.event === 'awaiting') scene = { ...scene, waitSince: now };
      scene = { ...scene, view: see(scene.view, event) };
      app.rerender(<Scene {...scene} />);
    },
    close() {
      closing ??= finish();
      return closing;
    },
  };
}

/** Ctrl-Z gives the terminal back to the shell. */
function showCursorWhileStopped(stream: NodeJS.WriteStream): () => void {
  const onStop = () => {
    stream.write('\x1b[?25h');
    process.kill(process.pid, 'SIGSTOP');
  };
  const onContinue = () => stream.write('\x1b[?25l');
  process.on('SIGTSTP', onStop).on('SIGCONT', onContinue);
  return () => process.off('SIGTSTP', onStop).off('SIGCONT', onContinue);
}
