/** Users, programs, folders and secrets that the services need. systemd would find out only when it starts them. */

import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { normalize } from 'node:path/posix';
import { parseCommand } from '../../../lib/command.js';
import { secretsFiles } from '../../../lib/render/secrets.js';
import { enabledServices } from '../../../lib/service.js';
import type { Settings } from '../../../lib/settings.js';
import { isList, isTable } from '../../../lib/toml/values.js';
import type { Intent } from '../intent.js';
import type { HostLayout } from '../layout.js';
import type { Work } from '../run.js';
import { runBeside } from '../system.js';

export async function programProblems(work: Work, intent: Intent): Promise<string[]> {
  const { layout, environment } = work;
  if (!layout.isLive) return [];
  const { settings, unitFiles } = intent;
  const services = enabledServices(settings).filter(name => unitFiles.has(`${environment.name}-${name}.service`));
  if (services.length === 0) return [];
  return [
    ...(await accountProblems(settings)),
    ...services.flatMap(service => serviceProblems(settings, service)),
    ...folderProblems(settings),
    ...secretProblems(layout, settings, environment.org),
  ];
}

async function accountProblems(settings: Settings): Promise<string[]> {
  const [user, group] = [settings.text('deployment.user'), settings.text('deployment.group')];
  const asked = [runBeside('getent', ['passwd', user]), runBeside('getent', ['group', group])];
  const [hasUser, hasGroup] = (await Promise.all(asked)).map(({ code }) => code === 0);
  if (!hasUser) return [`there is no user ${user}: useradd --system --user-group ${user}`];
  return hasGroup ? [] : [`there is no group ${group}: groupadd --system ${group}`];
}

function serviceProblems(settings: Settings, service: string): string[] {
  const folder = settings.text(`services.${service}.working_dir`);
  const problems = isFolder(folder) ? [] : [`${service}: its folder ${folder} is not there (working_dir)`];
  const command = parseCommand(settings.text(`services.${service}.command`));
  const program = 'words' in command ? command.words[0]?.text : undefined;
  if (program === undefined) return problems;
  const path = program.includes('/') && !program.startsWith('/') ? normalize(`${folder}/${program}`) : program;
  const places = path.startsWith('/') ? [path] : searchPath.map(place => `${place}/${path}`);
  if (!places.some(isProgram)) problems.push(`${service}: ${path} is not there, or cannot be executed (command)`);
  return problems;
}

/** Where systemd looks for a program without a path (systemd.exec(5)). */
const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** A hardened service does not start without the folders that it may write. */
function folderProblems(settings: Settings): string[] {
  if (settings.text('security.hardening') !== 'strict') return [];
  const [user, group] = [settings.text('deployment.user'), settings.text('deployment.group')];
  const folder = settings.text('deployment.tetra_dir');
  if (isFolder(folder)) return [];
  return [`${folder} is not there (tetra_dir): install -d -o ${user} -g ${group} -m 0750 ${folder}`];
}

/** Only names are looked at: no value leaves this function. */
function secretProblems(layout: HostLayout, settings: Settings, org: string): string[] {
  const required = settings.list<string>('secrets.required');
  if (required.length === 0) return [];
  return secretsFiles(settings, org).flatMap(({ path, services }) => {
    const names = secretNames(layout.at(path));
    if (names === null) return [`the secrets file ${path} is not there (${services.join(', ')} need it)`];
    const missing = required.filter(name => !names.has(name));
    return missing.length > 0 ? [`${path} lacks ${missing.join(', ')} (${services.join(', ')} need it)`] : [];
  });
}

function secretNames(path: string): ReadonlySet<string> | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  return new Set(text.split('\n').flatMap(line => /^\s*([A-Za-z_]\w*)=./.exec(line)?.[1] ?? []));
}

/** What nginx, or the service itself, will want to read. */
export function certificateProblems({ layout, request }: Work, { settings }: Intent): string[] {
  if (settings.text('security.tls') !== 'nginx' || isAccepted(settings, 'certificate')) return [];
  return ['ssl_cert', 'ssl_key'].flatMap(name => {
    const path = settings.text(`security.${name}`);
    if (path !== '' && isFile(layout.at(path))) return [];
    const where = path === '' ? `security.${name} is not set` : `${layout.at(path)} is not there (security.${name})`;
    return [`${where}: get a certificate, or accept it: [[env.${request.env}.accept]] rule = "certificate"`];
  });
}

function isAccepted(settings: Settings, rule: string): boolean {
  const accepted = settings.value('bundle.accept');
  return isList(accepted) && accepted.some(waiver => isTable(waiver) && waiver.rule === rule);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return isFile(path);
  } catch {
    return false;
  }
}
