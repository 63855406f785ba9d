/** The event stream of an activation: a file that it appends to, and that any number of clients read along. */

import { appendFileSync, closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { HostEvent, StepName } from '../../lib/host/activation.js';
import { isErrno } from '../../store/durable.js';

/** A line of the stream; `at` is in ms since the activation began. */
export type WrittenEvent = HostEvent & { readonly at: number };

export class EventWriter {
  private step: StepName = 'lease';

  constructor(
    private readonly path: string,
    private readonly began: number,
  ) {}

  begin(step: StepName, text: string) {
    this.step = step;
    this.write({ event: 'step', step, text });
  }

  note(text: string) {
    this.write({ event: 'note', step: this.step, text });
  }

  /** Events are for people: nothing that is wrong with them stops an activation, least of all one that goes back. */
  write(event: HostEvent) {
    try {
      appendFileSync(this.path, `${JSON.stringify({ ...event, at: Date.now() - this.began })}\n`, { mode: 0o600 });
    } catch {
      // What came of it is in the record.
    }
  }
}

/** Reads the events that came since the last call; a line that is still being written waits for the next. */
export class EventReader {
  private offset = 0;
  private rest = '';
  private readonly decoder = new StringDecoder('utf8');

  constructor(private readonly path: string) {}

  read(): WrittenEvent[] {
    const lines = (this.rest + this.newText()).split('\n');
    this.rest = lines.pop() as string;
    return lines.flatMap(parse);
  }

  private newText(): string {
    let descriptor: number;
    try {
      descriptor = openSync(this.path, 'r');
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return '';
      throw error;
    }
    try {
      let text = '';
      const buffer = Buffer.alloc(65536);
      for (;;) {
        const length = readSync(descriptor, buffer, 0, buffer.length, this.offset);
        if (length === 0) return text;
        this.offset += length;
        text += this.decoder.write(buffer.subarray(0, length));
      }
    } finally {
      closeSync(descriptor);
    }
  }
}

/** A line that was cut off by a full disk is no event. */
function parse(line: string): WrittenEvent[] {
  try {
    return [JSON.parse(line) as WrittenEvent];
  } catch {
    return [];
  }
}
