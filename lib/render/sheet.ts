/** A file of the bundle, written line by line; each line remembers the settings it came from. */

import type { BundleFile } from '../types.js';

export class Sheet {
  private readonly text: string[] = [];
  private readonly keys: (readonly string[])[] = [];

  constructor(private readonly path: string) {}

  line(text: string, ...keys: readonly string[]): this {
    this.text.push(text);
    this.keys.push(keys);
    return this;
  }

  blank(): this {
    return this.line('');
  }

  file(): BundleFile {
    return { path: this.path, content: this.text.map(line => `${line}\n`).join(''), lines: this.keys };
  }
}

/** The first line of every generated file. */
export function header(org: string, env: string): string {
  return `# ${org}-${env}: made by tsm from local.toml. Do not edit: the next activation replaces this file.`;
}
