/** The words for what an activation is about to do, waits for, and came to. What hosts say is made safe to print here. */

import type { FileStep, FirewallStep, HostOutcome, HostPlan, Verdict } from '../../lib/host/activation.js';
import type { UnitStep, UnitVerb } from '../../lib/host/plan.js';
import { count, printable } from '../../lib/text.js';
import type { Style } from '../cli/style.js';
import type { LineEntry, Tone } from './view.js';

/** One printable line; journals have tabs. */
export const clean = (text: string): string => printable(text.replaceAll('\t', '  ').trimEnd());

/** `0.4s`, `12.0s`, `2m05s`; at most six characters below 100 minutes. */
export function duration(ms: number): string {
  const tenths = Math.floor(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)}s`;
  const seconds = Math.floor(tenths / 10);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}

/** A sign has the line's colour for it; without one the text has it. */
export function painted({ sign, text, aside, tone }: LineEntry, style: Style): { sign: string; text: string } {
  const { green, red, yellow, dim, cyan } = style;
  const color = { good: green, bad: red, warn: yellow, dim, next: cyan, plain: (text: string) => text }[tone];
  const quietly = aside && `  ${dim(aside)}`;
  return sign === '' ? { sign, text: color(text) + quietly } : { sign: color(sign), text: text + quietly };
}

/** True where nothing went wrong. */
export const succeeded = (outcome: HostOutcome): boolean =>
  ['confirmed', 'unchanged', 'planned', 'shipped'].includes(outcome);

const signs: Readonly<Record<UnitVerb, readonly [sign: string, tone: Tone]>> = {
  start: ['+', 'good'],
  stop: ['-', 'bad'],
  restart: ['~', 'warn'],
  'stop-start': ['~', 'warn'],
  reload: ['~', 'warn'],
  none: ['.', 'dim'],
  stale: ['.', 'dim'],
  'stays-stopped': ['.', 'dim'],
};

/** `~ restart acme-prod-api  Service.MemoryMax` for each unit, then files and firewall. */
export function planLines(plan: HostPlan): LineEntry[] {
  const width = Math.max(0, ...plan.units.map(({ verb }) => verb.length));
  const lines = [
    ...plan.units.map(step => unitLine(step, width)),
    ...fileLines(plan.files),
    ...firewallLines(plan.firewall),
  ];
  return lines.length > 0 ? lines : [line('.', 'nothing changes', 'dim')];
}

function unitLine({ unit, verb, because }: UnitStep, width: number): LineEntry {
  const [sign, tone] = signs[verb];
  return line(sign, `${verb.padEnd(width)} ${clean(unit).replace(/\.service$/, '')}`, tone, clean(because.join(', ')));
}

function fileLines(files: readonly FileStep[]): LineEntry[] {
  const counts = (['added', 'changed', 'removed'] as const).flatMap(change => {
    const n = files.filter(file => file.change === change).length;
    return n > 0 ? `${n} ${change}` : [];
  });
  return counts.length > 0 ? [line('', `${count(files.length, 'file')}: ${counts.join(', ')}`, 'plain')] : [];
}

function firewallLines({ change, closes }: FirewallStep): LineEntry[] {
  const closed = closes.map(port => line('!', `closes ${clean(port)}`, 'warn'));
  if (change === 'none') return closed;
  return [change === 'load' ? line('~', 'load firewall', 'warn') : line('-', 'remove firewall', 'bad'), ...closed];
}

export function awaitingLine(seconds: number, confirm: 'auto' | 'manual', command: string): LineEntry {
  if (confirm === 'manual') return line('->', `confirm within ${seconds} s: ${command}`, 'next');
  return line('', `connecting anew, to confirm within ${seconds} s`, 'dim');
}

/** What is active now, in a few words behind the outcome. */
export function verdictText({ outcome, generation }: Verdict): string {
  const stays = generation === null ? 'nothing was touched' : `generation ${generation} stays active`;
  switch (outcome) {
    case 'confirmed':
      return generation === null ? 'nothing is active' : `generation ${generation} is active`;
    case 'unchanged':
      return generation === null ? 'nothing was active' : `generation ${generation} was active already`;
    case 'planned':
    case 'refused':
      return stays;
    case 'reverted':
      return generation === null ? 'nothing is active, as before' : `generation ${generation} is active again`;
    case 'revert-failed':
      return 'the way back failed as well';
    case 'shipped':
      return stays;
    case 'unreachable':
      return 'what it runs is not known';
  }
}

/** Why, what exactly, what was left as it was, and what to do. */
export function verdictLines(verdict: Verdict, digest: string | undefined): LineEntry[] {
  const { outcome, reason, details = [], held, hint } = verdict;
  return [
    ...(reason === undefined ? [] : [line('', clean(reason), succeeded(outcome) ? 'plain' : 'bad')]),
    ...details.flatMap(text => text.split('\n')).map(text => line('|', clean(text), 'dim')),
    ...held.map(unit => line('.', `left as it was: ${clean(unit).replace(/\.service$/, '')}`, 'warn')),
    ...(outcome === 'planned' && digest !== undefined ? [line('', `plan ${digest}`, 'plain')] : []),
    ...(hint === undefined ? [] : [line('->', clean(hint), 'next')]),
  ];
}

function line(sign: string, text: string, tone: Tone, aside = ''): LineEntry {
  return { kind: 'line', sign, text, aside, tone };
}
