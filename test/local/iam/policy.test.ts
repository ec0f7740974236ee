import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePolicy } from '../../../local/iam/policy.ts';

const request = (
  action: string,
  resource: string,
  context: Record<string, string> = {},
  principal = 'arn:aws:iam::000000000000:role/worker',
) => ({ action, resource, context, principal });
const statement = (Effect: string, Action: unknown, Resource: unknown, rest = {}) => ({
  Effect,
  Action,
  Resource,
  ...rest,
});
const evaluate = (statements: object[], ...args: Parameters<typeof request>) =>
  compilePolicy({ Statement: statements }).evaluate(request(...args));

const bucket = 'arn:aws:s3:::archive';

describe('a policy', () => {
  it('says nothing of what it does not name', () => {
    expect(evaluate([statement('Allow', 's3:GetObject', `${bucket}/*`)], 's3:PutObject', `${bucket}/a`)).toBe(
      'nothing',
    );
    expect(evaluate([statement('Allow', 's3:*', `${bucket}/*`)], 's3:ListBucket', bucket)).toBe('nothing');
  });

  it('matches wildcards: any run, one character, actions without case', () => {
    expect(evaluate([statement('Allow', 'S3:get*', `${bucket}/day=?/*`)], 's3:GetObject', `${bucket}/day=1/x/y`)).toBe(
      'allow',
    );
    expect(evaluate([statement('Allow', 's3:Get*', `${bucket}/day=?/*`)], 's3:GetObject', `${bucket}/day=10/x`)).toBe(
      'nothing',
    );
  });

  it('lets a deny win wherever it stands', () => {
    const deny = statement('Deny', 's3:*', '*', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    const allow = statement('Allow', 's3:*', '*');
    expect(evaluate([allow, deny], 's3:GetObject', bucket, { 'aws:securetransport': 'false' })).toBe('deny');
    expect(evaluate([allow, deny], 's3:GetObject', bucket, { 'aws:securetransport': 'true' })).toBe('allow');
  });

  it('takes NotAction and NotResource as all but those', () => {
    const allBut = [{ Effect: 'Allow', NotAction: 's3:Delete*', NotResource: `${bucket}/secret/*` }];
    expect(evaluate(allBut, 's3:GetObject', `${bucket}/x`)).toBe('allow');
    expect(evaluate(allBut, 's3:DeleteObject', `${bucket}/x`)).toBe('nothing');
    expect(evaluate(allBut, 's3:GetObject', `${bucket}/secret/x`)).toBe('nothing');
  });

  it('holds a condition false whose key the call lacks, but for IfExists and negations', () => {
    const under = (Condition: object) =>
      evaluate([statement('Allow', '*', '*', { Condition })], 'sqs:SendMessage', 'q');
    expect(under({ StringEquals: { 'aws:SourceAccount': '1' } })).toBe('nothing');
    expect(under({ StringEqualsIfExists: { 'aws:SourceAccount': '1' } })).toBe('allow');
    expect(under({ StringNotEquals: { 'aws:SourceAccount': '1' } })).toBe('allow');
    expect(under({ Null: { 'aws:SourceAccount': 'true' } })).toBe('allow');
  });

  it('admits the principal it names; the account itself gives nobody anything', () => {
    const by = (Principal: unknown, principal: string) =>
      compilePolicy({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', Principal }] }).evaluate(
        request('a:b', 'r', {}, principal),
      );
    expect(by({ Service: 'sns.amazonaws.com' }, 'sns.amazonaws.com')).toBe('allow');
    expect(by({ Service: 'sns.amazonaws.com' }, 'events.amazonaws.com')).toBe('nothing');
    expect(by({ AWS: 'arn:aws:iam::000000000000:root' }, 'arn:aws:iam::000000000000:role/worker')).toBe('nothing');
  });

  it('refuses what it does not know instead of passing over it', () => {
    expect(() =>
      compilePolicy({
        Statement: [statement('Allow', '*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })],
      }),
    ).toThrow('condition operator IpAddress is not modelled');
    expect(() => compilePolicy({ Statement: [{ Effect: 'Allow', Actoin: '*' }] })).toThrow('policy element Actoin');
  });

  it('never allows more when a deny is added', () => {
    const texts = fc.constantFrom('s3:GetObject', 's3:*', '*', 's3:Put*', 'sqs:SendMessage');
    fc.assert(
      fc.property(fc.array(texts), texts, texts, (allowed, denied, action) => {
        const allows = allowed.map((a) => statement('Allow', a, '*'));
        const before = evaluate(allows, action.replace('*', 'X'), 'r');
        const after = evaluate([...allows, statement('Deny', denied, '*')], action.replace('*', 'X'), 'r');
        expect(after === 'allow' && before !== 'allow').toBe(false);
      }),
    );
  });
});
