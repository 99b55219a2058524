import type { IncomingMessage } from 'node:http';

import { unsupportedMediaType } from './problems';
import { bodyOf } from './request-body';

/** The value of one part of a multipart form. An envelope is base64, so text is enough. */
function multipartValue(body: string, contentType: string, name: string): string {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1] ?? '';
  for (const part of body.split(`--${boundary}`)) {
    const [head = '', value] = part.split('\r\n\r\n', 2);
    if (value !== undefined && head.includes(`name="${name}"`)) return value.replace(/\r\n$/, '');
  }
  return '';
}

/** The envelope of a submission: from a form, or from the query. */
export async function envelopeOf(request: IncomingMessage, query: URLSearchParams): Promise<string> {
  const contentType = request.headers['content-type'] ?? '';
  const body = await bodyOf(request);
  const kind = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  switch (kind) {
    case '':
    case 'application/x-www-form-urlencoded': {
      const posted = new URLSearchParams(body.toString('latin1')).get('tx');
      return posted ?? query.get('tx') ?? '';
    }
    case 'multipart/form-data':
      return multipartValue(body.toString('latin1'), contentType, 'tx') || (query.get('tx') ?? '');
    default:
      throw unsupportedMediaType();
  }
}
