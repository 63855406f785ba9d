/** The files that an environment has on a host: those it should have, those it has, and the difference. */

import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseUnit } from '../../lib/host/unit.js';
import { header } from '../../lib/render/sheet.js';
import { byCodeUnits } from '../../lib/text.js';
import { namesIn } from '../../store/durable.js';
import type { EnvironmentLayout, HostLayout } from './layout.js';
import type { Change, Content } from './swap.js';

/** Unit files by name, as text. */
export type Units = ReadonlyMap<string, string>;

/** The units of a bundle, whatever their roles. */
export function unitsOfBundle(layout: HostLayout, bundle: string): Units {
  const folder = join(layout.store.object(bundle), 'systemd');
  return new Map(namesIn(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** The unit files of the environment that lie on the host, known by their first line. */
export function unitsOnHost(layout: HostLayout, environment: EnvironmentLayout): Units {
  const units = new Map<string, string>();
  for (const name of namesIn(layout.units)) {
    if (!isNamedOurs(name, environment)) continue;
    const text = textOf(join(layout.units, name));
    if (text !== null && isOurs(text, environment)) units.set(name, text);
  }
  return units;
}

/** What the host should have of it, path by path. */
export function wantedFiles(layout: HostLayout, units: Units): Map<string, Content> {
  const files = new Map<string, Content>();
  for (const [name, text] of units) {
    files.set(join(layout.units, name), { kind: 'file', text, mode: 0o644 });
    for (const target of wantedBy(text))
      files.set(join(layout.units, `${target}.wants`, name), { kind: 'link', target: `../${name}` });
  }
  return files;
}

/** What takes the host there: nothing for a path that is as it should be already. */
export function changesTo(
  layout: HostLayout,
  environment: EnvironmentLayout,
  wanted: ReadonlyMap<string, Content>,
): Change[] {
  const gone = filesOnHost(layout, environment).filter(path => !wanted.has(path));
  const changes = [
    ...gone.map(path => ({ path, content: null })),
    ...[...wanted].filter(([path, content]) => !isThere(path, content)).map(([path, content]) => ({ path, content })),
  ];
  return changes.sort((a, b) => byCodeUnits(a.path, b.path));
}

/** Files in the way that are not this environment's, with what is known of them. */
export function foreignFiles(environment: EnvironmentLayout, wanted: ReadonlyMap<string, Content>): string[] {
  return [...wanted].flatMap(([path, content]) => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat || content === null) return [];
    if (content.kind === 'link') return stat.isSymbolicLink() ? [] : [`${path} is not a link`];
    const text = stat.isFile() ? textOf(path) : null;
    if (text !== null && isOurs(text, environment)) return [];
    const other = /^# (\S+): made by tsm/.exec(text ?? '')?.[1];
    return [other ? `${path} belongs to ${other}` : `${path} was not made by tsm`];
  });
}

/** Everything of the environment in systemd's folder: its units, and the links that pull them in. */
function filesOnHost(layout: HostLayout, environment: EnvironmentLayout): string[] {
  const units = [...unitsOnHost(layout, environment).keys()].map(name => join(layout.units, name));
  const folders = namesIn(layout.units).filter(name => name.endsWith('.wants'));
  const links = folders.flatMap(folder =>
    namesIn(join(layout.units, folder))
      .filter(name => isNamedOurs(name, environment))
      .map(name => join(layout.units, folder, name))
      .filter(path => isOurLink(layout, environment, path)),
  );
  return [...units, ...links];
}

/** Ours leads to a unit file of ours, or to one that is gone. */
function isOurLink(layout: HostLayout, environment: EnvironmentLayout, path: string): boolean {
  if (!lstatSync(path).isSymbolicLink()) return false;
  const target = readlinkSync(path);
  if (!/^\.\.\/[^/]+$/.test(target)) return false;
  const text = textOf(join(layout.units, target.slice(3)));
  return text === null || isOurs(text, environment);
}

function isNamedOurs(name: string, { name: prefix }: EnvironmentLayout): boolean {
  return name === `${prefix}.target` || name === `${prefix}.slice` || name.startsWith(`${prefix}-`);
}

/** By the first line, since `acme-prod-x` may be a service of acme-prod or an environment of another organization. */
function isOurs(text: string, { org, env }: EnvironmentLayout): boolean {
  return text.startsWith(`${header(org, env)}\n`);
}

function wantedBy(unit: string): string[] {
  const targets = parseUnit(unit).get('Install')?.get('WantedBy') ?? [];
  return targets.flatMap(value => value.split(/\s+/).filter(Boolean));
}

function isThere(path: string, content: Content): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (content === null || !stat) return content === null && !stat;
  if (content.kind === 'link') return stat.isSymbolicLink() && readlinkSync(path) === content.target;
  return stat.isFile() && (stat.mode & 0o7777) === content.mode && readFileSync(path, 'utf8') === content.text;
}

function textOf(path: string): string | null {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8') : null;
}
