/** Unit files: as systemd reads them, and what tsm put into them for an activation. */

/**
 * Sections by name, and in each the values of its directives by name, both in the order of their first line. Like
 * systemd, it passes over comments, over lines without `=`, and over what stands above the first section.
 */
export type Unit = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/**
 * Reads systemd.syntax(7). A section that is opened twice is one. An empty value takes away those before it, and stays
 * itself: of some directives it means something, as `CapabilityBoundingSet=` does.
 */
export function parseUnit(text: string): Unit {
  const sections = new Map<string, Map<string, string[]>>();
  let section: Map<string, string[]> | undefined;
  for (const line of logicalLines(text)) {
    const heading = /^\[(.*)\]$/.exec(line)?.[1];
    const equals = line.indexOf('=');
    if (heading !== undefined) section = entry(sections, heading, () => new Map());
    else if (section && equals > 0) {
      const values = entry(section, trimmed(line.slice(0, equals)), () => []);
      const value = trimmed(line.slice(equals + 1));
      if (value === '') values.length = 0;
      values.push(value);
    }
  }
  return sections;
}

/** Lines without white space around them, those that end in a backslash joined by a space. A comment may stand between. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let begun = '';
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (/^[ \t]*[#;]/.test(line)) continue;
    const whole = begun + line;
    // A backslash behind a backslash is meant as it stands.
    const continues = /(?<!\\)(?:\\\\)*\\$/.test(whole);
    begun = continues ? `${whole.slice(0, -1)} ` : '';
    if (!continues) lines.push(trimmed(whole));
  }
  return begun === '' ? lines : [...lines, trimmed(begun)];
}

/** systemd knows four kinds of white space, JavaScript 25. */
function trimmed(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
}

function entry<T>(map: Map<string, T>, name: string, made: () => T): T {
  const value = map.get(name) ?? made();
  map.set(name, value);
  return value;
}

/** Where systemd takes the last of several values; `undefined` where there is none, or an empty one. */
export function valueIn(unit: Unit, section: string, name: string): string | undefined {
  return unit.get(section)?.get(name)?.at(-1) || undefined;
}

/** The ending of a unit's name, which says what it is: `service`, `target`, `timer`. */
export function unitType(unit: string): string {
  return unit.slice(unit.lastIndexOf('.') + 1);
}

/** A service's own check. `interval` and `timeout` in seconds. */
export type HealthCheck = { readonly interval: number; readonly timeout: number } & (
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'command'; readonly argv: readonly string[] }
);

/** `[X-Tsm]` of a unit (`lib/render/unit-data.ts`). */
export interface UnitData {
  /** Digest of what the program reads of env.toml. */
  readonly reads: string | null;
  /** A host needs one of these to run it; none means every host. */
  readonly roles: readonly string[];
  readonly restartIfChanged: boolean;
  readonly health: HealthCheck | null;
}

export const dataSection = 'X-Tsm';

export function unitData(unit: Unit): UnitData {
  const value = (name: string) => valueIn(unit, dataSection, name);
  return {
    reads: value('Reads') ?? null,
    roles: value('Roles')?.split(' ') ?? [],
    restartIfChanged: value('RestartIfChanged') !== 'no',
    health: healthCheck(value),
  };
}

function healthCheck(value: (name: string) => string | undefined): HealthCheck | null {
  const times = { interval: Number(value('HealthInterval')), timeout: Number(value('HealthTimeout')) };
  const [url, address, command] = [value('HealthHttp'), value('HealthTcp'), value('HealthCommand')];
  if (url) return { kind: 'http', url, ...times };
  if (address) {
    const colon = address.lastIndexOf(':');
    return { kind: 'tcp', host: address.slice(0, colon), port: Number(address.slice(colon + 1)), ...times };
  }
  if (command) return { kind: 'command', argv: JSON.parse(command) as string[], ...times };
  return null;
}

/** True where a host with these roles runs the unit. */
export function runsHere(data: UnitData, roles: readonly string[]): boolean {
  return data.roles.length === 0 || data.roles.some(role => roles.includes(role));
}
