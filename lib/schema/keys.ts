/**
 * Every key of local.toml: its kind, its default and what it is for. This table is the only one; the validator, the
 * template of `tsm org init`, the order of env.toml and the defaults are all made from it.
 */

import type { Path, Value } from '../types.js';
import {
  account,
  checkedPort,
  checkedUrl,
  command,
  flag,
  foreignPorts,
  hostname,
  type Kind,
  line,
  networks,
  oneOf,
  path,
  portNumber,
  roleNames,
  schedule,
  secretsPath,
  tableNames,
  timezone,
  variable,
  variableNames,
  whole,
} from './kinds.js';

export interface Key {
  readonly kind: Kind;
  /** Absent where a key left out stays out. */
  readonly fallback?: Value;
  readonly doc: string;
}

export interface Section {
  readonly doc: string;
  readonly keys: Readonly<Record<string, Key>>;
  /** The section also takes other names, each with a value of this kind. */
  readonly others?: Key & { readonly names: string };
  /** The section holds one such section per name. */
  readonly each?: Section & { readonly names: string };
  /** Tables below this one. */
  readonly tables?: Readonly<Record<string, Section>>;
}

const key = (kind: Kind, doc: string, fallback?: Value): Key =>
  fallback === undefined ? { kind, doc } : { kind, doc, fallback };

const days = whole(0, 36500, 'a number of days');
const seconds = whole(1, 3600, 'a number of seconds');

