/** A generation to its hosts: what is asked before, what is said meanwhile, what is written down afterwards. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../lib/digest.js';
import { InvalidInput, TetraError, usage } from '../../lib/errors.js';
import type { LogRecord } from '../../lib/history.js';
import { type Host, hostsOf, selectHosts } from '../../lib/hosts.js';
import type { HostProgram } from '../../scripts/remote.js';
import { type HostResult, type Rollout, rollOut } from '../../scripts/rollout.js';
import type { Layout, OrgLayout } from '../../store/layout.js';
import type { PointerLog } from '../../store/log.js';
import { activationWords } from '../cli/activation-options.js';
import type { Options, Screen } from '../cli/command.js';
import { isTerminal, write } from '../cli/write.js';
import { openProgress } from '../ui/progress.js';
import { rebuild } from './build.js';
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

/**
 * What a command asks that makes a generation before it delivers it, so that a slip of the pen makes none. `command` is
 * the one that --yes would be given to: `deploy @prod`. @throws usage
 */
export function expectDeliverable(org: OrgLayout, env: string, options: Options, command: string) {
  activationWords(options, 'tsm org activate --help');
  targets(org, env, options);
  if (needsConsent(env, options) && !canAsk())
    throw usage(`${command} needs --yes where nobody can be asked`, `tsm org ${command} --yes`);
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
  if (verb !== 'ship' && !request.dryRun) {
    expectMet(layout, record, env);
    await expectConsent(delivery, hosts);
  }
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
      ships: verb !== 'activate',
      activates: verb !== 'ship',
      cargo: {
        org: org.name,
        env,
        generation: record.generation,
        bundle: record.bundle,
        deriver: record.deriver,
        layout,
        lines: from => log.lines(from),
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

/** What only a setting still missing can provide stops here; what only the host can, the host looks for. */
function expectMet(layout: Layout, record: LogRecord, env: string) {
  const promotion = rebuild(layout, record.deriver)?.promotion;
  const unmet = (promotion?.unmet ?? []).filter(item => item.where === 'source');
  if (!promotion || unmet.length === 0 || !isProduction(promotion.document.bundle)) return;
  throw new InvalidInput(
    `generation ${record.generation} of ${env}`,
    '',
    unmet.map(({ rule, remedy, reason: why }) => ({
      message: `${rule} is not met: ${why}`,
      hint: `${remedy}; or accept it in the open: [[env.${env}.accept]] rule = "${rule}", reason = "..."`,
      rule,
    })),
  );
}

function isProduction(bundle: unknown): boolean {
  return (bundle as { profile?: unknown } | undefined)?.profile === 'prod';
}

/** What reaches a host of prod asks for its name. */
const needsConsent = (env: string, { flags }: Options): boolean => env === 'prod' && !flags.has('yes');

const canAsk = (): boolean => process.stdin.isTTY && isTerminal(2);

async function expectConsent({ env, record, options }: Delivery, hosts: readonly Host[]) {
  if (!needsConsent(env, options)) return;
  const { askName } = await import('../ui/ask.js');
  const question = `Generation ${record.generation} of prod goes to ${hosts.map(host => host.name).join(', ')}.`;
  if (!(await askName({ question, expected: env }))) throw new TetraError('failed', 'nothing was done');
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
