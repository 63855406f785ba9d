/**
 * Where each key and value of a TOML text stands. The parser that keeps positions is slow to load, so this
 * module is imported only when there is something to point at.
 */

import { type AST, parseTOML } from 'toml-eslint-parser';
import { dotted } from '../text.js';
import type { Path, Position } from '../types.js';

export interface Place {
  readonly key: Position;
  readonly value: Position;
  /** One past the last character of each. */
  readonly keyEnd: Position;
  readonly valueEnd: Position;
}

/** Finds a path's place, or that of the nearest table around it. */
export type Positions = (path: Path) => Place | undefined;

/** @throws the parser's own error where the text is not TOML. */
export function positions(text: string): Positions {
  const places = new Map<string, Place>();
  // As lenient as the parser that reads the values.
  const ast = parseTOML(text.replace(/^\uFEFF/, ''), { tomlVersion: '1.1' });
  for (const node of ast.body[0].body) {
    if (node.type === 'TOMLTable') {
      note(places, node.resolvedKey, place(node.key, node.key));
      notePrefixes(places, [], node.key.keys);
      // Every element of an array of tables resolves with its index.
      for (const pair of node.body) visitPair(pair, node.resolvedKey, places);
    } else visitPair(node, [], places);
  }
  return path => {
    for (let length = path.length; length > 0; length--) {
      const found = places.get(dotted(path.slice(0, length)));
      if (found) return found;
    }
    return undefined;
  };
}

function visitPair(pair: AST.TOMLKeyValue, prefix: Path, places: Map<string, Place>) {
  const path = [...prefix, ...pair.key.keys.map(keyName)];
  notePrefixes(places, prefix, pair.key.keys);
  visitValue(pair.value, path, places, place(pair.key.keys.at(-1) as AST.TOMLNode, pair.value));
}

function visitValue(value: AST.TOMLContentNode, path: Path, places: Map<string, Place>, at: Place) {
  note(places, path, at);
  if (value.type === 'TOMLInlineTable') for (const pair of value.body) visitPair(pair, path, places);
  if (value.type === 'TOMLArray')
    value.elements.forEach((item, i) => {
      visitValue(item, [...path, i], places, place(item, item));
    });
}

/** `[a.b.c]` and `a.b.c = 1` make the tables a and a.b as well. */
function notePrefixes(places: Map<string, Place>, prefix: Path, keys: readonly (AST.TOMLBare | AST.TOMLQuoted)[]) {
  for (const [i, key] of keys.slice(0, -1).entries())
    note(places, [...prefix, ...keys.slice(0, i + 1).map(keyName)], place(key, key));
}

function note(places: Map<string, Place>, path: Path, at: Place) {
  const key = dotted(path);
  if (!places.has(key)) places.set(key, at);
}

const keyName = (key: AST.TOMLBare | AST.TOMLQuoted): string => (key.type === 'TOMLBare' ? key.name : key.value);

const place = (key: AST.TOMLNode, value: AST.TOMLNode): Place => ({
  key: position(key.loc.start),
  keyEnd: position(key.loc.end),
  value: position(value.loc.start),
  valueEnd: position(value.loc.end),
});

const position = ({ line, column }: { line: number; column: number }): Position => ({ line, column: column + 1 });