/** In the order in which env.toml writes them. */
export const sections: Readonly<Record<string, Section>> = withoutPrototype<Section>({
  environment: {
    doc: 'What this environment is.',
    keys: {
      name: key(line, 'set by tsm: the environment it was promoted to', 'local'),
      type: key(oneOf('development', 'staging', 'production'), 'how serious it is; NODE_ENV follows it', 'development'),
      description: key(line, 'one line for people', 'Local development environment'),
    },
  },
  deployment: {
    doc: 'Where the program lives, and as whom it runs. tsm releases configuration; the code under tetra_src is yours.',
    keys: {
      tetra_src: key(path, 'the code; ${TETRA_SRC} elsewhere in this file', '~/src/devops/tetra'),
      tetra_dir: key(path, 'its data; ${TETRA_DIR} elsewhere in this file', '~/tetra'),
      user: key(account, 'the account that services run as', 'nobody'),
      group: key(account, 'and its group', 'nogroup'),
      hostname: key(hostname, 'the name of the machine', 'localhost'),
      domain: key(hostname, 'the name that users type', 'localhost'),
      base_domain: key(
        hostname,
        'the domain you own: dev becomes dev.<it>, staging staging.<it>, prod <it> itself',
        '',
      ),
    },
  },
  system: {
    doc: 'The machine.',
    keys: {
      os: key(oneOf('linux', 'darwin'), 'operating system', 'linux'),
      init_system: key(oneOf('none', 'systemd'), 'what starts the services', 'none'),
      auto_start: key(flag, 'start with the machine', false),
      timezone: key(timezone, 'time zone of services and timers', 'UTC'),
    },
  },
  ports: {
    doc: 'Every port by name. A service listens on the port of its own name, or on the one its `port` names.',
    keys: {
      dynamic_start: key(portNumber, 'first port of the range for short-lived listeners', 5000),
      dynamic_end: key(portNumber, 'and the last', 5099),
      offset: key(whole(0, 64000, 'a number'), 'added to each port, so that environments can share a host', 0),
    },
    others: { ...key(portNumber, 'a port'), names: '^[a-z][a-z0-9_-]{0,30}$' },
  },
  services: {
    doc: 'What runs. Each becomes a systemd service of its own.',
    keys: {},
    each: {
      names: '^[a-z][a-z0-9-]{0,62}$',
      doc: 'One service.',
      keys: {
        enabled: key(flag, 'false leaves it out of the bundle', true),
        description: key(line, 'one line for people', ''),
        command: key(command, 'the program and its arguments; no shell runs it', ''),
        env_flag: key(flag, 'add `--env NAME` to the command; the service named tetra always gets it', false),
        working_dir: key(path, 'the folder it is started in', '${TETRA_SRC}'),
        env_file: key(secretsPath, 'the file with its secrets, on the host', ''),
        auto_restart: key(flag, 'start it again when it ends', false),
        port: key(line, 'the name of its port in [ports]'),
        reads: key(tableNames, 'the application tables it reads; default: all. A change there restarts it'),
        roles: key(roleNames, 'the roles of the hosts that run it; default: every host does'),
        reload_command: key(command, 'makes it read its tables again, like "kill -HUP ${MAINPID}"; default: a restart'),
        restart_if_changed: key(
          flag,
          'false: when it changes, it runs on as it was until you restart it; default: true',
        ),
        stop_timeout: key(seconds, 'seconds in which it has to end before it is killed; default: 90'),
      },
      tables: {
        environment: {
          doc: 'Environment variables of the service.',
          keys: {},
          others: { ...key(variable, 'an environment variable'), names: '^[A-Za-z_][A-Za-z0-9_]{0,255}$' },
        },
        health: {
          doc: 'How to see that it works: at most one of http, tcp and command.',
          keys: {
            http: key(checkedUrl, 'a path on its port, or a URL, that answers with a status of 200 to 299'),
            tcp: key(checkedPort, 'a port that takes connections: a name in [ports], a number, or true for its own'),
            command: key(command, 'a command that ends with 0 where all is well; no shell runs it'),
            interval: key(seconds, 'seconds from one look to the next; default: 2'),
            timeout: key(seconds, 'seconds that one look may take; default: 5'),
          },
        },
      },
    },
  },
  resources: {
    doc: 'Limits of each service.',
    keys: {
      memory_max: key(whole(0, 16777216, 'a number of MB (0: no limit)'), 'memory in MB; 0: no limit', 0),
      nofile: key(whole(0, 1073741816, 'a number'), 'open files; 0: the system default', 1024),
      nproc: key(whole(0, 4194304, 'a number'), 'processes and threads; 0: the system default', 512),
    },
  },
  security: {
    doc: 'Who gets in, and what a service may do.',
    keys: {
      firewall_enabled: key(flag, 'filter the ports above', false),
      allowed_ips: key(networks, 'who may reach them', ['127.0.0.1']),
      default_input: key(oneOf('accept', 'drop'), 'what happens to all other incoming traffic', 'accept'),
      ssh_ports: key(foreignPorts, 'where sshd listens', [22]),
      allowed_ssh: key(networks, 'who may reach it', ['0.0.0.0/0', '::/0']),
      ssl_enabled: key(flag, 'serve over TLS', false),
      ssl_cert: key(path, 'certificate chain; staging, prod: /etc/letsencrypt/live/<domain>/fullchain.pem', ''),
      ssl_key: key(path, 'its key; staging, prod: privkey.pem beside it', ''),
      hsts_enabled: key(flag, 'tell browsers to insist on TLS', false),
      tls: key(oneOf('none', 'nginx', 'external'), 'who terminates TLS', 'none'),
      hardening: key(oneOf('none', 'basic', 'strict'), 'how tightly systemd confines the services', 'none'),
    },
  },
  logging: {
    doc: 'What is written down, and for how long.',
    keys: {
      level: key(oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal'), 'LOG_LEVEL of the services', 'debug'),
      format: key(oneOf('pretty', 'json'), 'LOG_FORMAT of the services', 'pretty'),
      destination: key(oneOf('file', 'syslog'), 'a file, or the journal', 'file'),
      file_path: key(path, 'the file', '${TETRA_DIR}/logs/tetra.log'),
      retention_days: key(days, 'how long logs are kept', 7),
    },
  },
  monitoring: {
    doc: 'Whether anybody notices.',
    keys: {
      enabled: key(flag, 'watch the services', false),
      health_check_interval: key(whole(1, 86400, 'a number of seconds'), 'seconds between two looks', 30),
      alert_on_failure: key(flag, 'tell somebody', false),
      alert_command: key(command, 'how: a command that is run on the server', ''),
      metrics_enabled: key(flag, 'publish figures', false),
      apm_enabled: key(flag, 'trace requests', false),
    },
  },
  backup: {
    doc: 'What survives the machine.',
    keys: {
      enabled: key(flag, 'back up tetra_dir', false),
      schedule: key(schedule, 'when, as cron text', ''),
      retention_days: key(days, 'how long backups are kept', 7),
      offsite_enabled: key(flag, 'copy them elsewhere', false),
      offsite_target: key(line, 'where to, for rsync', ''),
    },
  },
  compliance: {
    doc: 'What an auditor asks for.',
    keys: {
      audit_logging: key(flag, 'record who changed what', false),
      retention_days: key(days, 'how long that is kept', 0),
    },
  },
  secrets: {
    doc: 'Names of the secrets that services need. The values live in secrets/<environment>.env, never here.',
    keys: {
      required: key(variableNames, 'names that must be there before anything starts', []),
    },
  },
});

/** So that `constructor` is a table of the application like any other. */
function withoutPrototype<T>(entries: Record<string, T>): Record<string, T> {
  return Object.assign(Object.create(null), entries);
}

/** Names at the top of local.toml that an application cannot have. */
export const reserved: readonly string[] = ['env', 'bundle', 'organization'];

/** Tables that are the application's own by name, so that no near miss is suspected. */
export const applicationTable = 'app';

/** What the table says of a path such as `['services', 'api', 'command']`; `undefined` where it says nothing. */
export function keyAt(path: Path): Key | undefined {
  const section = sectionAt(path.slice(0, -1));
  return section && (own(section.keys, path.at(-1)) ?? section.others);
}

/** The section, or the table in one, that stands at a path such as `['services', 'api']`. */
export function sectionAt(path: Path): Section | undefined {
  let section = own(sections, path[0]);
  for (const part of path.slice(1)) section = section?.each ?? own(section?.tables, part);
  return section;
}

/** Names come from people: what every object inherits is no entry. */
function own<T>(entries: Readonly<Record<string, T>> | undefined, name: string | number | undefined): T | undefined {
  return entries && name !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined;
}

/** The order of keys in env.toml. */
export function keyOrder(path: readonly string[]): readonly string[] {
  if (path.length === 0) return ['bundle', ...Object.keys(sections)];
  const section = sectionAt(path);
  return section ? [...Object.keys(section.keys), ...Object.keys(section.tables ?? {})] : [];
}
