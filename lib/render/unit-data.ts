/**
 * `[X-Tsm]`, the section of a unit that systemd ignores: what an activation has to know of a service. `lib/host/unit.ts`
 * reads it back.
 */

import { sha256 } from '../digest.js';
import { canonicalJson } from '../json.js';
import { sections } from '../schema/keys.js';
import { given, lookupIn, portOf } from '../service.js';
import type { Settings } from '../settings.js';
import { formatToml } from '../toml/format.js';
import { newTable } from '../toml/values.js';
import type { Table, Value } from '../types.js';
import { expandAll } from '../variables.js';
import { argvOf } from './exec.js';
import type { Sheet } from './sheet.js';

export function unitData(sheet: Sheet, settings: Settings, org: string, service: string) {
  const key = (name: string) => `services.${service}.${name}`;
  sheet.line('[X-Tsm]').line(`Reads=${readsDigest(settings, service)}`, key('reads'));
  if (settings.value(key('restart_if_changed')) === false) sheet.line('RestartIfChanged=no', key('restart_if_changed'));
  const roles = settings.value(key('roles')) === undefined ? [] : settings.list<string>(key('roles'));
  if (roles.length > 0) sheet.line(`Roles=${roles.join(' ')}`, key('roles'));
  health(sheet, settings, org, service);
}

/** A change of these is none to the program. */
const tsmKeys: readonly string[] = ['roles', 'reload_command', 'restart_if_changed', 'stop_timeout', 'health'];

/**
 * What the program may read of env.toml beside its unit: its own section but for what only tsm reads, and the
 * application's tables, all or those that it names. A change there changes the unit, and so restarts the service.
 */
function readsDigest(settings: Settings, service: string): string {
  const key = `services.${service}.reads`;
  const application = Object.keys(settings.table).filter(name => !(name in sections) && name !== 'bundle');
  const names = settings.value(key) === undefined ? application : settings.list<string>(key);
  const read = newTable();
  read[`service ${service}`] = without(settings.value(`services.${service}`) as Table, tsmKeys);
  for (const name of names) read[name] = settings.table[name] as Value;
  return sha256(formatToml(read));
}

function without(table: Table, names: readonly string[]): Table {
  const rest = Object.assign(newTable(), table);
  for (const name of names) delete rest[name];
  return rest;
}

/** Seconds. */
const fallback = { interval: 2, timeout: 5 };

function health(sheet: Sheet, settings: Settings, org: string, service: string) {
  const key = (name: string) => `services.${service}.health.${name}`;
  const target = healthTarget(settings, org, service);
  if (!target) return;
  sheet.line(target.text, ...target.keys);
  sheet.line(`HealthInterval=${settings.value(key('interval')) ?? fallback.interval}`, key('interval'));
  sheet.line(`HealthTimeout=${settings.value(key('timeout')) ?? fallback.timeout}`, key('timeout'));
}

interface Target {
  readonly text: string;
  readonly keys: readonly string[];
}

/** What to look at; `null` where the service has no check of its own. */
function healthTarget(settings: Settings, org: string, service: string): Target | null {
  const key = (name: string) => `services.${service}.health.${name}`;
  const own = portOf(settings, service);
  const url = expandAll(settings.optional(key('http')) ?? '', lookupIn(given(settings, org, service)));
  if (url.startsWith('/')) return atPort(settings, own as string, key('http'), at => `HealthHttp=http://${at}${url}`);
  if (url !== '') return { text: `HealthHttp=${url}`, keys: [key('http')] };
  const tcp = settings.value(key('tcp')) ?? '';
  if (typeof tcp === 'number') return { text: `HealthTcp=127.0.0.1:${tcp}`, keys: [key('tcp')] };
  const port = tcp === true ? own : tcp;
  if (port !== '') return atPort(settings, port as string, key('tcp'), at => `HealthTcp=${at}`);
  if ((settings.optional(key('command')) ?? '') === '') return null;
  const argv = argvOf(settings, org, service, 'health.command');
  return { text: `HealthCommand=${canonicalJson(argv)}`, keys: [key('command')] };
}

/** `port` is a name in [ports]. */
function atPort(settings: Settings, port: string, key: string, text: (address: string) => string): Target {
  return { text: text(`127.0.0.1:${settings.number(`ports.${port}`)}`), keys: [key, `ports.${port}`] };
}
