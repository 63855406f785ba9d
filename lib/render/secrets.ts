/** secrets.toml: where the secrets must be on the host, and which names they must have. Never a value. */

import { secretsFile } from '../host-paths.js';
import { enabledServices } from '../service.js';
import type { Settings } from '../settings.js';
import { quoted } from '../text.js';
import { formatValue } from '../toml/format.js';
import type { BundleFile } from '../types.js';
import { header, Sheet } from './sheet.js';

export interface SecretsFile {
  /** Absolute, on the host. */
  readonly path: string;
  readonly services: readonly string[];
}

/** The files that services read their secrets from, by path. */
export function secretsFiles(settings: Settings, org: string): SecretsFile[] {
  const env = settings.text('environment.name');
  const files = new Map<string, string[]>();
  for (const service of enabledServices(settings)) {
    const file = settings.text(`services.${service}.env_file`);
    const path = file === '' ? null : secretsFile(org, env, file);
    if (path) files.set(path, [...(files.get(path) ?? []), service]);
  }
  return [...files.keys()].sort().map(path => ({ path, services: files.get(path) as string[] }));
}

export function renderSecrets(settings: Settings, org: string): BundleFile {
  const sheet = new Sheet('secrets.toml');
  sheet.line(header(org, settings.text('environment.name')));
  sheet.line(`required = ${formatValue(settings.list<string>('secrets.required'))}`, 'secrets.required');
  for (const { path, services } of secretsFiles(settings, org)) {
    const keys = services.map(service => `services.${service}.env_file`);
    sheet.blank().line('[[files]]');
    sheet.line(`path = ${quoted(path)}`, ...keys);
    sheet.line(`services = ${formatValue(services)}`, ...keys);
    sheet.line('owner = "root"').line('group = "root"').line('mode = "0600"');
  }
  return sheet.file();
}
