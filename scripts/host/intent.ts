/** What an activation intends: the plan that is shown, and the very changes that carry it out. */

import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { sha256 } from '../../lib/digest.js';
import type { FileStep, FirewallStep, HostPlan } from '../../lib/host/activation.js';
import type { HostRules } from '../../lib/host/firewall.js';
import type { Sample } from '../../lib/host/health.js';
import { isRunning, planUnits, unitsElsewhere, unitsHere } from '../../lib/host/plan.js';
import type { Active } from '../../lib/host/record.js';
import { closedListeners } from '../../lib/host/sockets.js';
import { parseStoreName } from '../../lib/names.js';
import { renderRules } from '../../lib/render/nftables.js';
import type { Settings } from '../../lib/settings.js';
import { bundleProblems, hasObject } from '../../store/bundles.js';
import { readChain } from './chain.js';
import { currentBundle } from './environments.js';
import { changesTo, type Units, unitsOfBundle, unitsOnHost, wantedFiles } from './files.js';
import { isLoaded, rulesWith, settingsOf } from './firewall.js';
import { activeOf } from './history.js';
import type { EnvironmentLayout } from './layout.js';
import { listenersOfHost } from './listeners.js';
import type { PendingUnit } from './pending.js';
import { Refusal } from './refusal.js';
import type { Work } from './run.js';
import type { Change, Content } from './swap.js';
import { show } from './systemd.js';
import { running } from './watch.js';

export interface Intent {
  readonly from: Active | null;
  readonly to: Active;
  readonly plan: HostPlan;
  readonly settings: Settings;
  /** Unit files that this host has, and that it shall have. */
  readonly filesBefore: Units;
  readonly unitFiles: Units;
  /** Every file it shall have, of the environment. */
  readonly wanted: ReadonlyMap<string, Content>;
  /** The pointer, which lies beside the store. */
  readonly links: readonly Change[];
  /** Everything below /etc. */
  readonly changes: readonly Change[];
  readonly units: readonly PendingUnit[];
  readonly rules: HostRules;
  /** What systemd said of each unit, before anything was touched. */
  readonly before: ReadonlyMap<string, Sample>;
}

/** Reads the host and the bundle, and says what would be done. @throws Refusal where the bundle cannot be trusted. */
export async function intend(work: Work): Promise<Intent> {
  const { layout, environment, request, events } = work;
  events.begin('verify', request.bundle);
  await verify(work);
  const settings = settingsOf(layout, request.bundle);
  events.begin('plan', 'comparing the host with the bundle');
  const all = unitsOfBundle(layout, request.bundle);
  const unitFiles = unitsHere(all, request.roles);
  for (const { unit, roles } of unitsElsewhere(all, request.roles))
    events.note(`${unit} does not run here: it needs the role ${roles.join(' or ')}`);
  const onHost = unitsOnHost(layout, environment);
  const before = layout.isLive
    ? show([...new Set([...onHost.keys(), ...unitFiles.keys()])])
    : // Below a folder nothing runs, so what lies there counts as running: only what changed is told.
      new Map([...onHost.keys()].map(unit => [unit, running] as const));
  const steps = planUnits({
    before: onHost,
    after: all,
    states: before,
    roles: request.roles,
    targetActive: isUp(before.get(`${environment.name}.target`)),
  });
  const rules = rulesWith(layout, environment, settings);
  const wanted = wantedFiles(layout, unitFiles);
  const text = rules.environments.length > 0 ? renderRules(rules) : null;
  const changes = [...changesTo(layout, environment, wanted), ...firewallChange(work, text)];
  const link = { path: environment.current, content: { kind: 'link', target: `../store/${request.bundle}` } } as const;
  const links = currentIs(environment, request.bundle) ? [] : [link];
  const from = activeOf(environment);
  const { generation, bundle, roles } = request;
  return {
    from,
    to: { generation, bundle, roles },
    settings,
    filesBefore: onHost,
    unitFiles,
    wanted,
    links,
    changes,
    rules,
    before,
    units: steps.map(step => ({
      ...step,
      wasRunning: isUp(before.get(step.unit)),
      failedBefore: before.get(step.unit)?.active === 'failed',
      invocation: before.get(step.unit)?.invocation ?? '',
    })),
    plan: {
      org: request.org,
      env: request.env,
      from: from?.bundle ?? null,
      to: bundle,
      units: steps,
      files: [...links, ...changes].map(fileStep),
      firewall: firewallStep(
        work,
        rules,
        changes.some(change => change.path === layout.firewall),
      ),
    },
  };
}

