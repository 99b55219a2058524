import { Module } from '@nestjs/common';

import { CsvDownload } from './csv-download.service';
import { CsvExportReadModel } from './csv-export.read-model';
import { ExportsController } from './exports.controller';

/** Lists as files. */
@Module({ controllers: [ExportsController], providers: [CsvExportReadModel, CsvDownload] })
export class ExportsModule {}
