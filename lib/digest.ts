/** SHA-256 (FIPS 180-4), the only hash that an address is made of. */

import { createHash } from 'node:crypto';

/** `sha256:` and 64 hex digits. Text is hashed as UTF-8. */
export type Digest = `sha256:${string}`;

export function sha256(content: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** Hex digits of an address: 160 bits, as long as those of Nix store paths. */
export const addressLength = 40;

/** The first 40 hex digits of the SHA-256: what a store name begins with. */
export function address(content: string | Uint8Array): string {
  return sha256(content).slice('sha256:'.length, 'sha256:'.length + addressLength);
}
