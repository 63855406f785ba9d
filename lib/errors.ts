/**
 * What can go wrong, as data. One class; its code decides the exit code (the table below is the only
 * one), its facts stand beside `code` and `message` in the JSON form.
 */

import type { Problem } from './types.js';

/** Exit codes after sysexits(3) where it has one. */
export const exitCodes = {
  /** The operation failed; nothing half-done is left. */
  failed: 1,
  'no-history': 1,
  'bundle-missing': 1,
  'store-damaged': 1,
  'log-damaged': 1,
  'pointer-edited': 1,
  'pointer-behind': 1,
  'io-error': 1,
  'not-reproducible': 1,
  'internal-error': 1,
  'revert-failed': 1,
  /** There is a difference, or verify found a problem. */
  difference: 2,
  /** An activation failed, and everything is as it was. */
  reverted: 3,
  /** A host said no before anything was touched. */
  refused: 4,
  /** Some hosts are not at the target. */
  'hosts-behind': 4,
  usage: 64,
  'unknown-environment': 64,
  'unknown-org': 64,
  'org-exists': 64,
  'unknown-generation': 64,
  'invalid-input': 65,
  /** No word from a host: no way there, no login, a host key that nobody accepted. */
  unreachable: 69,
  /** Somebody else was faster, again and again. */
  busy: 75,
  /** A host was given a generation that the operator's history does not have. */
  moved: 75,
  permission: 77,
} as const;

export type ErrorCode = keyof typeof exitCodes;

export interface ErrorDetails {
  /** The next command, or what to change. */
  readonly hint?: string;
  readonly cause?: unknown;
  readonly facts?: Readonly<Record<string, unknown>>;
}

export class TetraError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'TetraError';
    this.code = code;
    this.hint = details.hint;
    this.facts = details.facts ?? {};
  }
}

/** The words of the command line are wrong; `hint` is the command that says more. */
export function usage(message: string, hint: string): TetraError {
  return new TetraError('usage', message, { hint });
}

/** Invalid input, with every problem that was found in `file`. `text` lets the printer find positions. */
export class InvalidInput extends TetraError {
  readonly problems: readonly Problem[];
  readonly file: string;
  readonly text: string;

  constructor(file: string, text: string, problems: readonly Problem[]) {
    super('invalid-input', `${file}: ${problems.length === 1 ? '1 problem' : `${problems.length} problems`}`);
    this.problems = problems;
    this.file = file;
    this.text = text;
  }
}
