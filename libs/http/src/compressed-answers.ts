import compression from 'compression';
import type { Request, RequestHandler, Response } from 'express';

/** As documented; higher levels take several times as long for a few percent. */
const GZIP_LEVEL = 5;
/** A smaller answer fits into one packet anyway. */
const BYTES_MIN = 1_024;
/** Tables are sent while they are read, events when they happen, and pictures are small already. */
const COMPRESSED_TYPES = /^(application\/json|text\/(html|css|javascript))\b/i;

const isCompressed = (_request: Request, response: Response): boolean =>
  COMPRESSED_TYPES.test(String(response.getHeader('Content-Type') ?? ''));

/**
 * Compresses what was asked for by GET, where the client says that it can read that. Answers to anything else are short, and some hold
 * a secret beside words of who asked, which must not show in a length.
 */
export function compressedAnswers(): RequestHandler {
  const compress = compression({ level: GZIP_LEVEL, threshold: BYTES_MIN, filter: isCompressed });
  return (request, response, next) => {
    if (request.method === 'GET' && request.headers['accept-encoding'] !== undefined)
      compress(request, response, next);
    else next();
  };
}
