/** Terminals for tests: one that keeps what is written to it, and a real pseudo terminal for a whole process. */

import { spawn } from 'node:child_process';
import { Writable } from 'node:stream';

/** Stands for `process.stderr` on a terminal. */
export class FakeTerminal extends Writable {
  readonly isTTY = true;
  readonly writes: string[] = [];

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    super({ decodeStrings: false });
  }

  override _write(chunk: string, _: BufferEncoding, done: () => void) {
    this.writes.push(chunk);
    done();
  }

  get asStream(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream;
  }
}

export interface Drawn {
  /** All rows, with those that have scrolled away. */
  readonly lines: readonly string[];
  /** The cursor's, counted from the first. */
  readonly row: number;
  readonly cursorShown: boolean;
  /** The widest that a row ever was. */
  readonly widest: number;
  /** The highest that the cursor ever went, in rows above the lowest row. */
  readonly highest: number;
}

/** What is on a terminal after this output: what ink and readline write of ECMA-48, and nothing else. */
export function drawn(output: string): Drawn {
  const lines = [''];
  let [row, column, widest, highest, cursorShown] = [0, 0, 0, 0, true];
  for (const [part] of output.matchAll(/\x1b\[[?\d;]*[a-zA-Z]|[\n\r]|[^\x1b\n\r]+|\x1b/g)) {
    const line = lines[row] as string;
    const count = Number(/^\x1b\[(\d+)/.exec(part)?.[1] ?? 1);
    if (part === '\n') [row, column] = [row + 1, 0];
    else if (part === '\r' || part.endsWith('G')) column = count - 1;
    else if (!part.startsWith('\x1b')) {
      lines[row] = line.slice(0, column).padEnd(column) + part + line.slice(column + part.length);
      column += part.length;
    } else if (part.endsWith('K')) lines[row] = part === '\x1b[2K' ? '' : line.slice(0, column);
    else if (part.endsWith('A')) row -= count;
    else if (part.endsWith('J')) lines.splice(row + 1);
    else if (part.startsWith('\x1b[?25')) cursorShown = part.endsWith('h');
    else if (!part.endsWith('m') && !part.startsWith('\x1b[?')) throw new Error(`unknown: ${JSON.stringify(part)}`);
    while (lines.length <= row) lines.push('');
    widest = Math.max(widest, (lines[row] as string).length);
    highest = Math.max(highest, lines.length - 1 - row);
  }
  return { lines: lines.map(line => line.trimEnd()), row, cursorShown, widest, highest };
}

export interface Played {
  readonly code: number | null;
  readonly output: string;
}

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly term?: string;
  /** What is typed once its question is on the screen, in this order. */
  readonly answers?: readonly (readonly [question: string, answer: string])[];
}

/** Runs a TypeScript file on a terminal that script(1) makes; the terminal's modes (stty -a) follow its output. */
export function inTerminal(file: string, args: readonly string[], options: TerminalOptions = {}): Promise<Played> {
  const { columns = 80, rows = 24, term = 'xterm', answers = [] } = options;
  const node = [process.execPath, '--import', 'tsx', file, ...args].map(word => `'${word}'`).join(' ');
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, TERM: term, LANG: 'C.UTF-8', SHELL: '/bin/sh' };
  // The shell lives on where Ctrl-C ends what it runs.
  const command = `trap : INT; stty cols ${columns} rows ${rows}; ${node}; code=$?; stty -a; exit $code`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env });
  const waiting = [...answers];
  let output = '';
  return new Promise(done => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (waiting[0] && output.includes(waiting[0][0])) child.stdin.write((waiting.shift() as [string, string])[1]);
    });
    child.on('close', code => done({ code, output }));
  });
}
