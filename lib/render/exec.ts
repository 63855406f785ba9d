/** Commands and quoting, as units have them (systemd.service(5), systemd.syntax(7)). */

import { normalize } from 'node:path/posix';
import { parseCommand, type Word } from '../command.js';
import { given, lookupIn, mainPid } from '../service.js';
import type { Settings } from '../settings.js';
import { expandAll } from '../variables.js';

/** A service's command as `ExecStart=` takes it. `name` is a key of the service, such as `reload_command`. */
export function execLine(settings: Settings, org: string, service: string, name: string): string {
  const [program, ...rest] = argvOf(settings, org, service, name) as [string, ...string[]];
  return [word(program), ...rest.map(argument)].join(' ');
}

/** The words of a service's command, its variables filled in. The program is an absolute path, or a bare name. */
export function argvOf(settings: Settings, org: string, service: string, name: string): string[] {
  const command = parseCommand(settings.text(`services.${service}.${name}`));
  if ('problem' in command) throw new TypeError(command.problem);
  const known = lookupIn(given(settings, org, service));
  const lookup = (variable: string) => (variable === mainPid ? stand : known(variable));
  const [program, ...rest] = command.words.map(item => textOf(item, lookup)) as [string, ...string[]];
  return [programPath(program, settings, service), ...rest];
}

/** For `$MAINPID` until all other dollars are escaped. No command holds a control character of its own. */
const stand = '\0';

const textOf = (item: Word, lookup: (name: string) => string | undefined): string =>
  item.parts.map(part => (part.expand ? expandAll(part.text, lookup) : part.text)).join('');

/** systemd takes an absolute path, or a bare name that it looks up; `./run` means the service's own folder. */
function programPath(program: string, settings: Settings, service: string): string {
  if (!program.includes('/') || program.startsWith('/')) return program;
  return normalize(`${settings.text(`services.${service}.working_dir`)}/${program}`);
}

/** `%` begins a specifier in every value of a unit (systemd.unit(5)). */
export function specifiers(text: string): string {
  return text.replaceAll('%', '%%');
}

/** A word as systemd.syntax(7) quotes it. */
export function word(text: string): string {
  const escaped = specifiers(text);
  if (/^[A-Za-z0-9_./:=@%+,\0-]+$/.test(escaped)) return escaped;
  return `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** An argument of a command, where `$` begins a variable as well. */
function argument(text: string): string {
  return word(text.replaceAll('$', '$$$$')).replaceAll(stand, `\${${mainPid}}`);
}
