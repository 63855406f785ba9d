/** A generation to its hosts: what is asked before, what is said meanwhile, what is written down afterwards. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../lib/digest.js';
import { InvalidInput, TetraError, usage } from '../../lib/errors.js';
import type { LogRecord } from '../../lib/history.js';
import { type Host, hostsOf, selectHosts } from '../../lib/hosts.js';
import type { Promotion } from '../../lib/promote.js';
import type { HostProgram } from '../../scripts/remote.js';
import { type HostResult, type Rollout, rollOut } from '../../scripts/rollout.js';
import type { Layout, OrgLayout } from '../../store/layout.js';
import type { PointerLog } from '../../store/log.js';
import { activationWords } from '../cli/activation-options.js';
import type { Options, Screen } from '../cli/command.js';
import { expectConsent } from '../cli/consent.js';
import { write } from '../cli/write.js';
import { openProgress } from '../ui/progress.js';
import { operator } from './provenance.js';
import { readManifest } from './source.js';

export interface Delivery {
  readonly layout: Layout;
  readonly org: OrgLayout;
  readonly env: string;
  readonly log: PointerLog;
  /** The generation that is wanted. */
  readonly record: LogRecord;
  readonly options: Options;
  readonly screen: Screen;
  /** `ship` only sends, `activate` only activates, `deploy` does both. */
  readonly verb: 'ship' | 'activate' | 'deploy';
}

/** The hosts that are meant: those of the environment, or what --host names of them. */
export function targets(org: OrgLayout, env: string, options: Options): readonly Host[] {
  const hosts = hostsOf(readManifest(org), env);
  const pattern = options.values.get('host');
  if (pattern !== undefined) {
    const selected = selectHosts(hosts, pattern);
    if (selected.problem !== undefined) throw usage(selected.problem, selected.hint ?? 'tsm host list');
    return selected.hosts;
  }
  if (hosts.length > 0) return hosts;
  throw new TetraError('usage', `no host is named for ${env}`, {
    hint: `in ${org.manifest}: [hosts.web1] address = "web1.example.com", env = "${env}"`,
    facts: { env },
  });
}

/** The host program that this tsm brings along. */
export function hostProgram(): HostProgram {
  const path = join(__dirname, 'host.cjs');
  return { path, digest: sha256(readFileSync(path)).slice('sha256:'.length) };
}

/** Every host that was reached or tried, in order; those behind the first failure are not in it. */
export async function deliver(delivery: Delivery): Promise<HostResult[]> {
  const { layout, org, env, log, record, options, screen, verb } = delivery;
  const hosts = targets(org, env, options);
  const request = requestOf(delivery);
  const progress = openProgress({
    title: `${org.name} ${env}, generation ${record.generation}`,
    hosts: hosts.map(host => host.name),
    soak: request.soak,
    confirmCommand: `tsm org confirm @${env}`,
    screen,
  });
  const leaving = onInterrupt();
  const newest = log.headSeq();
  try {
    return await rollOut({
      hosts,
      request,
      program: hostProgram(),
      ships: verb !== 'activate' && !request.dryRun,
      activates: verb !== 'ship',
      cargo: {
        org: org.name,
        env,
        generation: record.generation,
        bundle: record.bundle,
        deriver: record.deriver,
        layout,
        // What others append meanwhile is not what was decided on.
        lines: from => log.lines(from).slice(0, newest - from + 1),
        digest: seq => (seq <= newest ? log.at(seq).digest : undefined),
        newest,
      },
      hear: event => progress.event(event),
      signal: leaving.signal,
    });
  } finally {
    leaving.end();
    await progress.close();
  }
}

function requestOf({ org, env, record, options }: Delivery): Rollout['request'] {
  const plan = options.values.get('plan');
  if (plan !== undefined && !/^sha256:[0-9a-f]{64}$/.test(plan))
    throw usage('--plan takes the digest that --dry-run prints: sha256:...', `tsm org activate @${env} --dry-run`);
  return {
    ...activationWords(options, 'tsm org activate --help'),
    org: org.name,
    env,
    bundle: record.bundle,
    generation: record.generation,
    by: operator(),
    plan,
  };
}

export interface Authorization {
  readonly org: OrgLayout;
  readonly env: string;
  readonly options: Options;
  /** What is to be made live; `null` where it cannot be evaluated any more. */
  readonly promotion: Promotion | null;
  /** `tsm org activate @prod`, for the words that say what to do. */
  readonly command: string;
}

/** Everything that may say no on this side, before anything moves. @throws usage, invalid-input */
export async function authorize({ org, env, options, promotion, command }: Authorization) {
  const hosts = targets(org, env, options);
  const words = activationWords(options, `${command.split(' @')[0]} --help`);
  if (words.dryRun) return;
  if (promotion) expectMet(promotion, env);
  const names = hosts.map(host => host.name).join(', ');
  await expectConsent({ env, says: `This reaches ${names}.`, command, yes: options.flags.has('yes') });
}

/** What only a setting still missing can provide stops here; what only the host can, the host looks for. */
function expectMet({ unmet, document, bundle }: Promotion, env: string) {
  const missing = unmet.filter(item => item.where === 'source');
  if (missing.length === 0 || !isProduction(document.bundle)) return;
  throw new InvalidInput(
    bundle.name,
    '',
    missing.map(({ rule, remedy, reason: why }) => ({
      message: `${rule} is not met: ${why}`,
      hint: `${remedy}; or accept it in the open: [[env.${env}.accept]] rule = "${rule}", reason = "..."`,
      rule,
    })),
  );
}

function isProduction(bundle: unknown): boolean {
  return (bundle as { profile?: unknown } | undefined)?.profile === 'prod';
}

/** The first Ctrl-C lets go in an orderly way, the second ends the process. */
function onInterrupt() {
  const controller = new AbortController();
  const interrupt = () => {
    process.removeListener('SIGINT', interrupt);
    write(2, '\nletting go; once more to leave at once\n');
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  return { signal: controller.signal, end: () => process.removeListener('SIGINT', interrupt) };
}
