import { HttpProblem } from './http-problem.errors';

/** What is looked at of a request. */
export interface WatchedRequest {
  readonly socket: { readonly bytesRead: number };
  readonly complete: boolean;
  readonly res?: { once(event: 'finish', listener: () => void): unknown } | undefined;
  isPaused(): boolean;
  destroy(): unknown;
}

const LOOKS_PER_STALL = 10;

/**
 * Fails with a 408 when nothing comes although we read. Silence is counted in looks and not by the clock: while this process
 * stands still it reads nothing, and does not look either.
 */
export class StallWatch {
  readonly stalled: Promise<never>;
  private timer: NodeJS.Timeout | undefined;

  constructor(request: WatchedRequest, stallMs: number) {
    let bytes = request.socket.bytesRead;
    let silentLooks = 0;
    this.stalled = new Promise((_resolve, reject) => {
      this.timer = setInterval(() => {
        // While the database is slow it is we who do not read.
        const isHeard = request.socket.bytesRead !== bytes || request.isPaused() || request.complete;
        bytes = request.socket.bytesRead;
        silentLooks = isHeard ? 0 : silentLooks + 1;
        if (silentLooks < LOOKS_PER_STALL) return;
        // Nobody knows where in the body this connection is, so nothing else can come over it.
        request.res?.once('finish', () => request.destroy());
        reject(stalledFor(stallMs));
      }, stallMs / LOOKS_PER_STALL);
    });
    this.stalled.catch(() => undefined);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

const stalledFor = (stallMs: number): HttpProblem =>
  new HttpProblem(408, {
    error: `Nothing more of the file came for ${String(Math.round(stallMs / 1_000))} seconds. Upload it again over a steadier connection.`,
  });
