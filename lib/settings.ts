/** Typed reading of a resolved environment. Only for documents that were validated: a missing key is a bug. */

import { isList, isTable } from './toml/values.js';
import type { Table, Value } from './types.js';

export class Settings {
  constructor(readonly table: Table) {}

  value(key: string): Value | undefined {
    let value: Value | undefined = this.table;
    for (const part of key.split('.')) value = isTable(value) ? value[part] : undefined;
    return value;
  }

  text(key: string): string {
    return this.expect(key, 'string') as string;
  }

  number(key: string): number {
    return this.expect(key, 'number') as number;
  }

  flag(key: string): boolean {
    return this.expect(key, 'boolean') as boolean;
  }

  /** A list of texts or of numbers. */
  list<T extends string | number>(key: string): readonly T[] {
    const value = this.value(key);
    if (!isList(value)) throw new TypeError(`${key} is not a list`);
    return value as unknown as readonly T[];
  }

  optional(key: string): string | undefined {
    const value = this.value(key);
    return typeof value === 'string' ? value : undefined;
  }

  /** The names in a table, sorted by code units; none where there is no table. */
  names(key: string): string[] {
    const value = this.value(key);
    return isTable(value) ? Object.keys(value).sort() : [];
  }

  private expect(key: string, type: string): Value | undefined {
    const value = this.value(key);
    if (typeof value !== type) throw new TypeError(`${key} is not a ${type}`);
    return value;
  }
}
