import type { Request } from 'express';

/**
 * Calls `lost` when a body can never be read to its end any more. One that came whole is lost with its connection too, as long as
 * it was not read; and it may be so before anybody listens.
 */
export function whenBodyIsLost(request: Request, lost: () => void): void {
  const look = (): void => {
    if (!request.readableEnded) lost();
  };
  request.on('close', look);
  if (request.destroyed) look();
}
