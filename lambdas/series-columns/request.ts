import { z } from 'zod';

/** What CloudFormation asks, as far as it matters here (user guide, "Custom resource request objects"). */
export const requestSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.unknown(),
});

export const propertiesSchema = z.object({
  Database: z.string().min(1),
  Samples: z.string().min(1),
  Rollups: z.array(z.string().min(1)).min(1),
  MeasureName: z.string().min(1),
  /** How far back the tables' memory store reaches. CloudFormation makes text of every property. */
  MemoryHours: z.coerce.number().positive(),
});
