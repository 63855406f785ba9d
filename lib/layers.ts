/**
 * The layers of a value: default < local < profile < override. Tables merge by key, lists are replaced as a whole.
 *
 * 1. Defaults, local and overrides are merged into a tree of leaves, each of which knows who set it and where.
 * 2. The profile's rules are laid over the keys they name, `*` over every name that any layer has.
 * 3. A key is resolved when it is asked for: override, else rule, else what lies below. So a rule that reads another
 *    key sees its final value (a domain that the user overrides reaches the certificate's path), whatever the order
 *    of the rules; a circle of rules is a problem that names its keys.
 * 4. Last, `${...}`, `~/` and the port offset are applied to the winner, whichever layer it came from.
 */

import { expanded } from './expand.js';
import { type Profile, rulesOf, type StatedRule } from './profile.js';
import { type Section, sections } from './schema/keys.js';
import type { Override, Source } from './source.js';
import { dotted } from './text.js';
import { isTable, newTable } from './toml/values.js';
import type { Layer, Leaf, Path, Problem, Table, Value } from './types.js';

export interface Resolved {
  readonly table: Table;
  /** By dotted key. A list is one leaf, and so is an empty table. */
  readonly leaves: ReadonlyMap<string, Leaf>;
  readonly problems: readonly Problem[];
}

export function resolve(source: Source, override: Override, profile: Profile, env: string): Resolved {
  const local = leavesOf(source.local, 'local', []);
  const above = leavesOf(override.settings, 'override', ['env', env]);
  const below = merged(defaultsFor(source.local, override.settings), local) as Branch;
  const all = merged(below, above) as Branch;
  const resolver = new Resolver(below, above, rulesFor(profile, all), env);
  const circles = new Map<string, Problem>();
  const leaves = new Map<string, Leaf>();
  for (const path of [...pathsOf(all), ...resolver.rulePaths()]) {
    const key = dotted(path);
    if (leaves.has(key)) continue;
    try {
      const leaf = resolver.leaf(path);
      if (leaf) leaves.set(key, leaf);
    } catch (error) {
      if (!(error instanceof Circle)) throw error;
      // Every key that leads into the circle finds it; it is told once, at one of its own keys.
      const { keys } = error;
      const name = [...keys].sort()[0] as string;
      const message = `these settings need each other: ${keys.join(' -> ')}`;
      if (!circles.has(name)) circles.set(name, { message, key: name, path: originOf(all, name.split('.')) });
    }
  }
  const problems = [...circles.values()];
  return { table: tableOf(leaves.values()), leaves, problems };
}

/** A table's names, each with what lies below it. */
type Branch = Map<string, Node>;
type Node = Leaf | Branch;

const isBranch = (node: Node | undefined): node is Branch => node instanceof Map;

function leavesOf(table: Table, layer: Layer, prefix: Path, at: readonly string[] = []): Branch {
  const branch: Branch = new Map();
  for (const [name, value] of Object.entries(table)) {
    const path = [...at, name];
    if (isTable(value) && Object.keys(value).length > 0) branch.set(name, leavesOf(value, layer, prefix, path));
    else
      branch.set(name, {
        path,
        value,
        layer,
        origin: layer === 'default' ? undefined : [...prefix, ...path],
        dependsOn: [],
      });
  }
  return branch;
}

function merged(lower: Node | undefined, upper: Node): Node {
  if (isBranch(upper)) {
    if (!isBranch(lower)) return upper;
    const both: Branch = new Map(lower);
    for (const [name, node] of upper) both.set(name, merged(both.get(name), node));
    return both;
  }
  if (lower === undefined) return upper;
  // An empty table says nothing of the keys that another layer has there.
  if (isBranch(lower)) return isTable(upper.value) ? lower : upper;
  return { ...upper, below: lower };
}

function defaultsFor(local: Table, override: Table): Branch {
  const branch: Branch = new Map();
  for (const [name, section] of Object.entries(sections)) {
    const names = new Set([...namesIn(local[name]), ...namesIn(override[name])]);
    branch.set(name, sectionDefaults(section, [name], names));
  }
  return branch;
}

