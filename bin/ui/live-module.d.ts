/** The live renderer (`live.tsx`), which the build puts into files of its own: `dist/live.cjs` loads `dist/live.mjs`. */
declare module '#live' {
  export function load(): Promise<typeof import('./live.js')>;
}
