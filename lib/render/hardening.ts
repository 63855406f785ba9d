/** How tightly systemd confines a service (systemd.exec(5)), by the levels of `security.hardening`. */

export type Hardening = 'none' | 'basic' | 'strict';

/** What no server program misses. */
const basic: readonly string[] = [
  'NoNewPrivileges=yes',
  'PrivateTmp=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
];

/** Not MemoryDenyWriteExecute: a just-in-time compiler needs such memory. */
const strict: readonly string[] = [
  ...basic,
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'ProtectHostname=yes',
  'ProtectProc=invisible',
  'PrivateDevices=yes',
  'RemoveIPC=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'RestrictNamespaces=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged',
  'SystemCallErrorNumber=EPERM',
  'UMask=0027',
];

export const hardeningLines: Readonly<Record<Hardening, readonly string[]>> = { none: [], basic, strict };
