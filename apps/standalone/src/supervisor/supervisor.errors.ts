/** The system cannot start or go on; the message is a sentence for the person at the keyboard. */
export class SupervisorError extends Error {
  override readonly name = 'SupervisorError';
}
