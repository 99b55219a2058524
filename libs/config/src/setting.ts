import type { z } from 'zod';

/** One variable of the environment. */
export interface Setting<Value = unknown> {
  /** Reads the text of the variable; an absent variable is read as undefined, so a default lives here. */
  readonly schema: z.ZodType<Value>;
  /** For docs/environment.md: what it does, in a sentence. */
  readonly about: string;
  readonly example?: string;
  /** Its value never appears in a message or a log. */
  readonly secret?: boolean;
}

export const setting = <Value>(
  schema: z.ZodType<Value>,
  about: string,
  more: { readonly example?: string; readonly secret?: boolean } = {},
): Setting<Value> => ({ schema, about, ...more });
