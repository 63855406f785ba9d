/** What no single key can tell: whether the settings of an environment make sense together. */

import { parseCommand } from './command.js';
import { folderNames } from './expand.js';
import { isSystemFolder, liesIn, secretsFile } from './host-paths.js';
import type { Resolved } from './layers.js';
import { nearest } from './nearest.js';
import { keyAt, sections } from './schema/keys.js';
import { sectionProblems } from './schema/validate.js';
import { enabledServices, given, portNames, portVariable } from './service.js';
import { Settings } from './settings.js';
import { dotted, quoted } from './text.js';
import type { Leaf, Problem } from './types.js';
import { variablesOf } from './variables.js';

/** Every problem of a resolved environment. */
export function crossProblems(resolved: Resolved, org: string, env: string): Problem[] {
  const check = new Check(resolved, org, env);
  check.name();
  check.folders();
  check.ports();
  for (const service of check.settings.names('services')) check.service(service);
  check.variables();
  if (check.problems.length === 0) check.values();
  return check.problems;
}

/** A problem with a setting, at the place that set it. */
export function problemAt(leaves: ReadonlyMap<string, Leaf>, key: string, message: string, hint?: string): Problem {
  const leaf = leaves.get(key);
  const by = leaf?.rule && !leaf.below?.origin && ` (the ${leaf.rule.profile} profile sets it: ${leaf.rule.reason})`;
  return { message: message + (by ?? ''), hint, key, layer: leaf?.layer, path: leaf?.origin ?? leaf?.below?.origin };
}

class Check {
  readonly problems: Problem[] = [];
  readonly settings: Settings;

  constructor(
    private readonly resolved: Resolved,
    private readonly org: string,
    private readonly env: string,
  ) {
    this.settings = new Settings(resolved.table);
  }

  name() {
    if (this.settings.text('environment.name') !== this.env)
      this.add('environment.name', 'environment.name is set by tsm and cannot be overridden', 'take the line out');
  }

  folders() {
    for (const key of ['deployment.tetra_src', 'deployment.tetra_dir'])
      if (this.settings.text(key) === '') this.add(key, `${key} must not be empty`);
    for (const key of this.writable()) {
      const path = this.settings.text(key);
      if (isSystemFolder(key === 'logging.file_path' ? folderOf(path) : path))
        this.add(key, `${key}: services may write there, and ${path} holds or lies in a folder of the system`);
    }
    if (this.settings.text('security.hardening') !== 'strict') return;
    const homes = ['deployment.tetra_src', ...this.writable()];
    for (const service of enabledServices(this.settings)) homes.push(`services.${service}.working_dir`);
    for (const key of homes) this.hidden(key);
  }

  ports() {
    const taken = new Map<number, string>();
    const [start, end] = [this.settings.number('ports.dynamic_start'), this.settings.number('ports.dynamic_end')];
    if (start > end) this.add('ports.dynamic_end', `ports.dynamic_end (${end}) lies below dynamic_start (${start})`);
    const variables = new Map<string, string>();
    for (const name of ['dynamic_start', 'dynamic_end', ...portNames(this.settings)]) {
      const port = this.settings.number(`ports.${name}`);
      const key = `ports.${name}`;
      if (port > 65535) this.add(key, `${key} is ${port} after the offset, but ports end at 65535`);
      if (name.startsWith('dynamic_')) continue;
      const other = taken.get(port);
      if (other) this.add(key, `${key} is ${port}, and so is ports.${other}`, 'give each its own port');
      else if (port >= start && port <= end)
        this.add(key, `${key} (${port}) lies in the dynamic range ${start} to ${end}`);
      taken.set(port, name);
      const twin = variables.get(portVariable(name));
      if (twin) this.add(key, `${key} and ports.${twin} would both be ${portVariable(name)} for the services`);
      variables.set(portVariable(name), name);
    }
  }

  service(name: string) {
    const base = `services.${name}`;
    const port = this.settings.optional(`${base}.port`);
    if (port !== undefined && !portNames(this.settings).includes(port))
      this.add(`${base}.port`, `${base}.port must be the name of a port in [ports]`, this.portHint(port));
    for (const table of this.settings.value(`${base}.reads`) === undefined
      ? []
      : this.settings.list<string>(`${base}.reads`))
      if (table in sections || !(table in this.resolved.table))
        this.add(`${base}.reads`, `${base}.reads names ${quoted(table)}, which is no table of the application`);
    const file = this.settings.text(`${base}.env_file`);
    if (file !== '' && secretsFile(this.org, this.env, file) === null)
      this.add(`${base}.env_file`, `${base}.env_file must stay in the folder of the secrets`);
    if (this.settings.flag(`${base}.enabled`)) this.enabled(base);
  }

