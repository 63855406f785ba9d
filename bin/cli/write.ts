/**
 * Writing to the standard streams, straight to the descriptor: nothing is lost at the end of the process, and the
 * stream machinery of Node (2 ms) is not loaded.
 */

import { fstatSync, writeSync } from 'node:fs';
import { isErrno } from '../../store/durable.js';

export type Descriptor = 1 | 2;

/** A reader that has seen enough, such as head(1), is no error: the rest is dropped. */
export function write(descriptor: Descriptor, text: string) {
  let bytes = Buffer.from(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (error) {
      if (isErrno(error, 'EPIPE')) return;
      if (!isErrno(error, 'EAGAIN')) throw error;
      // The other end made the pipe non-blocking and is slow.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

export function isTerminal(descriptor: Descriptor): boolean {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  return descriptor === 1 ? process.stdout.isTTY === true : process.stderr.isTTY === true;
}
