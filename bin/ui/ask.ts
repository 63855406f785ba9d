/** The one question there is. */

import { createInterface } from 'node:readline';

export interface Question {
  /** Ends without a colon or question mark of the prompt. */
  readonly question: string;
  /** What has to be typed: the environment's name. */
  readonly expected: string;
}

/**
 * Asks on stderr, and reads a line from stdin; both have to be terminals. Anything but what is expected means no, and
 * so do an empty line, Ctrl-C and Ctrl-D.
 */
export function askName({ question, expected }: Question): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, historySize: 0 });
  return new Promise(done => {
    let answer: string | undefined;
    lines.on('close', () => {
      // The cursor still stands behind the question.
      if (answer === undefined) process.stderr.write('\n');
      done(answer === expected);
    });
    lines.on('SIGINT', () => lines.close());
    lines.question(`${question}\nType ${expected} to go on: `, text => {
      answer = text.trim();
      lines.close();
    });
  });
}
