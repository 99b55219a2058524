import { Module } from '@nestjs/common';

import { EXPORT_STALL_MS, SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { CsvDownload } from './csv-download.service';
import { CsvExportReadModel } from './csv-export.read-model';
import { DownloadPlaces } from './download-places';
import { DOWNLOAD_LIMITS, type DownloadLimits } from './download-watch';
import { ExportsController } from './exports.controller';
import { ListDownload } from './list-download.service';

/** Lists as files. */
@Module({
  controllers: [ExportsController],
  providers: [
    {
      provide: DOWNLOAD_LIMITS,
      inject: [SETTINGS, EXPORT_STALL_MS],
      useFactory: (settings: StaffSettings, stallMs: number): DownloadLimits => ({
        stallMs,
        longestMs: settings.EXPORT_SECONDS_MAX * 1_000,
      }),
    },
    CsvExportReadModel,
    DownloadPlaces,
    CsvDownload,
    ListDownload,
  ],
  exports: [CsvDownload],
})
export class ExportsModule {}
