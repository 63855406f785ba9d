/** An environment under examination, and the problems found with it. */

import type { Resolved } from '../layers.js';
import { Settings } from '../settings.js';
import type { Leaf, Problem, Table } from '../types.js';

export class Subject {
  readonly settings: Settings;
  readonly problems: Problem[] = [];

  constructor(
    private readonly resolved: Resolved,
    readonly org: string,
    readonly env: string,
  ) {
    this.settings = new Settings(resolved.table);
  }

  get table(): Table {
    return this.resolved.table;
  }

  get leaves(): ReadonlyMap<string, Leaf> {
    return this.resolved.leaves;
  }

  /** A problem with the setting, at the place that set it. */
  add(key: string, message: string, hint?: string) {
    this.problems.push(problemAt(this.leaves, key, message, hint));
  }
}

export function problemAt(leaves: ReadonlyMap<string, Leaf>, key: string, message: string, hint?: string): Problem {
  const leaf = leaves.get(key);
  const rule = leaf?.below?.origin ? undefined : leaf?.rule;
  const by = rule ? ` (the ${rule.profile} profile sets it: ${rule.reason})` : '';
  return { message: message + by, hint, key, layer: leaf?.layer, path: leaf?.origin ?? leaf?.below?.origin };
}
