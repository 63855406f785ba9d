/** Problems with a file: where they are, with the place marked, and what to do. */

import type { InvalidInput } from '../../lib/errors.js';
import type { Json } from '../../lib/json.js';
import { keyAt } from '../../lib/schema/keys.js';
import { dotted, printable } from '../../lib/text.js';
import type { Place, Positions } from '../../lib/toml/positions.js';
import type { Position, Problem } from '../../lib/types.js';
import type { Style } from './style.js';

export interface LocatedProblem {
  readonly problem: Problem;
  readonly at?: Position;
  /** One past the last character that is meant; absent for a syntax error, which is a point. */
  readonly end?: Position;
}

/** With positions, in the order of the text. */
export async function located(error: InvalidInput): Promise<LocatedProblem[]> {
  const { positions } = await import('../../lib/toml/positions.js');
  let find: Positions | undefined;
  const lookUp = (problem: Problem): LocatedProblem => {
    if (problem.at || !problem.path) return { problem, at: problem.at };
    find ??= placesIn(error.text, positions);
    const place = find(problem.path);
    return place ? { problem, ...span(place, problem.side ?? 'value') } : { problem };
  };
  return error.problems
    .map(lookUp)
    .sort((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0));
}

/** The two parsers may disagree on a text with several faults: then the words have to do without a place. */
function placesIn(text: string, positions: (text: string) => Positions): Positions {
  try {
    return positions(text);
  } catch {
    return () => undefined;
  }
}

export function problemText(error: InvalidInput, { problem, at, end }: LocatedProblem, style: Style): string {
  const place = style.bold(`${error.file}${at ? `:${at.line}:${at.column}` : ''}`);
  const by = problem.layer === 'override' || problem.layer === 'local' ? style.dim(` (set by ${problem.layer})`) : '';
  const lines = [`${place}: ${style.red('error:')} ${problem.message}${by}`];
  const source = at && excerpt(error.text, problem, at, end);
  if (source) {
    const number = String(at.line).padStart(5);
    lines.push(style.dim(`${number} | `) + source.text, style.dim('      | ') + source.pad + style.red(source.marks));
  }
  if (problem.hint) lines.push(`  ${style.cyan('->')} ${problem.hint}`);
  return `${lines.join('\n')}\n`;
}

export function problemJson({ problem, at }: LocatedProblem): Json {
  const { message, hint, layer, rule, reason } = problem;
  const key = problem.key ?? (problem.path && dotted(problem.path));
  return { message, hint, line: at?.line, column: at?.column, key, layer, rule, reason };
}

function span(place: Place, side: 'key' | 'value'): { at: Position; end: Position } {
  return side === 'key' ? { at: place.key, end: place.keyEnd } : { at: place.value, end: place.valueEnd };
}

interface Excerpt {
  readonly text: string;
  readonly pad: string;
  readonly marks: string;
}

/**
 * The line, with the place marked. A value may be a secret that somebody put in the wrong place, so a value is shown
 * only where the key table says that it can be none; of any other line only the key is shown.
 */
function excerpt(text: string, problem: Problem, at: Position, end: Position | undefined): Excerpt | null {
  const line = text.split('\n')[at.line - 1]?.replace(/\r$/, '') ?? '';
  // A row of a list looks like a header, and base64 ends like a key: only what can be neither is shown.
  const header = /^\s*\[{1,2}[A-Za-z_][\w.-]*\]{1,2}(?=\s*(#|$))/.exec(line)?.[0];
  const shown = header ?? /^\s*[A-Za-z_][\w.-]*\s+=\s+/.exec(line)?.[0];
  const before = line.slice(0, at.column - 1);
  const stop = end && end.line === at.line ? end.column - 1 : line.length;
  const meant = end && isHarmless(problem) ? line.slice(at.column - 1, stop) : '';
  if (meant !== '' && isKeyPart(before)) {
    const rest = problem.side === 'key' ? keyRest(line.slice(stop)) : '';
    return { text: printable(before + meant + rest), pad: blank(before), marks: '^'.repeat(printable(meant).length) };
  }
  if (shown === undefined) return null;
  return {
    text: printable(header ?? `${shown}...`),
    pad: blank(before.length < shown.length ? before : shown),
    marks: '^',
  };
}

/** True where only keys and brackets stand left of the place: other values of the line stay hidden. */
function isKeyPart(before: string): boolean {
  return /^[\s\w.\-[\]{"]*(=\s*[[{]?\s*)?$/.test(before) && !/=.*=/.test(before);
}

/** As wide as the text, with its tabs. */
const blank = (text: string): string => printable(text).replace(/[^\t]/g, ' ');

/** What follows a key on its line, without a value. */
function keyRest(after: string): string {
  if (/^\s*=/.test(after)) return ' = ...';
  return /^[\w.\-"]*\]{1,2}/.exec(after)?.[0] ?? '';
}

/** A key, or a value of a kind that is no free text. */
function isHarmless({ path = [], side }: Problem): boolean {
  if (side === 'key') return true;
  const words = path.filter(part => typeof part === 'string');
  const [first, , ...inner] = words;
  const key = first === 'env' ? keyAt(inner) : keyAt(words);
  return key !== undefined && !key.kind.hidden;
}
