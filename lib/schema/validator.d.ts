/** The validators that the build compiles from `json-schema.ts` (ajv standalone code, `dist/validators.cjs`). */
declare module '#validators' {
  export interface SchemaError {
    /** JSON Pointer (RFC 6901) to the value. */
    readonly instancePath: string;
    readonly keyword: string;
    readonly params: Readonly<Record<string, unknown>>;
  }
  export interface Validator {
    (value: unknown): boolean;
    errors?: readonly SchemaError[] | null;
  }
  export const source: Validator;
  export const environment: Validator;
  export const manifest: Validator;
}
