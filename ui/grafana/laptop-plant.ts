import type { Plant } from './all.ts';

/** Where links of the committed dashboards lead: the page of `npm start` at its default port. A stage writes its own. */
export const laptopPlant: Plant = {
  stage: '*',
  pageUrl: 'http://localhost:4566',
  runbookUrl: null,
  downtimeEurPerHour: 150,
};