function sectionDefaults(section: Section, path: readonly string[], names: ReadonlySet<string>): Branch {
  const branch: Branch = new Map();
  for (const [name, key] of Object.entries(section.keys))
    if (key.fallback !== undefined)
      branch.set(name, { path: [...path, name], value: key.fallback, layer: 'default', dependsOn: [] });
  if (section.each)
    for (const name of names) branch.set(name, sectionDefaults(section.each, [...path, name], new Set()));
  return branch;
}

const namesIn = (value: Value | undefined): string[] => (isTable(value) ? Object.keys(value) : []);

interface PlacedRule {
  readonly rule: StatedRule;
  readonly path: readonly string[];
  readonly name: string;
}

function rulesFor(profile: Profile, all: Branch): Map<string, PlacedRule> {
  const placed = new Map<string, PlacedRule>();
  for (const rule of rulesOf(profile)) {
    const parts = rule.key.split('.');
    const star = parts.indexOf('*');
    const holder = star < 0 ? undefined : nodeAt(all, parts.slice(0, star));
    const names = star < 0 ? [''] : isBranch(holder) ? [...holder.keys()] : [];
    for (const name of names) {
      const path = parts.map(part => (part === '*' ? name : part));
      placed.set(dotted(path), { rule, path, name });
    }
  }
  return placed;
}

class Resolver {
  private readonly done = new Map<string, Leaf | undefined>();
  private readonly underWay: string[] = [];

  constructor(
    private readonly below: Branch,
    private readonly above: Branch,
    private readonly rules: ReadonlyMap<string, PlacedRule>,
    private readonly env: string,
  ) {}

  rulePaths(): readonly (readonly string[])[] {
    return [...this.rules.values()].map(placed => placed.path);
  }

  /** @throws Circle where the value needs itself. */
  leaf(path: readonly string[]): Leaf | undefined {
    const key = dotted(path);
    if (this.done.has(key)) return this.done.get(key);
    if (this.underWay.includes(key)) throw new Circle([...this.underWay.slice(this.underWay.indexOf(key)), key]);
    this.underWay.push(key);
    try {
      const winner = this.winner(path, key);
      const leaf = winner && expanded(winner, other => this.leaf(other)?.value);
      this.done.set(key, leaf);
      return leaf;
    } finally {
      this.underWay.pop();
    }
  }

  private winner(path: readonly string[], key: string): Leaf | undefined {
    const override = nodeAt(this.above, path);
    if (override && !isBranch(override)) return { ...override, below: this.ruled(path, key) };
    return this.ruled(path, key);
  }

  private ruled(path: readonly string[], key: string): Leaf | undefined {
    const node = nodeAt(this.below, path);
    const below = isBranch(node) ? undefined : node;
    const placed = this.rules.get(key);
    if (!placed) return below;
    const { rule, name } = placed;
    const dependsOn = new Set<string>();
    const get = (other: string) => {
      dependsOn.add(other);
      return this.leaf(other.split('.'))?.value;
    };
    const made =
      typeof rule.value === 'function' ? rule.value({ env: this.env, name, below: below?.value, get }) : rule.value;
    if (made === undefined) return below;
    return {
      path,
      value: made,
      layer: 'profile',
      rule: { profile: rule.profile, key: rule.key, reason: rule.reason },
      dependsOn: [...dependsOn],
      below,
    };
  }
}

class Circle extends Error {
  constructor(readonly keys: readonly string[]) {
    super('circle');
  }
}

function nodeAt(branch: Branch, path: readonly string[]): Node | undefined {
  let node: Node | undefined = branch;
  for (const part of path) node = isBranch(node) ? node.get(part) : undefined;
  return node;
}

function originOf(branch: Branch, path: readonly string[]): Path | undefined {
  const node = nodeAt(branch, path);
  return node && !isBranch(node) ? node.origin : undefined;
}

function* pathsOf(branch: Branch, at: readonly string[] = []): Generator<readonly string[]> {
  for (const [name, node] of branch) {
    if (isBranch(node)) yield* pathsOf(node, [...at, name]);
    else yield [...at, name];
  }
}

/** The leaves as a document. */
export function tableOf(leaves: Iterable<Leaf>): Table {
  const root = newTable();
  for (const { path, value } of leaves) {
    let table = root;
    for (const part of path.slice(0, -1)) {
      table[part] ??= newTable();
      table = table[part] as Record<string, Value>;
    }
    table[path.at(-1) as string] = value;
  }
  return root;
}
