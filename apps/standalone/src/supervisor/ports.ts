import net from 'node:net';

import type { PortUse } from './process-spec';
import { SupervisorError } from './supervisor.errors';

const HOST = '127.0.0.1';

/** Throws one sentence that names the taken port. */
export async function refuseTakenPorts(uses: readonly PortUse[]): Promise<void> {
  const taken = await Promise.all(uses.map(async (use) => ((await isTaken(use.port)) ? [use] : [])));
  const [first] = taken.flat();
  if (first === undefined) return;
  throw new SupervisorError(
    `Port ${first.port}, where ${first.usedBy} should listen, is taken by another program: stop that program or choose other ports with PORT_BASE, for example PORT_BASE=18000.`,
  );
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(true);
      else if (error.code === 'EACCES')
        reject(
          new SupervisorError(`Port ${port} needs more rights than this user has: choose another PORT_BASE.`),
        );
      else reject(error);
    });
    server.listen({ port, host: HOST, exclusive: true }, () => {
      server.close(() => {
        resolve(false);
      });
    });
  });
}
