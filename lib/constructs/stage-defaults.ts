import { RemovalPolicy } from 'aws-cdk-lib';
import type { Stage } from '../stage.ts';

export const removalPolicyOf = (stage: Stage): RemovalPolicy =>
  stage.removal === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

/** Names that devices and people must know beforehand carry the stage, so that two stages share an account. */
export const nameInStage = (stage: Stage, name: string): string => `factory-${stage.name}-${name}`;

/** Rule names become part of a Basic Ingest topic and allow no hyphen. */
export const ruleNameInStage = (stage: Stage, name: string): string => `factory_${stage.name}_${name}`;
