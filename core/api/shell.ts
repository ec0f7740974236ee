import { z } from 'zod';

/** An AAS environment as far as this API promises it; the rest is the metamodel's (core/standards). */
const identified = z.looseObject({ modelType: z.string(), id: z.string(), idShort: z.string() });

export const shellSchema = z.object({
  assetAdministrationShells: z.array(identified),
  submodels: z.array(identified),
});
