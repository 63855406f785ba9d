/** Tar archives byte by byte, also those that no good program writes (pax(1), ustar Interchange Format). */

export interface RawEntry {
  readonly path?: string | Buffer;
  readonly prefix?: string;
  readonly content?: string | Buffer;
  readonly type?: string;
  readonly mode?: number;
  readonly link?: string;
  readonly magic?: string;
  /** The text of a field, where it is not to be what the content says. */
  readonly size?: string;
  readonly checksum?: string;
}

export function rawEntry(entry: RawEntry): Buffer {
  const { path = 'a', prefix = '', type = '0', mode = 0o444, link = '', magic = 'ustar\x0000' } = entry;
  const content = Buffer.from(entry.content ?? '');
  const header = Buffer.alloc(512);
  header.set(Buffer.from(path).subarray(0, 100), 0);
  header.write(`${octal(mode, 7)}\0`, 100, 'latin1');
  header.write(entry.size ?? `${octal(content.length, 11)}\0`, 124, 'latin1');
  header.write(' '.repeat(8), 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write(link, 157, 100, 'latin1');
  header.write(magic, 257, 'latin1');
  header.write(prefix, 345, 155, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(entry.checksum ?? `${octal(sum, 6)}\0 `, 148, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc(-content.length & 511)]);
}

/** A pax header with these records. */
export function rawPax(records: Readonly<Record<string, string>>, type = 'x'): Buffer {
  const content = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    const length = (digits: number) => Buffer.byteLength(rest) + digits;
    const digits = String(length(String(length(1)).length)).length;
    return `${length(digits)}${rest}`;
  });
  return rawEntry({ path: 'PaxHeader/a', type, content: content.join('') });
}

export const tarEnd = Buffer.alloc(1024);

export const rawTar = (...entries: readonly (RawEntry | Buffer)[]): Buffer =>
  Buffer.concat([...entries.map(entry => (Buffer.isBuffer(entry) ? entry : rawEntry(entry))), tarEnd]);

const octal = (value: number, width: number): string => value.toString(8).padStart(width, '0');

/** The bytes in chunks, as a stream brings them; `taken` counts how many were asked for. */
export class Chunks implements AsyncIterable<Buffer> {
  taken = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly size = 65536,
  ) {}

  async *[Symbol.asyncIterator]() {
    for (; this.taken < this.bytes.length; ) {
      const chunk = this.bytes.subarray(this.taken, this.taken + this.size);
      this.taken += chunk.length;
      yield chunk;
    }
  }
}