/** True where the host is what it should be. */
export function isNothing({ plan }: Intent): boolean {
  return plan.files.length === 0 && plan.units.length === 0 && plan.firewall.change === 'none';
}

/** @throws Refusal */
async function verify(work: Work) {
  const { layout, environment, request } = work;
  const name = parseStoreName(request.bundle);
  if (name?.org !== environment.org || name.env !== environment.env)
    throw new Refusal({ code: 'refused', reason: `${request.bundle} is no bundle of ${environment.name}` });
  if (!hasObject(layout.store, request.bundle))
    throw new Refusal({
      code: 'refused',
      reason: `${request.bundle} is not on the host`,
      hint: `tsm org ship @${environment.env}`,
    });
  await verifyChain(work);
  const problems = bundleProblems(layout.store.object(request.bundle), request.bundle);
  if (problems.length > 0)
    throw new Refusal({
      code: 'refused',
      reason: 'the bundle on the host is not what its name says',
      details: problems.map(({ path, problem }) => `${path} ${problem}`),
      hint: `remove ${layout.store.object(request.bundle)} there, then: tsm org ship @${environment.env}`,
    });
}

/** The operator's log has to be the one that the host was given, and the generation has to be in it. @throws Refusal */
async function verifyChain({ environment, request }: Work) {
  if (request.chain === undefined) return;
  const chain = await readChain(environment.chain);
  const { head } = chain;
  const notShipped = { code: 'refused', hint: `tsm org ship @${request.env}` } as const;
  if (!head) throw new Refusal({ ...notShipped, reason: 'nothing was shipped to the host yet' });
  if (head.record.seq !== request.chain.seq || head.digest !== request.chain.digest)
    throw new Refusal({
      code: 'moved',
      reason: `the host was given generation ${head.record.generation} by ${head.record.by}, which your history does not have`,
      hint: `take over history/${request.env} from whoever promoted it, then run the command again`,
    });
  if (chain.generation(request.generation)?.bundle !== request.bundle)
    throw new Refusal({ ...notShipped, reason: `generation ${request.generation} was not shipped to the host` });
}

function firewallChange({ layout }: Work, text: string | null): Change[] {
  const { firewall: path } = layout;
  const there = existsSync(path) ? readFileSync(path, 'utf8') : null;
  if (there === text) return [];
  return [{ path, content: text === null ? null : { kind: 'file', text, mode: 0o600 } }];
}

/** The table in the kernel is looked at too: somebody may have flushed it. */
function firewallStep({ layout }: Work, rules: HostRules, isNew: boolean): FirewallStep {
  const none = { change: 'none', closes: [] } as const;
  if (!layout.isLive) return none;
  if (rules.environments.length === 0) return isNew ? { change: 'remove', closes: [] } : none;
  if (!isNew && isLoaded()) return none;
  return { change: 'load', closes: closedListeners(rules, listenersOfHost()) };
}

function currentIs(environment: EnvironmentLayout, bundle: string): boolean {
  return currentBundle(environment) === bundle;
}

function fileStep({ path, content }: Change): FileStep {
  const from = digestAt(path);
  const to = content && sha256(content.kind === 'file' ? content.text : content.target);
  return { path, change: to === null ? 'removed' : from === null ? 'added' : 'changed', from, to };
}

function digestAt(path: string): string | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return null;
  return sha256(stat.isSymbolicLink() ? readlinkSync(path) : readFileSync(path));
}

function isUp(sample: Sample | undefined): boolean {
  return sample !== undefined && isRunning(sample);
}
