/**
 * What each role of a stage may do, its own log group aside. A line more is a permission more: say in the review what uses
 * it. The laptop enforces these roles, so a line too few fails there.
 */
export const permissionsOnTimestream: Readonly<Record<string, readonly string[]>> = {
  ArchiveRole: [
    'kinesis:DescribeStream GetRecords GetShardIterator ListShards on TelemetryStream',
    'logs:PutLogEvents on ArchiveLogs',
    's3:AbortMultipartUpload GetObject PutObject on ArchiveBucket/*',
    's3:GetBucketLocation ListBucket ListBucketMultipartUploads on ArchiveBucket',
  ],
  IngestRole: ['kinesis:PutRecord on TelemetryStream', 'sqs:SendMessage on IngestErrors'],
  DetectionWorkerRole: [
    'dynamodb:BatchGetItem on RegistryMachines',
    'dynamodb:BatchWriteItem on Twins',
    'dynamodb:GetItem PutItem on ShardStateLeases',
    'dynamodb:PutItem Query on LearnedLives',
    'events:PutEvents on EventsBus',
    'kinesis:DescribeStream DescribeStreamSummary GetRecords GetShardIterator ListShards on TelemetryStream',
    's3:DeleteObject GetObject PutObject on ShardStateCheckpoints/shardId-*',
    's3:GetObject on LearnedModels/models/*',
    's3:ListBucket on Failures',
    's3:PutObject on Failures/aws/lambda/*',
    'sqs:SendMessage on DetectionQuarantine',
    'timestream:DescribeEndpoints on *',
    'timestream:WriteRecords on TimeSeriesSamples',
  ],
  RollupsRole: [
    's3:GetBucketAcl on Failures',
    's3:PutObject on Failures/rollups/*',
    'sns:Publish on RollupsRuns',
    'timestream:DescribeEndpoints on *',
    'timestream:Select on TimeSeriesRolluphour, TimeSeriesRollupminute, TimeSeriesSamples',
    'timestream:WriteRecords on TimeSeriesRollupday, TimeSeriesRolluphour, TimeSeriesRollupminute',
  ],
  RollupsColumnsRole: [
    'timestream:DescribeEndpoints on *',
    'timestream:WriteRecords on TimeSeriesRollupday, TimeSeriesRolluphour, TimeSeriesRollupminute, TimeSeriesSamples',
  ],
  ProvisioningHookRole: ['dynamodb:BatchGetItem on RegistryMachines', 'iot:ListThingPrincipals on :thing/*'],
  ProvisioningRole: [
    'iot:AttachPolicy DescribeCertificate UpdateCertificate on :cert/*',
    'iot:AttachPolicy GetPolicy on :policy/factory-prod-machine',
    'iot:AttachThingPrincipal CreateThing DescribeThing UpdateThing on :thing/*',
  ],
  ApiWorkerRole: [
    'dynamodb:BatchGetItem GetItem on Twins',
    'dynamodb:GetItem Scan on RegistryMachines',
    'timestream:DescribeEndpoints on *',
    'timestream:Select on TimeSeriesRollupday, TimeSeriesRolluphour, TimeSeriesRollupminute, TimeSeriesSamples',
  ],
  LiveFeederRole: [
    'dynamodb:BatchGetItem GetItem on Twins',
    'dynamodb:DeleteItem GetItem Query UpdateItem on LiveConnections',
    'dynamodb:Query on :table/factory-prod-incidents/index/live',
    'dynamodb:Scan on RegistryMachines',
    'execute-api:ManageConnections on LiveSocket/live/POST/@connections/*',
    'lambda:InvokeFunction on LiveFeederFunction',
  ],
  LiveWorkerRole: [
    'dynamodb:DeleteItem PutItem UpdateItem on LiveConnections',
    'execute-api:ManageConnections on LiveSocket/live/POST/@connections/*',
    'lambda:InvokeFunction on LiveFeederFunction',
  ],
  LiveTokenRole: [],
  IncidentsWorkerRole: [
    'dynamodb:BatchGetItem DeleteItem GetItem PutItem Query UpdateItem on IncidentsTable',
    'events:PutEvents on EventsBus',
    'secretsmanager:GetSecretValue on AcknowledgeLinksSecret',
    'sns:Publish on Alertscritical, Alertsescalation, Alertswarning, Alertswatch',
    'sqs:DeleteMessage GetQueueAttributes ReceiveMessage SendMessage on IncidentsQueue',
  ],
  AcknowledgeLinksWorkerRole: [
    'dynamodb:BatchGetItem DeleteItem GetItem PutItem Query UpdateItem on IncidentsTable',
    'events:PutEvents on EventsBus',
    'secretsmanager:GetSecretValue on AcknowledgeLinksSecret, AcknowledgeLinksSlackSigning',
    'sqs:SendMessage on IncidentsQueue',
  ],
  ChannelsslackWorkerRole: [
    'secretsmanager:GetSecretValue on AcknowledgeLinksSecret, ChannelsslackSecret',
    'sqs:ChangeMessageVisibility DeleteMessage GetQueueAttributes ReceiveMessage on ChannelsslackQueue',
    'sqs:SendMessage on ChannelsslackDeadLetters',
  ],
  ChannelswebhookWorkerRole: [
    'secretsmanager:GetSecretValue on AcknowledgeLinksSecret, ChannelswebhookSecret',
    'sqs:ChangeMessageVisibility DeleteMessage GetQueueAttributes ReceiveMessage on ChannelswebhookQueue',
    'sqs:SendMessage on ChannelswebhookDeadLetters',
  ],
  ChannelsamazonqWorkerRole: [
    'secretsmanager:GetSecretValue on AcknowledgeLinksSecret',
    'sns:Publish on ChannelsamazonqTopic',
    'sqs:ChangeMessageVisibility DeleteMessage GetQueueAttributes ReceiveMessage on ChannelsamazonqQueue',
    'sqs:SendMessage on ChannelsamazonqDeadLetters',
  ],
  MaintenanceWorkerRole: [
    'dynamodb:DeleteItem GetItem PutItem on MaintenanceWorkOrders',
    'dynamodb:GetItem on RegistryMachines, Twins',
    'dynamodb:Query on MaintenanceWorkOrders/index/site',
    'events:PutEvents on EventsBus',
    'kinesis:PutRecord on TelemetryStream',
    'sns:Publish on Alertsescalation, Alertsmaintenance',
    'states:SendTaskSuccess on :stateMachine:factory-prod-maintenance',
  ],
  MaintenanceMachineRole: ['lambda:InvokeFunction on MaintenanceWorkerFunction'],
  MaintenanceMachineEventsRole: ['states:StartExecution on MaintenanceMachine'],
  CmmsDestinationEventsRole: ['events:InvokeApiDestination on CmmsDestinationApiDestination'],
  SilenceWorkerRole: [
    'dynamodb:BatchGetItem on Twins',
    'dynamodb:GetItem PutItem on IncidentsTable',
    'dynamodb:Scan on RegistryMachines',
    'events:PutEvents on EventsBus',
  ],
  DeskWorkerRole: [
    'dynamodb:BatchGetItem DeleteItem GetItem PutItem Query UpdateItem on IncidentsTable',
    'dynamodb:DeleteItem GetItem PutItem Query on MaintenanceWorkOrders',
    'dynamodb:GetItem on RegistryMachines, Twins',
    'dynamodb:Query on IncidentsTable/index/live, IncidentsTable/index/site, MaintenanceWorkOrders/index/site',
    'events:PutEvents on EventsBus',
    'sqs:SendMessage on IncidentsQueue',
    'states:SendTaskSuccess on :stateMachine:factory-prod-maintenance',
  ],
  GraphWorkerRole: [
    'dynamodb:BatchGetItem GetItem on Twins',
    'dynamodb:BatchGetItem on IncidentsTable',
    'dynamodb:GetItem Scan on RegistryMachines',
    'dynamodb:Query on IncidentsTable/index/live, IncidentsTable/index/site',
    'timestream:DescribeEndpoints on *',
    'timestream:Select on TimeSeriesRollupday, TimeSeriesRolluphour, TimeSeriesRollupminute, TimeSeriesSamples',
  ],
  GraphSourceRole: ['lambda:InvokeFunction on GraphWorkerFunction'],
  GraphTellRole: ['appsync:GraphQL on GraphApi/types/Mutation/fields/incidentChanged'],
  DashboardsReader: [
    'cloudwatch:GetMetricData ListMetrics timestream:DescribeEndpoints timestream:SelectValues on *',
    'timestream:Select on TimeSeriesRollupday, TimeSeriesRolluphour, TimeSeriesRollupminute, TimeSeriesSamples',
  ],
  DashboardsWorkerRole: [
    'grafana:CreateWorkspaceServiceAccount CreateWorkspaceServiceAccountToken DeleteWorkspaceServiceAccount ListWorkspaceServiceAccounts on DashboardsWorkspace',
  ],
};

