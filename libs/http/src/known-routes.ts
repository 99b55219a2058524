const fieldOf = (value: unknown, name: string): unknown =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? Reflect.get(value, name)
    : undefined;

/** Whether some route answers this path with another method: then the answer is 405, not 404. */
export function knowsPath(expressApp: unknown, path: string): boolean {
  const layers = fieldOf(fieldOf(expressApp, 'router'), 'stack');
  if (!Array.isArray(layers)) return false;
  return layers.some((layer: unknown) => {
    const match = fieldOf(layer, 'match');
    if (fieldOf(layer, 'route') === undefined || typeof match !== 'function') return false;
    try {
      return Boolean(match.call(layer, path));
    } catch {
      // A path that cannot be decoded matches nothing.
      return false;
    }
  });
}
