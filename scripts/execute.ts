/** One program from its start to its end, by zx. */

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { $, type ProcessPromise } from 'zx/core';
import { isErrno } from '../store/durable.js';

export interface RunOptions {
  /** What the program reads; nothing by default. */
  readonly input?: string | Uint8Array | Readable;
  /** Called with each line of stdout as it comes, without its end. What it throws ends the program, and `run` throws it. */
  readonly onLine?: (line: string) => void;
  /** Ends the program; `run` throws the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `code` is `null` where a signal was the program's end. */
export async function execute(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  { input, onLine, signal }: RunOptions = {},
): Promise<Omit<Ran, 'code'> & { readonly code: number | null }> {
  signal?.throwIfAborted();
  const stdin = input === undefined ? 'ignore' : 'pipe';
  // The shell that zx starts becomes the program, so that a signal is the program's.
  const child = $({ env, nothrow: true, quiet: true, stdio: [stdin, 'pipe', 'pipe'] })`exec ${words}`;
  let failure: { readonly reason: unknown } | undefined;
  const end: End = reason => {
    if (failure) return;
    failure = { reason };
    // With all that it started, which zx finds by ps(1), and not every machine has that.
    child.kill().catch(() => child.child?.kill());
    // Others may hold its pipes open: what it started, or the master of an ssh connection.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const abort = () => end(signal?.reason);
  signal?.addEventListener('abort', abort);
  if (onLine) tell(child, onLine, end);
  const [output] = await Promise.all([child, input === undefined ? null : feed(child, input, end)]);
  signal?.removeEventListener('abort', abort);
  if (failure) throw failure.reason;
  return { code: output.exitCode, stdout: output.stdout, stderr: output.stderr };
}

/** Ends the program; the reason is what `execute` throws. */
type End = (reason: unknown) => void;

/** A program may end without having read it all. */
async function feed(child: ProcessPromise, input: string | Uint8Array | Readable, end: End) {
  try {
    await pipeline(input instanceof Readable ? input : Readable.from([input]), child.stdin);
  } catch (error) {
    if (!isErrno(error, 'EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED')) end(error);
  }
}

function tell(child: ProcessPromise, onLine: (line: string) => void, end: End) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string, isLast: boolean) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() as string;
    if (isLast && rest !== '') lines.push(rest);
    try {
      for (const line of lines) onLine(line);
    } catch (error) {
      end(error);
    }
  };
  child.stdout.on('data', (chunk: Buffer) => take(decoder.write(chunk), false));
  child.stdout.once('close', () => take(decoder.end(), true));
}
