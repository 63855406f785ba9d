/** Every path under $TETRA_DIR, and on a host those under /var/lib/tsm. No other file puts one together. */

import { join } from 'node:path';

export class Layout {
  /** `root` is $TETRA_DIR, or /var/lib/tsm; absolute. */
  constructor(readonly root: string) {}

  /** `~/tetra/store` */
  get store(): string {
    return join(this.root, 'store');
  }

  /** `~/tetra/store/<digest>-acme-prod` or `~/tetra/store/<digest>.drv` */
  object(name: string): string {
    return join(this.store, name);
  }

  /** `~/tetra/org` */
  get orgs(): string {
    return join(this.root, 'org');
  }

  /** `/var/lib/tsm/acme-prod/chain`: the operator's log, as far as the host was given it. */
  chain(org: string, env: string): string {
    return join(this.root, `${org}-${env}`, 'chain');
  }

  org(name: string): OrgLayout {
    return new OrgLayout(join(this.orgs, name), name);
  }
}

export class OrgLayout {
  /** `~/tetra/org/acme`, and `acme`. */
  constructor(
    readonly root: string,
    readonly name: string,
  ) {}

  /** `~/tetra/org/acme/manifest.toml` */
  get manifest(): string {
    return join(this.root, 'manifest.toml');
  }

  /** `~/tetra/org/acme/environments` */
  get environments(): string {
    return join(this.root, 'environments');
  }

  /** `~/tetra/org/acme/environments/local.toml` */
  get source(): string {
    return join(this.environments, 'local.toml');
  }

  /** `~/tetra/org/acme/environments/prod.toml` */
  pointer(env: string): string {
    return join(this.environments, `${env}.toml`);
  }

  /** `~/tetra/org/acme/history` */
  get histories(): string {
    return join(this.root, 'history');
  }

  /** `~/tetra/org/acme/history/prod` */
  history(env: string): string {
    return join(this.histories, env);
  }

  /** `~/tetra/org/acme/secrets` */
  get secrets(): string {
    return join(this.root, 'secrets');
  }
}

/** `00000007`: the file of a record in its history folder. */
export function recordName(seq: number): string {
  return String(seq).padStart(8, '0');
}

/** The hint to the newest record. */
export const headName = 'head';

const temporaryPrefix = '.tmp-';

/** For a file or folder under construction; the process in the name is for people. */
export function temporaryName(): string {
  return `${temporaryPrefix}${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
}

export function isTemporary(name: string): boolean {
  return name.startsWith(temporaryPrefix);
}
