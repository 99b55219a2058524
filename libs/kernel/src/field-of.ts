/** A field of something that came from outside; undefined where it has none, or is nothing that has fields. */
export const fieldOf = (value: unknown, name: string): unknown =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? Reflect.get(value, name)
    : undefined;
