/** What a service is given when it starts. */

import { currentEnvFile } from './host-paths.js';
import type { Settings } from './settings.js';
import { expandAll } from './variables.js';

export interface Variable {
  readonly name: string;
  readonly value: string;
  /** The dotted keys it came from. */
  readonly keys: readonly string[];
}

/** What a service's `reload_command` can use beside the variables: systemd alone knows the number. */
export const mainPid = 'MAINPID';

/** Names of [ports] that are no port of a service. */
export const portSettings: readonly string[] = ['dynamic_start', 'dynamic_end', 'offset'];

export function portNames(settings: Settings): string[] {
  return settings.names('ports').filter(name => !portSettings.includes(name));
}

export function enabledServices(settings: Settings): string[] {
  return settings.names('services').filter(name => settings.flag(`services.${name}.enabled`));
}

/** The name in [ports] of the port that the service listens on. */
export function portOf(settings: Settings, service: string): string | undefined {
  const named = settings.optional(`services.${service}.port`);
  if (named !== undefined) return named;
  return portNames(settings).includes(service) ? service : undefined;
}

/** The variable that tells the port of that name: `PORT_ADMIN_API`. */
export function portVariable(port: string): string {
  return `PORT_${port.toUpperCase().replaceAll('-', '_')}`;
}

/** In a fixed order; the service's own `environment` comes last and wins. */
export function variablesFor(settings: Settings, org: string, service: string): Variable[] {
  const variables = new Map<string, Variable>();
  for (const variable of [...given(settings, org, service), ...own(settings, org, service)])
    variables.set(variable.name, variable);
  return [...variables.values()];
}

/** What `${NAME}` can stand for in the service's command and environment. */
export function given(settings: Settings, org: string, service: string): Variable[] {
  const env = settings.text('environment.name');
  const type = settings.text('environment.type');
  const port = portOf(settings, service);
  const number = port === undefined ? undefined : settings.value(`ports.${port}`);
  const list: Variable[] = [
    { name: 'TETRA_ENV', value: env, keys: ['environment.name'] },
    { name: 'TETRA_ENV_FILE', value: currentEnvFile(org, env), keys: ['environment.name'] },
    // Node's own advice: every environment that is not a developer's runs what production runs.
    { name: 'NODE_ENV', value: type === 'development' ? 'development' : 'production', keys: ['environment.type'] },
    { name: 'LOG_LEVEL', value: settings.text('logging.level'), keys: ['logging.level'] },
    { name: 'LOG_FORMAT', value: settings.text('logging.format'), keys: ['logging.format'] },
    { name: 'TZ', value: settings.text('system.timezone'), keys: ['system.timezone'] },
  ];
  if (number !== undefined)
    list.push({ name: 'PORT', value: String(number), keys: [`services.${service}.port`, `ports.${port}`] });
  for (const name of portNames(settings))
    list.push({ name: portVariable(name), value: String(settings.number(`ports.${name}`)), keys: [`ports.${name}`] });
  return list;
}

function own(settings: Settings, org: string, service: string): Variable[] {
  const lookup = lookupIn(given(settings, org, service));
  const table = `services.${service}.environment`;
  return settings.names(table).map(name => {
    const key = `${table}.${name}`;
    return { name, value: expandAll(settings.text(key), lookup), keys: [key] };
  });
}

export function lookupIn(variables: readonly Variable[]): (name: string) => string | undefined {
  const values = new Map(variables.map(variable => [variable.name, variable.value]));
  return name => values.get(name);
}