/** Where the store is InfluxDB: these instead, and none for the rollups. */
export const permissionsOnInfluxDb: Readonly<Record<string, readonly string[]>> = {
  ...withoutRollups(permissionsOnTimestream),
  TimeSeriesNetworkVpcRefusedFlowsIAMRole: [
    'logs:CreateLogStream DescribeLogStreams PutLogEvents on TimeSeriesNetworkRefused',
  ],
  DetectionWorkerRole: [
    'dynamodb:BatchGetItem on RegistryMachines',
    'dynamodb:BatchWriteItem on Twins',
    'dynamodb:GetItem PutItem on ShardStateLeases',
    'dynamodb:PutItem Query on LearnedLives',
    'ec2:AssignPrivateIpAddresses CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces DescribeSubnets UnassignPrivateIpAddresses on *',
    'events:PutEvents on EventsBus',
    'kinesis:DescribeStream DescribeStreamSummary GetRecords GetShardIterator ListShards on TelemetryStream',
    's3:DeleteObject GetObject PutObject on ShardStateCheckpoints/shardId-*',
    's3:GetObject on LearnedModels/models/*',
    's3:ListBucket on Failures',
    's3:PutObject on Failures/aws/lambda/*',
    'secretsmanager:GetSecretValue on TimeSeriesCluster',
    'sqs:SendMessage on DetectionQuarantine',
  ],
  ApiWorkerRole: [
    'dynamodb:BatchGetItem GetItem on Twins',
    'dynamodb:GetItem Scan on RegistryMachines',
    'ec2:AssignPrivateIpAddresses CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces DescribeSubnets UnassignPrivateIpAddresses on *',
    'secretsmanager:GetSecretValue on TimeSeriesCluster',
  ],
  GraphWorkerRole: [
    'dynamodb:BatchGetItem GetItem on Twins',
    'dynamodb:BatchGetItem on IncidentsTable',
    'dynamodb:GetItem Scan on RegistryMachines',
    'dynamodb:Query on IncidentsTable/index/live, IncidentsTable/index/site',
    'ec2:AssignPrivateIpAddresses CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces DescribeSubnets UnassignPrivateIpAddresses on *',
    'secretsmanager:GetSecretValue on TimeSeriesCluster',
  ],
  DashboardsReader: ['cloudwatch:GetMetricData ListMetrics on *'],
  DashboardsWorkerRole: [
    'grafana:CreateWorkspaceServiceAccount CreateWorkspaceServiceAccountToken DeleteWorkspaceServiceAccount ListWorkspaceServiceAccounts on DashboardsWorkspace',
    'secretsmanager:GetSecretValue on TimeSeriesCluster',
  ],
};

function withoutRollups<T>(all: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([role]) => !role.startsWith('Rollups')));
}
