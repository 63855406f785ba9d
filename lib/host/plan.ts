/** What an activation does with each unit: pure data, from the files of both sides and what the host runs. */

/** What systemd says of a unit now (org.freedesktop.systemd1(5)), as far as a plan needs it. */
export interface UnitState {
  readonly active: 'active' | 'reloading' | 'inactive' | 'failed' | 'activating' | 'deactivating';
}

export type UnitVerb =
  /** New, or not running though it should. */
  | 'start'
  /** No longer in the bundle, or without a role on this host. */
  | 'stop'
  | 'restart'
  /** Stopped under its old definition, then started under the new: what ends it has changed. */
  | 'stop-start'
  | 'reload'
  /** Changed in ways that a running service does not notice. */
  | 'none'
  /** Kept running as it was, though it changed: `restart_if_changed = false`. */
  | 'stale'
  /** Changed, but somebody stopped it by hand, and it stays so. */
  | 'stays-stopped';

export interface UnitStep {
  /** `acme-prod-api.service` */
  readonly unit: string;
  readonly verb: UnitVerb;
  /** What changed: directives as `Service.MemoryMax`, or words such as `new`, `removed`, `not in role web`. */
  readonly because: readonly string[];
}
