import { ServiceError } from '../engine.ts';

export const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message);
