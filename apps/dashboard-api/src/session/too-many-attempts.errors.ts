import { HttpProblem } from '@libs/http';

/** What somebody is told who has guessed wrong too often, and when to come back. */
export const tooManyAttempts = (seconds: number): HttpProblem =>
  new HttpProblem(429, { error: 'Too many failed attempts. Please try again later.' }, seconds);
