import type { HttpRoute } from '@libs/observability';
import { fieldOf } from '@libs/kernel';

/** All routes of an Express app, by pattern and method. */
export function routesOf(expressApp: unknown): HttpRoute[] {
  const layers = fieldOf(fieldOf(expressApp, 'router'), 'stack');
  if (!Array.isArray(layers)) return [];
  return layers.flatMap((layer: unknown): HttpRoute[] => {
    const route = fieldOf(fieldOf(layer, 'route'), 'path');
    const methods = fieldOf(fieldOf(layer, 'route'), 'methods');
    if (typeof route !== 'string' || typeof methods !== 'object' || methods === null) return [];
    return Object.keys(methods).map((method) => ({ route, method: method.toUpperCase() }));
  });
}

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
