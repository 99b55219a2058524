import { HttpProblem, releaseVersion } from '@libs/http';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { openApiDocument } from './open-api-document';

/** The parts of swagger-ui that the page loads, found where npm put them. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': require.resolve('swagger-ui-dist/swagger-ui.css'),
  'swagger-ui-bundle.js': require.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
  'favicon-32x32.png': require.resolve('swagger-ui-dist/favicon-32x32.png'),
};
/** A script of its own: the policy of this origin lets no page run scripts inside itself. */
const START_SCRIPT = `window.ui = SwaggerUIBundle({ url: 'openapi.json', dom_id: '#document', docExpansion: 'none' });\n`;
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Distributary API</title>
    <link rel="icon" href="docs/favicon-32x32.png" />
    <link rel="stylesheet" href="docs/swagger-ui.css" />
  </head>
  <body>
    <noscript>This page needs JavaScript. The document itself is at <a href="openapi.json">openapi.json</a>.</noscript>
    <div id="document"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;
/** As somebody asks for it who types `/docs/`: its links lead from the folder above. */
const PAGE_BELOW = PAGE.replace('<head>', '<head>\n    <base href="../" />');
const ONE_HOUR = 'public, max-age=3600';

/** What this API says of itself, for programs and for people. */
@Controller()
export class OpenApiController {
  private readonly document = JSON.stringify(openApiDocument(releaseVersion()));

  @Get('openapi.json')
  json(@Res() response: Response): void {
    response.set('Cache-Control', ONE_HOUR).type('application/json').send(this.document);
  }

  @Get('docs')
  page(@Req() request: Request, @Res() response: Response): void {
    response
      .set('Cache-Control', ONE_HOUR)
      .set(
        'Content-Security-Policy',
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
      )
      .type('html')
      .send(request.path.endsWith('/') ? PAGE_BELOW : PAGE);
  }

  @Get('docs/:asset')
  asset(@Param('asset') asset: string, @Res() response: Response): void {
    response.set('Cache-Control', ONE_HOUR);
    if (asset === 'start.js') {
      response.type('text/javascript').send(START_SCRIPT);
      return;
    }
    const file = Object.hasOwn(ASSETS, asset) ? ASSETS[asset] : undefined;
    if (file === undefined) throw new HttpProblem(404);
    response.sendFile(file);
  }
}
