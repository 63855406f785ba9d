/** Names of organizations and environments: they become file names, unit names and chain names on hosts. */

const maxLength = 32;

/** `null` where it is a good name, else what is wrong with it. */
export function orgNameProblem(name: string): string | null {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) return 'an organization is named with a-z, 0-9 and "-", beginning with a letter';
  return name.length > maxLength ? `an organization's name has at most ${maxLength} characters` : null;
}

/** Without a hyphen, so that `<org>-<env>` splits at a known place. */
export function envNameProblem(name: string): string | null {
  if (!/^[a-z][a-z0-9]*$/.test(name)) return 'an environment is named with a-z and 0-9, beginning with a letter';
  return name.length > maxLength ? `an environment's name has at most ${maxLength} characters` : null;
}

/** `@prod`, `prod` and `production` are the same environment. */
export function envName(word: string): string {
  const name = word.startsWith('@') ? word.slice(1) : word;
  return name === 'production' ? 'prod' : name;
}

/** Store names: `<40 hex digits>-<org>-<env>`. */
export function storeName(address: string, org: string, env: string): string {
  return `${address}-${org}-${env}`;
}

export interface StoreName {
  readonly address: string;
  readonly org: string;
  readonly env: string;
}

/** `null` where it is not the name of a bundle. */
export function parseStoreName(name: string): StoreName | null {
  const match = /^([0-9a-f]{40})-([a-z][a-z0-9-]*)-([a-z][a-z0-9]*)$/.exec(name);
  if (!match) return null;
  const [, address, org, env] = match as unknown as [string, string, string, string];
  return { address, org, env };
}

/** The file of a bundle that lists all the others, and whose SHA-256 is the address. */
export const manifestPath = 'bundle.json';
