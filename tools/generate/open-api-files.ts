import { releaseVersion } from '@libs/http';

import { openApiDocument } from '../../apps/dashboard-api/src/openapi/open-api-document';

const HEADER = '// Made by `npm run gen` from docs/openapi.json. Do not edit.\n';

/** The document of the staff API, and the types that its client has from it. */
export async function openApiFiles(): Promise<[file: string, text: string][]> {
  const document = `${JSON.stringify(openApiDocument(releaseVersion()), null, 2)}\n`;
  const { default: openApiTypes, astToString } = await import('openapi-typescript');
  const types = astToString(await openApiTypes(document));
  return [
    ['docs/openapi.json', document],
    ['libs/staff-client/src/staff-api.ts', HEADER + types],
  ];
}
