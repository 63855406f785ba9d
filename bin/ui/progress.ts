/** Progress of an activation on stderr: drawn live on a terminal, as lines elsewhere, not at all beside JSON. */

import type { TimedEvent } from '../../lib/host/activation.js';
import type { Screen } from '../cli/command.js';
import { type Style, styleFor } from '../cli/style.js';
import { isTerminal, write } from '../cli/write.js';
import { openPlain } from './plain.js';
import type { Settings } from './view.js';

export interface ProgressOptions extends Settings {
  /** One line above all: what is done, and to what. */
  readonly title: string;
  /** Every host of the run, in its order; at least one. */
  readonly hosts: readonly string[];
  readonly screen: Screen;
  /** Called when the user confirms by a key, which only the live renderer offers, and only while a host waits for it. */
  readonly onConfirm?: () => void;
}

export interface Progress {
  event(event: TimedEvent): void;
  /** Resolves when everything is on the screen. What it is told after that is not shown. */
  close(): Promise<void>;
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Never waits: events that come while the live renderer is being loaded are kept for it. */
export function openProgress(options: ProgressOptions): Progress {
  const { json, color } = options.screen;
  const mode = progressMode(json, isTerminal(2) ? process.stderr : null, process.env);
  if (mode === 'silent') return { event: () => {}, close: async () => {} };
  const style = styleFor(color, isTerminal(2));
  const plain = () => openPlain(options, style, text => write(2, text));
  return mode === 'plain' ? plain() : whenLoaded(openLive(options, style), plain);
}

/** Below that the live renderer has no room for what is under way. */
const least = { columns: 30, rows: 8 };

/** `terminal` is `null` where there is none; one that does not know its size says 0. */
export function progressMode(json: boolean, terminal: Size | null, env: Environment): 'live' | 'plain' | 'silent' {
  if (json) return 'silent';
  if (terminal === null || env.TERM === 'dumb' || isSet(env.CI) || isSet(env.CONTINUOUS_INTEGRATION)) return 'plain';
  // What ink draws for screen readers is drawn again and again; lines are read once.
  if (env.INK_SCREEN_READER === 'true') return 'plain';
  return terminal.columns >= least.columns && terminal.rows >= least.rows ? 'live' : 'plain';
}

/** What ink takes for CI, where it would draw nothing. */
const isSet = (value: string | undefined) => value !== undefined && value !== '0' && value !== 'false';

/** By the locale, as locale(7) says it, and not on the console of Linux, whose font has few characters. */
export function showsUnicode({ TERM, LC_ALL, LC_CTYPE, LANG }: Environment): boolean {
  return TERM !== 'linux' && /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

async function openLive(options: ProgressOptions, style: Style): Promise<Progress> {
  const { load } = await import('#live');
  const live = await load();
  return live.openLive(options, { stream: process.stderr, style, unicode: showsUnicode(process.env) });
}

/** What it is told meanwhile is told to the one that comes of it, in the same order: promises keep theirs. */
export function whenLoaded(loading: Promise<Progress>, otherwise: () => Progress): Progress {
  const progress = loading.catch(otherwise);
  return {
    event: event => void progress.then(loaded => loaded.event(event)),
    close: () => progress.then(loaded => loaded.close()),
  };
}
