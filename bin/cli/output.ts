/** Results and errors on the screen, or as JSON: data on stdout, words beside it on stderr. */

import { exitCodes, InvalidInput, TetraError } from '../../lib/errors.js';
import type { Json } from '../../lib/json.js';
import type { Outcome, Screen } from './command.js';
import { type Style, styleFor } from './style.js';
import { isTerminal, write } from './write.js';

export async function printOutcome(outcome: Outcome, screen: Screen): Promise<number> {
  const errors = styleFor(screen.color, isTerminal(2));
  const { data } = outcome;
  if (screen.json) printJson({ schema: outcome.schema, ...(typeof data === 'function' ? await data() : data) });
  else {
    write(1, outcome.text(styleFor(screen.color, isTerminal(1))));
    for (const warning of outcome.warnings ?? []) write(2, `${errors.yellow('warning:')} ${warning}\n`);
  }
  return outcome.exit ?? 0;
}

export async function printError(error: unknown, screen: Screen): Promise<number> {
  const known = asTetraError(error);
  if (known instanceof InvalidInput) await printProblems(known, screen);
  else if (screen.json) printJson({ schema: 'tsm/error/1', error: errorJson(known) });
  else write(2, errorText(known, styleFor(screen.color, isTerminal(2))));
  return exitCodes[known.code];
}

async function printProblems(error: InvalidInput, { json, color }: Screen) {
  // Loaded here, since they need the whole key table, and most commands go well.
  const { located, problemJson, problemText } = await import('./problems.js');
  const problems = await located(error);
  const members = { ...errorJson(error), file: error.file, problems: problems.map(problemJson) };
  const style = styleFor(color, isTerminal(2));
  if (json) printJson({ schema: 'tsm/error/1', error: members });
  else write(2, problems.map(problem => problemText(error, problem, style)).join(''));
}

function printJson(value: Json) {
  write(1, `${JSON.stringify(value, null, 2)}\n`);
}

function errorText(error: TetraError, style: Style): string {
  return `${style.red('error:')} ${error.message}\n${error.hint ? `  ${style.cyan('->')} ${error.hint}\n` : ''}`;
}

function errorJson({ code, message, hint, facts }: TetraError) {
  return { code, message, hint, ...(facts as Record<string, Json>) };
}

/** Errors of the system become words; anything else is a bug of ours, and says so. */
function asTetraError(error: unknown): TetraError {
  if (error instanceof TetraError) return error;
  const { code, path, message } = error as NodeJS.ErrnoException;
  const where = path ? `: ${path}` : '';
  const words = code === undefined ? undefined : systemErrors[code];
  if (words) {
    const [kind, text, hint] = words;
    return new TetraError(kind, text + where, { hint, cause: error, facts: { errno: code, path } });
  }
  const hint = 'please report this, with the output of TETRA_DEBUG=1';
  if (process.env.TETRA_DEBUG) write(2, `${(error as Error).stack}\n`);
  return new TetraError('internal-error', `tsm failed in a way it does not know: ${message}`, { hint, cause: error });
}

const systemErrors: Readonly<Record<string, readonly ['io-error' | 'permission', string, string]>> = {
  ENOSPC: ['io-error', 'the disk is full', 'make room, then run the command again'],
  EDQUOT: ['io-error', 'the disk quota is used up', 'make room, then run the command again'],
  EIO: ['io-error', 'the disk reports an error', 'look at the disk (dmesg), then run: tsm store verify'],
  EROFS: ['io-error', 'the file system is read-only', 'point TETRA_DIR to a folder that can be written'],
  EACCES: ['permission', 'no permission', 'check the owner and mode of the folder'],
  EPERM: ['permission', 'not permitted', 'check the owner and mode of the folder'],
  ENOENT: ['io-error', 'there is no such file or folder', 'check the path'],
  ENOTDIR: ['io-error', 'a part of the path is not a folder', 'check the path'],
  ELOOP: ['io-error', 'the links of the path lead in a circle', 'look where they point: ls -l'],
  EISDIR: ['io-error', 'there is a folder where a file should be', 'look what it is: ls -l'],
  ENAMETOOLONG: ['io-error', 'the path is too long', 'use a shorter one'],
  EMFILE: ['io-error', 'too many open files', 'raise the limit (ulimit -n), then run the command again'],
};
