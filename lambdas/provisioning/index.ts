import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import { DynamoDbRegistry } from '../adapters/dynamodb-registry.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { IotCertificates } from '../adapters/iot-certificates.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { provisioningEnvSchema } from './env.ts';
import { createProvisioningHandler } from './handler.ts';

const env = readEnvironment(provisioningEnvSchema);

export const handler = createProvisioningHandler({
  ...createTelling('provisioning', env.STAGE),
  registry: new DynamoDbRegistry(new DynamoDBClient({}), env.REGISTRY_TABLE, Date.now),
  certificates: new IotCertificates(new IoTClient({})),
  thingTypePrefix: env.THING_TYPE_PREFIX,
});
