/**
 * The names that people, devices and commands must know before or without a deployment. They carry the stage, so that
 * two stages share an account; everything else is named by CloudFormation.
 */
export const nameInStage = (stage: string, name: string): string => `factory-${stage}-${name}`;

/** Rule names become part of a Basic Ingest topic and allow no hyphen. */
export const ruleNameInStage = (stage: string, name: string): string => `factory_${stage}_${name}`;

export const streamName = (stage: string): string => nameInStage(stage, 'telemetry');
export const registryTableName = (stage: string): string => nameInStage(stage, 'machines');
export const twinTableName = (stage: string): string => nameInStage(stage, 'twins');
export const quarantineQueueName = (stage: string): string => nameInStage(stage, 'quarantine');
export const ingestErrorsQueueName = (stage: string): string => nameInStage(stage, 'ingest-errors');
export const machinePolicyName = (stage: string): string => nameInStage(stage, 'machine');
export const thingTypeName = (stage: string, machineType: string): string => nameInStage(stage, machineType);
export const provisioningTemplateName = (stage: string): string => nameInStage(stage, 'provisioning');

/** Bucket names are one space for all accounts of the world. */
export const failuresBucketName = (stage: string, account: string, region: string): string =>
  `${nameInStage(stage, 'failures')}-${account}-${region}`;
export const modelsBucketName = (stage: string, account: string, region: string): string =>
  `${nameInStage(stage, 'models')}-${account}-${region}`;
export const incidentTableName = (stage: string): string => nameInStage(stage, 'incidents');
export const workOrderTableName = (stage: string): string => nameInStage(stage, 'work-orders');
export const incidentQueueName = (stage: string): string => nameInStage(stage, 'incidents');
/** Of a queue, where what it could not get rid of waits for a person. */
export const deadLettersName = (queueName: string): string =>
  queueName.endsWith('.fifo') ? queueName.replace(/\.fifo$/, '-dead-letters.fifo') : `${queueName}-dead-letters`;
/** A FIFO queue's name ends so (SQS developer guide, "FIFO queue and message identifiers"). */
export const channelQueueName = (stage: string, channel: string): string =>
  `${nameInStage(stage, `channel-${channel.replaceAll('_', '-')}`)}.fifo`;
/** Events that the bus could not bring to a channel's queue. */
export const undeliveredQueueName = (stage: string): string => nameInStage(stage, 'channels-undelivered');
export const cmmsName = (stage: string): string => nameInStage(stage, 'cmms');
export const anomalyRuleName = (stage: string): string => nameInStage(stage, 'anomalies');
export const channelSecretName = (stage: string, channel: string): string => nameInStage(stage, `channel-${channel}`);
export const alertTopicName = (stage: string, audience: string): string => nameInStage(stage, `alerts-${audience}`);
export const eventBusName = (stage: string): string => nameInStage(stage, 'events');
export const maintenanceMachineName = (stage: string): string => nameInStage(stage, 'maintenance');
