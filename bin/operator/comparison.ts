/** Two states of an environment side by side: what would change, or what did, and by whose word. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Changes, changesBetween, nothing, type Rendering, renderingOf } from '../../lib/diff.js';
import { parseEnvironment } from '../../lib/environment.js';
import type { LogRecord } from '../../lib/history.js';
import type { Promotion } from '../../lib/promote.js';
import { newTable } from '../../lib/toml/values.js';
import type { Layer, Leaf } from '../../lib/types.js';
import { bundleManifest, hasObject } from '../../store/bundles.js';
import type { Layout } from '../../store/layout.js';
import { rebuild } from './build.js';

/** One side: how it is rendered, and how the tsm of today would render the same source. */
export interface Side {
  readonly rendering: Rendering;
  readonly today: Rendering;
  readonly leaves: ReadonlyMap<string, Leaf>;
}

export const empty: Side = { rendering: nothing, today: nothing, leaves: new Map() };

export function promotedSide(promotion: Promotion): Side {
  const rendering = renderingOf(promotion.document, promotion.bundle);
  return { rendering, today: rendering, leaves: promotion.leaves };
}

/** A generation, from its bundle and, where that still works, its derivation. */
export function generationSide(layout: Layout, record: LogRecord): Side {
  const rendering = hasObject(layout, record.bundle) ? storedRendering(layout, record.bundle) : null;
  const again = rebuild(layout, record.deriver)?.promotion;
  const today = again ? renderingOf(again.document, again.bundle) : null;
  return {
    rendering: rendering ?? today ?? nothing,
    today: today ?? rendering ?? nothing,
    leaves: again?.leaves ?? new Map(),
  };
}

export interface Comparison {
  /** What the user's own change of local.toml brings. */
  readonly own: Changes;
  /** What comes from another version of tsm alone. */
  readonly tsm: Changes;
  readonly layerOf: (key: string) => Layer | undefined;
}

export function compare(before: Side, after: Side): Comparison {
  const all = changesBetween(before.rendering, after.rendering);
  const own = changesBetween(before.today, after.today);
  const keys = new Set(own.settings.map(change => change.key));
  const paths = new Set(own.files.map(change => change.path));
  const part = (mine: boolean): Changes => ({
    settings: all.settings.filter(change => keys.has(change.key) === mine),
    files: all.files.filter(change => paths.has(change.path) === mine),
  });
  return {
    own: part(true),
    tsm: part(false),
    layerOf: key => after.leaves.get(key)?.layer ?? before.leaves.get(key)?.layer,
  };
}

export function isSame({ own, tsm }: Comparison): boolean {
  return [own.settings, own.files, tsm.settings, tsm.files].every(list => list.length === 0);
}

function storedRendering(layout: Layout, bundle: string): Rendering {
  const root = layout.object(bundle);
  const paths = bundleManifest(layout, bundle).files.map(file => file.path);
  const files = new Map(paths.map(path => [path, readFileSync(join(root, path), 'utf8')]));
  const parsed = parseEnvironment(files.get('env.toml') ?? '');
  return { document: parsed.problems ? newTable() : parsed.document, files };
}
