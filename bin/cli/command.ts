/** What a command is, to the command line. */

import type { Json } from '../../lib/json.js';
import type { Workspace } from '../operator/workspace.js';
import type { ColorChoice, Style } from './style.js';

/** `C` is what a command works on: a workspace, or on a server the host itself. */
export interface CommandInfo<C = Workspace> {
  /** `['org', 'promote']` */
  readonly words: readonly string[];
  /** `['@ENV', '[N]']`: those in brackets may be left out. */
  readonly args: readonly string[];
  readonly summary: string;
  readonly options: readonly OptionInfo[];
  /** Further paragraphs of the help text. */
  readonly details?: string;
  readonly examples: readonly string[];
  /** Imports the command's module: a start loads only the one it needs. */
  readonly load: () => Promise<{ run: Run<C> }>;
}

export interface OptionInfo {
  readonly name: string;
  readonly short?: string;
  /** The word for its value in help; a flag has none. */
  readonly value?: string;
  readonly summary: string;
  readonly required?: true;
}

/** What the words ask for, of what is printed. */
export interface Screen {
  readonly json: boolean;
  readonly color: ColorChoice;
}

export type Run<C = Workspace> = (input: Input<C>) => Promise<Outcome> | Outcome;

export interface Input<C = Workspace> {
  /** As given, in the order of `args`. */
  readonly args: readonly string[];
  readonly options: Options;
  readonly workspace: C;
  readonly screen: Screen;
}

export interface Options {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
}

/** The members of the JSON document, or how to make them where only JSON needs them. */
export type Data = { readonly [key: string]: Json | undefined };

/** What a command came to. Commands return data; the output module prints it. */
export interface Outcome {
  /** `tsm/promote/1` and so on: raised when a member changes its meaning or goes away. */
  readonly schema: string;
  readonly data: Data | (() => Data | Promise<Data>);
  /** The same for people, on stdout. */
  readonly text: (style: Style) => string;
  /** Words beside the result, on stderr. */
  readonly warnings?: readonly string[];
  readonly exit?: number;
}