  /** Every `${NAME}` must be known to somebody. */
  variables() {
    for (const leaf of this.resolved.leaves.values()) {
      const expands = (leaf.path[0] as string) in sections ? keyAt(leaf.path)?.kind.expands : undefined;
      if (!expands || expands === 'port' || typeof leaf.value !== 'string') continue;
      const text = expands === 'command' ? expandedIn(leaf.value) : leaf.value;
      const known = expands === 'path' ? folderNames : this.knownTo(leaf.path);
      for (const name of variablesOf(text)) if (!known.includes(name)) this.unknown(leaf, name, known);
    }
  }

  /** What was fine in local.toml can have grown too long by what the profile and the folders added. */
  values() {
    for (const { message, path } of sectionProblems(this.resolved.table))
      this.add(dotted((path ?? []).filter(part => typeof part === 'string')), message);
  }

  private enabled(base: string) {
    const command = this.settings.text(`${base}.command`);
    if (command === '')
      this.add(`${base}.enabled`, `${base} is enabled, but has no command`, 'set command, or enabled = false');
    else this.command(`${base}.command`, command);
    if (this.settings.text(`${base}.working_dir`) === '')
      this.add(`${base}.working_dir`, `${base}.working_dir must not be empty`);
  }

  private command(key: string, line: string) {
    const command = parseCommand(line);
    if ('problem' in command) return this.add(key, `${key}: ${command.problem}`);
    const program = command.words[0]?.text as string;
    // systemd reads @ - : + ! before the program as switches; one of them lifts all confinement (systemd.service(5)).
    if (!/^[A-Za-z0-9_./]/.test(program) || /["'\\%$]|(^|\/)\.{0,2}$/.test(program))
      this.add(key, `${key} must begin with the name or path of a program`);
  }

  private writable(): string[] {
    const file = this.settings.text('logging.destination') === 'file';
    return ['deployment.tetra_dir', ...(file ? ['logging.file_path'] : [])].filter(
      key => this.settings.text(key) !== '',
    );
  }

  private hidden(key: string) {
    const path = this.settings.text(key);
    if (!['/home', '/root', '/run/user'].some(home => liesIn(path, home))) return;
    const hint = `use \${TETRA_SRC} or \${TETRA_DIR}, or set it in [env.${this.env}.${key.split('.').slice(0, -1).join('.')}]`;
    this.add(key, `${key} is ${path}, and hardened services see no home folders`, hint);
  }

  private knownTo(path: readonly string[]): readonly string[] {
    if (path[0] !== 'services') return folderNames;
    return [...folderNames, ...given(this.settings, this.org, path[1] as string).map(variable => variable.name)];
  }

  private unknown(leaf: Leaf, name: string, known: readonly string[]) {
    const key = dotted(leaf.path);
    const required = this.settings.list<string>('secrets.required').includes(name);
    const near = nearest(name, known);
    const hint = required
      ? 'a secret on a command line can be read by every user of the host: let the program read it from its environment'
      : near
        ? `did you mean \${${near}}?`
        : `known here: ${known.join(', ')}; for the text itself write $\${${name}}`;
    this.add(key, `${key} refers to \${${name}}, which nothing sets`, hint);
  }

  private portHint(port: string): string {
    if (/^\d+$/.test(port)) return `write the number in [ports], and its name here`;
    const near = nearest(port, portNames(this.settings));
    return near ? `did you mean ${near}?` : `known ports: ${portNames(this.settings).join(', ')}`;
  }

  private add(key: string, message: string, hint?: string) {
    this.problems.push(problemAt(this.resolved.leaves, key, message, hint));
  }
}

/** What a person should know, though it stops nothing. */
export function warningsFor(settings: Settings): string[] {
  const warnings: string[] = [];
  for (const service of enabledServices(settings)) {
    const flagged = service === 'tetra' || settings.flag(`services.${service}.env_flag`);
    const env = settings.text('environment.name');
    const word = env === 'prod' ? 'production' : env;
    const command = settings.text(`services.${service}.command`);
    if (flagged && !new RegExp(`(^|\\s)--env[= ]${word}(\\s|$)`).test(command))
      warnings.push(`services.${service}.command does not say --env ${word}; it is used as it was written`);
  }
  if (settings.flag('security.firewall_enabled') && settings.list('security.allowed_ips').length === 0)
    warnings.push('security.allowed_ips is empty: nobody reaches the ports from outside');
  return warnings;
}

/** Without what stands in single quotes or behind a backslash, where `${X}` is plain text. */
function expandedIn(line: string): string {
  const command = parseCommand(line);
  if ('problem' in command) return line;
  return command.words.flatMap(word => word.parts.map(part => (part.expand ? part.text : "'"))).join(' ');
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
