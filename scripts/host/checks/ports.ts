/** Ports of the environment that something else listens on. */

import { enabledServices, portOf } from '../../../lib/service.js';
import type { Intent } from '../intent.js';
import { listenersOfHost } from '../listeners.js';
import type { Work } from '../run.js';

/** Those of services only: a port without one is a rule of the firewall, and nobody's business here. */
export function portProblems({ layout, environment }: Work, { settings, unitFiles }: Intent): string[] {
  if (!layout.isLive) return [];
  const services = new Map<number, string>();
  for (const service of enabledServices(settings)) {
    const port = portOf(settings, service);
    const isHere = unitFiles.has(`${environment.name}-${service}.service`);
    if (port !== undefined && isHere) services.set(settings.number(`ports.${port}`), service);
  }
  const foreign = listenersOfHost().filter(
    ({ port, protocol, group }) => protocol === 'tcp' && services.has(port) && !group.includes(`/${environment.name}-`),
  );
  return [
    ...new Set(
      foreign.map(({ port, process, group }) => {
        const who = process === null ? 'something' : `${process} (${unitOf(group)})`;
        return `port ${port} of ${services.get(port)} is taken: ${who} listens there`;
      }),
    ),
  ];
}

/** `nginx.service` of `0::/system.slice/nginx.service`. */
function unitOf(group: string): string {
  return group.split('\n').at(-1)?.split('/').at(-1) || 'no unit';
}
