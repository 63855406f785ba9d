/** The hosts that manifest.toml names: where an environment lives, and how ssh(1) gets there. */

import { normalize } from 'node:path/posix';
import { envName, envNameProblem } from './names.js';
import { nearest } from './nearest.js';
import { parseNetwork } from './network.js';
import { byCodeUnits, dotted, hasControls, quoted } from './text.js';
import { isList } from './toml/values.js';
import type { Problem, Table, Value } from './types.js';

export interface Host {
  readonly name: string;
  readonly address: Address;
  /** `null` for all of them. */
  readonly environments: readonly string[] | null;
  readonly roles: readonly string[];
}

export type Address =
  /** `destination` is an address, a host name or an alias of ssh_config(5). */
  | { readonly kind: 'ssh'; readonly destination: string; readonly port?: number; readonly user?: string }
  /** A folder of this machine that stands for the root of a host. */
  | { readonly kind: 'local'; readonly root: string };

const localPrefix = 'local:';

/** The hosts of an environment, in the order of the file. `manifest` is valid. */
export function hostsOf(manifest: Table, env: string): Host[] {
  return allHosts(manifest).filter(({ environments }) => environments === null || environments.includes(env));
}

export function allHosts(manifest: Table): Host[] {
  return Object.entries((manifest.hosts ?? {}) as Table).map(([name, table]) => hostOf(name, table as Table));
}

function hostOf(name: string, table: Table): Host {
  return {
    name,
    address: addressOf(table),
    environments: table.env === undefined ? null : wordsOf(table.env).map(envName),
    roles: table.roles === undefined ? [] : wordsOf(table.roles),
  };
}

function addressOf({ address, port, user }: Table): Address {
  const text = address as string;
  if (text.startsWith(localPrefix)) return { kind: 'local', root: text.slice(localPrefix.length) };
  return {
    kind: 'ssh',
    destination: text,
    ...(port === undefined ? {} : { port: port as number }),
    ...(user === undefined ? {} : { user: user as string }),
  };
}

const wordsOf = (value: Value): string[] => (isList(value) ? value : [value]) as string[];

export type Selection =
  | { readonly hosts: readonly Host[]; readonly problem?: undefined }
  | { readonly problem: string; readonly hint?: string };

/** The hosts of that name, or those that fit a pattern such as `web*`. None is a problem. */
export function selectHosts(hosts: readonly Host[], pattern: string): Selection {
  const expression = new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`);
  const found = hosts.filter(host => expression.test(host.name));
  if (found.length > 0) return { hosts: found };
  const names = hosts.map(host => host.name);
  const near = nearest(pattern, names);
  return {
    problem: pattern.includes('*') ? `no host fits ${quoted(pattern)}` : `no host is named ${quoted(pattern)}`,
    hint: near ? `did you mean ${near}?` : listing(names),
  };
}

function listing(names: readonly string[]): string {
  if (names.length === 0) return 'name one in manifest.toml: [hosts.web1] address = "10.0.0.5"';
  return `the hosts are ${[...names].sort(byCodeUnits).join(', ')}`;
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** What is wrong with `[hosts.*]` beyond what the schema says. */
export function hostProblems(hosts: Table): Problem[] {
  return Object.entries(hosts).flatMap(([name, value]) => {
    const path = ['hosts', name];
    const table = value as Table;
    return [
      ...nameProblems(name, path),
      ...addressProblems(table, path),
      ...environmentProblems(table.env, [...path, 'env']),
      ...roleProblems(table.roles, [...path, 'roles']),
    ];
  });
}

function nameProblems(name: string, path: readonly string[]): Problem[] {
  if (/^[a-z0-9][a-z0-9.-]{0,62}$/.test(name)) return [];
  const message = `${quoted(name)} is no name for a host`;
  return [{ message, hint: 'hosts are named with a-z, 0-9, "." and "-", at most 63 characters', path, side: 'key' }];
}

function addressProblems(table: Table, path: readonly string[]): Problem[] {
  const { address, user } = table;
  const problem = (name: string, message: string, hint?: string): Problem[] => [
    { message: `${dotted([...path, name])} ${message}`, hint, path: [...path, name] },
  ];
  const text = address as string;
  if (text.startsWith(localPrefix)) {
    const wrong = localProblem(text.slice(localPrefix.length));
    return [
      ...(wrong ? problem('address', wrong) : []),
      ...['port', 'user'].flatMap(name => (name in table ? problem(name, 'makes no sense for a local folder') : [])),
    ];
  }
  const wrong = destinationProblem(text);
  return [
    ...(wrong ? problem('address', ...wrong) : []),
    ...(user !== undefined && !isUser(user as string) ? problem('user', 'must be the name of an account') : []),
  ];
}

function localProblem(root: string): string | null {
  if (!root.startsWith('/') || normalize(root) !== root || (root.length > 1 && root.endsWith('/')))
    return 'must be an absolute path without ".", ".." or a "/" at the end: "local:/srv/host1"';
  if (root === '/') return 'must name a folder that stands for a host, not this machine itself';
  return hasControls(root) ? 'must not hold control or invisible formatting characters' : null;
}

/**
 * ssh reads what begins with "-" as an option, and may hand a host name to a shell (ProxyCommand in ssh_config(5)), so
 * none but harmless characters are taken.
 */
function destinationProblem(text: string): [message: string, hint?: string] | null {
  const [, user, rest] = /^([^@]*)@(.*)$/.exec(text) ?? [];
  if (user !== undefined)
    return ['must not hold the user', `write: address = ${quoted(rest as string)}, user = ${quoted(user)}`];
  const [, name, port] = /^([^:]+):(\d+)$/.exec(text) ?? [];
  if (port !== undefined)
    return ['must not hold the port', `write: address = ${quoted(name as string)}, port = ${port}`];
  const [address] = text.split('%', 1) as [string];
  const isAddress = text.includes(':') && !text.includes('/') && parseNetwork(address) !== null;
  if (isAddress ? /^[0-9a-fA-F:.]+(%[A-Za-z0-9_.-]+)?$/.test(text) : /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(text))
    return null;
  return ['must be an address, a host name, a name of ~/.ssh/config or "local:/folder"'];
}

const isUser = (text: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.@$+-]{0,255}$/.test(text);

function environmentProblems(value: Value | undefined, path: readonly string[]): Problem[] {
  if (value === undefined) return [];
  const words = isList(value) ? value : [value];
  if (words.length === 0)
    return [{ message: `${dotted(path)} must name an environment`, hint: 'left out, it means all', path }];
  const bad = words.find(word => typeof word !== 'string' || envNameProblem(envName(word)) !== null);
  if (bad === undefined) return [];
  return [{ message: `${dotted(path)} must be the name of an environment, or a list of names`, path }];
}

function roleProblems(value: Value | undefined, path: readonly string[]): Problem[] {
  const bad = ((value ?? []) as readonly string[]).find(role => !/^[a-z][a-z0-9-]{0,62}$/.test(role));
  if (bad === undefined) return [];
  return [{ message: `${dotted(path)} holds ${quoted(bad)}: a role is named with a-z, 0-9 and "-"`, path }];
}
