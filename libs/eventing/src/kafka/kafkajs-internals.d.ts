/** What kafkajs 2.2.4 sends over one connection, and what waits to be sent. Not part of its public interface. */
declare module 'kafkajs/src/network/requestQueue' {
  interface PushedRequest {
    readonly entry: {
      readonly correlationId: number;
      readonly resolve: (answer: unknown) => void;
      readonly reject: (error: unknown) => void;
    };
    readonly expectResponse: boolean;
    readonly sendRequest: () => void;
  }
  class RequestQueue {
    constructor(options: {
      readonly requestTimeout: number;
      readonly enforceRequestTimeout: boolean;
      readonly maxInFlightRequests: number | null;
      readonly clientId: string;
      readonly broker: string;
      readonly logger: { debug(): void; warn(): void };
      readonly isConnected: () => boolean;
    });
    readonly pending: readonly unknown[];
    /** Until this time, in milliseconds since 1970, the broker wants nothing sent; -1 when it never said so. */
    throttledUntil: number;
    push(request: PushedRequest): void;
    fulfillRequest(answer: { correlationId: number; payload: Uint8Array; size: number }): void;
    scheduleCheckPendingRequests(): void;
  }
  export = RequestQueue;
}
