import { RemovalPolicy } from 'aws-cdk-lib';
import type { Stage } from '../stage.ts';

export const removalPolicyOf = (stage: Stage): RemovalPolicy =>
  stage.removal === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
