/** What a person should know, though it stops nothing. */

import { envWord, saysEnv } from '../env-flag.js';
import { sections } from '../schema/keys.js';
import { enabledServices } from '../service.js';
import type { Settings } from '../settings.js';
import type { Override, Source } from '../source.js';
import { keyText } from '../text.js';

export function warningsFor(settings: Settings, source: Source, override: Override): string[] {
  return [...flagWarnings(settings), ...networkWarnings(settings), ...tableWarnings(settings, source, override)];
}

function flagWarnings(settings: Settings): string[] {
  const env = settings.text('environment.name');
  return enabledServices(settings).flatMap(service => {
    if (service !== 'tetra' && !settings.flag(`services.${service}.env_flag`)) return [];
    const command = settings.text(`services.${service}.command`);
    if (saysEnv(command) === null)
      return [`services.${service}.command does not say --env ${envWord(env)}; it is used as the override has it`];
    // These take what follows for themselves.
    const program = /^\S*?(npm|pnpm|yarn|sh|bash)\s/.exec(command)?.[1];
    return program && !command.includes(' -- ')
      ? [`services.${service}.command: ${program} keeps --env for itself, so the program does not see it`]
      : [];
  });
}

function networkWarnings(settings: Settings): string[] {
  const closed = settings.flag('security.firewall_enabled') && settings.list('security.allowed_ips').length === 0;
  return closed ? ['security.allowed_ips is empty: nobody reaches the ports from outside'] : [];
}

/** A table that only one environment has is rare, and a slip of the pen is not. */
function tableWarnings(settings: Settings, source: Source, override: Override): string[] {
  const env = settings.text('environment.name');
  return Object.keys(override.settings)
    .filter(name => !(name in sections) && !Object.hasOwn(source.local, name))
    .map(
      name =>
        `[env.${env}.${keyText(name)}] is no section, and no table of local.toml: it is handed on to the application`,
    );
}
