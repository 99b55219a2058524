import { type ApiDescription, file, json } from './api-description';
import { anyObject, flag, listOf, named, object, oneOf, text } from './json-schema';

/** What says how the service is and how to call it. */
export const serviceApi: ApiDescription = {
  tag: 'service',
  schemas: {
    Health: object(
      { status: oneOf(['pass', 'fail']), version: text, service_id: text },
      { services: { type: 'object', additionalProperties: text } },
    ),
  },
  routes: {
    'GET /health': {
      summary: 'Whether the process is alive, and its database answers',
      answers: { 200: json(named('Health'), 'The process is alive.') },
    },
    'GET /ready': {
      summary: 'Whether the process can serve',
      answers: {
        200: json(object({ ready: flag, reasons: listOf(text) }), 'It can.'),
        503: json(object({ ready: flag, reasons: listOf(text) }), 'It cannot, with the reasons.'),
      },
    },
    'GET /openapi.json': {
      summary: 'This document',
      answers: { 200: json(anyObject, 'OpenAPI 3.1.') },
    },
    'GET /docs': {
      summary: 'This document, as a page',
      answers: { 200: file('text/html', 'The page.') },
    },
    'GET /docs/:asset': {
      summary: 'A part of that page',
      answers: { 200: file('application/octet-stream', 'A script, a style or an image.') },
      refusals: { 404: 'The page has no such part.' },
    },
  },
};
