/** bundle.json as it is read: from a disk or from the network, so nothing of it is believed. */

import { relativePathProblem } from './relative-path.js';
import type { BundleManifest, BundleManifestFile } from './types.js';

/** `null` where it has another shape, or lists a file that would not lie in the bundle. */
export function parseBundleManifest(text: string): BundleManifest | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { format, org, env, files } = (value ?? {}) as Partial<Record<keyof BundleManifest, unknown>>;
  if (typeof format !== 'number' || typeof org !== 'string' || typeof env !== 'string') return null;
  return Array.isArray(files) && files.every(isFile) ? (value as BundleManifest) : null;
}

function isFile(value: unknown): boolean {
  const { path, mode, size, digest } = (value ?? {}) as Partial<Record<keyof BundleManifestFile, unknown>>;
  if (typeof path !== 'string' || relativePathProblem(path) !== null) return false;
  if (typeof mode !== 'string' || !/^0[0-7]{3}$/.test(mode)) return false;
  return Number.isSafeInteger(size) && typeof digest === 'string';
}
