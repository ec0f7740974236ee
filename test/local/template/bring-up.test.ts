import { describe, expect, it } from 'vitest';
import type { Json, ResourceModel } from '../../../local/engine.ts';
import type { Resource, Stack, Template } from '../../../local/template/assembly.ts';
import { bringUp } from '../../../local/template/bring-up.ts';

const created: { logicalId: string; properties: Json }[] = [];
const model: ResourceModel = {
  properties: ['Name', 'List', 'Nested.Leaf', 'Free.*'],
  create: ({ logicalId, properties }) => {
    created.push({ logicalId, properties });
    return { ref: `ref-${logicalId}`, attributes: { Arn: `arn-${logicalId}` } };
  },
};

const stackOf = (
  name: string,
  resources: Record<string, Omit<Resource, 'Type'> & { Type?: string }>,
  rest: Partial<Template> = {},
): Stack => ({
  name,
  region: 'eu-central-1',
  assets: new Map(),
  template: {
    Resources: Object.fromEntries(Object.entries(resources).map(([id, r]) => [id, { Type: 'Test::Thing', ...r }])),
    ...rest,
  },
});

async function deploy(...stacks: Stack[]) {
  created.length = 0;
  const deployment = await bringUp(stacks, {
    accountId: '000000000000',
    findModel: (type) => (type === 'Test::Thing' ? model : undefined),
  });
  return { ...deployment, of: (id: string) => created.find(({ logicalId }) => logicalId === id)!.properties };
}

describe('bringing up a template', () => {
  it('leaves out an output whose condition does not hold, as the resource that it tells of', async () => {
    const { outputs } = await deploy(
      stackOf(
        'S',
        { A: {}, B: { Condition: 'IsOff' } },
        {
          Conditions: { IsOff: { 'Fn::Equals': ['a', 'b'] }, IsOn: { 'Fn::Equals': ['a', 'a'] } },
          Outputs: {
            OfA: { Value: { Ref: 'A' }, Condition: 'IsOn' },
            OfB: { Value: { Ref: 'B' }, Condition: 'IsOff', Export: { Name: 'b' } },
          },
        },
      ),
    );
    expect(outputs.get('S')).toEqual({ OfA: 'ref-A' });
  });

  it('resolves every intrinsic', async () => {
    const { of } = await deploy(
      stackOf(
        'S',
        {
          A: {},
          B: {
            Properties: {
              Free: {
                ref: { Ref: 'A' },
                attribute: { 'Fn::GetAtt': ['A', 'Arn'] },
                joined: { 'Fn::Join': ['-', [{ Ref: 'AWS::Region' }, { Ref: 'Parameter' }]] },
                substituted: { 'Fn::Sub': ['${A.Arn} ${x} ${AWS::AccountId} ${!literal}', { x: { Ref: 'A' } }] },
                selected: { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] },
                chosen: { 'Fn::If': ['IsOn', 'yes', 'no'] },
                left: { 'Fn::If': ['IsOff', 'x', { Ref: 'AWS::NoValue' }] },
                found: { 'Fn::FindInMap': ['Map', 'one', 'two'] },
                base64: { 'Fn::Base64': 'hello' },
                policy: { Condition: { Bool: { a: 'b' } } },
              },
            },
          },
        },
        {
          Parameters: { Parameter: { Type: 'String', Default: 'p' } },
          Conditions: { IsOn: { 'Fn::Equals': ['a', 'a'] }, IsOff: { 'Fn::Not': [{ Condition: 'IsOn' }] } },
          Mappings: { Map: { one: { two: 'three' } } },
        },
      ),
    );
    expect(of('B').Free).toEqual({
      ref: 'ref-A',
      attribute: 'arn-A',
      joined: 'eu-central-1-p',
      substituted: 'arn-A ref-A 000000000000 ${literal}',
      selected: 'b',
      chosen: 'yes',
      found: 'three',
      base64: 'aGVsbG8=',
      policy: { Condition: { Bool: { a: 'b' } } },
    });
  });

  it('makes what is referred to first, over stacks too, and leaves out what a condition leaves out', async () => {
    const data = stackOf(
      'Data',
      { Z: {} },
      { Outputs: { Out: { Value: { 'Fn::GetAtt': ['Z', 'Arn'] }, Export: { Name: 'z' } } } },
    );
    const conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
    const { of } = await deploy(
      data,
      stackOf(
        'App',
        {
          A: { DependsOn: 'C' },
          B: { Properties: { Name: { 'Fn::ImportValue': 'z' } } },
          C: {},
          D: { Condition: 'Never' },
        },
        { Conditions: conditions },
      ),
    );
    expect(created.map(({ logicalId }) => logicalId)).toEqual(['Z', 'C', 'A', 'B']);
    expect(of('B').Name).toBe('arn-Z');
  });

  const faults: readonly (readonly [string, Record<string, Omit<Resource, 'Type'> & { Type?: string }>, string])[] = [
    ['type', { A: { Type: 'AWS::New::Thing' } }, 'stack S, resource A: type AWS::New::Thing is not modelled here'],
    [
      'property',
      { A: { Properties: { Nested: { Leef: 1 } } } },
      'stack S, resource A, property Nested.Leef: this property of Test::Thing is not modelled here',
    ],
    [
      'property inside a condition',
      { A: { Properties: { Nested: { 'Fn::If': ['X', { Leef: 1 }, {}] } } } },
      'stack S, resource A, property Nested.Leef:',
    ],
    [
      'reference',
      { A: { Properties: { Name: { Ref: 'Nobody' } } } },
      'stack S, resource A: Ref Nobody: no such resource or parameter',
    ],
    [
      'attribute',
      { A: {}, B: { Properties: { Name: { 'Fn::GetAtt': ['A', 'Nom'] } } } },
      'stack S, resource B: Fn::GetAtt A.Nom: attribute is not modelled',
    ],
    [
      'intrinsic',
      { A: { Properties: { Name: { 'Fn::Cidr': ['10.0.0.0/8', 2, 8] } } } },
      'stack S, resource A: intrinsic function Fn::Cidr is not modelled',
    ],
    [
      'resource attribute',
      { A: { CreationPolicy: {} } as Omit<Resource, 'Type'> },
      'stack S, resource A: attribute CreationPolicy is not modelled here',
    ],
    ['circle', { A: { DependsOn: 'B' }, B: { DependsOn: 'A' } }, 'stack S, resource A: it depends on itself'],
  ];
  it.each(faults)('stops at an unknown %s with its place', async (_what, resources, says) => {
    await expect(deploy(stackOf('S', resources))).rejects.toThrow(says);
  });

  it('stops at a section that it would have to transform', async () => {
    const deploying = deploy(stackOf('S', { A: {} }, { Transform: 'AWS::Serverless-2016-10-31' } as object));
    await expect(deploying).rejects.toThrow('stack S: template section Transform is not modelled here');
  });

  it('creates nothing when any resource of any stack cannot be', async () => {
    const deploying = deploy(stackOf('One', { A: {} }), stackOf('Two', { B: { Type: 'AWS::New::Thing' } }));
    await expect(deploying).rejects.toThrow('stack Two, resource B');
    expect(created).toEqual([]);
  });
});
