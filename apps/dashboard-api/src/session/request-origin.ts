import type { RequestOrigin } from '@libs/identity';
import type { Request } from 'express';

import { deviceIdOf } from './device-id';

/** Where a request comes from: the address as the trusted proxies name it, and what the client says of itself. */
export const originOf = (request: Request): RequestOrigin => ({
  address: request.ip ?? '',
  userAgent: request.headers['user-agent'] ?? '',
  deviceId: deviceIdOf(request),
});
