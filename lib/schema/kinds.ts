/** The kinds of value that a key can have: what a validator checks, and what is said when it does not hold. */

import { cronProblem } from '../cron.js';
import type { Json } from '../json.js';
import { baseOf, parseNetwork } from '../network.js';
import { hasControls } from '../text.js';
import { isList } from '../toml/values.js';
import type { Value } from '../types.js';

export interface Kind {
  /** Completes the sentence "must be ...". */
  readonly says: string;
  /** JSON Schema for the value. */
  readonly schema: { readonly [key: string]: Json };
  /** What a JSON Schema cannot say; `null` where the value is good. Called on values that fit the schema. */
  readonly check?: (value: Value) => string | null;
  /** True where a secret could stand by mistake: no message shows the value. */
  readonly hidden?: true;
  /** What happens to the value last, whichever layer set it (`lib/expand.ts`). */
  readonly expands?: 'path' | 'command' | 'variables' | 'port';
}

/** Longer text has no business in a unit file, where systemd reads lines of at most 1 MiB (systemd.syntax(7)). */
const maxText = 4096;

export const flag: Kind = { says: 'true or false', schema: { type: 'boolean' } };

/** One line of text for people. systemd trims it, and would read a backslash at the end as a continuation. */
export const line: Kind = {
  says: 'one line of text',
  hidden: true,
  schema: { type: 'string', maxLength: maxText },
  check: value => {
    if (hasControls(value as string)) return 'must not hold control or invisible formatting characters';
    if ((value as string).trim() !== value) return 'must not begin or end with white space';
    return (value as string).endsWith('\\') ? 'must not end with a backslash' : null;
  },
};

export const command: Kind = {
  says: 'a command line',
  hidden: true,
  schema: { type: 'string', maxLength: maxText },
  expands: 'command',
  check: value => (hasControls(value as string) ? 'must not hold control or invisible formatting characters' : null),
};

/** The value of an environment variable of a service. */
export const variable: Kind = {
  says: 'text',
  schema: { type: 'string', maxLength: maxText },
  expands: 'variables',
  hidden: true,
  check: value => (hasControls(value as string) ? 'must not hold control or invisible formatting characters' : null),
};

/** Absolute after expansion, and of characters that no unit file, shell or rule set reads as syntax. */
export const path: Kind = pathOf('^(~$|~/|\\$\\{[A-Z_]+\\}|/)');

/** Like `path`, or relative to the folder of the environment's secrets. */
export const secretsPath: Kind = {
  ...pathOf('^(~/|\\$\\{[A-Z_]+\\}|/|[A-Za-z0-9_])'),
  says: 'a path, absolute or relative to the secrets folder',
};

function pathOf(start: string): Kind {
  return {
    says: 'a path: absolute, or beginning with ~/, ${TETRA_SRC} or ${TETRA_DIR}',
    schema: { type: 'string', maxLength: 1024, anyOf: [{ maxLength: 0 }, { pattern: start }] },
    expands: 'path',
    check: value =>
      isWord((value as string).replace(/\$\{[A-Z_]+\}/g, ''))
        ? null
        : 'must be a path without spaces, quotes, backslashes or $ * ? [ ] characters',
  };
}

// Compiling a pattern of Unicode classes takes half a millisecond, and nearly every path is ASCII.
function isWord(text: string): boolean {
  return /^[A-Za-z0-9._+@%:,=~/-]*$/.test(text) || /^[\p{L}\p{N}._+@%:,=~/-]*$/u.test(text);
}

export const account: Kind = {
  says: 'an account name: a-z, 0-9, _ and -, at most 31 characters',
  schema: { type: 'string', pattern: '^[a-z_][a-z0-9_-]{0,30}$' },
};

export const hostname: Kind = {
  says: 'a host name',
  schema: {
    type: 'string',
    maxLength: 253,
    pattern: '^$|^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
  },
};

export const timezone: Kind = {
  says: 'a time zone such as UTC or Europe/Berlin',
  schema: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*){0,2}$' },
};

export const variableName = '^[A-Za-z_][A-Za-z0-9_]*$';

export const variableNames: Kind = {
  says: 'a list of environment variable names',
  schema: { type: 'array', items: { type: 'string', pattern: variableName, maxLength: 256 } },
  hidden: true,
};

export const tableNames: Kind = {
  says: 'a list of names of tables',
  schema: { type: 'array', items: { type: 'string', minLength: 1 } },
};

/** Without white space: they stand side by side in a unit. */
export const roleNames: Kind = {
  says: 'a list of roles, each named with a-z, 0-9 and -, beginning with a letter',
  schema: { type: 'array', items: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,31}$' } },
};

export const portNumber: Kind = {
  says: 'a port, 1 to 65535',
  schema: { type: 'integer', minimum: 1, maximum: 65535 },
  expands: 'port',
};

/** Text is a name of [ports], which the offset moves; a number is what it is. Empty text stands for no port. */
export const checkedPort: Kind = {
  says: 'the name of a port in [ports], a number from 1 to 65535, or true for the port of the service',
  schema: {
    anyOf: [{ type: 'string', maxLength: 31 }, { type: 'integer', minimum: 1, maximum: 65535 }, { const: true }],
  },
};

/**
 * A path on the service's own port, or a URL (RFC 3986) without a user, which would be a secret. Empty text stands for
 * none. What a variable stands for is checked once more when it is known (`lib/checks/health.ts`).
 */
export const checkedUrl: Kind = {
  says: 'a path such as "/health", or a URL such as "http://127.0.0.1:8080/health"',
  hidden: true,
  schema: { type: 'string', maxLength: 1024 },
  expands: 'variables',
  check: value => {
    const text = (value as string).replace(/\$\{\w+\}/g, '1');
    if (text.startsWith('https:')) return 'must begin with http://; for TLS, let `command` ask, for example with curl';
    return text === '' || isPathOrUrl(text) ? null : `must be ${checkedUrl.says}`;
  },
};

function isPathOrUrl(text: string): boolean {
  const parts = /^(?:http:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?)?(\/[\w.~!$&'()*+,;=:@%/?-]*)?$/i.exec(
    text,
  );
  const port = Number(parts?.[1] ?? 80);
  return parts !== null && port >= 1 && port <= 65535;
}

/** Ports that are not ours, so that the offset does not move them. */
export const foreignPorts: Kind = {
  says: 'a list of ports, 1 to 65535',
  schema: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 65535 } },
};

export const networks: Kind = {
  says: 'a list of networks such as "10.0.0.0/8" or "2001:db8::/32"',
  schema: { type: 'array', items: { type: 'string' } },
  check: value => {
    for (const text of isList(value) ? value : []) {
      const network = parseNetwork(text as string);
      if (!network) return `must be a list of networks such as "10.0.0.0/8"; one of them is not`;
      const base = baseOf(network);
      if (base !== network.text) return `holds ${network.text}, which has host bits set: ${base} is the network`;
    }
    return null;
  },
};

export const schedule: Kind = {
  says: 'a schedule as cron text such as "0 3 * * *"',
  schema: { type: 'string', maxLength: 200 },
  check: value => {
    const problem = value === '' ? null : cronProblem(value as string);
    return problem && `must be a schedule as cron text such as "0 3 * * *": ${problem}`;
  },
};

export function whole(min: number, max: number, unit: string): Kind {
  return { says: `${unit}, ${min} to ${max}`, schema: { type: 'integer', minimum: min, maximum: max } };
}

export function oneOf(...words: readonly string[]): Kind {
  return { says: `one of ${words.join(', ')}`, schema: { type: 'string', enum: words } };
}
