/**
 * Reads the one form of tar that `packBundle` writes: POSIX ustar with regular files alone, and a pax header for a path
 * that is too long, with nothing else in it. A general reader has to guess what an archive means, and archives are made
 * to be guessed wrong; this one refuses.
 */

import { TetraError } from '../../lib/errors.js';
import { relativePathProblem } from '../../lib/relative-path.js';
import { quoted } from '../../lib/text.js';

/** How much an archive may hold. Crossing one ends the reading at once. */
export interface Limits {
  /** Files, or files and the folders they need. */
  readonly files: number;
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Bytes of the archive. */
  readonly bytes: number;
}

export interface TarFile {
  readonly path: string;
  readonly content: Buffer;
}

const blockSize = 512;
/** Bytes of a pax header: a path, and a few more. */
const maxPax = 2048;

/** @throws invalid-input where the archive is cut off, too large, or of any other form. */
export async function* readTar(stream: AsyncIterable<Uint8Array>, limits: Limits): AsyncGenerator<TarFile> {
  const reader = new Reader(stream, limits.bytes);
  try {
    let longPath: string | null = null;
    for (let files = 0; ; ) {
      const block = await reader.read(blockSize);
      if (isZero(block)) break;
      const { type, size, path } = parseHeader(block);
      if (type === 'x' && longPath === null) {
        if (size > maxPax) throw refused('has a pax header that is too long');
        longPath = paxPath(await reader.readPadded(size));
        continue;
      }
      const name = longPath ?? path;
      checkFile(block, type, name);
      if (++files > limits.files) throw refused(`holds more than ${limits.files} files`);
      if (size > limits.fileBytes)
        throw refused(`holds ${quoted(name)}, which is larger than ${limits.fileBytes} bytes`);
      yield { path: name, content: await reader.readPadded(size) };
      longPath = null;
    }
    if (longPath !== null) throw refused('ends with a pax header');
    if (!isZero(await reader.read(blockSize))) throw refused('has a block of zeros in the middle');
    await reader.expectEnd();
  } finally {
    await reader.stop();
  }
}

export function refused(problem: string): TetraError {
  return new TetraError('invalid-input', `the archive ${problem}`, {
    hint: 'nothing was taken from it; run the command again',
    facts: { problem },
  });
}

/** Exact numbers of bytes from chunks of any size. */
class Reader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest = Buffer.alloc(0);
  private taken = 0;

  constructor(
    stream: AsyncIterable<Uint8Array>,
    private readonly limit: number,
  ) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  async read(length: number): Promise<Buffer> {
    this.count(length);
    const parts = [this.rest];
    let available = this.rest.length;
    while (available < length) {
      const { value, done } = await this.chunks.next();
      if (done) throw refused('is cut off');
      parts.push(Buffer.from(value));
      available += value.length;
    }
    const all = parts.length === 1 ? this.rest : Buffer.concat(parts);
    this.rest = all.subarray(length);
    return all.subarray(0, length);
  }

  /** Content, and the zeros that fill its last block. */
  async readPadded(length: number): Promise<Buffer> {
    const content = await this.read(length);
    if (!isZero(await this.read(-length & (blockSize - 1)))) throw refused('has something between two files');
    return content;
  }

  /** Nothing but zeros may follow, which some writers fill a record with. */
  async expectEnd() {
    for (let chunk: Uint8Array = this.rest; ; ) {
      this.count(chunk.length);
      if (!isZero(chunk)) throw refused('goes on after its end');
      const next = await this.chunks.next();
      if (next.done) return;
      chunk = next.value;
    }
  }

  async stop() {
    await this.chunks.return?.();
  }

  private count(length: number) {
    this.taken += length;
    if (this.taken > this.limit) throw refused(`is larger than ${this.limit} bytes`);
  }
}

interface TarHeader {
  readonly type: string;
  readonly size: number;
  /** Where no pax header says another. */
  readonly path: string;
}

/** The fields of a ustar header (pax(1)). Owner and time are of no interest. */
function parseHeader(block: Buffer): TarHeader {
  const sum = octal(block, 148, 8);
  // The checksum counts its own field as blanks.
  const counted = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (sum !== counted || block.toString('latin1', 257, 265) !== 'ustar\x0000')
    throw refused('is no tar archive of ours');
  const [name, prefix] = [text(block, 0, 100), text(block, 345, 155)];
  return {
    type: String.fromCharCode(block[156] as number),
    size: octal(block, 124, 12),
    path: prefix === '' ? name : `${prefix}/${name}`,
  };
}

const kinds: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '5': 'a folder of its own',
  '6': 'a fifo',
};

function checkFile(block: Buffer, type: string, path: string) {
  if (type !== '0') throw refused(`holds ${kinds[type] ?? `an entry of type ${quoted(type)}`}: ${quoted(path)}`);
  const problem = relativePathProblem(path);
  if (problem !== null) throw refused(`holds ${quoted(path)}, which ${problem}`);
  if (text(block, 157, 100) !== '') throw refused(`holds ${quoted(path)}, a file with the target of a link`);
  if (octal(block, 100, 8) > 0o777) throw refused(`holds ${quoted(path)}, a file with a special mode`);
}

/** The body of a pax header: one record, `25 path=store/a/b`, which counts its own bytes. */
function paxPath(body: Buffer): string {
  const [, length, path] = /^(\d+) path=([^\n]+)\n$/.exec(utf8(body)) ?? [];
  if (path === undefined || Number(length) !== body.length)
    throw refused('has a pax header that says more than a path');
  return path;
}

/** Digits, ended by blanks or zero bytes. */
function octal(block: Buffer, at: number, length: number): number {
  const [, digits] = /^([0-7]+)[ \0]+$/.exec(block.toString('latin1', at, at + length)) ?? [];
  if (digits === undefined) throw refused('is no tar archive of ours');
  return Number.parseInt(digits, 8);
}

/** Text, ended by a zero byte where it does not fill its field. */
function text(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  if (end >= 0 && !isZero(field.subarray(end))) throw refused('is no tar archive of ours');
  return utf8(end < 0 ? field : field.subarray(0, end));
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused('holds a name that is no UTF-8');
  }
}

const isZero = (bytes: Uint8Array): boolean => bytes.every(byte => byte === 0);
