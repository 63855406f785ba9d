/** A delivery from its hosts to what the command says of it. */

import type { Outcome } from '../cli/command.js';
import { type Delivery, deliver, targets } from './delivery.js';
import { exitOf, hostsJson } from './results.js';
import { writeVerdicts } from './verdicts.js';

/** Delivers, writes down what came of it, and tells it. */
export async function delivered(delivery: Delivery, warnings: readonly string[] = []): Promise<Outcome> {
  const { org, env, record, options, verb } = delivery;
  const results = await deliver(delivery);
  await writeVerdicts(delivery.org, env, record, results);
  const hosts = targets(org, env, options);
  const skipped = hosts.slice(results.length).map(host => host.name);
  return {
    schema: `tsm/${verb}/1`,
    data: {
      org: org.name,
      env,
      generation: record.generation,
      bundle: record.bundle,
      hosts: hostsJson(results),
      skipped,
      warnings,
    },
    // What happened was told while it happened.
    text: style =>
      skipped.length > 0 ? `${style.yellow('not touched:')} ${skipped.join(', ')}, after the first failure\n` : '',
    warnings,
    exit: exitOf(results, hosts.length),
  };
}
