/**
 * The files of a new organization. The comments of local.toml say what each environment makes of a setting; they are
 * made by promoting the template itself, so they cannot be wrong.
 */

import { type Key, keyAt, type Section, sections } from './schema/keys.js';
import { dotted, keyText } from './text.js';
import { formatValue } from './toml/format.js';
import { newTable } from './toml/values.js';
import type { Leaf, Table, Value } from './types.js';

/** What differs from laptop to laptop. */
export interface Laptop {
  readonly user: string;
  readonly os: 'linux' | 'darwin';
}

const tetra = {
  enabled: true,
  description: 'Tetra main server',
  command: 'node server/server.js',
  working_dir: '${TETRA_SRC}',
  env_file: 'env/local.env',
  auto_restart: false,
};

const devpages = {
  enabled: false,
  description: 'Documentation pages',
  command: 'npm start',
  working_dir: '${TETRA_SRC}/../devpages',
  auto_restart: false,
};

/** The settings of a new local.toml. */
export function templateSettings({ user, os }: Laptop): Table {
  const settings = newTable();
  for (const [name, section] of Object.entries(sections)) settings[name] = defaultsOf(section);
  const of = (name: string) => settings[name] as Record<string, Value>;
  Object.assign(of('deployment'), { user, group: os === 'darwin' ? 'staff' : user });
  Object.assign(of('system'), { os });
  settings.ports = Object.assign(newTable(), { tetra: 4444, devpages: 3000, api: 8080 }, of('ports'));
  Object.assign(of('services'), { tetra, devpages });
  return settings;
}

function defaultsOf(section: Section): Table {
  const table = newTable();
  for (const [name, key] of Object.entries(section.keys)) if (key.fallback !== undefined) table[name] = key.fallback;
  return table;
}

/** What one environment makes of the template. */
export interface Example {
  readonly env: string;
  readonly leaves: ReadonlyMap<string, Leaf>;
}

export function templateText(settings: Table, org: string, examples: readonly Example[]): string {
  const lines = [
    `# ${org}: the one file that you edit. Every environment is generated from it:`,
    '#',
    '#   tsm org promote @dev        tsm org promote @staging        tsm org promote @prod',
    '#',
    '# The values here are those of your own machine. Behind a value stands what the environments make of it; where',
    '# nothing stands, they take it as it is. To decide otherwise for one environment, say so at the end of this file.',
    '# Keys that you leave out have the defaults that stand here. Your own settings go under [app].',
  ];
  for (const [name, section] of Object.entries(sections)) {
    const table = settings[name] as Table;
    lines.push('', '', `# ${section.doc}`);
    if (section.each) {
      for (const [i, entry] of Object.keys(table).entries()) {
        lines.push(...(i > 0 ? [''] : []), `[${name}.${entry}]`);
        lines.push(...settingLines(table[entry] as Table, [name, entry], examples));
      }
      lines.push('', ...furtherLines(name, section.each, Object.values(table) as Table[]));
    } else lines.push(`[${name}]`, ...settingLines(table, [name], examples));
  }
  lines.push('', '', ...closing);
  return `${lines.join('\n')}\n`;
}

function settingLines(table: Table, path: readonly string[], examples: readonly Example[]): string[] {
  const settings = Object.entries(table).map(([name, value]) => ({
    text: `${keyText(name)} = ${formatValue(value)}`,
    comment: commentFor([...path, name], value, examples),
  }));
  const width = Math.max(0, ...settings.filter(({ comment }) => comment).map(({ text }) => text.length));
  return settings.map(({ text, comment }) => (comment ? `${text.padEnd(width)}  # ${comment}` : text));
}

/** What an entry of the section can say beside what the template says. */
function furtherLines(name: string, each: Section, entries: readonly Table[]): string[] {
  const unused = Object.entries(each.keys).filter(([key]) => !entries.some(entry => key in entry));
  return [
    '# What else can be said:',
    ...optionLines(`${name}.NAME`, unused),
    ...Object.entries(each.tables ?? {}).flatMap(([table, { keys, others }]) =>
      optionLines(`${name}.NAME.${table}`, [...Object.entries(keys), ...(others ? [['NAME', others] as const] : [])]),
    ),
  ];
}

function optionLines(table: string, options: readonly (readonly [string, Key])[]): string[] {
  const width = Math.max(...options.map(([name]) => name.length));
  return ['#', `#   [${table}]`, ...options.map(([name, { doc }]) => `#   ${name.padEnd(width)}  ${doc}`)];
}

/** `every server: true`, or `dev: "debug", staging: "info", prod: "warn"`; what the key is for where they leave it. */
function commentFor(path: readonly string[], value: Value, examples: readonly Example[]): string {
  const made = examples.map(({ env, leaves }) => ({ env, leaf: leaves.get(dotted(path)) }));
  const ruled = made.filter(({ leaf }) => leaf?.layer === 'profile' && formatValue(leaf.value) !== formatValue(value));
  const doc = keyAt(path)?.doc ?? '';
  if (ruled.length === 0) return doc;
  const texts = ruled.map(({ leaf }) => formatValue((leaf as Leaf).value));
  if (ruled.length === made.length && new Set(texts).size === 1) return `every server: ${texts[0]}`;
  return ruled.map(({ env }, i) => `${env}: ${texts[i]}`).join(', ');
}

const closing = [
  '# Settings of your application: tsm hands them on untouched, in env.toml. Tables of other names work as well.',
  '[app]',
  '',
  '',
  '# Your word for one environment. It wins over what the profile of that environment says:',
  '#',
  '#   [env.prod.deployment]',
  '#   domain = "shop.example.com"',
  '#',
  '# An environment of your own:',
  '#',
  '#   [env.qa]',
  '#   extends = "staging"',
  '#   ports.offset = 100',
  '#',
  '# A rule that an environment insists on can be waived in the open, and is then shown by promote and history:',
  '#',
  '#   [[env.prod.accept]]',
  '#   rule = "offsite-target"',
  '#   reason = "the database is replicated to the second site"',
];

export function manifestText(org: string): string {
  return [
    `# What is said of ${org} as a whole. None of it reaches a bundle but the name.`,
    '[organization]',
    `name = "${org}"`,
    'description = ""',
    'contact = ""',
    '',
    '[history]',
    'retention = 10  # generations that garbage collection keeps at least',
    '',
  ].join('\n');
}

export function gitignoreText(): string {
  return [
    '# Generated from local.toml, or secret. Sharing a history is not the work of git.',
    '/environments/*',
    '!/environments/local.toml',
    '/history/',
    '/secrets/',
    '',
  ].join('\n');
}
