/** Services, their commands, and the secrets they need. */

import { parseCommand } from '../command.js';
import { envWord, saysEnv } from '../env-flag.js';
import { isHome, secretsFile } from '../host-paths.js';
import { nearest } from '../nearest.js';
import { sections } from '../schema/keys.js';
import { enabledServices, given, portNames } from '../service.js';
import { quoted } from '../text.js';
import type { Subject } from './subject.js';

export function checkServices(subject: Subject) {
  const { settings } = subject;
  for (const name of settings.names('services')) {
    const base = `services.${name}`;
    checkReferences(subject, base);
    checkEnvironment(subject, name);
    if (settings.flag(`${base}.enabled`)) checkCommandOf(subject, base);
  }
  checkCommand(subject, 'monitoring.alert_command');
}

/** `port` and `reads` name things that stand elsewhere. */
function checkReferences(subject: Subject, base: string) {
  const { settings, table } = subject;
  const port = settings.optional(`${base}.port`);
  if (port !== undefined && !portNames(settings).includes(port))
    subject.add(
      `${base}.port`,
      `${base}.port must be the name of a port in [ports]`,
      portHint(port, portNames(settings)),
    );
  const reads = settings.value(`${base}.reads`) === undefined ? [] : settings.list<string>(`${base}.reads`);
  for (const name of reads)
    if (name in sections || !(name in table))
      subject.add(`${base}.reads`, `${base}.reads names ${quoted(name)}, which is no table of the application`);
  const file = settings.text(`${base}.env_file`);
  if (file !== '' && secretsFile(subject.org, subject.env, file) === null)
    subject.add(`${base}.env_file`, `${base}.env_file must stay in the folder of the secrets, or lie in /etc or /run`);
}

export function portHint(port: string, known: readonly string[]): string {
  if (/^\d+$/.test(port)) return 'write the number in [ports], and its name here';
  const near = nearest(port, known);
  return near ? `did you mean ${near}?` : `known ports: ${known.join(', ')}`;
}

/** What a setting decides must not be decided a second time, and a secret must not be written down. */
function checkEnvironment(subject: Subject, service: string) {
  const { settings } = subject;
  const table = `services.${service}.environment`;
  const deciding = new Map(
    given(settings, subject.org, service).map(({ name, keys }) => [name, keys.at(-1) as string]),
  );
  for (const name of settings.names(table)) {
    const key = `${table}.${name}`;
    const other = deciding.get(name);
    if (other) subject.add(key, `${name} is made from ${other}`, `set ${other} instead`);
    if (settings.list<string>('secrets.required').includes(name))
      subject.add(
        key,
        `${name} is a secret (secrets.required), and everybody on the host can read this file`,
        'take the line out, and put the value into secrets/<environment>.env',
      );
  }
}

/** A program that is told two environments, or a wrong one, runs with the wrong settings. */
function checkFlag(subject: Subject, base: string) {
  const { settings, env } = subject;
  if (base !== 'services.tetra' && !settings.flag(`${base}.env_flag`)) return;
  const said = saysEnv(settings.text(`${base}.command`));
  if (said !== null && said !== envWord(env))
    subject.add(
      `${base}.command`,
      `${base}.command names another environment than ${envWord(env)} behind --env`,
      'take --env out: tsm adds the right one',
    );
}

function checkCommandOf(subject: Subject, base: string) {
  if (subject.settings.text(`${base}.command`) === '')
    subject.add(`${base}.enabled`, `${base} is enabled, but has no command`, 'set command, or enabled = false');
  for (const key of ['command', 'reload_command', 'health.command']) checkCommand(subject, `${base}.${key}`);
  checkFlag(subject, base);
}

function checkCommand(subject: Subject, key: string) {
  const line = subject.settings.optional(key) ?? '';
  if (line === '') return;
  const command = parseCommand(line);
  if ('problem' in command) return subject.add(key, `${key}: ${command.problem}`, command.hint);
  const program = command.words[0]?.text as string;
  // systemd reads @ - : + ! before the program as switches; one of them lifts all confinement (systemd.service(5)).
  if (!/^[A-Za-z0-9_./]/.test(program) || /["'\\%$]|(^|\/)\.{0,2}$/.test(program))
    subject.add(key, `${key} must begin with the name or path of a program`);
  else if (subject.settings.text('security.hardening') === 'strict' && isHome(program))
    subject.add(
      key,
      `${key} starts ${program}, and hardened services see no home folders`,
      'install the program elsewhere',
    );
}

export function checkSecrets(subject: Subject) {
  const { settings } = subject;
  if (settings.list('secrets.required').length === 0) return;
  if (enabledServices(settings).some(service => settings.text(`services.${service}.env_file`) !== '')) return;
  subject.add(
    'secrets.required',
    'secrets are required, but no service has an env_file',
    'set env_file = "env/local.env" in the services that need them',
  );
}
