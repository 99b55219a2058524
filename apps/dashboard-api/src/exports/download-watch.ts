import type { ServerResponse } from 'node:http';

/** For Nest: the `DownloadLimits` of this process. */
export const DOWNLOAD_LIMITS = Symbol('how long a download may take');

export interface DownloadLimits {
  /** How long a client may take nothing of what waits for it, in milliseconds. */
  readonly stallMs: number;
  /** How long a download may take from its place to its last byte, in milliseconds. PostgreSQL keeps dead rows for as long. */
  readonly longestMs: number;
}

const LOOKS_PER_STALL = 12;

/**
 * Tells once when a client takes nothing any more, or when a download takes too long. Silence is counted in looks and not by the
 * clock: while this process stands still it sends nothing, and does not look either.
 */
export class DownloadWatch {
  private readonly timers: readonly NodeJS.Timeout[];

  constructor(response: ServerResponse, limits: DownloadLimits, tell: (reason: string) => void) {
    let [taken, silentLooks] = [0, 0];
    const end = (reason: string): void => {
      this.stop();
      tell(reason);
    };
    const look = (): void => {
      const before = taken;
      taken = bytesTaken(response);
      // While the database is slow nothing waits for the client.
      silentLooks = response.writableLength > 0 && taken === before ? silentLooks + 1 : 0;
      if (silentLooks === LOOKS_PER_STALL) end(`the client took nothing for ${secondsOf(limits.stallMs)}`);
    };
    const late = (): void => end(`it was not through after ${secondsOf(limits.longestMs)}`);
    this.timers = [setInterval(look, limits.stallMs / LOOKS_PER_STALL), setTimeout(late, limits.longestMs)];
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }
}

/** What the kernel has of the connection's bytes; it takes more when the client takes some. */
const bytesTaken = ({ socket }: ServerResponse): number =>
  socket === null ? 0 : socket.bytesWritten - socket.writableLength;

const secondsOf = (ms: number): string => `${String(ms / 1_000)} s`;
