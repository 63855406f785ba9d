/** What holds of a host after any fault: it is on one whole generation, and nothing of the activation is left. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHostRecord } from '../../../lib/host/record.js';
import { parseUnit, valueIn } from '../../../lib/host/unit.js';
import { until } from '../support/commands.js';
import type { Host } from '../support/host.js';

const lookScript = readFileSync(join(import.meta.dirname ?? __dirname, 'look.cjs'), 'utf8');

/** What `look.cjs` prints. */
interface Look {
  readonly current: string | null;
  readonly bundle: { digests: Record<string, string>; units: Record<string, string> } | null;
  readonly units: Record<string, string>;
  readonly links: readonly string[];
  readonly firewall: string | null;
  readonly table: string;
  readonly records: readonly string[];
  readonly leftovers: readonly string[];
  readonly helpers: readonly string[];
  readonly services: Record<string, { active: string; mark: string }>;
}

/** The rules that a host has on a bundle, learned when nothing went wrong. */
export type Rules = Map<string, { readonly firewall: string | null; readonly table: string }>;

export async function look(host: Host, environment: string): Promise<Look> {
  return JSON.parse(await host.sh(`node - ${environment}`, { input: lookScript })) as Look;
}

/** Waits until whoever works on the environment is done. */
export async function settled(host: Host, environment: string, seconds = 30) {
  const pending = `ls /var/lib/tsm/${environment}/pending*`;
  const units = `systemctl list-units --all --plain --no-legend 'tsm-activate-${environment}*' 'tsm-revert-${environment}*'`;
  const isSettled = async () => (await host.run(`${pending} 2>/dev/null; ${units}`)).stdout === '';
  await until(isSettled, `${host.name} is settled`, seconds);
}

/** Empty where all holds. */
export async function brokenInvariants(host: Host, environment: string, rules: Rules): Promise<string[]> {
  const now = await look(host, environment);
  return [
    ...bundleProblems(now),
    ...unitProblems(now),
    ...serviceProblems(now),
    ...ruleProblems(now, rules),
    ...historyProblems(now),
    ...now.leftovers.map(name => `${name} is left`),
    ...now.helpers.map(unit => `${unit} is left`),
  ];
}

/** `current` leads to a bundle that is whole: its digest is its name, and its manifest is true of all its files. */
function bundleProblems({ current, bundle }: Look): string[] {
  if (current === null || bundle === null) return [];
  const { 'bundle.json': digest = '', ...files } = bundle.digests;
  if (!current.startsWith(`${digest.slice(0, 40)}-`)) return [`${current} is not what its name says`];
  return Object.keys(files).length > 3 ? [] : [`${current} lacks files`];
}

/** Unit files and links are those of that bundle, and no others. */
function unitProblems({ bundle, units, links }: Look): string[] {
  const wanted = bundle?.units ?? {};
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(units)])];
  const targets = (unit: string) => (valueIn(parseUnit(wanted[unit] ?? ''), 'Install', 'WantedBy') ?? '').split(/\s+/);
  const wantedLinks = Object.keys(wanted).flatMap(unit =>
    targets(unit).flatMap(target => (target === '' ? [] : [`${target}.wants/${unit} -> ../${unit}`])),
  );
  return [
    ...names.filter(name => wanted[name] !== units[name]).map(name => `${name} is not the file of the bundle`),
    ...(wantedLinks.sort().join() === links.join() ? [] : [`links: ${links.join(', ')}`]),
  ];
}

/** What runs was started by the definitions of that bundle, and all of it runs. */
function serviceProblems({ bundle, services }: Look): string[] {
  const wanted = Object.entries(bundle?.units ?? {}).filter(([name]) => name.endsWith('.service'));
  const known = new Set(wanted.map(([name]) => name));
  return [
    ...wanted.flatMap(([unit, text]) => {
      const { active, mark } = services[unit] ?? { active: 'unknown', mark: '' };
      const expected = /MARK=\w+/.exec(text)?.[0] ?? '';
      if (active !== 'active') return [`${unit} is ${active}`];
      return mark === expected ? [] : [`${unit} runs with ${mark}, and its file says ${expected}`];
    }),
    ...Object.entries(services)
      .filter(([unit, { active }]) => !known.has(unit) && active !== 'inactive')
      .map(([unit, { active }]) => `${unit} of another generation is ${active}`),
  ];
}

function ruleProblems({ current, firewall, table }: Look, rules: Rules): string[] {
  const expected = rules.get(String(current));
  if (!expected) return [`${current} was never active undisturbed`];
  return [
    ...(firewall === expected.firewall ? [] : ['the rules in /etc are those of another generation']),
    ...(table === expected.table ? [] : [`the rules in the kernel are those of another generation:\n${table}`]),
  ];
}

/** A chain without gaps, whose last link says what is active. */
function historyProblems({ records, current }: Look): string[] {
  const parsed = records.map(parseHostRecord);
  const broken = parsed.flatMap((found, i) => {
    if (found === null) return [`record ${i + 1} is not what was written`];
    const follows = found.record.seq === i + 1 && found.record.previous === (parsed[i - 1]?.digest ?? undefined);
    return follows ? [] : [`record ${i + 1} does not follow from the one before it`];
  });
  const active = parsed.at(-1)?.record.active?.bundle ?? null;
  return active === current ? broken : [...broken, `the history says ${active}, and current leads to ${current}`];
}
