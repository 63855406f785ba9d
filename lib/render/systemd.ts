/** systemd units: a service for each enabled one, and the target that holds them together (systemd.service(5)). */

import { normalize } from 'node:path/posix';
import { parseCommand, type Word } from '../command.js';
import { sha256 } from '../digest.js';
import { secretsFile } from '../host-paths.js';
import { sections } from '../schema/keys.js';
import { enabledServices, given, lookupIn, portOf, variablesFor } from '../service.js';
import type { Settings } from '../settings.js';
import { formatToml } from '../toml/format.js';
import { newTable } from '../toml/values.js';
import type { BundleFile, Value } from '../types.js';
import { expandAll } from '../variables.js';
import { type Hardening, hardeningLines } from './hardening.js';
import { header, Sheet } from './sheet.js';

export function renderSystemd(settings: Settings, org: string): BundleFile[] {
  const services = enabledServices(settings);
  return [...services.map(service => renderService(settings, org, service)), renderTarget(settings, org)];
}

function renderService(settings: Settings, org: string, service: string): BundleFile {
  const env = settings.text('environment.name');
  const unit = `${org}-${env}-${service}`;
  const sheet = new Sheet(`systemd/${unit}.service`);
  const key = (name: string) => `services.${service}.${name}`;
  const description = settings.text(key('description')) || service;

  sheet.line(header(org, env)).line('[Unit]');
  sheet.line(`Description=${specifiers(`${description} (${org} ${env})`)}`, key('description'));
  sheet.line('Wants=network-online.target').line('After=network-online.target').blank();

  sheet.line('[Service]').line('Type=exec');
  sheet.line(`User=${settings.text('deployment.user')}`, 'deployment.user');
  sheet.line(`Group=${settings.text('deployment.group')}`, 'deployment.group');
  sheet.line(`WorkingDirectory=${specifiers(settings.text(key('working_dir')))}`, key('working_dir'));
  for (const { name, value, keys } of variablesFor(settings, org, service))
    sheet.line(`Environment=${word(`${name}=${value}`)}`, ...keys);
  const file = settings.text(key('env_file'));
  if (file !== '') {
    // Where nothing is declared as required, a missing file is no error.
    const optional = settings.list('secrets.required').length === 0 ? '-' : '';
    const path = secretsFile(org, env, file) as string;
    sheet.line(`EnvironmentFile=${optional}${specifiers(path)}`, key('env_file'), 'secrets.required');
  }
  sheet.line(`ExecStart=${execStart(settings, org, service)}`, key('command'));
  restart(sheet, settings, key('auto_restart'));
  resources(sheet, settings);
  logging(sheet, settings, unit);
  confinement(sheet, settings, service);

  sheet.blank().line('[Install]').line(`WantedBy=${org}-${env}.target`);
  sheet
    .blank()
    .line('[X-Tsm]')
    .line(`Reads=${readsDigest(settings, service)}`, key('reads'));
  return sheet.file();
}

function renderTarget(settings: Settings, org: string): BundleFile {
  const env = settings.text('environment.name');
  const sheet = new Sheet(`systemd/${org}-${env}.target`);
  sheet.line(header(org, env)).line('[Unit]');
  sheet.line(
    `Description=${specifiers(`${settings.text('environment.description')} (${org} ${env})`)}`,
    'environment.description',
  );
  if (settings.flag('system.auto_start'))
    sheet.blank().line('[Install]').line('WantedBy=multi-user.target', 'system.auto_start');
  return sheet.file();
}

function restart(sheet: Sheet, settings: Settings, key: string) {
  if (settings.flag(key)) sheet.line('Restart=always', key).line('RestartSec=2', key);
  else sheet.line('Restart=no', key);
}

