/** local.toml, parsed and valid: the one input that people write. */

import { envNameProblem } from './names.js';
import { nearest } from './nearest.js';
import { applicationTable, reserved, sections } from './schema/keys.js';
import { environmentProblems, sectionProblems } from './schema/validate.js';
import { keyText } from './text.js';
import { parseToml } from './toml/parse.js';
import { isTable, kindOf, newTable } from './toml/values.js';
import type { Problem, Table, Value, Waiver } from './types.js';

export interface Source {
  /** The whole document, `env` included: what a derivation keeps. */
  readonly document: Table;
  /** Everything but `env`. */
  readonly local: Table;
  readonly environments: Readonly<Record<string, Override>>;
}

/** `[env.NAME]`: the user's own word for one environment. */
export interface Override {
  /** The profile of a custom environment. */
  readonly extends?: string;
  readonly accept: readonly Waiver[];
  readonly settings: Table;
}

export type SourceResult =
  | { readonly source: Source; readonly problems?: undefined }
  | { readonly problems: readonly Problem[] };

/** `profiles` are the names of the profile modules; other environments need `extends`. */
export function parseSource(text: string, profiles: readonly string[]): SourceResult {
  const parsed = parseToml(text);
  if (parsed.problems) return parsed;
  const document = parsed.table;
  const { env, ...local } = document;
  const problems = [...topProblems(local, []), ...sectionProblems(local)];
  const environments: Record<string, Override> = Object.create(null);
  if (env !== undefined && !isTable(env))
    problems.push({ message: `env must be a table of environments, not ${kindOf(env)}`, path: ['env'] });
  for (const [name, table] of Object.entries(isTable(env) ? env : {}))
    environments[name] = readOverride(name, table, profiles, problems);
  if (problems.length > 0) return { problems };
  return { source: { document, local, environments } };
}

function readOverride(name: string, table: Value, profiles: readonly string[], problems: Problem[]): Override {
  const path = ['env', name];
  const nothing: Override = { accept: [], settings: newTable() };
  if (!isTable(table)) {
    problems.push({ message: `env.${keyText(name)} must be a table, not ${kindOf(table)}`, path });
    return nothing;
  }
  const { extends: base, accept, ...settings } = table;
  const own = newTable();
  if (base !== undefined) own.extends = base;
  if (accept !== undefined) own.accept = accept;
  problems.push(
    ...nameProblems(name, base, profiles),
    ...environmentProblems(own, path),
    ...topProblems(settings, path),
    ...sectionProblems(settings, path),
  );
  return { extends: base as string | undefined, accept: (accept as unknown as Waiver[]) ?? [], settings };
}

function nameProblems(name: string, base: Value | undefined, profiles: readonly string[]): Problem[] {
  const path = ['env', name];
  const wrong = (message: string, hint?: string): Problem[] => [{ message, hint, path, side: 'key' }];
  if (name === 'local') return wrong('local is the source itself, so it has no overrides');
  if (name === 'production') return wrong('production is another word for prod', 'write [env.prod]');
  const bad = envNameProblem(name);
  if (bad) return wrong(bad);
  if (profiles.includes(name))
    return base === undefined
      ? []
      : [{ message: `${name} is a profile of its own and cannot extend another`, path: [...path, 'extends'] }];
  if (base === undefined) {
    const near = nearest(name, profiles);
    const means = near ? `did you mean [env.${near}]? Else ` : '';
    return wrong(
      `no profile is named ${name}`,
      `${means}say extends = "staging" to make it an environment of your own`,
    );
  }
  if (typeof base === 'string' && profiles.includes(base)) return [];
  return [
    {
      message: `env.${name}.extends must name a profile: ${profiles.join(', ')}`,
      path: [...path, 'extends'],
    },
  ];
}

/** Top-level names: known sections, the application's own tables, and what looks like a slip of the pen. */
function topProblems(table: Table, prefix: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  const known = Object.keys(sections);
  for (const [name, value] of Object.entries(table)) {
    const path = [...prefix, name];
    const add = (message: string, hint?: string) => problems.push({ message, hint, path, side: 'key' });
    if (name in sections) continue;
    if (reserved.includes(name)) add(`[${name}] is reserved`, 'choose another name for the table');
    else if (!isTable(value) && !(Array.isArray(value) && value.length > 0 && value.every(isTable)))
      add(`${keyText(name)} stands outside of any table`, "the application's own settings go under [app]");
    else if (name !== applicationTable) {
      const near = nearest(name.toLowerCase(), known) ?? (known.includes(name.toLowerCase()) && name.toLowerCase());
      if (near)
        add(
          `unknown section [${keyText(name)}]`,
          `did you mean [${near}]? A table of the application's own needs another name`,
        );
    }
  }
  return problems;
}
