/** Every path on a host. No other file puts one together. */

import { join } from 'node:path';
import { Layout, recordName } from '../../store/layout.js';

export class HostLayout {
  /** `root` is empty on a server; below a local host's folder it is that folder, absolute. */
  constructor(readonly root: string) {}

  /** True where systemd, the firewall and users are those of this machine. */
  get isLive(): boolean {
    return this.root === '';
  }

  /** `/var/lib/tsm` */
  get state(): string {
    return `${this.root}/var/lib/tsm`;
  }

  /** The store in it: `/var/lib/tsm/store`. */
  get store(): Layout {
    return new Layout(this.state);
  }

  /** `/var/lib/tsm/lease`: locked by flock(1) while something works on the host. */
  get lease(): string {
    return join(this.state, 'lease');
  }

  /** `/var/lib/tsm/lease.json`: who holds the lease, for people. */
  get leaseHolder(): string {
    return join(this.state, 'lease.json');
  }

  /** `/etc/systemd/system` */
  get units(): string {
    return `${this.root}/etc/systemd/system`;
  }

  /** `/etc/tetra` */
  get etc(): string {
    return `${this.root}/etc/tetra`;
  }

  /** `/etc/tetra/firewall.nft`: the rules of all environments, composed. */
  get firewall(): string {
    return join(this.etc, 'firewall.nft');
  }

  /** `/usr/local/lib/tsm` */
  get programs(): string {
    return `${this.root}/usr/local/lib/tsm`;
  }

  /** `/usr/local/lib/tsm/host` */
  get program(): string {
    return join(this.programs, 'host');
  }

  /** `/usr/local/bin/tsm`: the same program, for people. */
  get command(): string {
    return `${this.root}/usr/local/bin/tsm`;
  }

  environment(org: string, env: string): EnvironmentLayout {
    return new EnvironmentLayout(this, org, env);
  }

  /** A path as the host itself sees it, below the folder of a local host. */
  at(path: string): string {
    return `${this.root}${path}`;
  }
}

export class EnvironmentLayout {
  constructor(
    private readonly host: HostLayout,
    readonly org: string,
    readonly env: string,
  ) {}

  /** `acme-prod` */
  get name(): string {
    return `${this.org}-${this.env}`;
  }

  /** `/var/lib/tsm/acme-prod` */
  get root(): string {
    return join(this.host.state, this.name);
  }

  /** `/var/lib/tsm/acme-prod/current`: symlink to `../store/<bundle>`. */
  get current(): string {
    return join(this.root, 'current');
  }

  /** `/var/lib/tsm/acme-prod/pending`: an activation that is not decided yet. */
  get pending(): string {
    return join(this.root, 'pending');
  }

  /** The same, taken by the one who takes it back: `pending.reverting`. */
  get reverting(): string {
    return join(this.root, 'pending.reverting');
  }

  /** The same, taken by the one who lets it stand: `pending.confirmed`. */
  get confirmed(): string {
    return join(this.root, 'pending.confirmed');
  }

  /** `/var/lib/tsm/acme-prod/chain`: the operators' log, as far as the host was given it. */
  get chain(): string {
    return this.host.store.chain(this.org, this.env);
  }

  /** `/var/lib/tsm/acme-prod/history`: what came of each activation, one file each. */
  get history(): string {
    return join(this.root, 'history');
  }

  /** `/var/lib/tsm/acme-prod/history/00000007` */
  record(seq: number): string {
    return join(this.history, recordName(seq));
  }

  /** Room for the next record, taken before it is known what it will say: `history/.next`. */
  get preparedRecord(): string {
    return join(this.history, '.next');
  }

  /** `/var/lib/tsm/acme-prod/stage`: links, which go where `current` is. */
  get stage(): string {
    return join(this.root, 'stage');
  }

  /** `/etc/tetra/.stage-acme-prod`: copies of units and rules, on the file system of /etc. */
  get stageInEtc(): string {
    return join(this.host.etc, `.stage-${this.name}`);
  }

  /** `/var/lib/tsm/acme-prod/activations` */
  get activations(): string {
    return join(this.root, 'activations');
  }

  activation(id: string): ActivationLayout {
    return new ActivationLayout(join(this.activations, id));
  }

  /** `tsm-activate-acme-prod.service`: the transient unit that an activation runs in. */
  get activateUnit(): string {
    return `tsm-activate-${this.name}.service`;
  }

  /** `tsm-revert-acme-prod.service`: the transient unit that takes an activation back at its deadline. */
  get revertUnit(): string {
    return `tsm-revert-${this.name}.service`;
  }
}

export class ActivationLayout {
  /** `/var/lib/tsm/acme-prod/activations/<id>` */
  constructor(readonly root: string) {}

  get request(): string {
    return join(this.root, 'request.json');
  }

  /** One JSON document a line, in the order in which things happened. */
  get events(): string {
    return join(this.root, 'events.ndjson');
  }

  /** What an operator showed to prove that a new connection gets in. */
  get proof(): string {
    return join(this.root, 'proof');
  }

  /** Why somebody asked to take it back. */
  get asked(): string {
    return join(this.root, 'asked');
  }

  get verdict(): string {
    return join(this.root, 'verdict.json');
  }
}
