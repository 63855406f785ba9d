/** The key table as JSON Schema (draft 7): what the validator is compiled from. */

import type { Json } from '../json.js';
import type { Path } from '../types.js';
import { type Section, sections } from './keys.js';

type Schema = { readonly [key: string]: Json };

function sectionSchema(section: Section): Schema {
  const properties: Record<string, Json> = {};
  for (const [name, key] of Object.entries(section.keys)) properties[name] = key.kind.schema;
  for (const [name, table] of Object.entries(section.tables ?? {})) properties[name] = sectionSchema(table);
  const named = section.each ?? section.others;
  const open = section.each ? sectionSchema(section.each) : section.others?.kind.schema;
  return {
    type: 'object',
    properties,
    ...(named && open ? { patternProperties: { [except(named.names, Object.keys(properties))]: open } } : {}),
    additionalProperties: false,
  };
}

/** patternProperties also apply to names that properties has, so the pattern has to leave them out. */
function except(pattern: string, names: readonly string[]): string {
  return names.length === 0 ? pattern : `^(?!(?:${names.join('|')})$)${pattern.slice(1)}`;
}

/** The known sections; other tables are the application's own and are not looked at. */
export function sourceSchema(): Schema {
  const properties: Record<string, Json> = {};
  for (const [name, section] of Object.entries(sections)) properties[name] = sectionSchema(section);
  return { type: 'object', properties };
}

/** What `[env.NAME]` has beside sections. */
export function environmentSchema(): Schema {
  const accepted: Schema = {
    type: 'object',
    properties: { rule: { type: 'string' }, reason: { type: 'string', pattern: '\\S' } },
    required: ['rule', 'reason'],
    additionalProperties: false,
  };
  return {
    type: 'object',
    properties: { extends: { type: 'string' }, accept: { type: 'array', items: accepted } },
  };
}

export function manifestSchema(): Schema {
  const text: Schema = { type: 'string' };
  const table = (properties: Schema): Schema => ({ type: 'object', properties, additionalProperties: false });
  const host: Schema = {
    ...table({
      address: text,
      port: { type: 'integer', minimum: 1, maximum: 65535 },
      user: text,
      // A name or a list of names: `lib/hosts.ts` says it in better words.
      env: {},
      roles: { type: 'array', items: text },
    }),
    required: ['address'],
  };
  return {
    ...table({
      organization: { ...table({ name: text, description: text, contact: text }), required: ['name'] },
      history: table({ retention: { type: 'integer', minimum: 1, maximum: 1000000 } }),
      hosts: { type: 'object', additionalProperties: host },
    }),
    required: ['organization'],
  };
}

/** The names that the manifest knows in the table at a path such as `['hosts', 'web1']`. */
export function manifestNames(path: Path): string[] {
  let schema = manifestSchema();
  for (const part of path) {
    const properties = (schema.properties ?? {}) as Schema;
    schema = (properties[part] ?? schema.additionalProperties) as Schema;
  }
  return Object.keys(schema.properties ?? {});
}