function resources(sheet: Sheet, settings: Settings) {
  const limit = (key: string, directive: string, unit = '') => {
    const value = settings.number(`resources.${key}`);
    if (value > 0) sheet.line(`${directive}=${value}${unit}`, `resources.${key}`);
  };
  limit('memory_max', 'MemoryMax', 'M');
  limit('nofile', 'LimitNOFILE');
  limit('nproc', 'TasksMax');
}

function logging(sheet: Sheet, settings: Settings, unit: string) {
  sheet.line(`SyslogIdentifier=${unit}`);
  if (settings.text('logging.destination') !== 'file') return;
  const path = specifiers(settings.text('logging.file_path'));
  sheet.line(`StandardOutput=append:${path}`, 'logging.destination', 'logging.file_path');
  sheet.line(`StandardError=append:${path}`, 'logging.destination', 'logging.file_path');
}

function confinement(sheet: Sheet, settings: Settings, service: string) {
  const level = settings.text('security.hardening') as Hardening;
  for (const line of hardeningLines[level]) sheet.line(line, 'security.hardening');
  const port = portOf(settings, service);
  const low = port !== undefined && settings.number(`ports.${port}`) < 1024;
  const capability = low && settings.text('deployment.user') !== 'root' ? 'CAP_NET_BIND_SERVICE' : '';
  if (capability) sheet.line(`AmbientCapabilities=${capability}`, `ports.${port}`, 'deployment.user');
  if (level !== 'strict') return;
  sheet.line(`CapabilityBoundingSet=${capability}`, 'security.hardening');
  sheet.line(`ReadWritePaths=${word(settings.text('deployment.tetra_dir'))}`, 'deployment.tetra_dir');
  if (settings.text('logging.destination') !== 'file') return;
  const file = settings.text('logging.file_path');
  sheet.line(`ReadWritePaths=${word(file.slice(0, file.lastIndexOf('/')) || '/')}`, 'logging.file_path');
}

/**
 * What the program may read of env.toml beside its unit: its own section, and the application's tables, all or
 * those that it names. A change there changes the unit, and so restarts the service.
 */
function readsDigest(settings: Settings, service: string): string {
  const key = `services.${service}.reads`;
  const application = Object.keys(settings.table).filter(name => !(name in sections) && name !== 'bundle');
  const names = settings.value(key) === undefined ? application : settings.list<string>(key);
  const read = newTable();
  read[`service ${service}`] = settings.value(`services.${service}`) as Value;
  for (const name of names) read[name] = settings.table[name] as Value;
  return sha256(formatToml(read));
}

function execStart(settings: Settings, org: string, service: string): string {
  const command = parseCommand(settings.text(`services.${service}.command`));
  if ('problem' in command) throw new TypeError(command.problem);
  const lookup = lookupIn(given(settings, org, service));
  const [program, ...rest] = command.words.map(item => textOf(item, lookup)) as [string, ...string[]];
  return [programPath(program, settings, service), ...rest.map(argument)].join(' ');
}

const textOf = (item: Word, lookup: (name: string) => string | undefined): string =>
  item.parts.map(part => (part.expand ? expandAll(part.text, lookup) : part.text)).join('');

/** systemd takes an absolute path, or a bare name that it looks up; `./run` means the service's own folder. */
function programPath(program: string, settings: Settings, service: string): string {
  if (!program.includes('/') || program.startsWith('/')) return word(program);
  return word(normalize(`${settings.text(`services.${service}.working_dir`)}/${program}`));
}

/** `%` begins a specifier in every value of a unit (systemd.unit(5)). */
function specifiers(text: string): string {
  return text.replaceAll('%', '%%');
}

/** A word as systemd.syntax(7) quotes it. */
function word(text: string): string {
  const escaped = specifiers(text);
  if (/^[A-Za-z0-9_./:=@%+,-]+$/.test(escaped)) return escaped;
  return `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** An argument of ExecStart=, where `$` begins a variable as well. */
function argument(text: string): string {
  return word(text.replaceAll('$', '$$$$'));
}
