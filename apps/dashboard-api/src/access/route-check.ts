import { fieldOf, invariant } from '@libs/kernel';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { publicRouteOf, staffRouteOf } from './route-access';

/** Every route that the server answers, as `GET /path`. */
export function registeredRoutes(app: NestExpressApplication): string[] {
  const layers = fieldOf(fieldOf(app.getHttpAdapter().getInstance(), 'router'), 'stack');
  invariant(Array.isArray(layers), 'the router cannot be read');
  return layers.flatMap((layer: unknown) => {
    const route = fieldOf(layer, 'route');
    const path = fieldOf(route, 'path');
    const methods = fieldOf(route, 'methods');
    if (typeof path !== 'string' || typeof methods !== 'object' || methods === null) return [];
    return Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`);
  });
}

/** Throws when a route is in neither table: nobody decided who may call it. */
export function checkEveryRouteIsGuarded(app: NestExpressApplication): void {
  for (const route of registeredRoutes(app)) {
    const [method = '', path = ''] = route.split(' ');
    const isKnown = staffRouteOf(method, path) !== null || publicRouteOf(method, path) !== null;
    invariant(isKnown, `nobody decided who may call ${route}: add it to access/route-access.ts`);
  }
}
