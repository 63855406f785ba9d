/** systemd units: a service for each enabled one, and the target that holds them together (systemd.service(5)). */

import { secretsFile } from '../host-paths.js';
import { enabledServices, portOf, variablesFor } from '../service.js';
import type { Settings } from '../settings.js';
import type { BundleFile } from '../types.js';
import { execLine, specifiers, word } from './exec.js';
import { type Hardening, hardeningLines } from './hardening.js';
import { header, Sheet } from './sheet.js';
import { unitData } from './unit-data.js';

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
  sheet.line(`ExecStart=${execLine(settings, org, service, 'command')}`, key('command'));
  if ((settings.optional(key('reload_command')) ?? '') !== '')
    sheet.line(`ExecReload=${execLine(settings, org, service, 'reload_command')}`, key('reload_command'));
  restart(sheet, settings, key('auto_restart'));
  if (settings.value(key('stop_timeout')) !== undefined)
    sheet.line(`TimeoutStopSec=${settings.number(key('stop_timeout'))}`, key('stop_timeout'));
  resources(sheet, settings);
  logging(sheet, settings, unit);
  confinement(sheet, settings, service);

  sheet.blank().line('[Install]').line(`WantedBy=${org}-${env}.target`);
  sheet.blank();
  unitData(sheet, settings, org, service);
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
