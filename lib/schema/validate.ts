/** Documents against the key table: every problem, each with its path, in the words of the table. */

import type { SchemaError, Validator } from '#validators';
import * as validators from '#validators';
import { nearest } from '../nearest.js';
import { dotted, keyText, quoted } from '../text.js';
import { isTable, kindOf, sameValue } from '../toml/values.js';
import type { Path, Problem, Table, Value } from '../types.js';
import { manifestNames } from './json-schema.js';
import { keyAt, sectionAt, sections } from './keys.js';

/** The known sections of a document. `prefix` is where the document stands in its file: `['env', 'prod']`. */
export function sectionProblems(table: Table, prefix: Path = []): Problem[] {
  const problems = schemaProblems(validators.source, table).map(problem => sectionProblem(problem, table, prefix));
  const wrong = new Set(problems.map(problem => dotted(problem.path ?? [])));
  eachValue(table, (path, value) => {
    if (wrong.has(dotted([...prefix, ...path]))) return;
    const known = keyAt(path);
    // A default is good, and most values are defaults.
    const message = known && !sameValue(value, known.fallback) ? known.kind.check?.(value) : null;
    if (message) problems.push({ message: `${dotted(path)} ${message}`, path: [...prefix, ...path] });
  });
  return problems;
}

/** `extends` and `accept` of one `[env.NAME]`. */
export function environmentProblems(table: Table, prefix: Path): Problem[] {
  return schemaProblems(validators.environment, table).map(problem => ({
    message: `${dotted([...prefix, ...problem.path])} ${said(problem, table)}`,
    path: [...prefix, ...problem.path],
    hint:
      problem.path[0] === 'accept' ? `[[${dotted(prefix)}.accept]] takes rule = "..." and reason = "..."` : undefined,
  }));
}

export function manifestProblems(table: Table): Problem[] {
  return schemaProblems(validators.manifest, table).map(problem => {
    const unknown = problem.keyword === 'additionalProperties';
    const name = problem.path.at(-1) as string;
    const near = unknown ? nearest(name, manifestNames(problem.path.slice(0, -1))) : undefined;
    const where = problem.path.length === 0 ? 'manifest.toml' : dotted(problem.path);
    return {
      message: unknown ? `unknown key ${where}` : `${where} ${said(problem, table)}`,
      path: problem.path,
      side: unknown ? 'key' : 'value',
      hint: near && `did you mean ${near}?`,
    };
  });
}

interface SchemaProblem {
  readonly path: Path;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

// One problem a place: the first that the validator names. A combining keyword only repeats its parts.
function schemaProblems(validate: Validator, table: Table): SchemaProblem[] {
  if (validate(table)) return [];
  const found = new Map<string, SchemaProblem>();
  for (const error of validate.errors ?? []) {
    const path = placeOf(error, table);
    const key = dotted(path);
    if (!found.has(key)) found.set(key, { path, keyword: error.keyword, params: error.params });
  }
  return [...found.values()];
}

function placeOf(error: SchemaError, table: Table): Path {
  const path: (string | number)[] = [];
  let value: unknown = table;
  for (const part of error.instancePath.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(name) : name);
    value = (value as Record<string, unknown>)[name];
  }
  if (error.keyword === 'additionalProperties') path.push(error.params.additionalProperty as string);
  return path;
}

function sectionProblem(problem: SchemaProblem, table: Table, prefix: Path): Problem {
  const path = [...prefix, ...problem.path];
  if (problem.keyword === 'additionalProperties') return unknownKey(problem.path, path);
  const value = valueAt(table, problem.path);
  const known = keyAt(problem.path.filter(part => typeof part === 'string'));
  if (!known) return { message: `${dotted(problem.path)} must be a table, not ${kindOf(value as Value)}`, path };
  return { message: `${dotted(problem.path)} must be ${known.kind.says}${known.kind.hidden ? '' : but(value)}`, path };
}

function unknownKey(path: Path, full: Path): Problem {
  const words = path as readonly string[];
  const name = words.at(-1) as string;
  const section = sectionAt(words.slice(0, -1));
  const parent = `[${dotted(words.slice(0, -1))}]`;
  const entry = section?.others ?? section?.each;
  if (entry && !new RegExp(entry.names).test(name))
    return {
      message: `${quoted(name)} is no name for an entry of ${parent}`,
      path: full,
      side: 'key',
      hint: nameHint(words),
    };
  const near = nearest(name, [...Object.keys(section?.keys ?? {}), ...Object.keys(section?.tables ?? {})]);
  return {
    message: `unknown key ${keyText(name)} in ${parent}`,
    path: full,
    side: 'key',
    hint: near ? `did you mean ${near}?` : `the application's own settings go under [app] or a table of another name`,
  };
}

function nameHint(words: readonly string[]): string {
  if (words[0] === 'ports') return 'ports are named with a-z, 0-9, _ and -, beginning with a letter';
  if (words.length > 2) return 'environment variables are named with letters, digits and _';
  return 'services are named with a-z, 0-9 and -, beginning with a letter';
}

/** For settings outside the key table. */
function said(problem: SchemaProblem, table: Table): string {
  const { keyword, params } = problem;
  if (keyword === 'required') return `needs ${params.missingProperty as string}`;
  if (keyword === 'pattern') return 'must not be empty';
  if (keyword === 'additionalProperties') return 'is not known here';
  if (keyword === 'type') {
    const words: Record<string, string> = {
      string: 'text',
      integer: 'a whole number',
      object: 'a table',
      array: 'a list',
    };
    return `must be ${words[params.type as string] ?? params.type}${but(valueAt(table, problem.path))}`;
  }
  const { comparison, limit } = params;
  return comparison ? `must be ${comparison} ${limit}` : `does not fit (${keyword})`;
}

/** What it is instead: the kind where the kind is wrong, the value where it is short and harmless. */
function but(value: Value | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'bigint') return `, not ${value}`;
  if (typeof value === 'string' && /^[\w .:/@*,-]{0,40}$/.test(value)) return `, not ${quoted(value)}`;
  return typeof value === 'string' ? '' : `, not ${kindOf(value)}`;
}

function valueAt(table: Table, path: Path): Value | undefined {
  let value: Value | undefined = table;
  for (const part of path) value = (value as Record<string | number, Value> | undefined)?.[part];
  return value;
}

function eachValue(table: Table, visit: (path: readonly string[], value: Value) => void, at: readonly string[] = []) {
  for (const [name, value] of Object.entries(table)) {
    if (at.length === 0 && !(name in sections)) continue;
    const path = [...at, name];
    if (isTable(value)) eachValue(value, visit, path);
    else visit(path, value);
  }
}
