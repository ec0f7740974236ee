import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DeleteThingCommand,
  DetachPolicyCommand,
  InvalidRequestException,
  IoTClient,
  LimitExceededException,
  ListThingPrincipalsCommand,
  ResourceNotFoundException,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { Enrolment } from '../../../bin/fleet/enrolment.ts';
import { parseRegistryFile } from '../../../bin/fleet/registry-file.ts';

const iot = mockClient(IoTClient);
const waited: number[] = [];
const enrolment = new Enrolment('dev', { region: 'us-east-1' }, async (pauseMs) => void waited.push(pauseMs));
const arn = 'arn:aws:iot:us-east-1:111122223333:cert/abc';
const fault = { message: 'no', $metadata: {} };

beforeEach(() => {
  iot.reset();
  waited.length = 0;
  iot.onAnyCommand().resolves({});
  iot
    .on(CreateKeysAndCertificateCommand)
    .resolves({ certificateArn: arn, certificatePem: 'PEM', keyPair: { PrivateKey: 'KEY' } });
});

const callsOf = () => iot.calls().map((call) => call.args[0].constructor.name);

describe('enrolment', () => {
  it('gives a machine a thing of its type, a certificate and the stage’s policy', async () => {
    expect(await enrolment.enrol('CNC-1', 'cnc-mill')).toEqual({ certificatePem: 'PEM', privateKeyPem: 'KEY' });
    expect(iot.commandCalls(CreateThingCommand)[0]!.args[0].input).toEqual({
      thingName: 'CNC-1',
      thingTypeName: 'factory-dev-cnc-mill',
    });
    expect(iot.commandCalls(AttachPolicyCommand)[0]!.args[0].input).toEqual({
      policyName: 'factory-dev-machine',
      target: arn,
    });
    expect(iot.commandCalls(AttachThingPrincipalCommand)[0]!.args[0].input).toEqual({
      thingName: 'CNC-1',
      principal: arn,
    });
  });

  it('leaves no valid key behind when the certificate cannot be attached', async () => {
    iot.on(AttachThingPrincipalCommand).rejects(new LimitExceededException(fault));
    await expect(enrolment.enrol('CNC-1', 'cnc-mill')).rejects.toThrow(LimitExceededException);
    expect(iot.commandCalls(UpdateCertificateCommand)[0]!.args[0].input).toEqual({
      certificateId: 'abc',
      newStatus: 'INACTIVE',
    });
    expect(callsOf().at(-1)).toBe('DeleteCertificateCommand');
  });

  it('deactivates before it detaches, and goes on where a part is gone already', async () => {
    iot.on(DetachPolicyCommand).rejects(new ResourceNotFoundException(fault));
    await enrolment.revoke('CNC-1', arn);
    expect(callsOf()).toEqual([
      'UpdateCertificateCommand',
      'DetachPolicyCommand',
      'DetachThingPrincipalCommand',
      'DeleteCertificateCommand',
    ]);
    expect(iot.commandCalls(DeleteCertificateCommand)).toHaveLength(1);
  });

  it('leaves no thing behind that would hold its type, however long the detaching takes to be known', async () => {
    const attached = new InvalidRequestException(fault);
    iot.on(DeleteThingCommand).rejectsOnce(attached).rejectsOnce(attached).resolves({});
    await enrolment.removeThing('CNC-1');
    expect(iot.commandCalls(DeleteThingCommand).map((call) => call.args[0].input)).toEqual(
      Array(3).fill({ thingName: 'CNC-1' }),
    );
    expect(waited).toEqual([1000, 2000]);
    iot.on(DeleteThingCommand).rejects(attached);
    await expect(enrolment.removeThing('CNC-1')).rejects.toThrow(InvalidRequestException);
  });

  it('takes a machine that IoT Core does not know as one without certificates', async () => {
    iot.on(ListThingPrincipalsCommand).rejects(new ResourceNotFoundException(fault));
    expect(await enrolment.principalsOf('CNC-9')).toEqual([]);
  });
});

describe('machines.json', () => {
  const types = ['cnc-mill', 'generic'];
  const parse = (input: unknown) => parseRegistryFile(JSON.stringify(input), types);

  it('takes a list or an object with one, and fills in what is not said', () => {
    const machine = { machineId: 'CNC-1', machineType: 'cnc-mill' };
    const expected = { ...machine, site: '', line: '', criticality: 'medium', downtimeEurPerHour: 0, modelPins: {} };
    expect(parse([machine])).toEqual({ ok: true, value: [expected] });
    expect(parse({ machines: [machine] })).toEqual({ ok: true, value: [expected] });
  });

  it('names machine, field, value and what is allowed', () => {
    const parsed = parse([
      { machineId: 'CNC 1', machineType: 'cnc-mill' },
      { machineId: 'M-2', machineType: 'generic', downtimeEurPerHour: -5 },
    ]);
    expect(parsed.ok ? [] : parsed.error).toEqual([
      expect.stringContaining('machine CNC 1: machineId: got "CNC 1"; allowed is a letter or digit'),
      expect.stringContaining('machine M-2: downtimeEurPerHour: got -5;'),
    ]);
  });

  it('refuses a machine that stands twice, and a type that nobody knows', () => {
    const parsed = parse([
      { machineId: 'M-1', machineType: 'generic' },
      { machineId: 'M-1', machineType: 'lathe' },
    ]);
    expect(parsed.ok ? [] : parsed.error).toEqual([
      'machine M-1: stands more than once',
      'machine M-1: machineType: got "lathe"; allowed are cnc-mill, generic',
    ]);
  });
});
