import http from 'node:http';

const ANSWER_WITHIN_MS = 2_000;

/** Whether the address answers 200 now. Never throws: a process that is not there yet is just not ready. */
export function answersReady(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false, timeout: ANSWER_WITHIN_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => {
      resolve(false);
    });
  });
}
