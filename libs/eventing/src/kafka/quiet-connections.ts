import RequestQueue from 'kafkajs/src/network/requestQueue';

/**
 * kafkajs 2.2.4 looks a thousand times a second on each connection whether something waits to be sent, also when nothing
 * does, and for ever: a timer that it sets for a time that is past. It costs an idle process several hundredths of a core.
 * Looking is only needed while something waits, or while the broker wants nothing sent.
 */
export function lookOnlyWhenSomethingWaits(): void {
  const { prototype } = RequestQueue;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the queue below
  const { scheduleCheckPendingRequests } = prototype;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) scheduleCheckPendingRequests.call(this);
  };
}
