/**
 * Loaded into every child before its own code (`node --require leash.js app.js`).
 *
 * The channel to the supervisor closes whatever ended the supervisor, kill −9 included: then this process is asked
 * to drain as on Ctrl-C, and ended when it does not.
 */
const DRAIN_MS = 9_000;

const channel = process.channel;
if (channel) {
  process.once('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), DRAIN_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  // Listening alone must not keep a process alive that has nothing left to do.
  channel.unref();
}
