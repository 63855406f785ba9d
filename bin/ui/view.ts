/** What is to be shown of an activation: a fold over its events, the same for every renderer. */

import type { HostOutcome, StepName, TimedEvent, Verdict } from '../../lib/host/activation.js';
import { awaitingLine, clean, planLines, succeeded, verdictLines, verdictText } from './words.js';

/** `next` is a command to run, the others are what they are called. */
export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'plain' | 'next';

/** What the events do not say. */
export interface Settings {
  /** Seconds that the services are watched. */
  readonly soak: number;
  /** `tsm org confirm @prod` */
  readonly confirmCommand: string;
}

export interface View {
  readonly settings: Settings;
  /** In the order in which they began; only the last can be under way. */
  readonly blocks: readonly Block[];
}

/** The activation of one host. Entries are only ever added; of those there, a step's end alone changes. */
export interface Block {
  readonly host: string;
  readonly entries: readonly Entry[];
  /** Of the newest event that has a time, in ms since the first. */
  readonly at: number;
  /** What is to be added to the time of the next event, in ms. */
  readonly shift: number;
  /** What the current step waits for. */
  readonly wait?: Wait;
  readonly digest?: string;
  /** Absent while the activation is under way. */
  readonly outcome?: HostOutcome;
}

export interface Wait {
  readonly seconds: number;
  /** True where a person has to confirm. */
  readonly manual: boolean;
}

export type Entry = StepEntry | LineEntry | VerdictEntry;

export interface StepEntry {
  readonly kind: 'step';
  readonly step: StepName;
  readonly text: string;
  /** In ms since the host's first event. */
  readonly at: number;
  readonly state: 'current' | 'done' | 'failed';
  /** ms, once it is over. */
  readonly took?: number;
}

/** A line below a step or the verdict. */
export interface LineEntry {
  readonly kind: 'line';
  /** `+`, `->` and so on; may be empty. */
  readonly sign: string;
  readonly text: string;
  /** Said more quietly, behind the text; may be empty. */
  readonly aside: string;
  readonly tone: Tone;
}

export interface VerdictEntry {
  readonly kind: 'verdict';
  readonly outcome: HostOutcome;
  readonly text: string;
  readonly at: number;
}

export function begin(settings: Settings): View {
  return { settings, blocks: [] };
}

/** The view with one more event. A host that has its verdict begins another block. */
export function see(view: View, event: TimedEvent): View {
  const last = view.blocks.at(-1);
  const goesOn = last !== undefined && last.host === clean(event.host) && last.outcome === undefined;
  const block = goesOn ? last : { host: clean(event.host), entries: [], at: 0, shift: 0 };
  const others = goesOn ? view.blocks.slice(0, -1) : view.blocks;
  return { ...view, blocks: [...others, seen(block, event, view.settings)] };
}

/** True of an activation without a verdict. */
export const isUnderWay = (block: Block): boolean => block.outcome === undefined;

function seen(block: Block, event: TimedEvent, settings: Settings): Block {
  switch (event.event) {
    case 'step':
      return stepped(clocked(block, event.at), event.step, clean(event.text), settings);
    case 'note':
      return added(block, [{ kind: 'line', sign: '', text: clean(event.text), aside: '', tone: 'dim' }]);
    case 'plan':
      return { ...added(block, planLines(event.plan)), digest: clean(event.digest) };
    case 'awaiting': {
      const { seconds, confirm } = event;
      const waiting = added(block, [awaitingLine(seconds, confirm, settings.confirmCommand)]);
      return { ...waiting, wait: { seconds, manual: confirm === 'manual' } };
    }
    case 'verdict':
      return judged(clocked(block, event.at), event.verdict);
  }
}

/** Two clocks tell the time, the operator's and then the host's: where the second begins anew, it goes on from the first. */
function clocked(block: Block, at: number): Block {
  const shift = Math.max(block.shift, block.at - at);
  return { ...block, at: at + shift, shift };
}

function added(block: Block, lines: readonly Entry[]): Block {
  return { ...block, entries: [...block.entries, ...lines] };
}

function stepped(block: Block, step: StepName, text: string, { soak }: Settings): Block {
  const current = currentStep(block);
  if (current?.step === step && current.text === text) return block;
  const { entries, at } = ended(block, step === 'revert' ? 'failed' : 'done');
  const wait = step === 'watch' ? { seconds: soak, manual: false } : undefined;
  return { ...block, wait, entries: [...entries, { kind: 'step', step, text, at, state: 'current' }] };
}

function judged(block: Block, verdict: Verdict): Block {
  const { outcome } = verdict;
  // A revert that did its work is no failure; the step before it was.
  const isBack = outcome === 'reverted' && currentStep(block)?.step === 'revert';
  const { entries, at } = ended(block, succeeded(outcome) || isBack ? 'done' : 'failed');
  const text = verdictText(verdict);
  const lines = verdictLines(verdict, block.digest);
  return {
    ...block,
    wait: undefined,
    outcome,
    entries: [...entries, { kind: 'verdict', outcome, text, at }, ...lines],
  };
}

/** The block with its current step, where there is one, at an end. */
function ended(block: Block, state: 'done' | 'failed'): Block {
  const entries = block.entries.map(entry =>
    entry.kind === 'step' && entry.state === 'current' ? { ...entry, state, took: block.at - entry.at } : entry,
  );
  return { ...block, entries };
}

export function currentStep(block: Block): StepEntry | undefined {
  return block.entries.find(entry => entry.kind === 'step' && entry.state === 'current') as StepEntry | undefined;
}
